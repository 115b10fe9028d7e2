//! The answer of `install` and `uninstall` for an agent: what became of its settings.
//!
//! Owns its words and its JSON, and how a change of a file is shown. Never changes one.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::{BOLD, DIM, GOOD, WARN, clean};
use crate::app::setup::agent_hooks::{What, Wired, Wiring};
use crate::integrations::harness::line_diff::Change;

/// Lines around a change that are shown with it.
const AROUND: usize = 2;

/// What `install` and `uninstall` of an agent answer to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AgentHooksAnswer<'a> {
    /// its name
    agent: &'static str,
    /// what became of each file
    files: Vec<ChangedFile<'a>>,
    /// what to do next
    hints: &'a [String],
}

/// A file of settings or of instructions.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ChangedFile<'a> {
    /// its path
    file: String,
    /// `unchanged`, `changed`, `made` or `removed`
    what: &'static str,
    /// lines that were added
    added: Vec<&'a str>,
    /// lines that were removed
    removed: Vec<&'a str>,
}

impl Present for Wiring {
    fn text(&self, _: &Terminal) -> String {
        let mut out = String::new();
        for file in &self.files {
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#} {}",
                word(file.what),
                clean(&file.file.display().to_string())
            );
            if file.what != What::Removed {
                changes(&mut out, file);
            }
        }
        for hint in &self.hints {
            let _ = writeln!(out, "{DIM}hint:{DIM:#} {hint}");
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&AgentHooksAnswer {
            agent: self.agent,
            files: self.files.iter().map(changed_file).collect(),
            hints: &self.hints,
        })
    }
}

fn changed_file(file: &Wired) -> ChangedFile<'_> {
    let of = |wanted: Change| {
        let lines = file.lines.iter().filter(|(change, _)| *change == wanted);
        lines.map(|(_, line)| line.as_str()).collect()
    };
    ChangedFile {
        file: file.file.display().to_string(),
        what: match file.what {
            What::Unchanged => "unchanged",
            What::Changed => "changed",
            What::Made => "made",
            What::Removed => "removed",
        },
        added: of(Change::Added),
        removed: of(Change::Removed),
    }
}

const fn word(what: What) -> &'static str {
    match what {
        What::Unchanged => "Unchanged:",
        What::Changed => "Changed",
        What::Made => "Created",
        What::Removed => "Removed",
    }
}

fn changes(out: &mut String, file: &Wired) {
    let lines = &file.lines;
    let is_near = |at: usize| {
        let near = &lines[at.saturating_sub(AROUND)..lines.len().min(at + AROUND + 1)];
        near.iter().any(|(change, _)| *change != Change::Same)
    };
    let mut skipped = false;
    for (at, (change, line)) in lines.iter().enumerate() {
        if !is_near(at) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            let _ = writeln!(out, "{DIM}  ...{DIM:#}");
        }
        let line = clean(line);
        let _ = match change {
            Change::Same => writeln!(out, "  {line}"),
            Change::Added => writeln!(out, "{GOOD}+ {line}{GOOD:#}"),
            Change::Removed => writeln!(out, "{WARN}- {line}{WARN:#}"),
        };
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<AgentHooksAnswer<'_>>("install agent"),
        whole::<ChangedFile<'_>>("install files"),
    ]
}
