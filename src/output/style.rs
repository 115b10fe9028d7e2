//! Text style: colours, and how text of others is shown.
//!
//! Owns what every family of answers shares. Never knows a report.

use anstyle::{AnsiColor, Style};

use crate::model::resource::Resource;
use crate::model::text::is_unsafe;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub const BAD: Style = AnsiColor::Red.on_default().bold();

pub fn told(line: &str) -> String {
    format!("{WARN}git presence:{WARN:#} {}\n", clean(line))
}

/// Names of files, refs and directories, and what a user typed, are shown back and may hold
/// anything; line ends are ours.
pub fn clean(text: &str) -> String {
    let harmless = |c: char| {
        if c != '\n' && is_unsafe(c) {
            '\u{FFFD}'
        } else {
            c
        }
    };
    text.chars().map(harmless).collect()
}

pub fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

pub fn join(resources: &[Resource]) -> String {
    let labels: Vec<&str> = resources.iter().map(Resource::label).collect();
    labels.join(", ")
}
