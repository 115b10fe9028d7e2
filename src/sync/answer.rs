//! Answers to a push: the reports of all URLs as one [`Answer`].
//!
//! Owns the order of outcomes (of several outcomes for a ref, the worst one counts), and the check
//! of where Git pushed to. Never talks to a remote.

use std::collections::BTreeMap;

use super::rounds::Answer;
use crate::git::porcelain::{Outcome, PushAnswer, PushReport};
use crate::ledger::Ledger;

/// Returns the worst outcome of each ref over all URLs of the push.
pub(super) fn read(answer: PushAnswer, ledger: &Ledger) -> Answer {
    let is_elsewhere = |report: &&PushReport| {
        let printed = report.printed.as_deref();
        printed.is_some_and(|printed| ledger.is_elsewhere(printed))
    };
    let elsewhere = answer.reports.iter().find(is_elsewhere);
    let elsewhere = elsewhere.and_then(|report| report.to.clone());
    let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
    let urls = answer.reports.len();
    for pushed in answer.reports.into_iter().flat_map(|report| report.refs) {
        let worse = match outcomes.get(&pushed.name) {
            Some(known) => rank(&pushed.outcome) > rank(known),
            None => true,
        };
        if worse {
            outcomes.insert(pushed.name, pushed.outcome);
        }
    }
    // A URL that git did not reach has no report, so the outcome there is unknown.
    if urls > 0 && answer.failure.is_some() {
        outcomes.retain(|_, outcome| !matches!(outcome, Outcome::Landed | Outcome::UpToDate));
    }
    Answer {
        outcomes,
        failure: answer.failure,
        elsewhere,
    }
}

fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::UpToDate => 0,
        Outcome::Landed => 1,
        Outcome::HeldBack => 2,
        Outcome::Lost { .. } => 3,
        Outcome::Unknown { .. } => 4,
        Outcome::ForwardOnly => 5,
        Outcome::Refused { .. } => 6,
    }
}
