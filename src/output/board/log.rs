//! The answer of `log`: a line for each event.
//!
//! Owns its words and its JSON. Never decides which events are shown.

use std::fmt::{Display, Write as _};

use serde_json::Value;

use crate::app::board::aside::Aside;
use crate::app::board::log::Log;
use crate::model::event::{Around, Entry, Event, EventKind};
use crate::model::message::MessageId;
use crate::model::message::address::Address;
use crate::model::text::{list as listed, name};
use crate::model::time::Timestamp;
use crate::output::present::{Present, Terminal};
use crate::output::remote;
use crate::output::shapes::{self, mode_of};
use crate::output::style::{BOLD, DIM, join};
use crate::output::when::When;

const SHORT_ID_DIGITS: usize = 10;
/// The most addresses of a message that are shown.
const ADDRESSES_MAX: usize = 4;
/// What is said if nothing that was asked for is here. That it never happened is not known: the
/// oldest events of a session or a register are in the archive of the clone that folded it.
const NONE_OF_THESE: &str = "No such event is here. What another clone folded is in the archive of \
                             that clone.\n";

impl Present for Log {
    fn text(&self, terminal: &Terminal) -> String {
        if self.is_empty {
            return String::new();
        }
        if self.entries.is_empty() {
            let not_known = remote::not_known_yet(&self.known);
            let none = match self.is_narrowed {
                true => NONE_OF_THESE,
                false => "No events yet.\n",
            };
            return none.to_owned() + &not_known;
        }
        let when = terminal.when(self.now);
        self.entries
            .iter()
            .map(|entry| {
                let beside = Beside {
                    aside: self.asides.get(&entry.commit),
                    is_for_me: self.is_for_me,
                };
                line(entry, &when.both(entry.at), (&beside, &when))
            })
            .collect()
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn json(&self) -> Value {
        let events = self.entries.iter();
        let events = events.map(|entry| {
            let aside = self.asides.get(&entry.commit);
            shapes::Event::beside(entry, aside.map(parts).unwrap_or_default())
        });
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

/// Returns what the board says of an event, for its JSON.
pub(super) fn parts(aside: &Aside) -> (Option<&MessageId>, Option<Timestamp>) {
    (aside.message.as_ref(), aside.frozen_until)
}

/// What is said of an event beside the history.
pub(super) struct Beside<'a> {
    /// What the board says of it.
    pub(super) aside: Option<&'a Aside>,
    /// Whether it is shown because it concerns the session that asks.
    pub(super) is_for_me: bool,
}

impl Beside<'_> {
    /// Returns when a freeze ends or ended.
    fn end(&self, when: &When) -> String {
        let end = self.aside.and_then(|aside| aside.frozen_until);
        match end {
            Some(at) if at > when.now => format!(" until {}", when.both(at)),
            Some(at) => format!(" (ended {})", when.both(at)),
            None => String::new(),
        }
    }

    /// Returns the id of a message, and how it is answered.
    fn message(&self) -> String {
        let Some(aside) = self.aside else {
            return String::new();
        };
        match &aside.message {
            Some(id) if aside.asks || self.is_for_me => {
                format!(" (to answer: git presence tell --reply {id} -m \"<answer>\")")
            }
            Some(id) => format!(" (id {id})"),
            None => String::new(),
        }
    }
}

/// Returns to whom an event is, after a space: a message, or an offer.
fn recipients(event: &Event) -> String {
    let details = event.kind.details();
    if let Some(to) = details.to {
        return format!(", offered to {to}");
    }
    let typed = |text: &String| {
        let address = Address::from_record(text).map(|address| address.typed());
        name(&address.unwrap_or_else(|| text.clone())).to_string()
    };
    let mut all: Vec<String> = details.addresses.iter().map(typed).collect();
    all.dedup();
    let rest = all.len().saturating_sub(ADDRESSES_MAX);
    all.truncate(ADDRESSES_MAX);
    match (all.is_empty(), rest) {
        (true, _) => String::new(),
        (false, 0) => format!(" to {}", all.join(", ")),
        (false, rest) => format!(" to {} and {rest} more", all.join(", ")),
    }
}

/// Returns one event in one line, at an instant that is spelled so.
pub(super) fn line(
    entry: &Entry,
    at: &dyn Display,
    (beside, when): (&Beside<'_>, &When),
) -> String {
    let event = &entry.event;
    let id = entry.commit.get(..SHORT_ID_DIGITS).unwrap_or(&entry.commit);
    let mut line = format!(
        "{DIM}{id}{DIM:#} {at}  {BOLD}{}{BOLD:#}",
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
    let details = event.kind.details();
    if let Some(state) = details.state {
        let _ = write!(line, " {state}{}", beside.end(when));
    }
    if let Some(moved) = details.transition {
        let _ = write!(line, " {}", moved.cause.as_str());
    }
    if let Some(version) = details.version {
        let _ = write!(line, " {version}");
    }
    if !event.expired.is_empty() {
        let _ = write!(line, " (expired: {})", join(&event.expired));
    }
    let _ = write!(line, "  {}{}", event.session, recipients(event));
    if let Some(by) = details.by {
        let _ = write!(line, " by {by}");
    }
    line.push_str(&former_holders(event));
    if let Some(purpose) = details.purpose {
        let _ = write!(line, ": {purpose}");
    }
    line + &beside.message() + "\n"
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
