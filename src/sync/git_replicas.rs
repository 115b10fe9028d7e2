//! Replicas of a real sync, [`GitReplicas`]: the ledger of this clone and a remote behind `git`.
//!
//! Owns the repair of damaged tracking refs, and the anomalies of a fetch; [`Look`] fetches. Never
//! decides what to push, never counts rounds.

use std::cell::{Cell, RefCell, RefMut};
use std::time::Duration;

use super::answer::read;
use super::look::{Look, Looked, TimeLeft, root};
use super::rounds::{Answer, FetchError, Fetched, Replicas};
use crate::clock::Clock;
use crate::git::porcelain::{Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{
    Ahead, Copies, Ledger, LedgerError, RemoteState, Scrutiny, Tip, Tips, Unfetched, layout,
    removal,
};
use crate::model::text;

/// The pause before the first retry; each later one is twice as long, up to sixteen times.
const PAUSE_MILLIS: u64 = 250;

/// The ledger of this clone and one remote.
pub(super) struct GitReplicas<'s> {
    ledger: &'s Ledger,
    remote: &'s Remote,
    clock: &'s dyn Clock,
    left: &'s dyn Fn() -> Duration,
    look: Look<'s>,
    pushes: Cell<usize>,
    refs: RefCell<Option<Refs>>,
}

/// The refs of this clone, read once: there can be thousands. The next sync publishes what other
/// processes write meanwhile.
struct Refs {
    local: Tips,
    tracked: Tips,
    /// Tracking refs whose commit cannot be read.
    damaged: Vec<String>,
    /// True if `tracked` has all tracking refs; false if only those with a counterpart in `local`.
    has_all: bool,
}

impl<'s> GitReplicas<'s> {
    /// Returns the replicas of a sync. `known` is the state of the remote as of the last sync.
    pub(super) fn new(
        ledger: &'s Ledger,
        remote: &'s Remote,
        clock: &'s dyn Clock,
        left: TimeLeft<'s>,
        known: &RemoteState,
    ) -> Self {
        Self {
            ledger,
            remote,
            clock,
            left: left.answer,
            look: Look::new(remote, clock, left, known),
            pushes: Cell::new(0),
            refs: RefCell::new(None),
        }
    }

    /// Returns the refs and reads them if needed; with `all`, all tracking refs.
    fn refs(&self, all: bool) -> Result<RefMut<'_, Refs>, LedgerError> {
        let known = self.refs.take().filter(|refs| refs.has_all || !all);
        let refs = match known {
            Some(refs) => refs,
            None => self.read_refs(all)?,
        };
        Ok(RefMut::map(self.refs.borrow_mut(), |slot| {
            slot.insert(refs)
        }))
    }

    fn read_refs(&self, all: bool) -> Result<Refs, LedgerError> {
        let local = self.ledger.tracking().own_tips()?;
        let some = if all {
            None
        } else {
            self.ledger.tracking().tips_of(&local)?
        };
        let has_all = some.is_none();
        let copies = match some {
            Some(tips) => Copies {
                tips,
                ..Copies::default()
            },
            None => self.ledger.copies().read(Scrutiny::Tips)?,
        };
        Ok(Refs {
            local,
            tracked: copies.tips,
            damaged: copies.damaged,
            has_all,
        })
    }

    /// Removes damaged tracking refs and fetches them again with all their objects. A failure is
    /// ignored, because the fetch that follows may still bring them.
    fn heal(&self, damaged: &[String]) -> Result<(), LedgerError> {
        if damaged.is_empty() {
            return Ok(());
        }
        self.ledger.copies().drop(damaged)?;
        let refspecs: Vec<String> = damaged
            .iter()
            .map(|name| layout::fetch_one(self.remote.name(), name))
            .collect();
        let _ = self.remote.refetch(&refspecs, self.left);
        self.forget_refs();
        Ok(())
    }

    /// Notes the refs of the remote that keep out refs of the board: of an empty one, the name of
    /// its folder may be taken.
    fn note_blockers(&self, there: &Tips, seen: &mut Fetched) {
        let tracking = self.ledger.tracking();
        let root = (there.is_empty() && self.look.has_root_as_ref()).then(|| root().to_owned());
        let named = there.keys().filter(|name| tracking.is_blocker(name));
        let all: Vec<String> = named.cloned().chain(root).collect();
        for name in &all {
            let removal = removal(self.remote.name(), name);
            let name = text::name(name);
            let what = format!("{name} keeps refs of the board out there: {removal}");
            seen.anomalies.push(what);
        }
        seen.unfetched.keep_out(all.into_iter());
    }

    fn forget_refs(&self) {
        self.refs.take();
    }

    /// Returns the number of pushes so far.
    pub(super) fn pushes(&self) -> usize {
        self.pushes.get()
    }

    /// Returns the number of refs of the remote that are not of the board; `None` if not counted.
    pub(super) fn foreign_refs(&self) -> Option<usize> {
        self.look.foreign_refs()
    }

    fn update(&self, tracked: &Tips) -> Result<Looked, RemoteFailure> {
        let refs = self.refs.borrow();
        let local = refs.as_ref().map(|refs| &refs.local);
        self.look.update(tracked, |name| {
            local.is_some_and(|local| local.contains_key(name))
        })
    }

    /// Brings `tracked` up to date although a fetch may fail because of one ref. Then the list of
    /// the remote counts, for the refs whose objects exist in this clone.
    fn update_as_far_as_possible(&self, tracked: &Tips) -> Result<Updated, FetchError> {
        let failure = match self.update(tracked) {
            Ok(looked) => {
                return Ok(Updated {
                    unfetched: looked.unfetched,
                    ..Updated::all(looked.may_have_changed)
                });
            }
            Err(failure) if failure.may_be_one_object() => failure,
            Err(failure) => return Err(FetchError::Remote(failure)),
        };
        let damaged = self.ledger.copies().read(Scrutiny::Records)?.damaged;
        let has_old_locks = self.ledger.copies().clear_abandoned_locks(self.clock.now()) > 0;
        if has_old_locks || !damaged.is_empty() {
            self.heal(&damaged)?;
            if self.look.fetch_all().is_ok() {
                return Ok(Updated::all(true));
            }
        }
        let there = self.look.list().map_err(FetchError::Remote)?;
        let mut here = self.ledger.copies().read(Scrutiny::Tips)?.tips;
        let lacks = |(_, tip): &(&String, &Tip)| !self.ledger.copies().has_object(**tip);
        let lacking: Vec<&str> = there
            .iter()
            .filter(lacks)
            .map(|(name, _)| name.as_str())
            .collect();
        if here == *tracked && lacking.len() > 1 {
            // One object that the remote cannot read keeps all others back.
            self.look.fetch_apart(&lacking);
            here = self.ledger.copies().read(Scrutiny::Tips)?.tips;
        }
        if here == *tracked && lacking.len() > 1 {
            // Nothing was fetched at all, so one bad ref is not the reason.
            return Err(FetchError::Remote(failure));
        }
        let mut truth = Tips::new();
        for (name, tip) in &there {
            let known = here.get(name).copied();
            let tip = Some(*tip)
                .filter(|tip| self.ledger.copies().has_object(*tip))
                .or(known);
            truth.extend(tip.map(|tip| (name.clone(), tip)));
        }
        let differs = |name: &&String| here.get(*name) != there.get(*name);
        let all = here
            .keys()
            .chain(there.keys().filter(|name| !here.contains_key(*name)));
        let differing: Vec<&String> = all.filter(differs).collect();
        let anomaly = |first: &&String| {
            let more = and_more(differing.len() - 1);
            format!(
                "the tracking ref of {}{more} cannot be updated: {}",
                text::name(first),
                text::quote(&failure.message, text::WORDS_BYTES_MAX)
            )
        };
        Ok(Updated {
            anomalies: differing.first().map(anomaly).into_iter().collect(),
            unfetched: Unfetched::of(&there, &here, &failure.message),
            may_have_changed: true,
            truth: Some(truth),
        })
    }
}

/// The result of an update of the tracking refs.
struct Updated {
    anomalies: Vec<String>,
    unfetched: Unfetched,
    may_have_changed: bool,
    /// The refs of the remote, if the tracking refs do not have them; `None` if they do.
    truth: Option<Tips>,
}

impl Updated {
    /// Returns the result of an update of all tracking refs.
    fn all(may_have_changed: bool) -> Self {
        Self {
            anomalies: Vec::new(),
            unfetched: Unfetched::default(),
            may_have_changed,
            truth: None,
        }
    }
}

fn and_more(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(" and {count} more"),
    }
}

impl Replicas for GitReplicas<'_> {
    fn migrate_old_sessions(&self) -> Result<(), LedgerError> {
        if self.ledger.migrate_old_sessions(self.clock)? > 0 {
            self.forget_refs();
        }
        Ok(())
    }

    fn ahead(&self) -> Result<Vec<Ahead>, LedgerError> {
        let refs = self.refs(false)?;
        let now = self.clock.now();
        let tracking = self.ledger.tracking();
        Ok(tracking.ahead_of(&refs.local, &refs.tracked, now))
    }

    fn descends_from(&self, local: Tip, found: Tip) -> bool {
        self.ledger.tracking().descends_from(local, found)
    }

    fn is_forward(&self, local: Tip, found: Tip) -> bool {
        self.ledger.tracking().has_in_history(local, found)
    }

    fn push(&self, batch: &[Ahead]) -> Answer {
        self.pushes.set(self.pushes.get() + 1);
        // Without this note, a session whose ref is lost starts anew.
        let _ = self.ledger.tracking().note_sent(batch);
        let moves: Vec<Move> = batch
            .iter()
            .map(|ahead| Move {
                name: ahead.name.clone(),
                expect: ahead.tracked.map(|tip| tip.to_string()),
                to: Some(ahead.local.to_string()),
            })
            .collect();
        let answer = read(self.remote.push(&moves, false, self.left), self.ledger);
        // Git has moved the tracking refs of the accepted refs.
        if let Some(refs) = self.refs.borrow_mut().as_mut() {
            for ahead in batch {
                let outcome = answer.outcomes.get(&ahead.name);
                if matches!(outcome, Some(Outcome::Landed | Outcome::UpToDate)) {
                    refs.tracked.insert(ahead.name.clone(), ahead.local);
                }
            }
        }
        answer
    }

    fn fetch(&self) -> Result<Fetched, FetchError> {
        let damaged = self.refs(true)?.damaged.clone();
        let before = self.refs(true)?.tracked.clone();
        self.heal(&damaged)?;
        let healed = self.refs(true)?.tracked.clone();
        let updated = self.update_as_far_as_possible(&healed)?;
        let mut seen = Fetched {
            anomalies: updated.anomalies,
            unfetched: updated.unfetched,
            received: 0,
        };
        if !updated.may_have_changed && healed == before {
            self.note_blockers(&healed, &mut seen);
            return Ok(seen);
        }
        let copies = || {
            self.ledger
                .copies()
                .read(Scrutiny::Tips)
                .map(|copies| copies.tips)
        };
        let after = updated.truth.map_or_else(copies, Ok)?;
        let mut refs = self.refs(true)?;
        for name in before
            .keys()
            .chain(after.keys().filter(|name| !before.contains_key(*name)))
        {
            let (old, new) = (before.get(name), after.get(name));
            if old == new {
                continue;
            }
            if !refs.local.contains_key(name) {
                seen.received += 1;
            }
            seen.anomalies
                .extend(self.ledger.tracking().anomaly(name, old, new));
            let locks = self.ledger.locks();
            let set_back = locks.note_set_back(name, (old, new), self.clock.now())?;
            seen.anomalies.extend(set_back);
            if let Some(kept) = locks.raise_high_water(name, old, new)? {
                seen.anomalies.push(format!(
                    "{} went back in time; the next token is above {kept}",
                    text::name(name)
                ));
            }
        }
        self.note_blockers(&after, &mut seen);
        refs.tracked = after;
        Ok(seen)
    }

    fn reidentify(&self) -> Result<(), LedgerError> {
        self.forget_refs();
        self.ledger.reidentify(self.clock)
    }

    fn reparent_onto(&self, ahead: &Ahead, found: Tip) -> Result<(), LedgerError> {
        self.forget_refs();
        self.ledger
            .tracking()
            .reparent_onto(self.clock, ahead, found)
    }

    fn pause(&self, round: u32) {
        let millis = PAUSE_MILLIS.saturating_mul(1 << round.min(4));
        let left = u64::try_from((self.left)().as_millis()).unwrap_or(u64::MAX);
        self.clock.pause(millis.min(left / 2));
    }
}
