//! The answer of `sessions reconcile`: a line for each drift that was not told before.
//!
//! Owns its words and its JSON. Never decides what is a drift.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes::{self, At};
use super::style::{BOLD, clean};
use crate::app::sessions::reconcile::{Done, Reconciled, Watched};
use crate::model::drift::Drift;

/// What `sessions reconcile` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ReconciledAnswer<'a> {
    /// when it looked
    at: At,
    /// whether nothing was written, and `action` is what would have been done
    dry_run: bool,
    /// the differences that were not told before
    drifts: Vec<DriftShape<'a>>,
}

/// One difference between what is recorded and what runs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DriftShape<'a> {
    /// `gone`, `unknown`, `materialized`, `stale`, `moved` or `twin`
    class: &'static str,
    /// the session that it is about
    session: &'a str,
    /// what is recorded, for people
    was: &'a str,
    /// what is seen, for people
    is: &'a str,
    /// what was done: `ended`, `registered`, `recorded`, `went_on` (another session has what it
    /// held), `forgotten`, `told` (nothing else), or `failed`, then with a warning
    action: &'static str,
}

const fn word(done: &Done) -> &'static str {
    match done {
        Done::Ended => "ended",
        Done::Registered => "registered",
        Done::Recorded => "recorded",
        Done::WentOn => "went_on",
        Done::Forgotten => "forgotten",
        Done::Told => "told",
        Done::Failed(_) => "failed",
    }
}

/// Returns what was done, for people; of a dry run, what would be done.
fn phrase(done: &Done, is_dry: bool) -> String {
    let text = match (done, is_dry) {
        (Done::Ended, false) => "marked ended, what it held is released",
        (Done::Ended, true) => "would be marked ended, and what it holds released",
        (Done::Registered, false) => "recorded as a session",
        (Done::Registered, true) => "would be recorded as a session",
        (Done::Recorded, false) => "the id is recorded",
        (Done::Recorded, true) => "the id would be recorded",
        (Done::WentOn, false) => "the newer session has what it held",
        (Done::WentOn, true) => "the newer session would have what it holds",
        (Done::Forgotten, false) => "the id is forgotten",
        (Done::Forgotten, true) => "the id would be forgotten",
        (Done::Told, _) => "nothing is changed",
        (Done::Failed(why), _) => return format!("failed: {}", clean(why)),
    };
    text.to_owned()
}

impl Present for Reconciled {
    fn text(&self, _: &Terminal) -> String {
        if self.request.emits_diff {
            return shapes::line(&self.json());
        }
        if self.drifts.is_empty() {
            return "No drift: the sessions are as they are recorded.\n".to_owned();
        }
        let mut out = String::new();
        for (drift, done) in &self.drifts {
            let Drift {
                class,
                session,
                was,
                is,
                ..
            } = drift;
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#}  {session}: {}, now {}; {}",
                class.as_str(),
                clean(was),
                clean(is),
                phrase(done, self.request.is_dry)
            );
        }
        out
    }

    fn json(&self) -> Value {
        let drifts = self.drifts.iter().map(|(drift, done)| DriftShape {
            class: drift.class.as_str(),
            session: drift.session.as_str(),
            was: &drift.was,
            is: &drift.is,
            action: word(done),
        });
        shapes::value(&ReconciledAnswer {
            at: At(self.at),
            dry_run: self.request.is_dry,
            drifts: drifts.collect(),
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Present for Watched {
    fn text(&self, _: &Terminal) -> String {
        String::new()
    }

    fn json(&self) -> Value {
        Value::Null
    }

    fn line(&self) -> String {
        String::new()
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<ReconciledAnswer<'_>>("sessions reconcile"),
        whole::<DriftShape<'_>>("sessions reconcile drift"),
    ]
}
