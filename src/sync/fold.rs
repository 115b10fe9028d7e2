//! Folding: sessions that are over leave the board, here and at the remote.
//!
//! Owns the order of its steps: the histories are archived first, then a slice of the refs goes,
//! with a lease at the remote and then here, so that a fold which is cut off loses nothing and is
//! gone on with. It holds the lock of the sync while refs of this clone go, not while it waits for
//! the remote. Never decides which session is over, never removes what moved meanwhile.

use std::collections::BTreeSet;
use std::time::Duration;

use super::answer::read;
use super::locks::move_of;
use crate::clock::Clock;
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{
    Ahead, Ended, FreeRegister, Ledger, LedgerError, LongRegister, PreparedWrite, Tip,
};

/// The most refs of one slice, and so of one push.
const SLICE_MAX: usize = 200;
/// The most registers whose histories are cut with one push, under the lock of the sync.
const CUT_MAX: usize = 25;
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
    /// Of how many lock registers the history was cut.
    pub cut: usize,
    /// How many sessions are over and still there.
    pub left: usize,
    /// The message with which the remote refuses to remove a ref.
    pub refused: Option<String>,
    /// Archives, or the floor, that cannot be read, with the reasons: what they are needed for
    /// stays.
    pub unreadable: Vec<String>,
    /// The failure that ended the fold early.
    pub failure: Option<RemoteFailure>,
}

/// The outcome of a push that removes refs.
#[derive(Default)]
struct Removed {
    gone: Vec<(String, Tip)>,
    /// The names of the refs that the remote does not let go.
    kept: BTreeSet<String>,
    refused: Option<String>,
    failure: Option<RemoteFailure>,
}

impl Fold<'_> {
    /// Removes the refs of `ended`, in slices, until all are gone or the time is up.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`] of this clone; a failure of the remote is in the result.
    pub fn sessions(&self, mut ended: Vec<Ended>) -> Result<Folded, LedgerError> {
        let mut folded = Folded::default();
        // In the order of their days: a slice then changes few files of few archives.
        ended.sort_by_key(|one| one.leaving.seen_at);
        let mut rest = ended.as_slice();
        while !rest.is_empty() && !(self.left)().is_zero() {
            let (slice, more) = rest.split_at(SLICE_MAX.min(rest.len()));
            let archived = self.archived(slice, |one| &one.leaving, &mut folded)?;
            folded.left += slice.len() - archived.len();
            if !self.slice(&archived, &mut folded)? || folded.failure.is_some() {
                break;
            }
            rest = more;
            if !rest.is_empty() {
                self.clock.pause(PAUSE_MILLIS);
            }
        }
        folded.left += rest.len();
        Ok(folded)
    }

    /// Removes one slice. Returns false if another process kept the lock of the sync.
    fn slice(&self, slice: &[Ended], folded: &mut Folded) -> Result<bool, LedgerError> {
        let there = slice.iter();
        let there = there.filter_map(|one| Some((one.name.clone(), one.tracked?)));
        let there: Vec<(String, Tip)> = there.collect();
        let removed = self.remove_there(&there)?;
        let is_gone = |one: &Ended| {
            one.tracked.is_none() || removed.gone.iter().any(|(name, _)| *name == one.name)
        };
        // What may still be there stays here as well: a session whose ref is gone here alone would
        // begin anew, and what is there would look like that of a copy.
        let goes = |one: &&Ended| {
            is_gone(one) || removed.kept.contains(&one.name) || self.remote.is_none()
        };
        let going: Vec<Ended> = slice.iter().filter(goes).cloned().collect();
        let Some(lock) = self.ledger.lock_sync(self.clock, (self.left)() / 2)? else {
            return Ok(false);
        };
        // What goes here alone is known again by this note, if its session goes on.
        let stays_there = |one: &Ended| {
            Some(Ahead {
                name: one.name.clone(),
                local: one.local.filter(|_| removed.kept.contains(&one.name))?,
                tracked: one.tracked,
                is_over: true,
            })
        };
        let noted: Vec<Ahead> = going.iter().filter_map(stays_there).collect();
        if !noted.is_empty() {
            self.ledger.tracking().note_sent(&noted)?;
        }
        // A session that went on meanwhile stays; what it wrote is pushed again.
        let moved = self.ledger.drop_ended(&going, self.clock.now())?;
        drop(lock);
        let is_folded = |one: &&Ended| is_gone(one) && !moved.contains(&one.name);
        folded.sessions += going.iter().filter(is_folded).count();
        folded.removed_there += removed.gone.len();
        // Another clone was faster, or the answer is lacking: the next fetch tells.
        folded.left += slice.len() - going.len();
        folded.refused = folded.refused.take().or(removed.refused);
        folded.failure = removed.failure;
        Ok(true)
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
        let Some(lock) = self.ledger.lock_sync(self.clock, (self.left)() / 2)? else {
            return Ok(());
        };
        let free = &free[..free.len().min(SLICE_MAX)];
        let free = self.archived(free, |one| &one.leaving, folded)?;
        let free = free.as_slice();
        let locks = self.ledger.locks();
        let floor = match locks.prepare_floor(self.clock, free) {
            // Registers stay until a floor can be read; nothing else needs it.
            Err(LedgerError::Unreadable(floor)) => {
                folded.unreadable.push(floor.to_string());
                return Ok(());
            }
            prepared => prepared?,
        };
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
        drop(lock);
        let refs: Vec<(String, Tip)> = free
            .iter()
            .map(|register| (register.name.clone(), register.tip))
            .collect();
        let removed = self.remove_there(&refs)?;
        folded.registers = removed.gone.len();
        folded.refused = folded.refused.take().or(removed.refused);
        folded.failure = folded.failure.take().or(removed.failure);
        Ok(())
    }

    /// Cuts the histories of lock registers: each gets its present state once more, without
    /// parents. A register that moves meanwhile keeps its history until the next fold.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`] of this clone; a failure of the remote is in the result.
    pub fn cut(&self, long: &[LongRegister], folded: &mut Folded) -> Result<(), LedgerError> {
        if self.ledger.has_remote_arbiter() && self.remote.is_none() {
            return Ok(());
        }
        for slice in long.chunks(CUT_MAX) {
            if folded.failure.is_some() || (self.left)().is_zero() {
                break;
            }
            let slice = self.archived(slice, |one| &one.leaving, folded)?;
            let Some(_lock) = self.ledger.lock_sync(self.clock, (self.left)() / 2)? else {
                break;
            };
            let locks = self.ledger.locks();
            let mut cut = Vec::new();
            for one in &slice {
                match locks.prepare_cut(self.clock, one) {
                    Err(LedgerError::Unreadable(_)) => {}
                    prepared => cut.push(prepared?),
                }
            }
            match self.remote {
                Some(remote) => self.cut_there(remote, &cut, folded)?,
                None => {
                    let swap = |one: &&PreparedWrite| locks.swap(self.clock, one).is_ok();
                    folded.cut += cut.iter().filter(swap).count();
                }
            }
        }
        Ok(())
    }

    /// Puts cut states in force at the remote, each under its lease; Git moves the tracking refs.
    fn cut_there(
        &self,
        remote: &Remote,
        cut: &[PreparedWrite],
        folded: &mut Folded,
    ) -> Result<(), LedgerError> {
        let moves: Vec<Move> = cut.iter().map(move_of).collect();
        let answer = read(remote.push(&moves, false, self.left), self.ledger);
        if answer.elsewhere.is_none() {
            for one in cut {
                match answer.outcomes.get(&one.name) {
                    Some(Outcome::Landed | Outcome::UpToDate) => folded.cut += 1,
                    Some(Outcome::ForwardOnly) => self.ledger.tracking().set_forward_only()?,
                    _ => {}
                }
            }
        }
        folded.failure = folded.failure.take().or(answer.failure);
        Ok(())
    }

    /// Removes refs at the remote that are still as this clone knows them, in as few pushes as it
    /// takes, and the tracking refs of those that are gone.
    fn remove_there(&self, refs: &[(String, Tip)]) -> Result<Removed, LedgerError> {
        let mut removed = Removed::default();
        let Some(remote) = self.remote.filter(|_| !refs.is_empty()) else {
            return Ok(removed);
        };
        // All at once is one transaction there, and one file that is written anew. One ref that
        // moved or may not go holds back all, and so the others go by themselves then.
        self.push_removal(remote, refs, true, &mut removed);
        if !removed.is_done(refs.len()) {
            let rest = removed.rest_of(refs);
            self.push_removal(remote, &rest, false, &mut removed);
        }
        if removed.kind() == Some(FailureKind::TooManyRefs) {
            for one in removed.rest_of(refs) {
                self.push_removal(remote, &[one], false, &mut removed);
                if removed.failure.is_some() {
                    break;
                }
            }
        }
        let _lock = self.ledger.lock_sync(self.clock, (self.left)() / 2)?;
        self.ledger.drop_tracked(&removed.gone)?;
        Ok(removed)
    }

    /// Removes refs at the remote with one push.
    fn push_removal(
        &self,
        remote: &Remote,
        refs: &[(String, Tip)],
        atomic: bool,
        removed: &mut Removed,
    ) {
        let moves: Vec<Move> = refs
            .iter()
            .map(|(name, tip)| Move {
                name: name.clone(),
                expect: Some(tip.to_string()),
                to: None,
            })
            .collect();
        let answer = read(
            remote.push_untracked(&moves, atomic, self.left),
            self.ledger,
        );
        removed.failure = answer.failure;
        if answer.elsewhere.is_some() {
            return;
        }
        for (name, tip) in refs {
            match answer.outcomes.get(name) {
                Some(Outcome::Landed | Outcome::UpToDate) => {
                    removed.gone.push((name.clone(), *tip));
                }
                Some(Outcome::Refused { reason }) if !atomic => {
                    removed.kept.insert(name.clone());
                    removed.refused.get_or_insert_with(|| reason.clone());
                }
                Some(Outcome::ForwardOnly) if !atomic => {
                    removed.kept.insert(name.clone());
                    let why = "refs are moved forward only there".to_owned();
                    removed.refused.get_or_insert(why);
                }
                _ => {}
            }
        }
    }
}

impl Removed {
    fn kind(&self) -> Option<FailureKind> {
        self.failure.as_ref().map(|failure| failure.kind)
    }

    /// Whether nothing is left to try after an atomic push of so many refs.
    fn is_done(&self, refs: usize) -> bool {
        let is_final = |kind| !matches!(kind, FailureKind::NoAtomic | FailureKind::TooManyRefs);
        self.gone.len() == refs || self.kind().is_some_and(is_final)
    }

    fn rest_of(&self, refs: &[(String, Tip)]) -> Vec<(String, Tip)> {
        let is_gone = |one: &&(String, Tip)| !self.gone.contains(one);
        refs.iter().filter(is_gone).cloned().collect()
    }
}
