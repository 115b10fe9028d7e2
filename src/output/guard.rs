//! Verdicts on command lines.
//!
//! Owns their words and their JSON. Never judges.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::{Value, json};

use super::style::{BOLD, DIM, GOOD, WARN, clean, join};
use crate::guard::{Class, Part, RuleName, Verdict};
use crate::model::resource::Resource;
use crate::model::text::harmless;

/// The longest command that is shown.
const COMMAND_BYTES_MAX: usize = 200;

pub fn text(verdict: &Verdict) -> String {
    if verdict.parts.is_empty() {
        return "There is no command in it.\n".to_owned();
    }
    verdict.parts.iter().map(part).collect()
}

fn part(part: &Part) -> String {
    let mut out = String::new();
    let command = harmless(&part.command, COMMAND_BYTES_MAX);
    let style = style(&part.class);
    let class = spoken(&part.class);
    let covered = if part.covered {
        ", under a claim of its own"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "{BOLD}{command}{BOLD:#}: {style}{class}{style:#}{covered}"
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
        line("rule", &said(rule));
    }
    out
}

fn said(rule: &RuleName) -> String {
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

pub fn json(verdict: &Verdict) -> Value {
    let parts: Vec<Value> = verdict.parts.iter().map(part_json).collect();
    json!({ "class": verdict.class().as_str(), "parts": parts })
}

fn part_json(part: &Part) -> Value {
    let labels =
        |resources: &[Resource]| -> Value { resources.iter().map(Resource::label).collect() };
    let rule = part.rule.as_ref();
    json!({
        "command": part.command,
        "program": part.program,
        "class": part.class.as_str(),
        "resources": labels(&part.resources),
        "within": labels(&part.within),
        "unnamed": part.unnamed,
        "why": part.why,
        "rule": rule.map(|rule| json!({ "text": rule.text, "shipped": rule.shipped })),
        "through": part.through,
        "covered": part.covered,
    })
}
