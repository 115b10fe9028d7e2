//! The answer of `log`: a line for each event.
//!
//! Owns its words and its JSON. Never decides which events are shown.

use std::fmt::{Display, Write as _};

use serde_json::Value;

use crate::app::board::log::Log;
use crate::model::event::{Around, Entry, Event, EventKind};
use crate::model::text::{list as listed, name};
use crate::output::present::{Present, Terminal};
use crate::output::remote;
use crate::output::shapes::{self, mode_of};
use crate::output::style::{BOLD, DIM, join};

const SHORT_ID_DIGITS: usize = 10;
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
            .map(|entry| line(entry, &when.both(entry.at)))
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

/// Returns one event in one line, at an instant that is spelled so.
pub(super) fn line(entry: &Entry, at: &dyn Display) -> String {
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
        let _ = write!(line, " {state}");
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
    let _ = write!(line, "  {}", event.session);
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
