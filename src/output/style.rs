//! Text style: colours, and how text of others is shown.
//!
//! Owns what every family of answers shares. Never knows a report.

use anstyle::{AnsiColor, Style};

use crate::model::resource::Resource;
use crate::model::text::is_unsafe;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Returns a line about something that went wrong and did not stop the verb.
pub(super) fn warning(warning: &str) -> String {
    format!("{WARN}warning:{WARN:#} {}\n", clean(warning))
}

/// Returns a line that is said while a verb works, or beside its answer.
pub(super) fn notice(line: &str) -> String {
    format!("{WARN}git presence:{WARN:#} {}\n", clean(line))
}

/// Names of files, refs and directories, and what a user typed, are shown back and may hold
/// anything; line ends are ours.
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

pub(super) fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

pub(super) fn join(resources: &[Resource]) -> String {
    let labels: Vec<&str> = resources.iter().map(Resource::label).collect();
    labels.join(", ")
}
