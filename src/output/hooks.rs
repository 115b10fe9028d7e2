//! The answers of hooks: those of Git, and those of agents.
//!
//! Owns the words and the JSON of `hook`; without conflicts a hook prints nothing. Never decides
//! which claims conflict.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::holding::particulars;
use super::present::{Present, Terminal};
use super::shapes::{self, Claim};
use super::style::{BOLD, WARN, more, notice};
use crate::app::hooks::agent::Told;
use crate::app::hooks::hooked::Hooked;
use crate::integrations::git_hooks::affected_claims::AffectedClaim;
use crate::model::claim::Mode;
use crate::model::text::{Purpose, list, name};

/// The most claims of others that are shown to people.
const OTHERS_MAX: usize = 20;

/// What a hook of Git answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct HookAnswer<'a> {
    /// its name
    hook: &'static str,
    /// the conflicting claims of other sessions
    others: Vec<ConflictingClaim<'a>>,
    /// the reason for going on anyway, or null
    bypassed: Option<&'a str>,
    /// what could not be checked, for people
    warnings: &'a [String],
}

/// A claim of another session that a hook met, without `is_me`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ConflictingClaim<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// up to three files that the push changes; empty for a branch
    files: &'a [String],
    /// how many more there are
    more_files: usize,
}

impl Present for Hooked {
    fn text(&self, _: &Terminal) -> String {
        String::new()
    }

    fn json(&self) -> Value {
        shapes::value(&HookAnswer {
            hook: self.hook,
            others: self.others.iter().map(conflicting).collect(),
            bypassed: self.bypassed.as_ref().map(Purpose::as_str),
            warnings: &self.warnings,
        })
    }

    /// Returns the conflicting claims: Git shows the user what its hooks write to stderr.
    fn notices(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        for touched in self.others.iter().take(OTHERS_MAX) {
            let h = &touched.holding;
            let held = match h.mode {
                Mode::Exclusive => "HELD EXCLUSIVELY BY",
                Mode::Frozen => "FROZEN BY",
                Mode::Shared | Mode::Waiting => "ALSO CLAIMED BY",
            };
            let files = match (touched.files.as_slice(), touched.more) {
                ([], _) => String::new(),
                (files, 0) => format!(" ({})", list(files.iter().map(|file| name(file)))),
                (files, more) => {
                    let files = list(files.iter().map(|file| name(file)));
                    format!(" ({files} and {more} more)")
                }
            };
            let _ = writeln!(
                out,
                "{WARN}{held}{WARN:#} {}: {BOLD}{}{BOLD:#}{files}",
                h.holder(),
                h.resource
            );
            particulars(&mut out, h, &when);
        }
        more(&mut out, self.others.len(), OTHERS_MAX);
        for held in self.mine.iter().take(OTHERS_MAX) {
            let how = match held.token {
                Some(_) => "you alone have it",
                None => "you claim it, and no other session does",
            };
            let until = when.both(held.expires_at);
            out.push_str(&notice(&format!(
                "go on with {}: {how}, until {until}",
                held.resource
            )));
        }
        if let Some(reason) = &self.bypassed {
            out.push_str(&notice(&format!("going on anyway: {reason}")));
        }
        out
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

fn conflicting(touched: &AffectedClaim) -> ConflictingClaim<'_> {
    ConflictingClaim {
        claim: Claim::of(&touched.holding),
        files: &touched.files,
        more_files: touched.more,
    }
}

/// The answer is what a harness reads, and so the same in every format.
impl Present for Told {
    fn text(&self, _: &Terminal) -> String {
        self.answer.clone()
    }

    /// Returns what the harness reads; a string where that is no JSON.
    fn json(&self) -> Value {
        let text = || Value::from(self.answer.as_str());
        serde_json::from_str(&self.answer).unwrap_or_else(|_| text())
    }

    fn line(&self) -> String {
        self.answer.clone()
    }

    fn written(&self) {
        self.is_written();
    }

    /// Returns true: an agent is not stopped because the hook could not inform it.
    fn is_optional(&self) -> bool {
        true
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::{fields, schema, whole};
    vec![
        whole::<HookAnswer<'_>>("hook"),
        (
            "hook others",
            fields(&schema::<ConflictingClaim<'_>>(), &[&schema::<Claim<'_>>()]),
        ),
    ]
}
