//! Repair of unreadable lock registers.
//!
//! Owns what `doctor` reports of such a register, and the state that a broken one is set back to
//! (a `Remedy`). Never frees a resource that a holder may rely on, never changes a register that a
//! newer version wrote.

use std::time::UNIX_EPOCH;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::locks::lease::OwnedLease;
use crate::ledger::locks::snapshot::Snapshot;
use crate::ledger::locks::{Change, History, PreparedWrite};
use crate::ledger::refs::RefValue;
use crate::ledger::refs::tips::Tip;
use crate::ledger::remote::blockers::{removal, removal_here};
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::event::{Event, EventKind};
use crate::model::finding::{Finding, repairable};
use crate::model::lock::{Lock, LockRegister};
use crate::model::resource::Resource;
use crate::model::task::{MAIN_LIST, place_of};
use crate::model::text::is_word;
use crate::model::time::{Timestamp, Ttl};
use crate::model::token::Token;
use crate::model::unreadable::{Defect, UPGRADE, Unreadable};

/// The longest lease, and an hour more, because clocks differ.
const HELD_SECS_MAX: u64 = Ttl::MAX.as_secs() + 60 * 60;

/// The remedy for a broken lock register.
///
/// A holder records each grant of this repository in `presence/held-*`, right after it is in force,
/// and `fence` fails without that record. A state in which every recorded lease has its lock thus
/// takes no resource from a holder, even if later states are lost; the newest such state is used.
/// Commits that were never in force, because their swap was lost, may be found as well. They do no
/// harm: their grants expire.
///
/// A renewal may be lost, so the leases that holders rely on start again. A token may be lost, so
/// the next one is greater than all known ones, and than the clock.
///
/// Without such a state the register stays broken, which counts as held, until the longest lease
/// that it can have granted has expired.
enum Remedy {
    /// The register becomes `after`, on top of `before`.
    Set {
        before: Box<Snapshot>,
        after: LockRegister,
    },
    /// Its locks are unknown; `--repair` can empty it at that time, if the time is known.
    Wait(Option<Timestamp>),
}

/// Puts the next state of a register in force where it is decided.
pub type Put<'p> = &'p dyn Fn(&PreparedWrite) -> Result<(), String>;

const NO_NAME: &str = "this clone has no name yet: nothing was claimed";

impl Ledger {
    /// Returns a register with a token that no clock can have given, and the state that replaces
    /// it.
    fn possible_state(&self, name: &str, value: &RefValue) -> Option<(Snapshot, LockRegister)> {
        let tip = value.id()?;
        let read = self.fill_cell(name, tip).ok()?;
        let former = read.parents().into_iter();
        let former = former.map(|tip| self.high_water_at(name, Some(&tip))).max();
        let floor = self.high_water_of(name).max(self.floor());
        let floor = floor.max(former.unwrap_or_default());
        let after = self.without_impossible(&read.cell, floor)?;
        after.is_sound().then_some((read, after))
    }

    fn replace_impossible(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        (before, after): (&Snapshot, &LockRegister),
        put: Put<'_>,
    ) -> Result<String, String> {
        let held = after.locks.iter().map(|lock| lock.resource.clone());
        let event = Event {
            session: who.id.clone(),
            resources: held.collect(),
            expired: Vec::new(),
            kind: EventKind::Repaired {
                token: Some(after.high_water),
            },
        };
        let change = Change::of(after, &event);
        let next = self.locks();
        let next = next.prepare(clock, who, before, &change, History::Append);
        put(&next.map_err(|error| error.to_string())?)?;
        Ok(format!("replaced; its token is {}", after.high_water))
    }

    /// Returns the findings of `doctor` about lock registers.
    ///
    /// With `repair`, repairs those that are broken in this repository, as the session `who`.
    pub(in crate::ledger) fn examine_cells(
        &self,
        clock: &dyn Clock,
        repair: bool,
        who: Option<&Actor>,
        put: Put<'_>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, value) in self.cell_refs().unwrap_or_default() {
            let at = self.cell_place(&name);
            let unreadable = match self.read_cell(&name, &at, &value) {
                Err(unreadable) => unreadable,
                Ok(read) => {
                    let damaged = self.unreadable_in(&at, &read.carried);
                    findings.extend(damaged.iter().map(of_a_record));
                    continue;
                }
            };
            let is_floor = name == layout::floor_ref();
            if is_floor && (value.id().is_some() || !self.has_remote_arbiter()) {
                let how = (repair, put);
                findings.push(self.examine_floor(clock, &unreadable, &value, how));
                continue;
            }
            if let Some((before, after)) = self.possible_state(&name, &value) {
                let advice = "what it decides counts as held; --repair replaces it where it is \
                              decided, and keeps its locks";
                findings.push(repairable(unreadable.to_string(), advice, repair, || {
                    let who = who.ok_or(NO_NAME)?;
                    self.replace_impossible(clock, who, (&before, &after), put)
                }));
                continue;
            }
            findings.push(match unreadable.defect {
                Defect::BrokenRef { .. } | Defect::Dangling { .. } if self.has_remote_arbiter() => {
                    self.examine_copy(&name, &unreadable, repair)
                }
                Defect::BrokenRef { .. } | Defect::Dangling { .. } => {
                    let remedy = self.remedy(clock, &name);
                    let advice = self.advice(&name, &remedy);
                    let what = unreadable.to_string();
                    match remedy {
                        Remedy::Wait(_) => Finding::problem(what, advice),
                        Remedy::Set { before, after } => repairable(what, &advice, repair, || {
                            let who = who.ok_or(NO_NAME)?;
                            self.repair_register(clock, who, &value, &before, &after)
                                .map_err(|error| error.to_string())
                        }),
                    }
                }
                _ => of_a_whole_ref(&unreadable, (&name, &self.removal(&name))),
            });
        }
        if self.has_remote_arbiter() && !self.is_mirror {
            findings.extend(self.granted_before(clock.now()));
        }
        findings
    }

    /// Returns the live locks that this repository granted before a remote became the arbiter.
    ///
    /// No claim is checked against them any more, and their holders may still rely on them.
    fn granted_before(&self, now: Timestamp) -> Vec<Finding> {
        let namespaces = self.table.contended();
        let cells = namespaces.flat_map(|n| self.refs.list(&n.prefix()).unwrap_or_default());
        // What the remote has, or had, was decided there.
        let read = |(name, value): (String, RefValue)| match value {
            RefValue::At(tip) => {
                let (_, there) = self.read_tracked(&name).ok()?;
                let is_copy = there
                    .id()
                    .is_some_and(|there| self.has_in_history(there, tip));
                self.fill_cell(&name, tip).ok().filter(|_| !is_copy)
            }
            _ => None,
        };
        let locks = cells.filter_map(read).flat_map(|r| r.cell.locks);
        let live = locks.filter(|lock| lock.is_live(now));
        let tell = |lock: Lock| {
            let (resource, holder) = (&lock.resource, &lock.holder.id);
            let until = lock.expires_at().to_rfc3339();
            Finding::problem(
                format!(
                    "{resource} was granted to {holder} here, until {until}; now a remote decides"
                ),
                format!("claim it again, as it may be granted to another one there: {resource}"),
            )
        };
        live.map(tell).collect()
    }

    /// Returns how to remove a register where it is decided.
    fn removal(&self, name: &str) -> String {
        match &self.remote {
            Some(remote) => removal(remote, name),
            None => removal_here(name),
        }
    }

    fn advice(&self, name: &str, remedy: &Remedy) -> String {
        match remedy {
            Remedy::Set { before, .. } => {
                let done = match before.tip {
                    Some(_) => "sets it back to the newest state that keeps what is held",
                    None => "empties it: what it held is unknown and has expired",
                };
                let list = match layout::may_be_list(name) {
                    true => "; a list of tasks is drained by that, as later steps may be lost",
                    false => "",
                };
                format!("--repair {done}{list}; git gc and git fetch may fail until then")
            }
            Remedy::Wait(until) => {
                let file = self.common_dir.join(name);
                let then =
                    until.map(|at| format!("; --repair empties it after {}", at.to_rfc3339()));
                let tasks = match layout::may_be_list(name) {
                    true => " (a list of tasks goes with its tasks, keys and drain)",
                    false => "",
                };
                format!(
                    "its locks are unknown, so it counts as held{}; if you know that no session \
                     holds it, remove it now{tasks}: {}",
                    then.unwrap_or_default(),
                    file.display()
                )
            }
        }
    }

    fn remedy(&self, clock: &dyn Clock, name: &str) -> Remedy {
        let mut known = self.all_leases();
        known.retain(|known| self.table.cell_ref(&known.lease.resource) == name);
        let mut states = self.lost_states(name);
        let floors = states.iter().map(|state| state.cell.high_water);
        let tokens = known.iter().map(|known| known.lease.token);
        let given = floors.chain(tokens).max().unwrap_or_default();
        let counted: Vec<&OwnedLease> = known
            .iter()
            .filter(|one| is_counted_on(clock, one, &known))
            .collect();
        states.retain(|state| counted.iter().all(|one| keeps(&state.cell, one)));
        let parents: Vec<Tip> = states.iter().flat_map(Snapshot::parents).collect();
        let ends = states
            .into_iter()
            .filter(|state| state.tip.is_some_and(|tip| !parents.contains(&tip)));
        let newest =
            ends.max_by_key(|state| (state.cell.high_water, state.last_event().map(|e| e.1)));
        let before = match (newest, self.written_at(name)) {
            (Some(newest), _) => newest,
            (None, Some(at)) if at.plus_secs(HELD_SECS_MAX) < clock.now() => Snapshot::empty(name),
            (None, at) => return Remedy::Wait(at.map(|at| at.plus_secs(HELD_SECS_MAX))),
        };
        let tokens: Vec<Token> = counted.iter().map(|one| one.lease.token).collect();
        let mut after = before.cell.clone().restored(&tokens, given, clock.now());
        // What was done since, or that nothing is given out, may be lost: a person looks first.
        let may_be_list = before.tip.is_none() && layout::may_be_list(name);
        after.tasks.is_drained |= before.is_list || may_be_list;
        let before = Box::new(before);
        Remedy::Set { before, after }
    }

    /// Returns every sound state of this register among the loose commits.
    fn lost_states(&self, name: &str) -> Vec<Snapshot> {
        let commits = self.objects.loose_commits();
        let states = commits.filter_map(|id| self.fill_cell(name, id).ok());
        states
            .filter(|state| state.cell.is_sound() && self.is_of(state, name))
            .collect()
    }

    /// Whether a state belongs to this register, by the resources of its event: a state without
    /// locks names them only there.
    fn is_of(&self, state: &Snapshot, name: &str) -> bool {
        let Some((event, _)) = state.last_event() else {
            return false;
        };
        let mut about = event.resources.iter();
        !event.resources.is_empty() && about.all(|resource| self.table.cell_ref(resource) == name)
    }

    /// Returns when the file of a ref was written last: no state was put in force since.
    fn written_at(&self, name: &str) -> Option<Timestamp> {
        let file = std::fs::metadata(self.common_dir.join(name)).ok()?;
        let since = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_millis(0).plus_secs(since.as_secs()))
    }

    fn repair_register(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        value: &RefValue,
        before: &Snapshot,
        after: &LockRegister,
    ) -> Result<String, LedgerError> {
        let held = after.locks.iter().map(|lock| lock.resource.clone());
        let event = Event {
            session: who.id.clone(),
            resources: held.collect(),
            expired: Vec::new(),
            kind: EventKind::Repaired {
                token: Some(after.high_water),
            },
        };
        let change = Change::of(after, &event);
        let next = self
            .locks()
            .prepare(clock, who, before, &change, History::Amend)?;
        self.keep_replaced(clock, &before.name, value)
            .map_err(|error| self.folder.error("what a repair replaces", error))?;
        self.refs.repair(&before.name, value, Some(next.to))?;
        let done = match before.tip {
            Some(tip) => format!("set back to {tip}"),
            None => "emptied".to_owned(),
        };
        Ok(match after.tasks.is_drained {
            true => format!(
                "{done}; the list is drained, as later steps may be lost: see what is there, then \
                 give tasks out again: git presence task undrain{}",
                list_option(before.list_named(self).as_ref())
            ),
            false => done,
        })
    }
}

/// Whether a session may still rely on a lease that it recorded.
fn is_counted_on(clock: &dyn Clock, one: &OwnedLease, all: &[OwnedLease]) -> bool {
    // Of two overlapping leases, the later was granted after the earlier had ended.
    let is_later = |other: &&OwnedLease| {
        other.session_file != one.session_file
            && other.lease.resource.overlaps(&one.lease.resource)
            && other.lease.token > one.lease.token
    };
    !one.lease.has_expired(clock) && !all.iter().any(|other| is_later(&other))
}

fn keeps(cell: &LockRegister, counted: &OwnedLease) -> bool {
    cell.locks.iter().any(|lock| {
        lock.resource == counted.lease.resource
            && lock.token == counted.lease.token
            && layout::held_file(&lock.holder.id) == counted.session_file
    })
}

/// Returns the finding for a record beside the locks, which holds no resource.
fn of_a_record(unreadable: &Unreadable) -> Finding {
    let advice = match unreadable.defect {
        Defect::Newer { .. } => UPGRADE,
        _ => "it is not used; the session that wrote it can write it again",
    };
    Finding::problem(unreadable.to_string(), advice)
}

/// Returns what names a list in a command line: nothing for the main one.
fn list_option(list: Option<&Resource>) -> String {
    match list.and_then(place_of) {
        Some((MAIN_LIST, _)) => String::new(),
        Some((list, _)) if is_word(list) => format!(" --list {list}"),
        _ => " --list <list>".to_owned(),
    }
}

/// Returns the finding for a register with unknown locks, all of which count as held.
fn of_a_whole_ref(unreadable: &Unreadable, (name, removal): (&str, &str)) -> Finding {
    let tasks = if layout::may_be_list(name) {
        ", with all tasks of the list"
    } else {
        ""
    };
    let advice = match unreadable.defect {
        Defect::Newer { .. } => {
            format!("what it decides counts as held; to see by whom, {UPGRADE}")
        }
        _ => format!(
            "what it decides counts as held; if no session holds it, remove the ref where it is \
             decided{tasks}: {removal}"
        ),
    };
    Finding::problem(unreadable.to_string(), advice)
}
