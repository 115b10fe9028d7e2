//! The answer of `guard learn`: commands that the rules should know.
//!
//! Owns its words and its JSON. Never proposes a rule.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::{DIM, clean, plural};
use super::table::Table;
use crate::app::hooks::learn::{Learned, Lesson};
use crate::guard::shell::quote;

/// What `guard learn` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LearnedAnswer<'a> {
    /// the ten most frequent commands, the most frequent first
    most: Vec<LessonRow<'a>>,
    /// how many others there are
    more: usize,
}

/// A command of which the rules could not tell what it changes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LessonRow<'a> {
    /// the program
    program: &'a str,
    /// its first verb; empty if it has none
    verb: &'a str,
    /// how often it was not certain whether it changes anything
    unknown: usize,
    /// how often no rule knew it
    unmatched: usize,
    /// a rule for `presence.guard`, to accept or to change
    rule: &'a str,
}

impl Present for Learned {
    fn text(&self, terminal: &Terminal) -> String {
        if self.most.is_empty() {
            return "The rules know all commands that the hooks of this clone saw.\n".to_owned();
        }
        let mut table = Table::new(&["COMMAND", "UNKNOWN", "NO RULE"]);
        for one in &self.most {
            table.cell(clean(format!("{} {}", one.program, one.verb).trim_end()));
            table.cell(one.unknown);
            table.cell(one.unmatched);
        }
        let mut out = table.render(terminal.width);
        if self.more > 0 {
            let _ = writeln!(
                out,
                "{DIM}and {}{DIM:#}",
                plural(self.more, "other command")
            );
        }
        out.push_str("To accept a rule, or to change its class first:\n");
        for one in &self.most {
            let rule = quote(&one.rule);
            let _ = writeln!(out, "  git config --add presence.guard {}", clean(&rule));
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&LearnedAnswer {
            most: self.most.iter().map(row).collect(),
            more: self.more,
        })
    }
}

fn row(one: &Lesson) -> LessonRow<'_> {
    LessonRow {
        program: &one.program,
        verb: &one.verb,
        unknown: one.unknown,
        unmatched: one.unmatched,
        rule: &one.rule,
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<LearnedAnswer<'_>>("guard learn"),
        whole::<LessonRow<'_>>("guard learn most"),
    ]
}
