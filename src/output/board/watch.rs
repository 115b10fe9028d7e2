//! The answer of `list --watch`: a screen that is drawn again, or a line for each change.
//!
//! Owns its words and its JSON. Never decides when it looks.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::list::ListedClaim;
use crate::app::board::watch::{Change, Seen, Watched};
use crate::model::holding::Holding;
use crate::output::present::{Present, Terminal};
use crate::output::shapes;
use crate::output::style::{BOLD, DIM};

/// What brings a terminal to the top left and clears it.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// A line of `list --watch --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct ChangedClaim<'a> {
    /// `began`, `changed` or `ended`; what is there at first has begun. A heartbeat is no change
    change: &'static str,
    #[serde(flatten)]
    claim: ListedClaim<'a>,
}

const fn word(change: Change) -> &'static str {
    match change {
        Change::Began => "began",
        Change::Changed => "changed",
        Change::Ended => "ended",
    }
}

impl Seen {
    /// Returns the changes with their claims, in the order of the answer.
    fn rows(&self) -> impl Iterator<Item = (Change, &Holding)> {
        self.changes.iter().filter_map(|(change, at)| {
            let claims = match change {
                Change::Ended => &self.ended,
                Change::Began | Change::Changed => &self.all.holdings,
            };
            Some((*change, claims.get(*at)?))
        })
    }

    fn claim(&self, change: Change, at: usize) -> Option<ChangedClaim<'_>> {
        let claim = match change {
            Change::Ended => self.all.claim(self.ended.get(at)?, &[]),
            Change::Began | Change::Changed => {
                let conflicts = self.all.conflicts.get(at)?;
                self.all.claim(self.all.holdings.get(at)?, conflicts)
            }
        };
        Some(ChangedClaim {
            change: word(change),
            claim,
        })
    }
}

impl Present for Seen {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.all.now);
        if self.is_screen {
            let at = when.clock(self.all.now);
            let all = self.all.text(terminal);
            return format!("{CLEAR}{all}{DIM}as of {at}; Ctrl-C ends it{DIM:#}\n");
        }
        let mut out = String::new();
        for (change, held) in self.rows() {
            let end = match change {
                Change::Ended => String::new(),
                _ => format!(" until {}", when.both(held.expires_at)),
            };
            let _ = writeln!(
                out,
                "{:7}  {BOLD}{}{BOLD:#}  {}  {}{end}: {}",
                word(change),
                held.resource,
                held.mode.as_str(),
                held.session,
                held.purpose
            );
        }
        out
    }

    fn json(&self) -> Value {
        let changes = self.changes.iter();
        let claims = changes.filter_map(|(change, at)| self.claim(*change, *at));
        shapes::value(&claims.collect::<Vec<_>>())
    }

    fn line(&self) -> String {
        let changes = self.changes.iter();
        let claims = changes.filter_map(|(change, at)| self.claim(*change, *at));
        claims
            .map(|one| shapes::line(&shapes::value(&one)))
            .collect()
    }
}

/// All was shown already.
impl Present for Watched {
    fn text(&self, _: &Terminal) -> String {
        String::new()
    }

    fn json(&self) -> Value {
        Value::Null
    }

    fn line(&self) -> String {
        String::new()
    }
}
