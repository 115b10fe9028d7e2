//! The answer of `inbox`.
//!
//! Owns its words; its JSON is that of messages. Never decides whom a message reaches.

use std::fmt::Write as _;

use serde_json::Value;

use super::messages::{MessageShape, message, of_life, typed};
use super::present::{Present, Terminal};
use super::remote;
use super::shapes;
use super::style::{BOLD, DIM, GOOD, WARN, clean, plural};
use super::when::When;
use crate::app::messages::inbox::{Inbox, Row};
use crate::model::id::SessionId;
use crate::model::message::post::Sent;
use crate::model::message::shape::{Extent, all_of, shown};
use crate::model::message::{Message, MessageId};
use crate::model::text::{list, name, quote};
use crate::model::time::Timestamp;

/// The most bytes of a first line in a list.
const SUBJECT_BYTES_MAX: usize = 120;

impl Present for Inbox {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        let shown_now = self.rows.iter().filter(|_| !self.was_shown);
        for row in shown_now {
            match row.means {
                None => out.push_str(&sent(row, &when, self)),
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
        let owed = self.owed.iter().map(|sent| owes(sent, &when));
        out.extend(owed);
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
    /// Checks whether the session owes an answer to this message.
    fn owes(&self, id: &MessageId) -> bool {
        self.owed.iter().any(|sent| sent.message.id() == *id)
    }

    /// Returns what can be done with what is shown.
    fn next(&self) -> String {
        let received = self.rows.iter().filter(|row| row.means.is_some());
        let unread = received.clone().filter(|row| row.read_at.is_none()).count();
        let asking = received.rev().map(|row| &row.sent.message);
        let id = asking.clone().find(|message| message.draft.asks);
        let id = id.or_else(|| asking.clone().next()).map(Message::id);
        // What an answer is owed to has its command already.
        let id = id.filter(|id| !self.was_shown && !self.owes(id));
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
                    "{} marked as read{DIM}; what they say: git presence inbox --all{DIM:#}",
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

/// Returns a question that has no answer of this session yet, with the command that answers.
fn owes(sent: &Sent, when: &When) -> String {
    let message = &sent.message;
    format!(
        "{WARN}Not answered yet:{WARN:#} {} of {}, {}: git presence tell --reply {} -m \"<answer>\"\n",
        quote(message.draft.text.subject(), SUBJECT_BYTES_MAX),
        sent.by.id,
        when.both(message.sent_at),
        message.id()
    )
}

/// Returns a message that this session sent, with what became of it; all that it says, if one was
/// asked for.
fn sent(row: &Row, when: &When, inbox: &Inbox) -> String {
    let message = &row.sent.message;
    let to = typed(message);
    let to = list(to.iter().map(|to| name(to).to_string()));
    let mut out = format!(
        "{} to {BOLD}{to}{BOLD:#}, {}: {}\n",
        message.id(),
        when.both(message.sent_at),
        quote(message.draft.text.subject(), SUBJECT_BYTES_MAX)
    );
    if inbox.whole {
        out.push_str(&all_of(&message.draft.text, SUBJECT_BYTES_MAX));
    }
    let place = match (inbox.known.remote(), row.sent.is_published) {
        (None, _) => {
            "kept here; without a remote it reaches the sessions of this clone only".into()
        }
        (Some(remote), true) => format!("at {}", clean(remote)),
        (Some(_), false) => "recorded, not sent to the remote yet".to_owned(),
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
