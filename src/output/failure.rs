//! A failure, for people and for programs.
//!
//! Owns their words and their JSON: what failed, who holds it, what to do next. Never decides what
//! a failure is.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::holding;
use super::shapes::{self, Claim};
use super::style::{BAD, DIM, clean, more};
use super::when::When;
use crate::failure::Failure;
use crate::model::holding::Holding;
use crate::model::refusal::Refusal;
use crate::model::text::without_codes;

/// The most claims of others that are shown to people.
const HOLDERS_MAX: usize = 20;

/// What a failure is to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Failed<'a> {
    /// the only field: `kind` and the rest stand in it
    error: Error<'a>,
}

/// Why a verb failed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Error<'a> {
    /// one of the words below
    kind: &'static str,
    /// what failed, for people
    message: String,
    /// what to do next
    hints: &'a [String],
    /// with `contended` and `remote` only: after how many seconds trying again may help
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    /// in refusals because of other sessions: their claims, without `is_me`; empty if no session
    /// holds the resource
    #[serde(skip_serializing_if = "Option::is_none")]
    held_by: Option<Vec<Claim<'a>>>,
}

/// Returns a failure for people: whole lines.
pub(super) fn text(failure: &Failure, when: &When) -> String {
    let held = holders(failure).unwrap_or_default();
    let message = failure.error.to_string();
    let mut out = format!("{BAD}error:{BAD:#} {}\n", clean(&when.spelled(&message)));
    // A holder is named once: in the message, or else beside each claim.
    let is_named = held
        .iter()
        .all(|one| message.contains(one.session.as_str()));
    for one in held.iter().take(HOLDERS_MAX) {
        out.push_str(&holding::one_line(one, when, held.len() > 1, !is_named));
    }
    more(&mut out, held.len(), HOLDERS_MAX);
    for hint in &failure.hints {
        let _ = writeln!(out, "{DIM}hint:{DIM:#} {}", clean(&when.spelled(hint)));
    }
    out
}

/// Returns a failure for programs.
pub(super) fn json(failure: &Failure) -> Value {
    let held_by = holders(failure).map(|by| by.iter().map(Claim::of).collect());
    shapes::value(&Failed {
        error: Error {
            kind: failure.kind.as_str(),
            message: without_codes(&failure.error.to_string()).into_owned(),
            hints: &failure.hints,
            retry_after: failure.retry_after_secs(),
            held_by,
        },
    })
}

/// Returns who holds what was asked for, where the failure is a refusal because of that.
fn holders(failure: &Failure) -> Option<&[Holding]> {
    match failure.refusal.as_deref() {
        Some(Refusal::Held { by } | Refusal::NotYours { by, .. }) => Some(by),
        _ => None,
    }
}

/// Returns the error for an answer that cannot be written. The verb itself is done by then.
pub(super) fn unanswered(error: &std::io::Error) -> String {
    format!(
        "{BAD}error:{BAD:#} cannot write the answer: {}\n\
         {DIM}hint:{DIM:#} see what was done: git presence status\n",
        without_codes(&error.to_string())
    )
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<Failed<'_>>("failure"),
        whole::<Error<'_>>("failure error"),
    ]
}
