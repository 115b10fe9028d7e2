//! Cells that cannot be read, and what becomes of them.
//!
//! Owns what `doctor` says of such a cell, and the state that a broken one is set back to. Never
//! frees what somebody may count on, never touches a cell that a newer version wrote.

use std::time::UNIX_EPOCH;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::locks::lease::OwnedLease;
use crate::ledger::locks::snapshot::Snapshot;
use crate::ledger::locks::{Change, History};
use crate::ledger::refs::RefValue;
use crate::ledger::refs::tips::Tip;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::event::{Event, EventKind};
use crate::model::finding::{Finding, repairable};
use crate::model::lock::{Lock, LockRegister};
use crate::model::time::{Timestamp, Ttl};
use crate::model::token::Token;
use crate::model::unreadable::{Defect, Unreadable};

/// No lease is longer; and an hour, because clocks differ.
const HELD_SECS_MAX: u64 = Ttl::MAX.as_secs() + 60 * 60;

/// What becomes of a broken cell.
///
/// Whoever counts on a grant of this repository wrote so down here, in `presence/held-*`, right
/// after it was in force, and `fence` says no to whoever did not. So a state in which each of them
/// holds what he counts on takes nothing from anybody, whatever came after it and is lost; the
/// newest of these is taken. Commits that never were in force lie about too, of those who lost a
/// swap. They do no harm: what they grant lapses.
///
/// A renewal may be lost, so leases that are counted on run anew. A token may be, so the next one
/// is greater than all that are known, and than the clock.
///
/// Where there is no such state, the cell stays as it is, which is held, until the longest lease
/// that was ever put in force in it is over.
enum Remedy {
    /// It becomes `after`, on top of `before`.
    Set {
        before: Box<Snapshot>,
        after: LockRegister,
    },
    /// Nobody knows what it holds; until then, where that is known.
    Wait(Option<Timestamp>),
}

impl Ledger {
    /// What `doctor` has to say of cells; with `repair`, mend those that are broken here, in the
    /// name of `who`.
    pub(in crate::ledger) fn examine_cells(
        &self,
        clock: &dyn Clock,
        repair: bool,
        who: Option<&Actor>,
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
                            let who =
                                who.ok_or("this clone has no name yet: nothing was claimed")?;
                            self.mend_cell(clock, who, &value, &before, &after)
                                .map_err(|error| error.to_string())
                        }),
                    }
                }
                _ => of_a_whole_ref(&unreadable),
            });
        }
        if self.has_remote_arbiter() {
            findings.extend(self.granted_before(clock.now()));
        }
        findings
    }

    /// What this repository granted before a remote decided: nobody asks about it any more, and
    /// somebody may still count on it.
    fn granted_before(&self, now: Timestamp) -> Vec<Finding> {
        let namespaces = self.table.contended();
        let cells = namespaces.flat_map(|n| self.refs.list(&n.prefix()).unwrap_or_default());
        // A mirror clone has the remote's.
        let read = |(name, value): (String, RefValue)| match value {
            RefValue::At(tip) => {
                let (_, there) = self.read_tracked(&name).ok()?;
                let is_copy = there == RefValue::At(tip);
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

    fn advice(&self, name: &str, remedy: &Remedy) -> String {
        match remedy {
            Remedy::Set { before, .. } => {
                let done = match before.tip {
                    Some(_) => "sets it back to the newest state that keeps what is held",
                    None => "empties it: what it held is unknown and has expired",
                };
                format!("--repair {done}; git gc and git fetch may fail until then")
            }
            Remedy::Wait(until) => {
                let file = self.common_dir.join(name);
                let then =
                    until.map(|at| format!("; --repair empties it after {}", at.to_rfc3339()));
                format!(
                    "nobody knows what it holds, so it counts as held{}; if you know that nobody \
                     holds it, remove it now: {}",
                    then.unwrap_or_default(),
                    file.display()
                )
            }
        }
    }

    fn remedy(&self, clock: &dyn Clock, name: &str) -> Remedy {
        let mut known = self.all_beliefs();
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
        let after = before.cell.clone().restored(&tokens, given, clock.now());
        let before = Box::new(before);
        Remedy::Set { before, after }
    }

    /// Every state of this cell that can be read among the commits that lie about.
    fn lost_states(&self, name: &str) -> Vec<Snapshot> {
        let commits = self.objects.loose_commits();
        let states = commits.filter_map(|id| self.fill_cell(name, id).ok());
        states
            .filter(|state| state.cell.is_sound() && self.is_of(state, name))
            .collect()
    }

    /// Whether a state is of this cell. One without locks says so only in its message.
    fn is_of(&self, state: &Snapshot, name: &str) -> bool {
        let Some((event, _)) = state.last_event() else {
            return false;
        };
        let mut about = event.resources.iter();
        !event.resources.is_empty() && about.all(|resource| self.table.cell_ref(resource) == name)
    }

    /// When the file of a ref was written last: nothing was put in force in it since.
    fn written_at(&self, name: &str) -> Option<Timestamp> {
        let file = std::fs::metadata(self.common_dir.join(name)).ok()?;
        let since = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_millis(0).plus_secs(since.as_secs()))
    }

    fn mend_cell(
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
        self.refs.mend(&before.name, value, Some(next.to))?;
        Ok(match before.tip {
            Some(tip) => format!("set back to {tip}"),
            None => "emptied".to_owned(),
        })
    }
}

/// Whether a session may still act on what it wrote down.
fn is_counted_on(clock: &dyn Clock, one: &OwnedLease, all: &[OwnedLease]) -> bool {
    // Of two that overlap, the later grant was made when the earlier one was over.
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

/// A record beside a lock. It holds nothing, so nothing waits for its repair.
fn of_a_record(unreadable: &Unreadable) -> Finding {
    let advice = match unreadable.defect {
        Defect::Newer { .. } => "upgrade git-presence to see it",
        _ => "it is not used; the session that wrote it can write it again",
    };
    Finding::problem(unreadable.to_string(), advice)
}

/// What it decides is held by nobody knows whom, until somebody says otherwise.
fn of_a_whole_ref(unreadable: &Unreadable) -> Finding {
    let advice = match unreadable.defect {
        Defect::Newer { .. } => {
            "what it decides counts as held: upgrade git-presence to see by whom"
        }
        _ => {
            "what it decides counts as held; if nobody holds it, remove the ref where it is \
             decided: git update-ref -d, or git push <remote> --delete"
        }
    };
    Finding::problem(unreadable.to_string(), advice)
}
