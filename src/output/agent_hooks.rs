//! What was written into the settings of an agent's harness.
//!
//! Owns the words, and how a change of a file is shown. Never changes one.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::style::{BOLD, DIM, GOOD, WARN, clean};
use crate::app::setup::agent_hooks::{What, Wired, Wiring};
use crate::integrations::harness::changed::Change;

/// Lines around a change that are shown with it.
const AROUND: usize = 2;

pub fn wiring(r: &Wiring) -> String {
    let mut out = String::new();
    for file in &r.files {
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
    for hint in &r.hints {
        let _ = writeln!(out, "{DIM}hint:{DIM:#} {hint}");
    }
    out
}

const fn word(what: What) -> &'static str {
    match what {
        What::Unchanged => "Nothing to do in",
        What::Changed => "Changed",
        What::Made => "Made",
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

pub fn wiring_json(r: &Wiring) -> Value {
    let one = |file: &Wired| {
        let of = |wanted: Change| -> Value {
            let lines = file.lines.iter().filter(|(change, _)| *change == wanted);
            lines.map(|(_, line)| line.as_str()).collect()
        };
        json!({
            "file": file.file.display().to_string(),
            "what": match file.what {
                What::Unchanged => "unchanged",
                What::Changed => "changed",
                What::Made => "made",
                What::Removed => "removed",
            },
            "added": of(Change::Added),
            "removed": of(Change::Removed),
        })
    };
    json!({
        "agent": r.agent,
        "files": r.files.iter().map(one).collect::<Value>(),
        "hints": r.hints,
    })
}
