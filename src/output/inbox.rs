//! The answer of `inbox`.
//!
//! Owns its words; its JSON is that of messages. Never decides whom a message reaches.

use std::fmt::Write as _;

use serde_json::Value;

use super::messages::{MessageShape, message, of_life, typed};
use super::present::{Present, Terminal};
use super::remote;
use super::shapes;
use super::style::{BOLD, DIM, GOOD, plural};
use super::when::When;
use crate::app::messages::inbox::{Inbox, Row};
use crate::model::id::SessionId;
use crate::model::message::Message;
use crate::model::message::shape::{Extent, all_of, shown};
use crate::model::text::{list, name, quote};
use crate::model::time::Timestamp;

/// The most bytes of a first line in a list.
const SUBJECT_BYTES_MAX: usize = 120;

impl Present for Inbox {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        for row in &self.rows {
            match row.means {
                None => out.push_str(&sent(row, &when, self.whole)),
                Some(means) => {
                    let instant = |at: Timestamp| when.both(at).to_string();
                    out.push_str(&shown(&row.sent, Some(means), &instant, Extent::Whole));
                }
            }
        }
        match (self.rows.is_empty(), self.of_sender) {
            (true, true) => out.push_str("This session has sent nothing that is not over.\n"),
            (true, false) => out.push_str("No unread message.\n"),
            (false, _) => {}
        }
        out.push_str(&self.next());
        out
    }

    fn json(&self) -> Value {
        let rows: Vec<MessageShape<'_>> = self.rows.iter().map(message).collect();
        shapes::value(&rows)
    }

    fn notices(&self, terminal: &Terminal) -> String {
        remote::as_of(&self.known, &terminal.when(self.now))
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Inbox {
    /// Returns what can be done with what is shown.
    fn next(&self) -> String {
        let received = self.rows.iter().filter(|row| row.means.is_some());
        let unread = received.clone().filter(|row| row.read_at.is_none()).count();
        let asking = received.rev().map(|row| &row.sent.message);
        let id = asking.clone().find(|message| message.draft.asks);
        let id = id.or_else(|| asking.clone().next()).map(Message::id);
        let mut out = String::new();
        if let Some(id) = id {
            let _ = writeln!(
                out,
                "{DIM}To answer: git presence tell --reply {id} -m \"<answer>\"{DIM:#}"
            );
        }
        match (unread, self.marked) {
            (0, _) => {}
            (count, true) => {
                let _ = writeln!(
                    out,
                    "{DIM}{} marked as read{DIM:#}",
                    plural(count, "message")
                );
            }
            (_, false) => {
                let _ = writeln!(
                    out,
                    "{DIM}To mark them as read: git presence inbox --ack{DIM:#}"
                );
            }
        }
        out
    }
}

/// Returns a message that this session sent, with what became of it, and with `whole` all that it
/// says.
fn sent(row: &Row, when: &When, whole: bool) -> String {
    let message = &row.sent.message;
    let to = typed(message);
    let to = list(to.iter().map(|to| name(to).to_string()));
    let mut out = format!(
        "{} to {BOLD}{to}{BOLD:#}, {}: {}\n",
        message.id(),
        when.both(message.sent_at),
        quote(message.draft.text.subject(), SUBJECT_BYTES_MAX)
    );
    if whole {
        out.push_str(&all_of(&message.draft.text, SUBJECT_BYTES_MAX));
    }
    let place = match row.sent.is_published {
        true => "at origin",
        false => "recorded, not sent to the remote yet",
    };
    if row.deliveries.is_empty() {
        let _ = writeln!(out, "  {place}, not delivered yet");
    }
    for one in &row.deliveries {
        let _ = writeln!(
            out,
            "  {GOOD}delivered{GOOD:#} to {} at {}",
            one.to,
            when.both(one.at)
        );
    }
    let is_delivered = |id: &SessionId| row.deliveries.iter().any(|one| one.to == *id);
    for (id, liveness) in row.named.iter().filter(|(id, _)| !is_delivered(id)) {
        let _ = writeln!(out, "  {id}: {}", of_life(*liveness, when));
    }
    out
}
