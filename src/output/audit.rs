//! The answer of `audit`: what agents did, and how much of it their claims covered.
//!
//! Owns its words and its JSON. Never counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes::{self, At, Event};
use super::style::{BOLD, WARN, more};
use super::table::Table;
use super::when::When;
use crate::app::hooks::audit::{Audit, Count};
use crate::model::text;

/// The most bypasses that are shown to people.
const BYPASSES_MAX: usize = 50;

/// What `audit` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AuditAnswer<'a> {
    /// the value of `--since`
    since: Option<At>,
    #[serde(flatten)]
    all: Counts,
    /// edits of files that another session claimed; not counted in `commands`
    edits: usize,
    /// commands and edits that were denied because of `presence.enforce`
    denied: usize,
    /// commands and edits that were put to the user because of `presence.enforce`
    asked: usize,
    /// the same three numbers for each session
    by_session: Vec<OfSession<'a>>,
    /// the same three numbers for each tool
    by_tool: Vec<OfTool<'a>>,
    /// bypasses, as in `log`
    bypasses: Vec<Event<'a>>,
}

/// How many commands were seen.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Counts {
    /// commands that ran and change something
    commands: usize,
    /// those whose session claimed what they change
    covered: usize,
    /// those that change what another session claimed
    contested: usize,
}

/// How many commands of a session were seen.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OfSession<'a> {
    /// which session
    session_id: &'a str,
    #[serde(flatten)]
    counts: Counts,
}

/// How many commands of a tool were seen.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OfTool<'a> {
    /// which tool: `kubectl`
    tool: &'a str,
    #[serde(flatten)]
    counts: Counts,
}

impl From<&Count> for Counts {
    fn from(count: &Count) -> Self {
        Self {
            commands: count.commands,
            covered: count.covered,
            contested: count.contested,
        }
    }
}

impl Present for Audit {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        if let Some(since) = self.since {
            let _ = writeln!(out, "Since {}", when.both(since));
        }
        if let Some(percent) = self.all.covered_percent() {
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#}, {} covered by a claim ({percent} %), {} on what another session \
                 claimed",
                commands(self.all.commands),
                self.all.covered,
                self.all.contested
            );
            out.push_str(&counts("SESSION", &self.by_session, terminal.width));
            out.push_str(&counts("TOOL", &self.by_tool, terminal.width));
        } else {
            out.push_str("No commands that change something were seen.\n");
        }
        rest(&mut out, self, &when);
        out
    }

    fn json(&self) -> Value {
        let sessions = self.by_session.iter().map(|(id, count)| OfSession {
            session_id: id,
            counts: count.into(),
        });
        let tools = self.by_tool.iter().map(|(tool, count)| OfTool {
            tool,
            counts: count.into(),
        });
        shapes::value(&AuditAnswer {
            since: self.since.map(At),
            all: (&self.all).into(),
            edits: self.edits,
            denied: self.denied,
            asked: self.asked,
            by_session: sessions.collect(),
            by_tool: tools.collect(),
            bypasses: self.bypasses.iter().map(Event::of).collect(),
        })
    }
}

fn commands(count: usize) -> String {
    match count {
        1 => "1 command that changes something".to_owned(),
        count => format!("{count} commands that change something"),
    }
}

/// Adds the lines below the tables: edits, what was denied, bypasses.
fn rest(out: &mut String, r: &Audit, when: &When) {
    if r.edits > 0 {
        let edits = match r.edits {
            1 => "1 edit of a file".to_owned(),
            edits => format!("{edits} edits of files"),
        };
        let _ = writeln!(out, "{edits} that another session claimed");
    }
    if r.denied + r.asked > 0 {
        let _ = writeln!(
            out,
            "{} denied before they ran, {} put to the user",
            r.denied, r.asked
        );
    }
    for entry in r.bypasses.iter().take(BYPASSES_MAX) {
        let _ = write!(
            out,
            "{WARN}bypass{WARN:#} {}  {}",
            when.both(entry.at),
            entry.event.session
        );
        if let Some(purpose) = entry.event.kind.details().purpose {
            let _ = write!(out, ": {purpose}");
        }
        out.push('\n');
    }
    more(out, r.bypasses.len(), BYPASSES_MAX);
}

fn counts(name: &str, counts: &BTreeMap<String, Count>, width: usize) -> String {
    let header = [name, "COMMANDS", "COVERED", "CONTESTED"];
    let mut table = Table::new(&header);
    for (name, count) in counts {
        let percent = count.covered_percent().unwrap_or_default();
        table.cell(text::name(name));
        table.cell(count.commands);
        table.cell(format_args!("{} ({percent} %)", count.covered));
        table.cell(count.contested);
    }
    table.render(width)
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::{fields, schema, whole};
    let counts = schema::<Counts>();
    vec![
        whole::<AuditAnswer<'_>>("audit"),
        (
            "audit by_session",
            fields(&schema::<OfSession<'_>>(), &[&counts]),
        ),
        ("audit by_tool", fields(&schema::<OfTool<'_>>(), &[&counts])),
    ]
}
