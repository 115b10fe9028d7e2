//! The answer of `audit`: what agents did, and how much of it their claims covered.
//!
//! Owns its words and its JSON. Never counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes::{self, At, Event};
use super::style::{BOLD, WARN, more, plural};
use super::table::Table;
use super::when::When;
use crate::app::hooks::audit::{Audit, Count, Unseen};
use crate::model::text;

/// The most bypasses that are shown to people.
const BYPASSES_MAX: usize = 50;
/// The most programs that are named of which the rules cannot tell what they change.
const UNSEEN_MAX: usize = 12;

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
    /// commands of which it is not certain whether they change anything; not counted in `commands`
    unknown: usize,
    /// commands that no rule knows; not counted in `commands`
    unmatched: usize,
    /// the same two numbers for each program
    unseen_by_tool: Vec<OfUnseen<'a>>,
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

/// How many commands of a program were seen of which the rules cannot tell what they change.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OfUnseen<'a> {
    /// which program, without arguments; empty where that is not certain
    tool: &'a str,
    /// those of which it is not certain whether they change anything
    unknown: usize,
    /// those that no rule knows
    unmatched: usize,
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
        let unseen = self.unseen.iter().map(|(tool, unseen)| OfUnseen {
            tool,
            unknown: unseen.unknown,
            unmatched: unseen.unmatched,
        });
        shapes::value(&AuditAnswer {
            since: self.since.map(At),
            all: (&self.all).into(),
            edits: self.edits,
            denied: self.denied,
            asked: self.asked,
            by_session: sessions.collect(),
            by_tool: tools.collect(),
            unknown: self.all_unseen().unknown,
            unmatched: self.all_unseen().unmatched,
            unseen_by_tool: unseen.collect(),
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
    let all = r.all_unseen();
    for (count, of, what) in [
        (
            all.unknown,
            of_unseen(&r.unseen, |one| one.unknown),
            "of which it is not certain whether they change anything",
        ),
        (
            all.unmatched,
            of_unseen(&r.unseen, |one| one.unmatched),
            "that no rule knows",
        ),
    ] {
        if count > 0 {
            let _ = writeln!(out, "{} {what}: {of}", plural(count, "command"));
        }
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

impl Audit {
    /// Returns how many commands were seen in all of which the rules cannot tell what they change.
    fn all_unseen(&self) -> Unseen {
        let mut all = Unseen::default();
        self.unseen.values().for_each(|one| all.add(*one));
        all
    }
}

/// Returns the programs with the most commands of a kind.
fn of_unseen(unseen: &BTreeMap<String, Unseen>, of: impl Fn(&Unseen) -> usize) -> String {
    let mut most: Vec<(usize, &str)> = unseen
        .iter()
        .map(|(program, one)| (of(one), program.as_str()))
        .filter(|(count, _)| *count > 0)
        .collect();
    most.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let named = most.iter().take(UNSEEN_MAX).map(|(count, program)| {
        let program = match program.is_empty() {
            true => "(no program is certain)".to_owned(),
            false => text::name(program).to_string(),
        };
        format!("{program} {count}")
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    if most.len() > UNSEEN_MAX {
        let _ = write!(text, " and {} more", most.len() - UNSEEN_MAX);
    }
    text
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
        (
            "audit unseen_by_tool",
            fields(&schema::<OfUnseen<'_>>(), &[]),
        ),
    ]
}
