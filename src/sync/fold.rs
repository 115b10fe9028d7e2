//! Folding: sessions that are over leave the board, here and at the remote.
//!
//! Owns the order of its steps and how long each may hold the lock of the sync: the histories are
//! archived first, then a slice of the refs goes, here and with a lease at the remote, so that a
//! fold which is cut off loses nothing and is gone on with. Never decides which session is over,
//! never removes what moved meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::answer::read;
use crate::clock::Clock;
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{Ended, FreeRegister, Leaving, Ledger, LedgerError, Sweep, Tip};

/// The refs of the first slice; later ones are as large as their time allows.
const SLICE_FIRST: usize = 25;
/// The most refs of one slice, and so of one push.
const SLICE_MAX: usize = 200;
/// A slice that took less was small; the next one is twice as large.
const SLICE_SHORT_MILLIS: u128 = 60;
/// A slice that took longer was large; the next one is half as large.
const SLICE_LONG_MILLIS: u128 = 150;
/// The pause after a slice, so that a command which waits for the lock gets it.
const PAUSE_MILLIS: u64 = 20;

/// A fold of the board of this clone.
pub struct Fold<'f> {
    /// The ledger of this clone.
    pub ledger: &'f Ledger,
    /// The remote whose refs are removed as well; `None`: those of this clone alone.
    pub remote: Option<&'f Remote>,
    /// The clock.
    pub clock: &'f dyn Clock,
    /// Returns the remaining time.
    pub left: &'f dyn Fn() -> Duration,
    /// Whether histories go into an archive of this clone.
    pub archives: bool,
}

/// The result of a fold.
#[derive(Debug, Default)]
pub struct Folded {
    /// How many sessions left the board of this clone.
    pub sessions: usize,
    /// How many refs were removed at the remote.
    pub removed_there: usize,
    /// How many lock registers were removed.
    pub registers: usize,
    /// How many sessions are over and still there.
    pub left: usize,
    /// The message with which the remote refuses to remove a ref.
    pub refused: Option<String>,
    /// The failure that ended the fold early.
    pub failure: Option<RemoteFailure>,
}

/// The outcome of a push that removes refs.
#[derive(Default)]
struct Removed {
    gone: Vec<(String, Tip)>,
    refused: Option<String>,
    failure: Option<RemoteFailure>,
}

impl Fold<'_> {
    /// Removes the refs of `ended`, in slices, until all are gone or the time is up.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`] of this clone; a failure of the remote is in the result.
    pub fn sessions(&self, ended: &[Ended]) -> Result<Folded, LedgerError> {
        let mut folded = Folded::default();
        let (mut rest, mut size) = (ended, SLICE_FIRST);
        while !rest.is_empty() && !(self.left)().is_zero() {
            let (slice, more) = rest.split_at(size.min(rest.len()));
            if self.archives {
                let leaving: Vec<Leaving> = slice.iter().map(|one| one.leaving.clone()).collect();
                self.ledger.archives().add(self.clock, &leaving)?;
            }
            let Some(lock) = self.ledger.lock_sync(self.clock, (self.left)() / 2)? else {
                break;
            };
            let began = self.clock.elapsed();
            self.slice(slice, &mut folded)?;
            let took = self.clock.elapsed().saturating_sub(began).as_millis();
            drop(lock);
            match took {
                _ if folded.failure.is_some() => break,
                0..SLICE_SHORT_MILLIS => size = (size * 2).min(SLICE_MAX),
                SLICE_LONG_MILLIS.. => size = (size / 2).max(1),
                _ => {}
            }
            rest = more;
            if !rest.is_empty() {
                self.clock.pause(PAUSE_MILLIS);
            }
        }
        folded.left = rest.len();
        Ok(folded)
    }

    /// Removes one slice.
    fn slice(&self, slice: &[Ended], folded: &mut Folded) -> Result<(), LedgerError> {
        // The swap here decides: a session that went on meanwhile stays, here and there.
        let kept = self.ledger.drop_ended(slice)?;
        let over = slice.iter().filter(|one| !kept.contains(&one.name));
        let there = over
            .clone()
            .filter_map(|one| Some((one.name.clone(), one.tracked?)));
        let there: Vec<(String, Tip)> = there.collect();
        let removed = self.remove_there(&there);
        self.ledger.drop_tracked(&removed.gone)?;
        let is_gone = |one: &&Ended| {
            one.tracked.is_none() || removed.gone.iter().any(|(name, _)| *name == one.name)
        };
        folded.sessions += over.filter(is_gone).count();
        folded.removed_there += removed.gone.len();
        folded.refused = folded.refused.take().or(removed.refused);
        folded.failure = removed.failure;
        Ok(())
    }

    /// Removes lock registers that are free for long: first the floor rises above their tokens.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`] of this clone; a failure of the remote is in the result.
    pub fn registers(&self, free: &[FreeRegister], folded: &mut Folded) -> Result<(), LedgerError> {
        if free.is_empty() || self.ledger.has_remote_arbiter() && self.remote.is_none() {
            return Ok(());
        }
        let Some(_lock) = self.ledger.lock_sync(self.clock, (self.left)() / 2)? else {
            return Ok(());
        };
        let free = &free[..free.len().min(SLICE_MAX)];
        let locks = self.ledger.locks();
        let floor = locks.prepare_floor(self.clock, free)?;
        let Some(remote) = self.remote else {
            if let Some(floor) = &floor {
                locks.swap(self.clock, floor)?;
            }
            folded.registers = locks.remove(free)?;
            return Ok(());
        };
        if let Some(floor) = floor {
            let raise = Move {
                name: floor.name.clone(),
                expect: floor.expected.map(|tip| tip.to_string()),
                to: Some(floor.to.to_string()),
            };
            let answer = read(remote.push(&[raise], false, self.left), self.ledger);
            if answer.elsewhere.is_some() {
                return Ok(());
            }
            if answer.outcomes.get(&floor.name) != Some(&Outcome::Landed) {
                folded.failure = folded.failure.take().or(answer.failure);
                return Ok(());
            }
        }
        let refs: Vec<(String, Tip)> = free
            .iter()
            .map(|register| (register.name.clone(), register.tip))
            .collect();
        let removed = self.remove_there(&refs);
        self.ledger.drop_tracked(&removed.gone)?;
        folded.registers = removed.gone.len();
        folded.refused = folded.refused.take().or(removed.refused);
        folded.failure = folded.failure.take().or(removed.failure);
        Ok(())
    }

    /// Removes refs at the remote that are still as this clone knows them.
    fn remove_in_one_push(&self, refs: &[(String, Tip)]) -> Removed {
        let mut removed = Removed::default();
        let Some(remote) = self.remote.filter(|_| !refs.is_empty()) else {
            return removed;
        };
        let moves: Vec<Move> = refs
            .iter()
            .map(|(name, tip)| Move {
                name: name.clone(),
                expect: Some(tip.to_string()),
                to: None,
            })
            .collect();
        let answer = read(remote.push(&moves, false, self.left), self.ledger);
        if answer.elsewhere.is_some() {
            return removed;
        }
        for (name, tip) in refs {
            match answer.outcomes.get(name) {
                Some(Outcome::Landed | Outcome::UpToDate) => {
                    removed.gone.push((name.clone(), *tip));
                }
                Some(Outcome::Refused { reason }) => {
                    removed.refused.get_or_insert_with(|| reason.clone());
                }
                Some(Outcome::ForwardOnly) => {
                    let why = "refs are moved forward only there".to_owned();
                    removed.refused.get_or_insert(why);
                }
                _ => {}
            }
        }
        removed.failure = answer.failure;
        removed
    }

    /// Pushes the archives of this clone that the remote does not have as they are, and removes
    /// there those that were removed here. Returns why the remote does not take one.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`] of this clone.
    pub fn push_archives(
        &self,
        remote: &Remote,
        sweep: &mut Sweep,
    ) -> Result<Option<String>, LedgerError> {
        let mut moves = Vec::new();
        let here = self.ledger.archives().list()?;
        let own: BTreeMap<String, String> = here
            .into_iter()
            .filter(|archive| archive.is_own)
            .map(|archive| (archive.name, archive.tip.to_string()))
            .collect();
        let names: BTreeSet<&String> = own.keys().chain(sweep.pushed.keys()).collect();
        for name in names {
            let (to, expect) = (own.get(name).cloned(), sweep.pushed.get(name).cloned());
            if to != expect {
                moves.push(Move {
                    name: name.clone(),
                    expect,
                    to,
                });
            }
        }
        if moves.is_empty() {
            return Ok(None);
        }
        let answer = read(remote.push(&moves, false, self.left), self.ledger);
        if answer.elsewhere.is_some() {
            return Ok(None);
        }
        let mut said = answer.failure.map(|failure| failure.message);
        for Move { name, to, .. } in moves {
            match (answer.outcomes.get(&name), to) {
                (Some(Outcome::Landed | Outcome::UpToDate), Some(tip)) => {
                    sweep.pushed.insert(name, tip);
                }
                (Some(Outcome::Landed | Outcome::UpToDate), None) => {
                    sweep.pushed.remove(&name);
                }
                (Some(Outcome::Refused { reason } | Outcome::Lost { reason }), _) => {
                    said.get_or_insert_with(|| reason.clone());
                }
                _ => {}
            }
        }
        Ok(said)
    }

    /// Removes refs at the remote, in as few pushes as it takes.
    fn remove_there(&self, refs: &[(String, Tip)]) -> Removed {
        let mut removed = self.remove_in_one_push(refs);
        let kind = removed.failure.as_ref().map(|failure| failure.kind);
        if kind == Some(FailureKind::TooManyRefs) && refs.len() > 1 {
            // The limit applied to the push as a whole: no ref was judged by itself.
            removed = Removed::default();
            for one in refs {
                let one = self.remove_in_one_push(std::slice::from_ref(one));
                removed.gone.extend(one.gone);
                removed.refused = removed.refused.or(one.refused);
                removed.failure = one.failure;
                if removed.failure.is_some() {
                    break;
                }
            }
        }
        removed
    }
}
