//! Remote arbiter, [`RemoteArbiter`]: decisions by a push under leases.
//!
//! Owns the order of fetch and push, and the outcome of a push without an answer. The tracking refs
//! are enough to propose a grant, because the lease rejects a stale one; they are not enough to
//! deny a request or to take a lock over, so a fetch comes first. Never decides who holds a
//! resource.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Proposal, Verdict, move_of, prepare, registers_of};
use crate::clock::Clock;
use crate::git::porcelain::{Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{
    History, Ledger, LedgerError, PreparedWrite, Requested, Tips, clash, layout, removal,
};
use crate::model::forbidden::{Forbidden, RefChange};
use crate::model::lock::Lock;
use crate::model::lock_request::{Decision, Request};
use crate::sync::answer::read;

/// The most rounds. The deadline ends the loop first, unless the remote is very fast.
const ROUNDS_MAX: u32 = 64;
/// How old the last fetch may be for a grant on a register that this clone does not know: much less
/// than the time for which a register stays that is free.
const FLOOR_SECS_MAX: u64 = 12 * 60 * 60;
/// The pause after the first lost push.
const PAUSE_MILLIS: u64 = 50;
/// How often the pause doubles at most.
const PAUSE_DOUBLED_MAX: u32 = 5;

/// One proposal to a remote.
pub(super) struct RemoteArbiter<'t> {
    pub ledger: &'t Ledger,
    pub remote: &'t Remote,
    pub left: &'t dyn Fn() -> Duration,
    pub clock: &'t dyn Clock,
    pub proposal: &'t Proposal<'t>,
}

/// The outcome of one push.
enum Pushed {
    Accepted,
    Lost,
    /// Rejected, and it was no fast-forward.
    NotForward,
    Forbidden(Forbidden),
    /// To another place than the one that is fetched.
    Elsewhere(String),
    Unknown(Option<RemoteFailure>),
}

/// The state between rounds.
struct Progress {
    /// True if a fetch succeeded since the request.
    fetched: bool,
    history: History,
    /// True if a push was sent that may still arrive, although a fetch did not show it.
    in_doubt: bool,
}

impl RemoteArbiter<'_> {
    pub(super) fn settle(&self) -> Result<Verdict, LedgerError> {
        // The processes of one clone take turns, because they share the tracking refs. If one takes
        // too long, the others go on: the leases of the pushes decide.
        let _lock = self.ledger.lock_sync(self.clock, (self.left)() / 2)?;
        let copies = self.ledger.copies();
        copies.clear_abandoned_locks(self.clock.now());
        let verdict = self.run_rounds()?;
        if !matches!(verdict, Verdict::Done(..) | Verdict::Denied(_)) {
            copies.clear_abandoned_locks(self.clock.now());
        }
        Ok(verdict)
    }

    fn run_rounds(&self) -> Result<Verdict, LedgerError> {
        let mut progress = Progress {
            fetched: false,
            history: History::Amend,
            in_doubt: false,
        };
        for round in 0..ROUNDS_MAX {
            if round > 0 && (self.left)().is_zero() {
                break;
            }
            match self.round(&mut progress, round)? {
                Some(Verdict::Unavailable(failure)) if progress.in_doubt => {
                    return Ok(Verdict::OutcomeUnknown(failure));
                }
                Some(Verdict::Forbidden(forbidden)) if progress.in_doubt => {
                    let failure = RemoteFailure::local(&forbidden.said);
                    return Ok(Verdict::OutcomeUnknown(failure));
                }
                Some(verdict) => return Ok(verdict),
                None => {}
            }
        }
        Ok(match progress.in_doubt {
            true => Verdict::OutcomeUnknown(RemoteFailure::out_of_time()),
            false => Verdict::Contended,
        })
    }

    /// Fetches or pushes once; `None` if another round is needed.
    fn round(&self, progress: &mut Progress, round: u32) -> Result<Option<Verdict>, LedgerError> {
        let registers = registers_of(self.ledger, self.proposal.request)?;
        // A register that this clone never saw may have come and gone since its last fetch: only a
        // recent floor is above its tokens.
        let is_new = registers.iter().any(|register| register.tip.is_none());
        if is_new && !progress.fetched && !self.has_recent_floor() {
            progress.fetched = true;
            return Ok(self.fetch()?.err().map(Verdict::Unavailable));
        }
        let prepared = prepare(
            self.ledger,
            self.clock,
            self.proposal,
            &registers,
            progress.history,
        )?;
        let changes =
            |decided: &Decision| decided.taken_from.is_empty() && !decided.changed.is_empty();
        let (decided, next) = match prepared {
            Ok((decided, next)) if progress.fetched || changes(&decided) => (decided, next),
            Err(denied) if progress.fetched => return Ok(Some(Verdict::Denied(denied))),
            // A stale view denies no request, takes no lock over, and leaves nothing as it is.
            _ => {
                progress.fetched = true;
                return Ok(self.fetch()?.err().map(Verdict::Unavailable));
            }
        };
        if next.is_empty() {
            return Ok(Some(Verdict::Done(decided, next)));
        }
        let requested = self.note(&decided.locks)?;
        let requested = requested.as_ref();
        match self.push(&next) {
            Pushed::Accepted => self.accepted(&next, progress.history)?,
            Pushed::Forbidden(forbidden) => {
                self.withdraw(requested)?;
                return Ok(Some(Verdict::Forbidden(forbidden)));
            }
            Pushed::Elsewhere(to) => {
                self.undo(&next)?;
                self.withdraw(requested)?;
                return Ok(Some(Verdict::Elsewhere(to)));
            }
            Pushed::NotForward if progress.history == History::Amend => {
                progress.history = History::Append;
                return Ok(None);
            }
            Pushed::Unknown(Some(failure)) if failure.is_untouched() => {
                self.withdraw(requested)?;
                return Ok(Some(Verdict::Unavailable(failure)));
            }
            missed => {
                progress.in_doubt |= matches!(missed, Pushed::Unknown(_));
                if let Err(failure) = self.fetch()? {
                    return Ok(Some(Verdict::Unavailable(failure)));
                }
                progress.fetched = true;
                if !self.has_landed(&next)? {
                    // A push that may still arrive stays recorded.
                    if !progress.in_doubt {
                        self.withdraw(requested)?;
                    }
                    return self.again_unless_kept_out(&missed, (&next, requested), round);
                }
            }
        }
        Ok(Some(Verdict::Done(decided, next)))
    }

    fn has_recent_floor(&self) -> bool {
        let fetched_at = self.ledger.remote(self.remote.name()).state().fetched_at();
        fetched_at.is_some_and(|at| at.is_recent(self.clock.now(), FLOOR_SECS_MAX))
    }

    /// Records the locks of a grant that is about to be requested; `None` if nothing is granted.
    fn note(&self, locks: &[Lock]) -> Result<Option<Requested>, LedgerError> {
        if !self.proposal.request.grants() {
            return Ok(None);
        }
        let leases = self.ledger.leases(&self.proposal.who.id);
        leases.record_requested(self.clock, locks).map(Some)
    }

    /// Forgets a grant that did not arrive.
    fn withdraw(&self, requested: Option<&Requested>) -> Result<(), LedgerError> {
        match requested {
            Some(requested) => {
                let leases = self.ledger.leases(&self.proposal.who.id);
                leases.withdraw(self.clock, requested)
            }
            None => Ok(()),
        }
    }

    /// Brings the tracking refs of the registers that the request names up to the state of the
    /// arbiter: another ref that cannot be fetched denies nothing here. The inner error is one of
    /// the remote.
    pub(super) fn fetch(&self) -> Result<Result<(), RemoteFailure>, LedgerError> {
        let before = self.ledger.tracking().tips()?;
        let resources = self.proposal.request.resources();
        let names = resources.iter().map(|r| self.ledger.locks().ref_name(r));
        // A register that is not there begins above the floor.
        let names: BTreeSet<String> = names.chain([layout::floor_ref()]).collect();
        let registers: Vec<String> = names
            .iter()
            .map(|name| layout::fetch_if_there(self.remote.name(), name))
            .collect();
        if let Err(failure) = self.remote.fetch(&registers, true, self.left) {
            return Ok(Err(failure));
        }
        let after = self.ledger.tracking().tips()?;
        let (locks, now) = (self.ledger.locks(), self.clock.now());
        let mut odd = Vec::new();
        for (name, old) in &before {
            let new = after.get(name);
            locks.raise_high_water(name, Some(old), new)?;
            odd.extend(locks.note_set_back(name, (Some(old), new), now)?);
        }
        let state = self.ledger.remote(self.remote.name());
        state.replace_witness(&before, &after)?;
        if !odd.is_empty() {
            let mut known = state.state();
            known.record_anomalies(&odd, now);
            state.save(&known)?;
        }
        Ok(Ok(()))
    }

    /// Completes an accepted push: git has moved the tracking refs, unless it was prevented.
    fn accepted(&self, next: &[PreparedWrite], history: History) -> Result<(), LedgerError> {
        if history == History::Append {
            self.ledger.tracking().set_forward_only()?;
        }
        if !self.is_in_force(next)? {
            // The decision is in force at the arbiter; a failed fetch is left to the next one.
            let _ = self.fetch()?;
        }
        self.ledger.remote(self.remote.name()).record_witness()
    }

    /// Pushes the next state of the registers: all or none.
    fn push(&self, next: &[PreparedWrite]) -> Pushed {
        let moves: Vec<Move> = next.iter().map(move_of).collect();
        let answer = self.remote.push(&moves, next.len() > 1, self.left);
        let answer = read(answer, self.ledger);
        if let Some(to) = answer.elsewhere {
            return Pushed::Elsewhere(to);
        }
        let outcomes: Vec<(&PreparedWrite, &Outcome)> = next
            .iter()
            .filter_map(|next| Some((next, answer.outcomes.get(&next.name)?)))
            .collect();
        if outcomes.len() == next.len() && outcomes.iter().all(|(_, o)| **o == Outcome::Landed) {
            return Pushed::Accepted;
        }
        for (register, outcome) in outcomes {
            let forbidden = |said: &str| {
                Pushed::Forbidden(Forbidden {
                    change: RefChange::of(register.expected.is_some()),
                    said: said.to_owned(),
                })
            };
            match outcome {
                Outcome::Refused { .. } | Outcome::ForwardOnly if self.is_not_forward(next) => {
                    return Pushed::NotForward;
                }
                Outcome::Refused { reason } => return forbidden(reason),
                Outcome::ForwardOnly => return forbidden("not a fast-forward"),
                Outcome::Lost { .. } => return Pushed::Lost,
                _ => {}
            }
        }
        Pushed::Unknown(answer.failure)
    }

    /// Takes back a push that went elsewhere, as far as it landed. It moves the tracking refs back,
    /// too; the fetch is for those that it could not move.
    fn undo(&self, next: &[PreparedWrite]) -> Result<(), LedgerError> {
        let moves: Vec<Move> = next
            .iter()
            .map(|next| Move {
                name: next.name.clone(),
                expect: Some(next.to.to_string()),
                to: next.expected.map(|tip| tip.to_string()),
            })
            .collect();
        let _ = self.remote.push(&moves, next.len() > 1, self.left);
        let _ = self.fetch()?;
        Ok(())
    }

    /// Returns true if a register would not move by fast-forward: a renewal replaces a renewal.
    fn is_not_forward(&self, next: &[PreparedWrite]) -> bool {
        next.iter().any(|next| {
            let before = next.expected;
            before.is_some_and(|before| !self.ledger.tracking().has_in_history(next.to, before))
        })
    }

    /// Returns true if the arbiter has the pushed state, whatever the answer was. A release also
    /// counts if another writer has moved the register since.
    fn has_landed(&self, next: &[PreparedWrite]) -> Result<bool, LedgerError> {
        if self.is_in_force(next)? {
            return Ok(true);
        }
        let ends = match self.proposal.request {
            Request::Release(_)
            | Request::Pass { .. }
            | Request::ReleaseEnded { .. }
            | Request::Override { .. } => true,
            Request::Tasks(_) => !self.proposal.request.grants(),
            _ => false,
        };
        let tracked = self.ledger.tracking().tips()?;
        let has = |next: &PreparedWrite| {
            let tip = tracked.get(&next.name);
            tip.is_some_and(|tip| self.ledger.tracking().has_in_history(*tip, next.to))
        };
        Ok(ends && next.iter().all(has))
    }

    /// Returns true if the tracking refs have exactly the pushed state.
    fn is_in_force(&self, next: &[PreparedWrite]) -> Result<bool, LedgerError> {
        let sent: Tips = next
            .iter()
            .map(|next| (next.name.clone(), next.to))
            .collect();
        let tracked = match self.ledger.tracking().tips_of(&sent)? {
            Some(tracked) => tracked,
            None => self.ledger.tracking().tips()?,
        };
        let has = |next: &PreparedWrite| tracked.get(&next.name) == Some(&next.to);
        Ok(next.iter().all(has))
    }

    /// Waits for the next round, unless a ref of the remote keeps out what was pushed.
    fn again_unless_kept_out(
        &self,
        missed: &Pushed,
        (next, requested): (&[PreparedWrite], Option<&Requested>),
        round: u32,
    ) -> Result<Option<Verdict>, LedgerError> {
        if matches!(missed, Pushed::Lost)
            && let Some(forbidden) = self.kept_out(next)?
        {
            self.withdraw(requested)?;
            return Ok(Some(Verdict::Forbidden(forbidden)));
        }
        self.pause(round);
        Ok(None)
    }

    /// Returns the ref of the remote that keeps out a register which a push did not bring there,
    /// although it is as it was expected to be.
    fn kept_out(&self, next: &[PreparedWrite]) -> Result<Option<Forbidden>, LedgerError> {
        let tracked = self.ledger.tracking().tips()?;
        if next
            .iter()
            .any(|next| tracked.get(&next.name).copied() != next.expected)
        {
            return Ok(None);
        }
        let Ok(listing) = self.remote.list(self.left) else {
            return Ok(None);
        };
        let is_blocker = |name: &&String| next.iter().any(|next| clash(name, &next.name));
        let names = listing.refs.iter().map(|(_, name)| name);
        Ok({ names }.find(is_blocker).map(|name| Forbidden {
            change: RefChange::of(false),
            said: format!("{name} keeps it out: {}", removal(self.remote.name(), name)),
        }))
    }

    fn pause(&self, round: u32) {
        let millis = PAUSE_MILLIS << round.min(PAUSE_DOUBLED_MAX);
        let left = u64::try_from((self.left)().as_millis()).unwrap_or(u64::MAX);
        self.clock.pause(millis.min(left));
    }
}
