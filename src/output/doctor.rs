//! The answer of `doctor`: what is wrong here, what was repaired, which hooks are in place.
//!
//! Owns its words and its JSON. Never examines anything.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::{BAD, DIM, GOOD, WARN, clean, plural};
use crate::app::setup::doctor::Diagnosis;
use crate::app::setup::hook_state::{Row, State};
use crate::failure::Kind;
use crate::model::finding::{Finding, Severity};

/// The longest of them: `copilot project`.
const NAME_CHARS: usize = 15;

/// What `doctor` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DoctorAnswer<'a> {
    /// the repository that keeps the board
    ledger: &'a str,
    /// how many sessions are on the board
    sessions: usize,
    /// how many problems remain; the exit code is 1 unless it is 0
    open: usize,
    /// what was found
    findings: Vec<FindingAnswer<'a>>,
    /// what was examined and has no open problem, for people
    passed: &'a [&'static str],
    /// the program that runs
    program: ProgramAnswer<'a>,
    /// which hooks are in place: those of Git first, then the settings of each harness, for the
    /// user and for the project
    hooks: Vec<HookRow<'a>>,
}

/// The program that runs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ProgramAnswer<'a> {
    /// its file; null if the system does not tell
    path: Option<&'a str>,
    /// its version
    version: &'static str,
    /// what installed it, by its path: `cargo`, `npm`, `python`, `homebrew`, `nix`, `system`,
    /// `checkout` or `other`
    from: &'static str,
}

/// One thing that was found.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FindingAnswer<'a> {
    /// `note` or `problem`
    severity: &'static str,
    /// what was found, for people
    what: &'a str,
    /// what a repair does, or what the user can do
    advice: Option<&'a str>,
    /// whether `--repair` repairs it
    repairable: bool,
    /// after `--repair`: what was done
    repaired: Option<&'a str>,
    /// after `--repair`: why it failed
    repair_error: Option<&'a str>,
}

/// A hook, and whether it is in place.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct HookRow<'a> {
    /// `git`, `claude`, `codex`, `gemini`, `cursor` or `copilot`
    who: &'static str,
    /// the hook of Git; null for settings
    hook: Option<&'static str>,
    /// `repository` for hooks of Git, `user` or `project` for settings; a scope that does not
    /// exist (no home directory, no worktree) has no row
    scope: &'static str,
    /// `installed`; `partial`: it calls `git presence`, but not as this version does;
    /// `not_installed`; `not_run`: it exists but does not run; `unheeded`: it runs, and the rest of
    /// a hook of the user goes on whatever it says; these two are also among the `findings`;
    /// `unreadable`: the settings could not be parsed
    state: &'static str,
    /// the file that has it, or would have it
    path: String,
    /// the reason, if there is one to give
    why: Option<&'a str>,
    /// how to install it; null if it is installed
    advice: Option<&'a str>,
}

impl Present for Diagnosis {
    fn text(&self, _: &Terminal) -> String {
        let mut out: String = self.findings.iter().map(found).collect();
        if !self.passed.is_empty() {
            let _ = writeln!(out, "{GOOD}pass:{GOOD:#} {}", self.passed.join(", "));
        }
        out.push_str(&rows(&self.hooks));
        let program = &self.program;
        let path = program
            .path
            .as_deref()
            .unwrap_or("a file that is not known");
        let (version, from) = (program.version, program.origin.phrase());
        let path = clean(path);
        let _ = writeln!(out, "{DIM}program:{DIM:#} {version}, from {from}: {path}");
        let ledger = clean(&self.ledger);
        let _ = match self.open() {
            0 => {
                let sessions = plural(self.sessions, "session");
                let verdict = match self
                    .findings
                    .iter()
                    .filter(|one| one.is_open_note())
                    .count()
                {
                    0 => "Healthy:".to_owned(),
                    notes => format!("No problem, {} to heed:", plural(notes, "note")),
                };
                writeln!(out, "{GOOD}{verdict}{GOOD:#} {sessions} in {ledger}")
            }
            open => writeln!(out, "{} in {ledger}", plural(open, "open problem")),
        };
        let is_repairable = |f: &Finding| f.is_open() && f.repairable;
        if !self.repair && self.findings.iter().any(is_repairable) {
            out.push_str("Repair: git presence doctor --repair\n");
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&DoctorAnswer {
            ledger: &self.ledger,
            sessions: self.sessions,
            open: self.open(),
            findings: self.findings.iter().map(finding).collect(),
            passed: &self.passed,
            program: ProgramAnswer {
                path: self.program.path.as_deref(),
                version: self.program.version,
                from: self.program.origin.as_str(),
            },
            hooks: self.hooks.iter().map(hook_row).collect(),
        })
    }

    fn exit_code(&self) -> u8 {
        if self.open() > 0 {
            Kind::Broken.exit_code()
        } else {
            0
        }
    }
}

fn finding(finding: &Finding) -> FindingAnswer<'_> {
    let (repaired, repair_error) = match &finding.repaired {
        None => (None, None),
        Some(Ok(done)) => (Some(done.as_str()), None),
        Some(Err(error)) => (None, Some(error.as_str())),
    };
    FindingAnswer {
        severity: match finding.severity {
            Severity::Note => "note",
            Severity::Problem => "problem",
        },
        what: &finding.what,
        advice: finding.advice.as_deref(),
        repairable: finding.repairable,
        repaired,
        repair_error,
    }
}

fn hook_row(row: &Row) -> HookRow<'_> {
    HookRow {
        who: row.who,
        hook: row.hook,
        scope: row.scope.as_str(),
        state: match row.state {
            State::Installed => "installed",
            State::Partial => "partial",
            State::NotInstalled => "not_installed",
            State::NotRun => "not_run",
            State::Unheeded => "unheeded",
            State::Unreadable => "unreadable",
        },
        path: row.place.display().to_string(),
        why: row.why.as_deref(),
        advice: row.advice.as_deref(),
    }
}

fn found(finding: &Finding) -> String {
    let mut out = match finding.severity {
        Severity::Note => format!("{DIM}note:{DIM:#} {}\n", clean(&finding.what)),
        Severity::Problem => format!("{BAD}problem:{BAD:#} {}\n", clean(&finding.what)),
    };
    match (&finding.repaired, &finding.advice) {
        (Some(Ok(done)), _) => {
            let _ = writeln!(out, "  {GOOD}repaired:{GOOD:#} {}", clean(done));
        }
        (Some(Err(error)), _) => {
            let _ = writeln!(out, "  {BAD}not repaired:{BAD:#} {}", clean(error));
        }
        (None, Some(advice)) => {
            let _ = writeln!(out, "  {}", clean(advice));
        }
        (None, None) => {}
    }
    out
}

/// Returns a line for each hook; harnesses of which nothing is there have one together.
fn rows(rows: &[Row]) -> String {
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
    let state = match row.state {
        State::Installed => format!("{GOOD}installed{GOOD:#}: {place}"),
        State::NotRun => format!("{WARN}not run{WARN:#}: {place}"),
        State::Unheeded => format!("{WARN}stops nothing{WARN:#}: {place}"),
        State::Partial => format!("{WARN}partly installed{WARN:#}: {place}"),
        State::Unreadable => format!("{WARN}not readable{WARN:#}: {place}"),
        State::NotInstalled => "not installed".to_owned(),
    };
    // For a hook that does nothing, a finding has the reason.
    let is_found = matches!(row.state, State::NotRun | State::Unheeded);
    let more = row.why.iter().chain(&row.advice).filter(|_| !is_found);
    let more: Vec<&str> = more.map(String::as_str).collect();
    let more = match more.as_slice() {
        [] => String::new(),
        more => format!("{DIM}; {}{DIM:#}", clean(&more.join("; "))),
    };
    format!("  {name:<NAME_CHARS$} {state}{more}\n")
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<DoctorAnswer<'_>>("doctor"),
        whole::<ProgramAnswer<'_>>("doctor program"),
        whole::<FindingAnswer<'_>>("doctor findings"),
        whole::<HookRow<'_>>("doctor hooks"),
    ]
}
