//! Pushing code under a lock.
//!
//! Owns the push that moves the user's refs and the lock together: who lost the lock cannot land
//! code, because the server's own transaction refuses. Never retries code that was refused.

use std::time::Duration;

use super::remote::RemoteArbiter;
use super::{Proposal, cells_of, prepare};
use crate::clock::Clock;
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{History, Ledger, LedgerError};
use crate::model::lock::Denied;
use crate::model::lock_request::Decision;
use crate::sync::answer::read;
use crate::sync::rounds::Answer;

/// Another process of the same session may renew the lock meanwhile.
const ROUNDS_MAX: u32 = 3;

/// How a fenced push ended.
#[derive(Debug)]
pub enum FencedPush {
    /// All of it landed, each ref with what became of it.
    Landed(Decision, Vec<String>),
    /// The lock is not mine, or not any more; nothing landed.
    Denied(Denied),
    /// A ref of the user was not taken, with the words for it; nothing landed.
    Rejected(Vec<(String, String)>),
    /// The server cannot move refs together; nothing landed.
    NotAtomic,
    /// The lock moved each time, and stayed mine; nothing landed.
    Contended,
    NoAnswer(RemoteFailure),
}

/// Push code and a renewal of the lock in one. An unchanged lock would fence nothing: the server
/// does not look at a ref that does not move.
pub fn push_fenced(
    ledger: &Ledger,
    remote: &Remote,
    clock: &dyn Clock,
    asked: &Proposal<'_>,
    refspecs: &[String],
    left: &dyn Fn() -> Duration,
) -> Result<FencedPush, LedgerError> {
    let there = RemoteArbiter {
        ledger,
        remote,
        left,
        clock,
        asked,
    };
    let mut history = History::Amend;
    for _ in 0..ROUNDS_MAX {
        let cells = cells_of(ledger, asked.request)?;
        let (decided, next) = match prepare(ledger, clock, asked, &cells, history)? {
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
        let answer = read(remote.push_fenced(refspecs, &moved, left));
        match answer.outcomes.get(&fence.name) {
            Some(Outcome::Lost { .. }) => {
                if let Err(failure) = there.look()? {
                    return Ok(FencedPush::NoAnswer(failure));
                }
            }
            Some(Outcome::ForwardOnly) if history == History::Amend => history = History::Append,
            _ => return Ok(ended(decided, answer, &fence.name)),
        }
    }
    Ok(FencedPush::Contended)
}

fn ended(decided: Decision, answer: Answer, fence: &str) -> FencedPush {
    if answer.failure.is_none() && answer.outcomes.get(fence) == Some(&Outcome::Landed) {
        let names = answer.outcomes.into_keys().filter(|name| name != fence);
        return FencedPush::Landed(decided, names.collect());
    }
    if let Some(failure) = answer.failure {
        return match failure.kind {
            FailureKind::NoAtomic => FencedPush::NotAtomic,
            _ => FencedPush::NoAnswer(failure),
        };
    }
    let outcomes = answer.outcomes.into_iter();
    let worded = outcomes.filter_map(|(name, outcome)| Some((name, words(outcome)?)));
    FencedPush::Rejected(worded.collect())
}

/// Why a ref was not taken; `None` where another one was the reason.
fn words(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Lost { reason } | Outcome::Refused { reason } | Outcome::Unknown { reason } => {
            Some(reason)
        }
        Outcome::ForwardOnly => Some("not a fast-forward".to_owned()),
        Outcome::HeldBack | Outcome::Landed | Outcome::UpToDate => None,
    }
}
