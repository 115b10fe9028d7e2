//! Hooks: what one found, and where they were put.
//!
//! Owns the words of `hook`, `install` and `uninstall`, and of `doctor` about hooks, for people and
//! for programs. A hook that has nothing to report prints nothing. Never decides what conflicts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::claims;
use super::shapes::holding;
use super::style::{BOLD, DIM, GOOD, WARN, clean, told};
use crate::app::Report;
use crate::app::hooks::bypass::Hooked;
use crate::app::setup::git_hooks::{Installed, Placed, Uninstalled, What};
use crate::app::setup::hook_state::{Row, State};
use crate::model::claim::Mode;
use crate::model::text::Purpose;

/// The longest of them: `copilot project`.
const NAME_CHARS: usize = 15;

/// What a hook tells whoever waits for it, on stderr: Git shows it as it is.
pub fn story(report: &Report) -> String {
    let Report::Hooked(r) = report else {
        return String::new();
    };
    let mut out = String::new();
    for touched in &r.others {
        let h = &touched.holding;
        let held = match h.mode {
            Mode::Exclusive => "HELD ALONE BY",
            Mode::Shared | Mode::Waiting => "ALSO CLAIMED BY",
        };
        let files = match (touched.files.as_slice(), touched.more) {
            ([], _) => String::new(),
            (files, 0) => format!(" ({})", clean(&files.join(", "))),
            (files, more) => format!(" ({} and {more} more)", clean(&files.join(", "))),
        };
        let _ = writeln!(
            out,
            "{WARN}{held}{WARN:#} {}: {BOLD}{}{BOLD:#}{files}",
            h.session, h.resource
        );
        claims::details(&mut out, h, r.now);
    }
    if let Some(reason) = &r.bypassed {
        out.push_str(&told(&format!(
            "it goes on all the same: {}",
            reason.as_str()
        )));
    }
    out
}

pub fn hooked(r: &Hooked) -> Value {
    let others = r.others.iter().map(|touched| {
        let mut value = holding(&touched.holding, None);
        value["files"] = touched.files.clone().into();
        value["more_files"] = touched.more.into();
        value
    });
    json!({
        "hook": r.hook,
        "others": others.collect::<Vec<_>>(),
        "bypassed": r.bypassed.as_ref().map(Purpose::as_str),
        "warnings": r.warnings,
    })
}

pub fn placed(placed: &[Placed]) -> Value {
    let one = |placed: &Placed| {
        json!({
            "hook": placed.hook,
            "path": placed.place.display().to_string(),
            "what": word(placed.what),
        })
    };
    json!({ "hooks": placed.iter().map(one).collect::<Vec<_>>() })
}

fn word(what: What) -> &'static str {
    match what {
        What::Present => "present",
        What::Added => "added",
        What::Made => "made",
        What::KeptBeside => "kept_beside",
        What::Removed => "removed",
        What::PutBack => "put_back",
    }
}

fn line(placed: &Placed) -> String {
    let said = match placed.what {
        What::Present => "is there already, in",
        What::Added => "was added to",
        What::Made => "is in",
        What::KeptBeside => "runs before the hook that was there, in",
        What::Removed => "was taken out of",
        What::PutBack => "gave its place back to the hook that was there, in",
    };
    let place = placed.place.display().to_string();
    format!("{GOOD}{}{GOOD:#} {said} {}\n", placed.hook, clean(&place))
}

pub fn installed(r: &Installed) -> String {
    let mut out: String = r.placed.iter().map(line).collect();
    out.push_str("git presence uninstall takes it back.\n");
    out
}

pub fn uninstalled(r: &Uninstalled) -> String {
    match r.placed.as_slice() {
        [] => "No hook of git presence is here.\n".to_owned(),
        placed => placed.iter().map(line).collect(),
    }
}

/// Which hooks are in place, a line for each; harnesses of which nothing is there have one
/// together.
pub fn rows(rows: &[Row]) -> String {
    let is_there = |who: &str| {
        let mut all = rows.iter().filter(|row| row.who == who);
        all.any(|row| row.state != State::NotInstalled || row.why.is_some())
    };
    let mut out = String::new();
    let mut absent: Vec<&str> = Vec::new();
    for row in rows {
        if row.hook.is_some() || is_there(row.who) {
            out.push_str(&of_row(row));
        } else if !absent.contains(&row.who) {
            absent.push(row.who);
        }
    }
    if !absent.is_empty() {
        let _ = writeln!(
            out,
            "  {:<NAME_CHARS$} not installed: {}{DIM}; git presence install <agent>{DIM:#}",
            "agents",
            absent.join(", ")
        );
    }
    match out.is_empty() {
        true => out,
        false => format!("Hooks:\n{out}"),
    }
}

fn of_row(row: &Row) -> String {
    let of = row.hook.unwrap_or_else(|| row.scope.as_str());
    let name = format!("{} {of}", row.who);
    let place = clean(&row.place.display().to_string());
    let said = match row.state {
        State::Installed => format!("{GOOD}in place{GOOD:#}: {place}"),
        State::NotRun => format!("{WARN}not run{WARN:#}: {place}"),
        State::Partial => format!("{WARN}in part{WARN:#}: {place}"),
        State::Unreadable => format!("{WARN}not understood{WARN:#}: {place}"),
        State::NotInstalled => "not installed".to_owned(),
    };
    // Where nothing runs that should, a problem of its own says why.
    let more = row.why.iter().chain(&row.advice);
    let more = more.filter(|_| row.state != State::NotRun);
    let more: Vec<&str> = more.map(String::as_str).collect();
    let more = match more.as_slice() {
        [] => String::new(),
        more => format!("{DIM}; {}{DIM:#}", clean(&more.join("; "))),
    };
    format!("  {name:<NAME_CHARS$} {said}{more}\n")
}

pub fn rows_json(rows: &[Row]) -> Value {
    let one = |row: &Row| {
        json!({
            "who": row.who,
            "hook": row.hook,
            "scope": row.scope.as_str(),
            "state": match row.state {
                State::Installed => "installed",
                State::Partial => "partial",
                State::NotInstalled => "not_installed",
                State::NotRun => "not_run",
                State::Unreadable => "unreadable",
            },
            "path": row.place.display().to_string(),
            "why": row.why,
            "advice": row.advice,
        })
    };
    rows.iter().map(one).collect()
}
