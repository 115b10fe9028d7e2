//! What a push reported, as one answer.
//!
//! Owns the reading of a report that may come from several URLs: the worst outcome of a ref
//! counts. Never talks to a remote.

use std::collections::BTreeMap;

use super::rounds::Answer;
use crate::git::porcelain::{Outcome, PushAnswer};

/// What became of each ref, over all URLs that the push went to: the worst counts.
pub fn read(answer: PushAnswer) -> Answer {
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
    // A URL that git did not get to has no report, and its answer is not known.
    if urls > 0 && answer.failure.is_some() {
        outcomes.retain(|_, outcome| !matches!(outcome, Outcome::Landed | Outcome::UpToDate));
    }
    Answer {
        outcomes,
        failure: answer.failure,
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
