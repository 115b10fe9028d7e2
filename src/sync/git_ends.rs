//! Both ends, for real: the ledger of this clone and a remote behind `git`.
//!
//! Owns how a look is made cheap (compare first, fetch what changed) and the reading of what a
//! push reported. Never decides what to push, never counts rounds.

use std::cell::{Cell, RefCell, RefMut};
use std::time::Duration;

use super::answer::read;
use super::plan::BATCH_REFS_MAX;
use super::rounds::{Answer, LookError, Replicas, Seen};
use crate::clock::Clock;
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{Ahead, Copies, Ledger, LedgerError, RemoteState, Scrutiny, Tip, Tips, layout};

/// Below this many refs a fetch is as cheap as a comparison, and does it all.
const COMPARED_REFS_MIN: usize = 50;
/// A comparison carries all refs of the remote; a fetch only ours.
const FOREIGN_REFS_A_REF_MAX: usize = 20;
const PAUSE_MILLIS: u64 = 250;

pub struct GitReplicas<'s> {
    ledger: &'s Ledger,
    remote: &'s Remote,
    clock: &'s dyn Clock,
    left: &'s dyn Fn() -> Duration,
    known_foreign: usize,
    pushes: Cell<usize>,
    foreign_refs: Cell<Option<usize>>,
    refs: RefCell<Option<Refs>>,
}

/// Refs as they were read, so that thousands need not be read again at each step. What other
/// processes write meanwhile is the next sync's.
struct Refs {
    local: Tips,
    tracked: Tips,
    /// Refs whose copy here is of no use.
    damaged: Vec<String>,
    /// Whether `tracked` is all that there is, or what `local` has a counterpart of.
    has_all: bool,
}

impl<'s> GitReplicas<'s> {
    pub fn new(
        ledger: &'s Ledger,
        remote: &'s Remote,
        clock: &'s dyn Clock,
        left: &'s dyn Fn() -> Duration,
        known: &RemoteState,
    ) -> Self {
        Self {
            ledger,
            remote,
            clock,
            left,
            known_foreign: known.foreign_refs,
            pushes: Cell::new(0),
            foreign_refs: Cell::new(None),
            refs: RefCell::new(None),
        }
    }

    /// The refs, read where that was not done yet; all of the tracking refs with `all`.
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
        let some = match all {
            true => None,
            false => self.ledger.tracking().tips_of(&local)?,
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

    /// Remove damaged copies, and get them again with all that belongs to them. Where that fails
    /// the fetch that follows may still bring them.
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

    fn forget_refs(&self) {
        self.refs.take();
    }

    pub fn pushes(&self) -> usize {
        self.pushes.get()
    }

    /// Refs of the remote that are none of ours, if they were counted.
    pub fn foreign_refs(&self) -> Option<usize> {
        self.foreign_refs.get()
    }

    /// What the remote has below our root.
    fn list(&self) -> Result<Tips, RemoteFailure> {
        let listing = self.remote.list(self.left)?;
        let all = listing.refs.len();
        let mut tips = Tips::new();
        for (id, name) in listing.refs {
            if name.starts_with(layout::ROOT)
                && let Ok(tip) = Tip::from_hex(id.as_str().as_bytes())
            {
                tips.insert(name, tip);
            }
        }
        self.foreign_refs.set(Some(all - tips.len()));
        Ok(tips)
    }

    /// Bring `tracked` up to date; whether the remote was asked for objects at all.
    fn update(&self, tracked: &Tips) -> Result<bool, RemoteFailure> {
        let foreign_max = FOREIGN_REFS_A_REF_MAX * tracked.len();
        if tracked.len() < COMPARED_REFS_MIN || self.known_foreign > foreign_max {
            return self.fetch_all().map(|()| true);
        }
        let there = self.list()?;
        if there == *tracked {
            return Ok(false);
        }
        let is_gone = tracked.keys().any(|name| !there.contains_key(name));
        let changed: Vec<&String> = there
            .iter()
            .filter(|(name, tip)| tracked.get(*name) != Some(*tip))
            .map(|(name, _)| name)
            .collect();
        if is_gone || changed.len() > BATCH_REFS_MAX {
            return self.fetch_all().map(|()| true);
        }
        let refspecs: Vec<String> = changed
            .iter()
            .map(|name| layout::fetch_one(self.remote.name(), name))
            .collect();
        match self.remote.fetch(&refspecs, false, self.left) {
            // One of them went away since.
            Err(failure) if failure.kind == FailureKind::Unknown => self.fetch_all(),
            done => done,
        }
        .map(|()| true)
    }

    fn fetch_all(&self) -> Result<(), RemoteFailure> {
        let all = [layout::fetch_refspec(self.remote.name())];
        self.remote.fetch(&all, true, self.left)
    }

    /// A fetch that failed although the remote answered may have failed on one ref. Then what the
    /// remote listed is the truth, as far as its objects are here.
    fn update_as_far_as_possible(&self, tracked: &Tips) -> Result<Updated, LookError> {
        let failure = match self.update(tracked) {
            Ok(fetched) => return Ok(Updated::all(fetched)),
            Err(failure) if failure.may_be_one_ref() => failure,
            Err(failure) => return Err(LookError::Remote(failure)),
        };
        let damaged = self.ledger.copies().read(Scrutiny::Records)?.damaged;
        let has_old_locks = self.ledger.copies().clear_stale_locks(self.clock.now());
        if has_old_locks || !damaged.is_empty() {
            self.heal(&damaged)?;
            if self.fetch_all().is_ok() {
                return Ok(Updated::all(true));
            }
        }
        let there = self.list().map_err(LookError::Remote)?;
        let here = self.ledger.copies().read(Scrutiny::Tips)?.tips;
        let lacking = there
            .values()
            .filter(|tip| !self.ledger.copies().has_object(**tip));
        if here == *tracked && lacking.count() > 1 {
            // Not one bad ref: nothing at all came.
            return Err(LookError::Remote(failure));
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
        let tell = |first: &&String| {
            let more = and_more(differing.len() - 1);
            format!(
                "{first}{more} cannot be brought up to date here: {}",
                failure.message
            )
        };
        Ok(Updated {
            odd: differing.first().map(tell).into_iter().collect(),
            may_have_changed: true,
            truth: Some(truth),
        })
    }
}

/// What an update of the tracking refs came to.
struct Updated {
    odd: Vec<String>,
    may_have_changed: bool,
    /// What the remote has, where the tracking refs do not say it.
    truth: Option<Tips>,
}

impl Updated {
    fn all(may_have_changed: bool) -> Self {
        Self {
            odd: Vec::new(),
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
    fn settle(&self) -> Result<(), LedgerError> {
        if self.ledger.migrate_old_sessions(self.clock)? > 0 {
            self.forget_refs();
        }
        Ok(())
    }

    fn ahead(&self) -> Result<Vec<Ahead>, LedgerError> {
        let refs = self.refs(false)?;
        Ok(self.ledger.tracking().ahead_of(&refs.local, &refs.tracked))
    }

    fn comes_from(&self, local: Tip, found: Tip) -> bool {
        self.ledger.tracking().descends_from(local, found)
    }

    fn is_forward(&self, local: Tip, found: Tip) -> bool {
        self.ledger.tracking().has_in_history(local, found)
    }

    fn push(&self, batch: &[Ahead]) -> Answer {
        self.pushes.set(self.pushes.get() + 1);
        let moves: Vec<Move> = batch
            .iter()
            .map(|ahead| Move {
                name: ahead.name.clone(),
                expect: ahead.tracked.map(|tip| tip.to_string()),
                to: Some(ahead.local.to_string()),
            })
            .collect();
        let answer = read(self.remote.push(&moves, false, self.left));
        // Git has moved the tracking refs of what was accepted.
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

    fn look(&self) -> Result<Seen, LookError> {
        let damaged = self.refs(true)?.damaged.clone();
        let before = self.refs(true)?.tracked.clone();
        self.heal(&damaged)?;
        let healed = self.refs(true)?.tracked.clone();
        let updated = self.update_as_far_as_possible(&healed)?;
        let mut seen = Seen {
            odd: updated.odd,
            received: 0,
        };
        if !updated.may_have_changed && healed == before {
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
            seen.odd
                .extend(self.ledger.tracking().anomaly(name, old, new));
            if let Some(kept) = self.ledger.locks().raise_high_water(name, old, new)? {
                seen.odd.push(format!(
                    "{name} went back in time; tokens go on from {kept}"
                ));
            }
        }
        refs.tracked = after;
        Ok(seen)
    }

    fn rename(&self) -> Result<(), LedgerError> {
        self.forget_refs();
        self.ledger.reidentify(self.clock)
    }

    fn put_on_top(&self, ahead: &Ahead, found: Tip) -> Result<(), LedgerError> {
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
