//! The answer of `guard`: the verdict on a command line.
//!
//! Owns its words and its JSON. Never judges.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes::{self, labels};
use super::style::{BOLD, DIM, GOOD, WARN, clean, join};
use crate::app::hooks::explain::Explained;
use crate::guard::{Class, Part, RuleName};
use crate::model::text::harmless;

/// The longest command that is shown.
const COMMAND_BYTES_MAX: usize = 200;

/// What `guard explain` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct VerdictAnswer<'a> {
    /// `mutating`, `unknown`, `dry_run`, `reading` or `unmatched`: the first of these that one of
    /// its parts has
    class: &'static str,
    /// one for each command, in the order of the line
    parts: Vec<Command<'a>>,
}

/// One command of a line, and what it does.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Command<'a> {
    /// its words
    command: &'a str,
    /// the program
    program: &'a str,
    /// as above
    class: &'static str,
    /// whether what it changes is of this machine alone
    local: bool,
    /// labels of what the command changes
    resources: Vec<&'a str>,
    /// labels of what encloses that
    within: Vec<&'a str>,
    /// why there may be more
    unnamed: &'a [String],
    /// why it is judged so, for people
    why: &'a str,
    /// the rule that applies; null if none does
    rule: Option<Rule<'a>>,
    /// the programs that start it
    through: &'a [String],
    /// whether it runs under `git presence run`
    covered: bool,
}

/// A rule about programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Rule<'a> {
    /// the rule as it is written
    text: &'a str,
    /// false for a rule of `presence.guard`
    shipped: bool,
}

impl Present for Explained {
    fn text(&self, _: &Terminal) -> String {
        if self.verdict.parts.is_empty() {
            return "There is no command in the line.\n".to_owned();
        }
        self.verdict.parts.iter().map(part).collect()
    }

    fn json(&self) -> Value {
        shapes::value(&VerdictAnswer {
            class: self.verdict.class().as_str(),
            parts: self.verdict.parts.iter().map(command).collect(),
        })
    }
}

fn command(part: &Part) -> Command<'_> {
    let rule = part.rule.as_ref().map(|rule| Rule {
        text: &rule.text,
        shipped: rule.shipped,
    });
    Command {
        command: &part.command,
        program: &part.program,
        class: part.class.as_str(),
        local: part.is_local,
        resources: labels(&part.resources),
        within: labels(&part.within),
        unnamed: &part.unnamed,
        why: &part.why,
        rule,
        through: &part.through,
        covered: part.covered,
    }
}

fn part(part: &Part) -> String {
    let mut out = String::new();
    let command = harmless(&part.command, COMMAND_BYTES_MAX);
    let style = style(&part.class);
    let class = spoken(&part.class);
    let covered = if part.covered {
        ", under its own claim"
    } else {
        ""
    };
    let local = if part.is_local {
        ", this machine alone"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "{BOLD}{command}{BOLD:#}: {style}{class}{style:#}{local}{covered}"
    );
    let mut line = |name: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "  {DIM}{name:<8}{DIM:#} {}", clean(text));
        }
    };
    line("touches", &join(&part.resources));
    line("within", &join(&part.within));
    line("more", &part.unnamed.join("; "));
    line("why", &part.why);
    line("through", &part.through.join(", "));
    if let Some(rule) = &part.rule {
        line("rule", &rule_line(rule));
    }
    out
}

/// Returns a rule and where it comes from.
fn rule_line(rule: &RuleName) -> String {
    let origin = if rule.shipped {
        "shipped"
    } else {
        "presence.guard"
    };
    format!("{} ({origin})", rule.text)
}

const fn style(class: &Class) -> Style {
    match class {
        Class::Mutating | Class::Unknown(_) => WARN,
        Class::DryRun | Class::Reading => GOOD,
        Class::Unmatched => DIM,
    }
}

const fn spoken(class: &Class) -> &'static str {
    match class {
        Class::Mutating => "mutating",
        Class::Unknown(_) => "unknown",
        Class::DryRun => "dry run",
        Class::Reading => "reading",
        Class::Unmatched => "no rule knows it",
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<VerdictAnswer<'_>>("guard"),
        whole::<Command<'_>>("guard parts"),
        whole::<Rule<'_>>("guard rule"),
    ]
}
