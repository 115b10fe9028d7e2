//! The answers of the verbs that read the board: `list`, `log` and `prompt` here, `peek` and
//! `status` below.
//!
//! Owns their words and their JSON. Never decides which claims conflict, and never counts them.

pub(super) mod peek;
pub(super) mod status;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::holding::{exclusive, unconfirmed};
use super::present::{Present, Terminal};
use super::remote;
use super::shapes::{self, At, Claim};
use super::style::{BOLD, DIM, join};
use super::table::Table;
use super::when::When;
use crate::app::board::list::Listing;
use crate::app::board::log::Log;
use crate::app::board::prompt::{Place, Prompt};
use crate::model::event::{Around, Entry, Event, EventKind};
use crate::model::text::{list, name};

const SHORT_ID_DIGITS: usize = 10;

/// A claim in the JSON of `list`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ListedClaim<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// whether it is live; false only with `--expired`
    is_live: bool,
    /// the time of the last fetch; null without a remote or before the first fetch
    as_of: Option<At>,
}

impl Listing {
    fn claims(&self) -> impl Iterator<Item = ListedClaim<'_>> {
        self.holdings.iter().map(|h| ListedClaim {
            claim: Claim::seen_by(&self.me, h),
            is_live: h.is_live(self.now),
            as_of: remote::as_of_json(&self.known),
        })
    }
}

impl Present for Listing {
    fn text(&self, terminal: &Terminal) -> String {
        let not_known = match self.asks_others {
            true => remote::not_known_yet(&self.known),
            false => String::new(),
        };
        if self.holdings.is_empty() {
            let nothing = match not_known.is_empty() {
                true => "Nothing is claimed.\n",
                false => "Nothing that is claimed is known.\n",
            };
            return nothing.to_owned() + &not_known;
        }
        let when = terminal.when(self.now);
        let mut table = Table::new(&["  RESOURCE", "SESSION", "PURPOSE", "SINCE", "EXPIRES"]);
        for h in &self.holdings {
            let mark = if self.me.owns(h) { "*" } else { " " };
            table.cell(format_args!("{mark} {}", h.resource));
            table.cell(&h.session);
            let purpose = &h.purpose;
            if h.mode.holds() {
                table.cell(format_args!("{}{}{purpose}", exclusive(h), unconfirmed(h)));
            } else {
                table.cell(format_args!("(waiting) {purpose}"));
            }
            table.cell(when.both(h.claimed_at));
            let expires = when.relative(h.expires_at);
            if h.is_live(self.now) {
                table.cell(expires);
            } else {
                table.cell(format_args!("expired {expires}"));
            }
        }
        table.render(terminal.width) + &not_known
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        shapes::value(&self.claims().collect::<Vec<_>>())
    }

    fn line(&self) -> String {
        shapes::line_of_list(self.claims())
    }

    fn notices(&self, terminal: &Terminal) -> String {
        remote::as_of(&self.known, &terminal.when(self.now))
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Present for Log {
    fn text(&self, terminal: &Terminal) -> String {
        if self.entries.is_empty() {
            let not_known = remote::not_known_yet(&self.known);
            return "No events yet.\n".to_owned() + &not_known;
        }
        let when = terminal.when(self.now);
        self.entries
            .iter()
            .map(|entry| line(entry, &when))
            .collect()
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        let events = self.entries.iter().map(shapes::Event::of);
        shapes::value(&events.collect::<Vec<_>>())
    }

    fn notices(&self, terminal: &Terminal) -> String {
        let mut out = remote::as_of(&self.known, &terminal.when(self.now));
        if let Some(begins) = self.begins {
            let _ = writeln!(
                out,
                "The archives here begin in {begins}; sessions that other clones folded are in theirs."
            );
        }
        out
    }
}

/// Returns one event in one line.
fn line(entry: &Entry, when: &When) -> String {
    let event = &entry.event;
    let id = entry.commit.get(..SHORT_ID_DIGITS).unwrap_or(&entry.commit);
    let mut line = format!(
        "{DIM}{id}{DIM:#} {}  {BOLD}{}{BOLD:#}",
        when.both(entry.at),
        name(event.kind.word())
    );
    if !event.resources.is_empty() {
        let _ = write!(line, " {}", join(&event.resources));
    }
    if !event.expired.is_empty() {
        let _ = write!(line, " (expired: {})", join(&event.expired));
    }
    let _ = write!(line, "  {}", event.session);
    let details = event.kind.details();
    if let Some(by) = details.by {
        let _ = write!(line, " by {by}");
    }
    line.push_str(&former_holders(event));
    if let Some(purpose) = details.purpose {
        let _ = write!(line, ": {purpose}");
    }
    line + "\n"
}

/// Returns whose claim it was, or is: taken over, taken away, or bypassed.
fn former_holders(event: &Event) -> String {
    let details = event.kind.details();
    let ids = details.from;
    let one = |one: &Around| format!("{} of {}", one.resource, one.session);
    let around = details.around;
    let is_bypass = matches!(event.kind, EventKind::Bypassed { .. });
    match (around.is_empty(), ids.is_empty()) {
        (true, true) => String::new(),
        (true, false) if is_bypass => format!(" around {}", list(ids.iter())),
        (true, false) => format!(" from {}", list(ids.iter())),
        (false, _) => format!(" around {}", list(around.iter().map(one))),
    }
}

/// What `prompt` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PromptAnswer {
    /// how many claims the caller has
    mine: usize,
    /// how many claims other sessions have
    others: usize,
    /// how many claims of the caller conflict with one of another session
    contested: usize,
}

impl Present for Prompt {
    fn text(&self, _: &Terminal) -> String {
        if self.mine + self.others == 0 {
            return String::new();
        }
        let mark = if self.contested > 0 { "!" } else { "" };
        let text = match (self.mine, self.others) {
            (mine, 0) => format!("{mine} mine"),
            (0, others) => format!("{others} others"),
            (mine, others) => format!("{mine}{mark} mine, {others} others"),
        };
        match self.place {
            Place::Terminal => format!("{text}\n"),
            Place::Tmux => {
                let color = match (self.contested, self.mine) {
                    (1.., _) => "red",
                    (_, 1..) => "yellow",
                    _ => "default",
                };
                format!("#[fg={color}]{text}#[default]\n")
            }
        }
    }

    fn json(&self) -> Value {
        shapes::value(&PromptAnswer {
            mine: self.mine,
            others: self.others,
            contested: self.contested,
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::{fields, relations, schema, whole};
    let claim = schema::<super::shapes::Claim<'_>>();
    vec![
        ("list", fields(&schema::<ListedClaim<'_>>(), &[&claim])),
        ("peek", relations(&schema::<peek::Related<'_>>(), &claim)),
        whole::<PromptAnswer>("prompt"),
        whole::<status::StatusAnswer<'_>>("status"),
    ]
}
