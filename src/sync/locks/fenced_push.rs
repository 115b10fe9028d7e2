//! Fenced push, [`push_fenced`]: code and a renewal of the lock in one transaction.
//!
//! Owns the push that moves the user's refs and the lock register together: a session that lost the
//! lock cannot land code, because the transaction of the server fails. Never retries code that was
//! refused.

use std::time::Duration;

use super::remote::RemoteArbiter;
use super::{Proposal, prepare, registers_of};
use crate::clock::Clock;
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{History, Ledger, LedgerError};
use crate::model::lock::Denied;
use crate::model::lock_request::Decision;
use crate::sync::answer::read;
use crate::sync::rounds::Answer;

/// The most attempts: another process of the same session may renew the lock meanwhile.
const ROUNDS_MAX: u32 = 3;

/// The result of a fenced push.
#[derive(Debug)]
pub enum FencedPush {
    /// All refs landed; the decision of the renewal, and the names of the user's refs.
    Landed(Decision, Vec<String>),
    /// The session does not hold the lock, or lost it; nothing landed.
    Denied(Denied),
    /// A ref of the user was rejected; each one with its reason. Nothing landed.
    Rejected(Vec<(String, String)>),
    /// The server does not support atomic pushes; nothing landed.
    NotAtomic,
    /// The lock register moved in each attempt, and the session still holds the lock; nothing
    /// landed.
    Contended,
    /// The push failed without a report; it may have landed as a whole.
    Unavailable(RemoteFailure),
}

/// Pushes `refspecs` and a renewal of the lock, all or none. An unchanged lock would fence nothing:
/// the server does not compare a ref that does not move.
///
/// # Errors
///
/// Any [`LedgerError`] of this clone; what the remote did is in the result.
pub fn push_fenced(
    ledger: &Ledger,
    remote: &Remote,
    clock: &dyn Clock,
    proposal: &Proposal<'_>,
    refspecs: &[String],
    left: &dyn Fn() -> Duration,
) -> Result<FencedPush, LedgerError> {
    let arbiter = RemoteArbiter {
        ledger,
        remote,
        left,
        clock,
        proposal,
    };
    let mut history = History::Amend;
    for _ in 0..ROUNDS_MAX {
        let registers = registers_of(ledger, proposal.request)?;
        let (decided, next) = match prepare(ledger, clock, proposal, &registers, history)? {
            Ok(prepared) => prepared,
            Err(denied) => return Ok(FencedPush::Denied(denied)),
        };
        let [fence] = next.as_slice() else {
            let lost = decided.lost.into_iter().next();
            return Ok(FencedPush::Denied(
                lost.map_or(Denied::Free, |(_, denied)| denied),
            ));
        };
        let moved = Move {
            name: fence.name.clone(),
            expect: fence.expected.map(|tip| tip.to_string()),
            to: Some(fence.to.to_string()),
        };
        let answer = read(remote.push_fenced(refspecs, &moved, left), ledger);
        match answer.outcomes.get(&fence.name) {
            _ if answer.elsewhere.is_some() => return Ok(ended(decided, answer, &fence.name)),
            Some(Outcome::Lost { .. }) => {
                if let Err(failure) = arbiter.fetch()? {
                    return Ok(FencedPush::Unavailable(failure));
                }
            }
            Some(Outcome::ForwardOnly) if history == History::Amend => history = History::Append,
            _ => return Ok(ended(decided, answer, &fence.name)),
        }
    }
    Ok(FencedPush::Contended)
}

/// Returns the result of an answer.
fn ended(decided: Decision, answer: Answer, fence: &str) -> FencedPush {
    if let Some(to) = answer.elsewhere {
        let said = format!("it went to {to}, which is not where the remote is fetched");
        return FencedPush::Unavailable(RemoteFailure::unknown(&said));
    }
    if answer.failure.is_none() && answer.outcomes.get(fence) == Some(&Outcome::Landed) {
        let names = answer.outcomes.into_keys().filter(|name| name != fence);
        return FencedPush::Landed(decided, names.collect());
    }
    if let Some(failure) = answer.failure {
        return match failure.kind {
            FailureKind::NoAtomic => FencedPush::NotAtomic,
            _ => FencedPush::Unavailable(failure),
        };
    }
    let outcomes = answer.outcomes.into_iter();
    let worded = outcomes.filter_map(|(name, outcome)| Some((name, reason_of(outcome)?)));
    FencedPush::Rejected(worded.collect())
}

/// Returns why a ref was rejected; `None` if another ref was the reason.
fn reason_of(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Lost { reason } | Outcome::Refused { reason } | Outcome::Unknown { reason } => {
            Some(reason)
        }
        Outcome::ForwardOnly => Some("not a fast-forward".to_owned()),
        Outcome::HeldBack | Outcome::Landed | Outcome::UpToDate => None,
    }
}
