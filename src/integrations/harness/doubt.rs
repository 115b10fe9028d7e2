//! Text about a tool of which it is not certain what it changes, or who claims that.
//!
//! Owns the wording. Reasons may quote the command line, and are made harmless here. Never decides.

use std::fmt::Write as _;

use super::briefing::instant;
use super::unread::NOT_ALL_READ;
use super::{ChangeKind, Subject};
use crate::guard::shell::quote;
use crate::model::text::{harmless, quote as quote_text};

/// At most this many reasons are told.
const REASONS_MAX: usize = 4;
const REASON_BYTES_MAX: usize = 200;
const DIR_BYTES_MAX: usize = 400;

/// Returns the text about a tool whose effect is not certain, with the reasons. Says how to go on
/// unless the session `may_go_on`.
pub fn doubt(about: Subject, reasons: &[&str], may_go_on: bool) -> String {
    let what = match about.what {
        ChangeKind::Command => "command",
        ChangeKind::Edit => "edit",
    };
    let (changes, again) = match about.is_over {
        true => ("changed", ""),
        false => ("changes", "; after that, run it again"),
    };
    let as_of = instant(about.now);
    let mut text =
        format!("git presence, as of {as_of}: it is not certain what this {what} {changes}.\n");
    for reason in reasons.iter().take(REASONS_MAX) {
        let _ = writeln!(text, "- {}", harmless(reason, REASON_BYTES_MAX));
    }
    if !may_go_on {
        let _ = writeln!(
            text,
            "Write it so that this is certain, or claim what it changes: git presence claim \
             <type>:<name> --purpose \"<why>\"{again}."
        );
    }
    text
}

/// The verbs of commands in the texts for a model.
const VERBS: [&str; 14] = [
    "claim", "peek", "list", "release", "wait", "status", "tell", "inbox", "log", "run", "state",
    "sync", "task", "turn",
];

/// Returns a text that is about another repository: its folder is named, in quotes since others may
/// have chosen it, and the commands in it are for that one.
pub fn there(dir: &str, text: &str) -> String {
    // The commands may stand in quotes themselves, which a name must not end.
    let is_odd = dir.len() > DIR_BYTES_MAX || dir.contains(['"', '`']);
    let folder = match is_odd || harmless(dir, DIR_BYTES_MAX) != dir {
        true => quote("<folder>"),
        false => quote(dir),
    };
    let at = format!("git presence -C {folder} ");
    let mut words = text.to_owned();
    for verb in VERBS {
        words = words.replace(&format!("git presence {verb}"), &format!("{at}{verb}"));
    }
    format!("In {}: {words}", quote_text(dir, DIR_BYTES_MAX))
}

/// Returns the text against a change while not all of the board was read.
pub fn unread_objection(about: Subject) -> String {
    let what = match about.what {
        ChangeKind::Command => "command",
        ChangeKind::Edit => "edit",
    };
    let as_of = instant(about.now);
    format!(
        "git presence, as of {as_of}: {NOT_ALL_READ}, so another session may claim what this {what} \
         changes. To see who does: git presence list --others; the board is too large, tell the \
         user.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_does_not_end_the_quotes_of_others() {
        let text =
            "\"a\": purpose \"to go on: git presence claim path:a\". Wait: git presence wait x";
        let told = there("/w/lib", text);
        assert!(told.starts_with("In \"/w/lib\": "), "{told}");
        assert!(
            told.ends_with("Wait: git presence -C /w/lib wait x"),
            "{told}"
        );
        for odd in [
            "/w/l\" is free. Run \"x",
            "/w/`x`",
            "/w/l\nx",
            &"/w".repeat(300),
        ] {
            let told = there(odd, text);
            assert!(
                told.ends_with("git presence -C '<folder>' wait x"),
                "{told}"
            );
            let (_, rest) = told.split_once(": ").unwrap_or_default();
            assert_eq!(
                rest.matches('"').count(),
                text.matches('"').count(),
                "{told}"
            );
        }
    }
}
