//! Text style: colours, and text of others made safe to show.
//!
//! Owns what the answers of all areas share. Colour marks a word, and never carries meaning alone.
//! Never knows a report.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::model::resource::Resource;
use crate::model::text::{harmless_lines, list, without_codes};

/// What the reader looks for: a resource, a session.
pub(super) const BOLD: Style = Style::new().bold();
/// What matters less.
pub(super) const DIM: Style = Style::new().dimmed();
/// What was done.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// What needs attention.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// What failed.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Returns a line about something that went wrong and did not stop the verb.
pub(super) fn warning(warning: &str) -> String {
    format!("{WARN}warning:{WARN:#} {}\n", clean(warning))
}

/// Returns a line for stderr, while a verb works or beside its answer.
pub(super) fn notice(line: &str) -> String {
    format!("{WARN}git presence:{WARN:#} {}\n", clean(line))
}

/// Returns `text` with what cannot be seen escaped, and its line ends: names of files, refs and
/// folders, and what a user typed, may hold anything. Text of other sessions is quoted before.
pub(super) fn clean(text: &str) -> String {
    harmless_lines(&without_codes(text))
}

/// Returns `1 claim`, `2 claims`.
pub(super) fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

/// Returns the labels of `resources`, separated by commas, and how many more there are.
pub(super) fn join(resources: &[Resource]) -> String {
    list(resources.iter())
}

/// Adds how many of `all` are not shown, where only `shown` are, and the command that shows them.
pub(super) fn more_in(out: &mut String, all: usize, shown: usize, command: &str) {
    if all > shown {
        let _ = writeln!(out, "  and {} more: {command}", all - shown);
    }
}

/// Adds how many of `all` are not shown, where only `shown` are.
pub(super) fn more(out: &mut String, all: usize, shown: usize) {
    if all > shown {
        let _ = writeln!(out, "  and {} more", all - shown);
    }
}
