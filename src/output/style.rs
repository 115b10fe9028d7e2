//! Text style: colours, and text of others made safe to show.
//!
//! Owns what the answers of all areas share. Colour marks a word, and never carries meaning alone.
//! Never knows a report.

use anstyle::{AnsiColor, Style};

use crate::model::resource::Resource;
use crate::model::text::is_unsafe;

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

/// Returns `text` with unsafe characters replaced, except line ends: names of files, refs and
/// folders, and what a user typed, may hold anything.
pub(super) fn clean(text: &str) -> String {
    let harmless = |c: char| {
        if c != '\n' && is_unsafe(c) {
            '\u{FFFD}'
        } else {
            c
        }
    };
    text.chars().map(harmless).collect()
}

/// Returns `1 claim`, `2 claims`.
pub(super) fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

/// Returns the labels of `resources`, separated by commas.
pub(super) fn join(resources: &[Resource]) -> String {
    let labels: Vec<&str> = resources.iter().map(Resource::label).collect();
    labels.join(", ")
}
