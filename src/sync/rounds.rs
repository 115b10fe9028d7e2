//! The bounded loop: push what is ahead, look at what the remote has, until both agree.
//!
//! Owns the order of steps, what each outcome of a push leads to, and when to stop. Knows both
//! ends only as a trait, so that a simulator can run this very loop. Never calls git, never reads
//! a clock.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{BATCH_REFS_MAX, Plan, plan};
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::ledger::{Ahead, LedgerError, Tip};

/// How often it is tried to agree with the remote.
pub const ROUNDS_MAX: u32 = 5;

/// This clone and the remote, as the loop sees them.
pub trait Replicas {
    /// Finish what a change of our name left behind.
    fn settle(&self) -> Result<(), LedgerError>;
    fn ahead(&self) -> Result<Vec<Ahead>, LedgerError>;
    /// Whether `found` is something that `local` came from.
    fn comes_from(&self, local: Tip, found: Tip) -> bool;
    /// Whether `local` has `found` in its history.
    fn is_forward(&self, local: Tip, found: Tip) -> bool;
    /// Push under leases; what was accepted stands in the tracking refs afterwards.
    fn push(&self, batch: &[Ahead]) -> Answer;
    /// Bring the tracking refs up to what the remote has.
    fn look(&self) -> Result<Seen, LookError>;
    fn rename(&self) -> Result<(), LedgerError>;
    /// Put the state of a ref on top of what the remote has.
    fn put_on_top(&self, ahead: &Ahead, found: Tip) -> Result<(), LedgerError>;
    fn pause(&self, round: u32);
}

/// What a push answered.
#[derive(Debug, Default)]
pub struct Answer {
    pub outcomes: BTreeMap<String, Outcome>,
    pub failure: Option<RemoteFailure>,
}

/// What a look at the remote brought.
#[derive(Debug, Default)]
pub struct Seen {
    /// Refs of others that changed.
    pub received: usize,
    /// What was odd about it.
    pub odd: Vec<String>,
}

#[derive(Debug)]
pub enum LookError {
    Ledger(LedgerError),
    Remote(RemoteFailure),
}

impl From<LedgerError> for LookError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// What a sync is to do.
#[derive(Clone, Debug)]
pub struct Wish {
    pub push: bool,
    pub look: bool,
    /// The ref that somebody is waiting for.
    pub first: Option<String>,
    /// Refs that are not worth a try now.
    pub leave: BTreeSet<String>,
}

/// What a sync achieved.
#[derive(Debug, Default)]
pub struct Synced {
    /// Refs of others that changed.
    pub received: usize,
    /// Refs of ours that the remote took.
    pub sent: BTreeSet<String>,
    /// Refs of ours that a rule of the remote forbids, with its words.
    pub refused: BTreeMap<String, String>,
    /// Refs of ours that the remote does not have as they are.
    pub pending: BTreeSet<String>,
    /// Whether the tracking refs are what the remote had after our last push landed.
    pub looked: bool,
    /// Whether this clone had to take a new name.
    pub renamed: bool,
    pub odd: Vec<String>,
    /// What the remote said when it last did not take a ref, and may another time.
    pub last_words: Option<String>,
    /// Whether both ends still did not agree after the last round.
    pub gave_up: bool,
    /// Why it ended early.
    pub failure: Option<RemoteFailure>,
}

struct Run<'e, E> {
    ends: &'e E,
    wish: &'e Wish,
    synced: Synced,
    batch_max: usize,
    tried: BTreeSet<String>,
    forward_only: BTreeSet<String>,
    tried_forward: BTreeSet<String>,
}

/// What a round came to.
enum Next {
    Again,
    /// Something was lost to somebody else, or its fate is not known.
    Retry,
    Stop,
}

/// Sync until both ends agree, or why not.
pub fn run<E: Replicas>(ends: &E, wish: &Wish) -> Result<Synced, LedgerError> {
    let mut run = Run {
        ends,
        wish,
        synced: Synced::default(),
        batch_max: BATCH_REFS_MAX,
        tried: BTreeSet::new(),
        forward_only: BTreeSet::new(),
        tried_forward: BTreeSet::new(),
    };
    let mut retries = 0;
    for _ in 0..ROUNDS_MAX {
        match run.round()? {
            Next::Again => {}
            // The first time a look tells what to do.
            Next::Retry => {
                retries += 1;
                if retries > 1 {
                    ends.pause(retries);
                }
            }
            Next::Stop => return run.finish(),
        }
    }
    run.synced.gave_up = true;
    run.finish()
}

impl<E: Replicas> Run<'_, E> {
    fn round(&mut self) -> Result<Next, LedgerError> {
        self.ends.settle()?;
        let comes_from = |local, found| self.ends.comes_from(local, found);
        let mut ahead = match plan(self.ends.ahead()?, self.wish.first.as_deref(), comes_from) {
            Plan::Push(ahead) => ahead,
            Plan::Rename => {
                self.ends.rename()?;
                self.synced.renamed = true;
                return Ok(Next::Again);
            }
        };
        let refused = &self.synced.refused;
        let is_in_vain = |name: &str| refused.contains_key(name) || self.wish.leave.contains(name);
        ahead.retain(|ahead| !is_in_vain(&ahead.name));
        if self.put_on_top(&ahead)? {
            return Ok(Next::Again);
        }
        let to_push = self.wish.push && !ahead.is_empty();
        let to_look = self.wish.look && !self.synced.looked;
        if !to_push && !to_look {
            return Ok(Next::Stop);
        }
        let is_sure = !to_push || self.push(&ahead);
        if self.is_unreachable() {
            return Ok(Next::Stop);
        }
        // What landed just now asks for a look that comes after it.
        if self.wish.look && !self.synced.looked || !is_sure {
            let next = self.look(is_sure)?;
            // Whoever may not push may be let in to look.
            return Ok(if self.is_kept_out() { Next::Stop } else { next });
        }
        Ok(Next::Again)
    }

    /// Where the remote moves refs forward only, what is pushed has to follow what is there.
    fn put_on_top(&mut self, ahead: &[Ahead]) -> Result<bool, LedgerError> {
        let mut any = false;
        for ahead in ahead {
            if let Some(found) = ahead.tracked
                && self.forward_only.remove(&ahead.name)
            {
                self.ends.put_on_top(ahead, found)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// Push in batches; whether all of it is known to have landed or to be refused.
    fn push(&mut self, ahead: &[Ahead]) -> bool {
        let mut is_sure = true;
        for batch in ahead.chunks(self.batch_max) {
            let answer = self.ends.push(batch);
            self.tried
                .extend(batch.iter().map(|ahead| ahead.name.clone()));
            let kind = answer.failure.as_ref().map(|failure| failure.kind);
            if kind == Some(FailureKind::TooManyRefs) && self.batch_max > 1 {
                // Not one of them was judged by itself.
                self.batch_max = 1;
                return false;
            }
            self.synced.failure = answer.failure;
            for ahead in batch {
                let outcome = answer.outcomes.get(&ahead.name);
                is_sure &= self.note(ahead, outcome);
            }
            if kind.is_some() {
                return is_sure;
            }
        }
        is_sure
    }

    fn note(&mut self, ahead: &Ahead, outcome: Option<&Outcome>) -> bool {
        let name = ahead.name.clone();
        match outcome {
            Some(Outcome::Landed | Outcome::UpToDate) => {
                self.synced.sent.insert(name);
                // Whoever looked before may have looked too early: of two that claim at once the
                // one who looks after his push landed sees the other.
                self.synced.looked = false;
                true
            }
            Some(Outcome::Refused { reason }) => {
                if self.may_be_forward_only(ahead) {
                    self.forward_only.insert(name);
                    return false;
                }
                self.synced.refused.insert(name, reason.clone());
                true
            }
            Some(Outcome::ForwardOnly) => {
                self.forward_only.insert(name);
                false
            }
            Some(Outcome::Lost { reason } | Outcome::Unknown { reason }) => {
                self.synced.last_words = Some(reason.clone());
                false
            }
            Some(Outcome::HeldBack) | None => false,
        }
    }

    /// A hook says no and not why. Where what it saw was no step forward, it is tried as one.
    fn may_be_forward_only(&mut self, ahead: &Ahead) -> bool {
        let aside = |there| !self.ends.is_forward(ahead.local, there);
        ahead.tracked.is_some_and(aside) && self.tried_forward.insert(ahead.name.clone())
    }

    /// Whether the last push did not even get as far as being turned away.
    fn is_unreachable(&self) -> bool {
        let failure = self.synced.failure.as_ref();
        failure.is_some_and(RemoteFailure::is_untouched) && !self.is_kept_out()
    }

    /// Whether the last push was turned away at the door.
    fn is_kept_out(&self) -> bool {
        let kind = self.synced.failure.as_ref().map(|failure| failure.kind);
        matches!(
            kind,
            Some(FailureKind::Refused | FailureKind::NoCredentials)
        )
    }

    fn look(&mut self, is_sure: bool) -> Result<Next, LedgerError> {
        match self.ends.look() {
            Ok(seen) => {
                self.synced.received += seen.received;
                self.synced.odd.extend(seen.odd);
                self.synced.looked = true;
                Ok(if is_sure { Next::Again } else { Next::Retry })
            }
            Err(LookError::Ledger(error)) => Err(error),
            Err(LookError::Remote(failure)) => {
                // What the push said, if it said anything, tells more.
                self.synced.failure.get_or_insert(failure);
                Ok(Next::Stop)
            }
        }
    }

    fn finish(mut self) -> Result<Synced, LedgerError> {
        if self.synced.renamed {
            // What stands under the former name is pending too, and only the new one says so.
            self.ends.settle()?;
        }
        let ahead = self.ends.ahead()?;
        let pending: BTreeSet<String> = ahead.into_iter().map(|ahead| ahead.name).collect();
        // Whatever was heard of it: what the remote has was sent.
        let landed = self.tried.difference(&pending).cloned();
        self.synced.sent.extend(landed);
        self.synced.pending = pending;
        // A push whose answer was lost is no failure once the look has found it there.
        if self.synced.pending.is_empty() && (self.synced.looked || !self.wish.look) {
            self.synced.gave_up = false;
            self.synced.failure = None;
        }
        Ok(self.synced)
    }
}
