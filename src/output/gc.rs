//! The answer of `gc`.
//!
//! Owns its words and its JSON. Never folds anything.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::{clean, plural};
use crate::app::gc::Swept;

/// What `gc` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Gc<'a> {
    /// true if nothing was done: the numbers say what would be
    dry_run: bool,
    /// how many sessions the board had
    sessions: usize,
    /// how many sessions left the board
    folded: usize,
    /// the remote that was asked; null where there is none, or where it could not be asked
    remote: Option<&'a str>,
    /// how many session refs were removed at the remote
    removed_at_remote: usize,
    /// how many lock registers were removed that were free for long
    registers: usize,
    /// of how many lock registers the history was cut
    registers_cut: usize,
    /// how many archives were removed because of their age
    archives_dropped: usize,
    /// how many cursors of `log` were removed that no reader used for 30 days
    cursors_dropped: usize,
    /// how many sessions are over and still on the board
    left: usize,
}

/// Returns the table of `docs/json.md` that shows this answer.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    vec![super::tests::whole::<Gc<'_>>("gc")]
}

impl Present for Swept {
    fn text(&self, _: &Terminal) -> String {
        if self.in_background {
            return String::new();
        }
        let mut out = String::new();
        let (fold, remove, cut) = match self.dry_run {
            true => ("Would fold", "Would remove", "Would cut"),
            false => ("Folded", "Removed", "Cut"),
        };
        let sessions = plural(self.sessions, "session");
        let _ = write!(out, "{fold} {} of {sessions}", self.folded);
        if let (Some(remote), true) = (&self.remote, self.removed_there > 0) {
            let _ = write!(out, ", {} of them at {}", self.removed_there, clean(remote));
        }
        out.push_str(".\n");
        if self.registers > 0 {
            let registers = plural(self.registers, "lock register");
            let _ = writeln!(out, "{remove} {registers} that no session holds.");
        }
        if self.cut > 0 {
            let registers = plural(self.cut, "lock register");
            let _ = writeln!(out, "{cut} the history of {registers}.");
        }
        if self.archives_dropped > 0 {
            let archives = plural(self.archives_dropped, "archive");
            let _ = writeln!(out, "{remove} {archives} older than 13 months.");
        }
        if self.cursors_dropped > 0 {
            let cursors = plural(self.cursors_dropped, "cursor");
            let _ = writeln!(
                out,
                "{remove} {cursors} of log that no reader used for 30 days."
            );
        }
        if self.left > 0 {
            let _ = writeln!(
                out,
                "{} more to fold; run it again: git presence gc",
                self.left
            );
        }
        if !self.dry_run && self.folded + self.registers + self.cut + self.archives_dropped > 0 {
            out.push_str("git gc frees the space of their objects.\n");
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&Gc {
            dry_run: self.dry_run,
            sessions: self.sessions,
            folded: self.folded,
            remote: self.remote.as_deref(),
            removed_at_remote: self.removed_there,
            registers: self.registers,
            registers_cut: self.cut,
            archives_dropped: self.archives_dropped,
            cursors_dropped: self.cursors_dropped,
            left: self.left,
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}
