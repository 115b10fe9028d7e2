//! The answers of the verbs that read the board: `log` and `prompt` here, the others below.
//!
//! Owns their words and their JSON. Never decides which claims conflict, and never counts them.

pub(super) mod list;
pub(super) mod peek;
pub(super) mod status;
pub(super) mod who;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::remote;
use super::shapes::{self, mode_of};
use super::style::{BOLD, DIM, join};
use super::when::When;
use crate::app::board::candidates::Candidates;
use crate::app::board::log::Log;
use crate::app::board::prompt::{Place, Prompt};
use crate::model::event::{Around, Entry, Event, EventKind};
use crate::model::text::{list as listed, name};

const SHORT_ID_DIGITS: usize = 10;

/// The words alone: a shell reads them.
impl Present for Candidates {
    fn text(&self, _: &Terminal) -> String {
        self.0.iter().map(|word| format!("{word}\n")).collect()
    }

    fn json(&self) -> Value {
        Value::from(self.0.clone())
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

    fn warnings(&self) -> &[String] {
        &self.warnings
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
    // The other kinds are about exclusive claims only.
    let is_either = matches!(
        event.kind,
        EventKind::Claimed { .. } | EventKind::Renewed { .. } | EventKind::Released { .. }
    );
    if let Some(mode) = mode_of(&event.kind).filter(|_| is_either) {
        let _ = write!(line, " ({})", mode.as_str());
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
        (true, false) if is_bypass => format!(" around {}", listed(ids.iter())),
        (true, false) => format!(" from {}", listed(ids.iter())),
        (false, _) => format!(" around {}", listed(around.iter().map(one))),
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
        (
            "list",
            fields(&schema::<list::ListedClaim<'_>>(), &[&claim]),
        ),
        ("peek", relations(&schema::<peek::Related<'_>>(), &claim)),
        whole::<PromptAnswer>("prompt"),
        whole::<who::SessionHere<'_>>("who"),
        whole::<list::ConflictingWith<'_>>("list conflicts"),
        whole::<status::StatusAnswer<'_>>("status"),
    ]
}
