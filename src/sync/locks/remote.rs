//! Deciding at a remote.
//!
//! Owns the order: what is known here is enough to ask and to be granted, never to be refused or
//! to take over, so a "no" is looked at again first; and what a push that was not answered came
//! to. Never decides who holds what.

use std::time::Duration;

use super::{Proposal, Verdict, cells_of, prepare};
use crate::clock::Clock;
use crate::git::porcelain::{Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{History, Ledger, LedgerError, PreparedWrite, Tips, layout};
use crate::model::lock::Lock;
use crate::model::lock_request::Request;
use crate::sync::answer::read;

/// Time ends it first, unless the remote is very near.
const ROUNDS_MAX: u32 = 64;
const PAUSE_MILLIS: u64 = 50;
/// Doubled so often at most.
const PAUSE_DOUBLED_MAX: u32 = 5;

pub(super) struct RemoteArbiter<'t> {
    pub ledger: &'t Ledger,
    pub remote: &'t Remote,
    pub left: &'t dyn Fn() -> Duration,
    pub clock: &'t dyn Clock,
    pub asked: &'t Proposal<'t>,
}

/// What became of one push.
enum Pushed {
    Accepted,
    Lost,
    /// Declined, and it was no step forward.
    Aside,
    Forbidden(String),
    Unknown(Option<RemoteFailure>),
}

/// What is known while it goes on.
struct Progress {
    /// Whether the view is as fresh as the request.
    looked: bool,
    history: History,
    /// Whether a push was sent that may still arrive, although a look did not show it.
    in_doubt: bool,
}

impl RemoteArbiter<'_> {
    pub fn settle(&self) -> Result<Verdict, LedgerError> {
        // The processes of one clone go one after the other, as they share the copies of the
        // cells. Where one takes too long the others go on: the leases of the pushes decide.
        let _alone = self.ledger.lock_sync(self.clock, (self.left)() / 2)?;
        let mut progress = Progress {
            looked: false,
            history: History::Amend,
            in_doubt: false,
        };
        for round in 0..ROUNDS_MAX {
            if round > 0 && (self.left)().is_zero() {
                break;
            }
            match self.round(&mut progress, round)? {
                Some(Verdict::NoAnswer(failure)) if progress.in_doubt => {
                    return Ok(Verdict::Unclear(failure));
                }
                Some(Verdict::Forbidden(said)) if progress.in_doubt => {
                    return Ok(Verdict::Unclear(RemoteFailure::local(&said)));
                }
                Some(verdict) => return Ok(verdict),
                None => {}
            }
        }
        Ok(match progress.in_doubt {
            true => Verdict::Unclear(RemoteFailure::out_of_time()),
            false => Verdict::Contended,
        })
    }

    fn round(&self, progress: &mut Progress, round: u32) -> Result<Option<Verdict>, LedgerError> {
        let cells = cells_of(self.ledger, self.asked.request)?;
        let prepared = prepare(
            self.ledger,
            self.clock,
            self.asked,
            &cells,
            progress.history,
        )?;
        let (decided, next) = match prepared {
            Ok((decided, next)) if progress.looked || decided.taken_from.is_empty() => {
                (decided, next)
            }
            Err(denied) if progress.looked => return Ok(Some(Verdict::Denied(denied))),
            // Nobody is refused or taken over on hearsay.
            _ => {
                progress.looked = true;
                return Ok(self.look()?.err().map(Verdict::NoAnswer));
            }
        };
        if next.is_empty() {
            return Ok(Some(Verdict::Done(decided)));
        }
        self.note(&decided.locks)?;
        match self.push(&next) {
            Pushed::Accepted => self.accepted(&next, progress.history)?,
            Pushed::Forbidden(said) => {
                self.note(&[])?;
                return Ok(Some(Verdict::Forbidden(said)));
            }
            Pushed::Aside if progress.history == History::Amend => {
                progress.history = History::Append;
                return Ok(None);
            }
            Pushed::Unknown(Some(failure)) if failure.is_untouched() => {
                self.note(&[])?;
                return Ok(Some(Verdict::NoAnswer(failure)));
            }
            missed => {
                progress.in_doubt |= matches!(missed, Pushed::Unknown(_));
                if let Err(failure) = self.look()? {
                    return Ok(Some(Verdict::NoAnswer(failure)));
                }
                progress.looked = true;
                if !self.has_landed(&next)? {
                    // What may still arrive stays noted.
                    if !progress.in_doubt {
                        self.note(&[])?;
                    }
                    self.pause(round);
                    return Ok(None);
                }
            }
        }
        Ok(Some(Verdict::Done(decided)))
    }

    /// Keep in mind what is being asked for, and under which token.
    fn note(&self, locks: &[Lock]) -> Result<(), LedgerError> {
        let Request::Grant(_) = self.asked.request else {
            return Ok(());
        };
        let session = &self.asked.who.id;
        let asked = self.asked.request.resources();
        let tokens = locks.iter().map(|lock| (&lock.resource, lock.token));
        self.ledger
            .leases(session)
            .record_pending(self.clock, &asked, &tokens.collect::<Vec<_>>())
    }

    /// Bring the copies of the cells up to what the arbiter has.
    pub fn look(&self) -> Result<Result<(), RemoteFailure>, LedgerError> {
        let before = self.ledger.tracking().tips()?;
        let all = [layout::fetch_refspec(self.remote.name())];
        if let Err(failure) = self.remote.fetch(&all, true, self.left) {
            return Ok(Err(failure));
        }
        let after = self.ledger.tracking().tips()?;
        for (name, old) in &before {
            self.ledger
                .locks()
                .raise_high_water(name, Some(old), after.get(name))?;
        }
        Ok(Ok(()))
    }

    /// Git has moved the copies of the cells, unless something kept it from that.
    fn accepted(&self, next: &[PreparedWrite], history: History) -> Result<(), LedgerError> {
        if history == History::Append {
            self.ledger.tracking().set_forward_only()?;
        }
        if !self.is_in_force(next)? {
            // It is in force there; what is seen here is for the next look.
            let _ = self.look()?;
        }
        Ok(())
    }

    fn push(&self, next: &[PreparedWrite]) -> Pushed {
        let moves: Vec<Move> = next
            .iter()
            .map(|next| Move {
                name: next.name.clone(),
                expect: next.expected.map(|tip| tip.to_string()),
                to: Some(next.to.to_string()),
            })
            .collect();
        let answer = read(self.remote.push(&moves, next.len() > 1, self.left));
        let outcomes: Vec<&Outcome> = next
            .iter()
            .filter_map(|next| answer.outcomes.get(&next.name))
            .collect();
        if outcomes.len() == next.len() && outcomes.iter().all(|o| **o == Outcome::Landed) {
            return Pushed::Accepted;
        }
        for outcome in &outcomes {
            match outcome {
                Outcome::Refused { .. } | Outcome::ForwardOnly if self.goes_aside(next) => {
                    return Pushed::Aside;
                }
                Outcome::Refused { reason } => return Pushed::Forbidden(reason.clone()),
                Outcome::ForwardOnly => {
                    return Pushed::Forbidden("not a step forward".to_owned());
                }
                Outcome::Lost { .. } => return Pushed::Lost,
                _ => {}
            }
        }
        Pushed::Unknown(answer.failure)
    }

    /// Whether a cell would not follow on what is there: a renewal in the place of a renewal.
    fn goes_aside(&self, next: &[PreparedWrite]) -> bool {
        next.iter().any(|next| {
            let before = next.expected;
            before.is_some_and(|before| !self.ledger.tracking().has_in_history(next.to, before))
        })
    }

    /// Whether the arbiter has what we sent, whatever was heard of it. What was given back stays
    /// given back, whoever came after that.
    fn has_landed(&self, next: &[PreparedWrite]) -> Result<bool, LedgerError> {
        if self.is_in_force(next)? {
            return Ok(true);
        }
        let ends = matches!(
            self.asked.request,
            Request::Release(_) | Request::Override { .. }
        );
        let tracked = self.ledger.tracking().tips()?;
        let has = |next: &PreparedWrite| {
            let tip = tracked.get(&next.name);
            tip.is_some_and(|tip| self.ledger.tracking().has_in_history(*tip, next.to))
        };
        Ok(ends && next.iter().all(has))
    }

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

    fn pause(&self, round: u32) {
        let millis = PAUSE_MILLIS << round.min(PAUSE_DOUBLED_MAX);
        let left = u64::try_from((self.left)().as_millis()).unwrap_or(u64::MAX);
        self.clock.pause(millis.min(left));
    }
}
