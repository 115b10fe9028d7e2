//! Sync rounds, [`run`]: push what is ahead and fetch, in a bounded loop, until both replicas
//! agree.
//!
//! Owns the order of steps, the reaction to each outcome of a push, and the end of the loop. It
//! knows the replicas only as the trait [`Replicas`], so that a simulator can run the same loop.
//! Never calls git, never reads a clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::plan::{BATCH_REFS_MAX, Plan, plan};
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::ledger::{Ahead, LedgerError, Tip, Unfetched};
use crate::model::forbidden::{Forbidden, RefChange};

/// The most rounds of one sync.
pub(super) const ROUNDS_MAX: u32 = 5;
/// How often a sync halves a batch that was refused as one. Five times find one ref of a batch.
const SPLITS_MAX: u32 = 10;

/// The replica port: this clone and the remote, as the loop sees them.
pub(super) trait Replicas {
    /// Moves the sessions that are still under a former node id to the present one.
    fn migrate_old_sessions(&self) -> Result<(), LedgerError>;
    /// Returns the refs of this clone whose value the tracking refs do not have.
    fn ahead(&self) -> Result<Vec<Ahead>, LedgerError>;
    /// Returns true if this clone made `local` from `found`, heartbeats that were replaced
    /// included.
    fn descends_from(&self, local: Tip, found: Tip) -> bool;
    /// Returns true if the move from `found` to `local` is a fast-forward.
    fn is_forward(&self, local: Tip, found: Tip) -> bool;
    /// Pushes `batch` under leases, and moves the tracking refs of the accepted refs.
    fn push(&self, batch: &[Ahead]) -> Answer;
    /// Brings the tracking refs up to what the remote has.
    fn fetch(&self) -> Result<Fetched, FetchError>;
    /// Gives this clone a new node id.
    fn reidentify(&self) -> Result<(), LedgerError>;
    /// Replaces the local value of a ref with one of the same content that has `found` as a parent.
    fn reparent_onto(&self, ahead: &Ahead, found: Tip) -> Result<(), LedgerError>;
    /// Waits before the retry number `round`.
    fn pause(&self, round: u32);
}

/// The answer to a push.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The outcome of each ref that the remote reported on.
    pub outcomes: BTreeMap<String, Outcome>,
    /// The failure that the outcomes do not explain.
    pub failure: Option<RemoteFailure>,
    /// Where Git pushed to, if that is not the place that is fetched.
    pub elsewhere: Option<String>,
}

/// The result of a fetch.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// The number of refs of other clones that changed.
    pub received: usize,
    /// Changes that no correct writer makes, each as a message.
    pub anomalies: Vec<String>,
    /// The refs of the remote that it could not bring.
    pub unfetched: Unfetched,
}

/// Why a fetch failed.
#[derive(Debug)]
pub(super) enum FetchError {
    /// This clone could not read or write its refs.
    Ledger(LedgerError),
    /// The remote did not answer as needed.
    Remote(RemoteFailure),
}

impl From<LedgerError> for FetchError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// What a sync pushes and fetches.
#[derive(Clone, Debug)]
pub struct Scope {
    /// True if refs that are ahead are pushed.
    pub push: bool,
    /// True if the tracking refs are brought up to date.
    pub fetch: bool,
    /// The ref that a caller waits for: it is pushed first.
    pub first: Option<String>,
    /// Refs that are not pushed, although they are ahead.
    pub exclude: BTreeSet<String>,
}

/// What a sync pushed and fetched.
#[derive(Debug, Default)]
pub struct Synced {
    /// The number of refs of other clones that changed.
    pub received: usize,
    /// Refs of this clone that the remote accepted.
    pub sent: BTreeSet<String>,
    /// Refs of this clone that a rule of the remote forbids.
    pub refused: BTreeMap<String, Forbidden>,
    /// Refs of this clone whose value the remote does not have yet.
    pub pending: BTreeSet<String>,
    /// True if a fetch succeeded after the last push that landed.
    pub fetched: bool,
    /// The refs of the remote that the last fetch could not bring.
    pub unfetched: Unfetched,
    /// True if this clone took a new node id.
    pub reidentified: bool,
    /// Changes that no correct writer makes, each as a message.
    pub anomalies: Vec<String>,
    /// The last message of the remote about a ref that it may accept another time.
    pub last_words: Option<String>,
    /// True if the replicas did not agree after the last round.
    pub gave_up: bool,
    /// The failure that ended the sync early.
    pub failure: Option<RemoteFailure>,
    /// Where Git pushed to, if that is not the place that is fetched.
    pub elsewhere: Option<String>,
}

struct Run<'e, E> {
    replicas: &'e E,
    scope: &'e Scope,
    synced: Synced,
    batch_max: usize,
    splits_left: u32,
    tried: BTreeSet<String>,
    forward_only: BTreeSet<String>,
    tried_forward: BTreeSet<String>,
}

/// What follows a round.
enum Next {
    /// Another round, at once.
    Again,
    /// Another round, after a pause: another writer was faster, or an outcome is unknown.
    Retry,
    Stop,
}

/// Runs rounds until both replicas agree, a failure ends the sync, or [`ROUNDS_MAX`] is reached.
///
/// # Errors
///
/// Any [`LedgerError`] of this clone; a failure of the remote is in the result.
pub(super) fn run<E: Replicas>(replicas: &E, scope: &Scope) -> Result<Synced, LedgerError> {
    let mut run = Run {
        replicas,
        scope,
        synced: Synced::default(),
        batch_max: BATCH_REFS_MAX,
        splits_left: SPLITS_MAX,
        tried: BTreeSet::new(),
        forward_only: BTreeSet::new(),
        tried_forward: BTreeSet::new(),
    };
    let mut retries = 0;
    for _ in 0..ROUNDS_MAX {
        match run.round()? {
            Next::Again => {}
            // The first retry needs no pause: the fetch has shown what to do.
            Next::Retry => {
                retries += 1;
                if retries > 1 {
                    replicas.pause(retries);
                }
            }
            Next::Stop => return run.finish(),
        }
    }
    run.synced.gave_up = true;
    run.finish()
}

/// Returns true if no ref of a push was taken and each failed alike, as by a hook that judges the
/// push as a whole, or because one object cannot be read here or there.
fn is_refused_as_one(batch: &[Ahead], answer: &Answer) -> bool {
    let kind = answer.failure.as_ref().map(|failure| failure.kind);
    let fails = |ahead: &Ahead| {
        let outcome = answer.outcomes.get(&ahead.name);
        matches!(
            outcome,
            None | Some(Outcome::Refused { .. } | Outcome::Unknown { .. })
        )
    };
    matches!(kind, None | Some(FailureKind::Unknown)) && batch.iter().all(fails)
}

impl<E: Replicas> Run<'_, E> {
    fn round(&mut self) -> Result<Next, LedgerError> {
        self.replicas.migrate_old_sessions()?;
        let descends_from = |local, found| self.replicas.descends_from(local, found);
        let mut ahead = match plan(
            self.replicas.ahead()?,
            self.scope.first.as_deref(),
            descends_from,
        ) {
            Plan::Push(ahead) => ahead,
            Plan::Reidentify => {
                self.replicas.reidentify()?;
                self.synced.reidentified = true;
                return Ok(Next::Again);
            }
        };
        let refused = &self.synced.refused;
        let is_skipped =
            |name: &str| refused.contains_key(name) || self.scope.exclude.contains(name);
        ahead.retain(|ahead| !is_skipped(&ahead.name));
        if self.reparent_onto(&ahead)? {
            return Ok(Next::Again);
        }
        let to_push = self.scope.push && !ahead.is_empty();
        let to_fetch = self.scope.fetch && !self.synced.fetched;
        if !to_push && !to_fetch {
            return Ok(Next::Stop);
        }
        let is_sure = !to_push || self.push(&ahead);
        if self.is_unreachable() {
            return Ok(Next::Stop);
        }
        // A push that landed needs a fetch that comes after it.
        if self.scope.fetch && !self.synced.fetched || !is_sure {
            let next = self.fetch(is_sure)?;
            // A remote that refuses all pushes may still allow a fetch.
            // What went elsewhere is missing after each fetch.
            let ends = self.is_refused_as_a_whole() || self.synced.elsewhere.is_some();
            return Ok(if ends { Next::Stop } else { next });
        }
        Ok(Next::Again)
    }

    /// Prepares the refs that the remote moves by fast-forward only: their new value must descend
    /// from that of the remote.
    fn reparent_onto(&mut self, ahead: &[Ahead]) -> Result<bool, LedgerError> {
        let mut any = false;
        for ahead in ahead {
            if let Some(found) = ahead.tracked
                && self.forward_only.remove(&ahead.name)
            {
                self.replicas.reparent_onto(ahead, found)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// Pushes in batches. Returns true if each ref is known to have landed or to be refused. One
    /// that was refused as a whole is halved, since one ref may be the reason.
    fn push(&mut self, ahead: &[Ahead]) -> bool {
        let mut is_sure = true;
        let mut batches: VecDeque<&[Ahead]> = ahead.chunks(self.batch_max).collect();
        let mut of_one_ref = None;
        while let Some(batch) = batches.pop_front() {
            let answer = self.replicas.push(batch);
            self.tried
                .extend(batch.iter().map(|ahead| ahead.name.clone()));
            let kind = answer.failure.as_ref().map(|failure| failure.kind);
            if kind == Some(FailureKind::TooManyRefs) && self.batch_max > 1 {
                // The limit applied to the push as a whole, so no ref was judged by itself.
                self.batch_max = 1;
                return false;
            }
            let as_one = is_refused_as_one(batch, &answer);
            if as_one && batch.len() > 1 && self.splits_left > 0 {
                self.splits_left -= 1;
                let (first, second) = batch.split_at(batch.len() / 2);
                batches.push_front(second);
                batches.push_front(first);
                continue;
            }
            self.synced.failure = answer.failure;
            self.synced.elsewhere = answer.elsewhere.or(self.synced.elsewhere.take());
            for ahead in batch {
                let outcome = answer.outcomes.get(&ahead.name);
                is_sure &= self.note(ahead, outcome);
            }
            match self.synced.failure.take() {
                // Of a single ref: the others go on.
                Some(failure) if as_one && batch.len() == 1 => of_one_ref = Some(failure),
                Some(failure) => {
                    self.synced.failure = Some(failure);
                    return is_sure;
                }
                None => {}
            }
        }
        self.synced.failure = of_one_ref;
        is_sure
    }

    /// Records an outcome. Returns true if the ref is known to have landed or to be refused.
    fn note(&mut self, ahead: &Ahead, outcome: Option<&Outcome>) -> bool {
        let name = ahead.name.clone();
        match outcome {
            Some(Outcome::Landed | Outcome::UpToDate) => {
                self.synced.sent.insert(name);
                // An earlier fetch may have been too early: of two sessions that claim at once, the
                // one that fetches after its push landed sees the other.
                self.synced.fetched = false;
                true
            }
            Some(Outcome::Refused { reason }) => {
                if self.may_be_forward_only(ahead) {
                    self.forward_only.insert(name);
                    return false;
                }
                let forbidden = Forbidden {
                    change: RefChange::of(ahead.tracked.is_some()),
                    said: reason.clone(),
                };
                self.synced.refused.insert(name, forbidden);
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

    /// Returns true if a refused push should be tried as a fast-forward. A hook rejects without a
    /// reason, and if the push was no fast-forward, that may be the reason.
    fn may_be_forward_only(&mut self, ahead: &Ahead) -> bool {
        let aside = |there| !self.replicas.is_forward(ahead.local, there);
        ahead.tracked.is_some_and(aside) && self.tried_forward.insert(ahead.name.clone())
    }

    /// Returns true if the last push did not reach the remote, so that a fetch would fail as well.
    fn is_unreachable(&self) -> bool {
        let failure = self.synced.failure.as_ref();
        failure.is_some_and(RemoteFailure::is_untouched) && !self.is_refused_as_a_whole()
    }

    /// Returns true if the remote refused the last push as a whole.
    fn is_refused_as_a_whole(&self) -> bool {
        let kind = self.synced.failure.as_ref().map(|failure| failure.kind);
        matches!(
            kind,
            Some(FailureKind::Refused | FailureKind::NoCredentials)
        )
    }

    /// Fetches, and returns what follows.
    fn fetch(&mut self, is_sure: bool) -> Result<Next, LedgerError> {
        match self.replicas.fetch() {
            Ok(seen) => {
                self.synced.received += seen.received;
                self.synced.anomalies.extend(seen.anomalies);
                self.synced.unfetched = seen.unfetched;
                self.synced.fetched = true;
                Ok(if is_sure { Next::Again } else { Next::Retry })
            }
            Err(FetchError::Ledger(error)) => Err(error),
            Err(FetchError::Remote(failure)) => {
                // The failure of a push, if there is one, explains more.
                self.synced.failure.get_or_insert(failure);
                Ok(Next::Stop)
            }
        }
    }

    fn finish(mut self) -> Result<Synced, LedgerError> {
        if self.synced.reidentified {
            // Refs under the former node id are pending, too, and count under the new one.
            self.replicas.migrate_old_sessions()?;
        }
        let ahead = self.replicas.ahead()?;
        let due = ahead.into_iter().filter(|ahead| !ahead.stays_away());
        let pending: BTreeSet<String> = due.map(|ahead| ahead.name).collect();
        // A ref that was pushed and is not pending was sent, whatever the answer was.
        let landed = self.tried.difference(&pending).cloned();
        self.synced.sent.extend(landed);
        self.synced.pending = pending;
        // A push whose answer was lost is no failure once a fetch has found its refs.
        if self.synced.pending.is_empty() && (self.synced.fetched || !self.scope.fetch) {
            self.synced.gave_up = false;
            self.synced.failure = None;
        }
        Ok(self.synced)
    }
}
