//! What the board says of an event beside its history: the id of a message, the end of a freeze.
//!
//! Owns [`Aside`], and how the record that an event is about is found again. Never changes what is
//! shown of the history.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::ledger::Mail;
use crate::model::event::{Entry, Event, EventKind};
use crate::model::message::MessageId;
use crate::model::session::Session;
use crate::model::state::Statement;
use crate::model::time::Timestamp;

/// How far the commit of an event is from what it records at most: commits have whole seconds.
const APART_SECS: u64 = 2;

/// What the board says of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// The message, if it is one of another or of this session that is still there.
    pub message: Option<MessageId>,
    /// Whether it is one of another session that wants an answer.
    pub asks: bool,
    /// When a freeze ends or ended, as far as its session said so.
    pub frozen_until: Option<Timestamp>,
}

/// What the board says of some events, by the commits that recorded them.
pub type Asides = BTreeMap<String, Aside>;

/// Returns what the board says of `events`. What cannot be read is left out.
pub(super) fn of<'e>(context: &Context, events: impl Iterator<Item = &'e Entry>) -> Asides {
    let mut about = events
        .filter(|entry| is_about_more(&entry.event))
        .peekable();
    if about.peek().is_none() {
        return Asides::new();
    }
    let (mail, board) = (context.ledger.mail().ok(), context.ledger.board().ok());
    let sessions = board.map(|board| board.sessions).unwrap_or_default();
    let one = |entry: &Entry| {
        let mut aside = { mail.as_ref() }
            .and_then(|mail| message(mail, entry))
            .unwrap_or_default();
        aside.asks &= entry.event.session != context.me.id;
        aside.frozen_until = end_of_freeze(&sessions, entry);
        (aside != Aside::default()).then(|| (entry.commit.clone(), aside))
    };
    about.filter_map(one).collect()
}

fn is_about_more(event: &Event) -> bool {
    match &event.kind {
        EventKind::Messaged { .. } => true,
        EventKind::StateSaid { word, .. } => word.is_frozen(),
        _ => false,
    }
}

fn message(mail: &Mail, entry: &Entry) -> Option<Aside> {
    let EventKind::Messaged { subject, .. } = &entry.event.kind else {
        return None;
    };
    let mut all = mail.post.all();
    let sent = all.find(|sent| {
        let message = &sent.message;
        sent.by.id == entry.event.session
            && are_near(message.sent_at, entry.at)
            && message.draft.text.as_purpose() == *subject
    })?;
    Some(Aside {
        message: Some(sent.message.id()),
        asks: sent.message.draft.asks,
        frozen_until: None,
    })
}

fn end_of_freeze(sessions: &[Session], entry: &Entry) -> Option<Timestamp> {
    let event = &entry.event;
    let is_frozen = matches!(&event.kind, EventKind::StateSaid { word, .. } if word.is_frozen());
    let its = sessions
        .iter()
        .filter(|one| is_frozen && one.who.id == event.session);
    let mut said = its.flat_map(|session| &session.states);
    let said = said.find(|said| {
        said.saying.word.is_frozen()
            && event.resources.contains(&said.saying.resource)
            && are_near(said.at, entry.at)
    });
    said.map(Statement::expires_at)
}

fn are_near(one: Timestamp, other: Timestamp) -> bool {
    one.secs_since(other).max(other.secs_since(one)) <= APART_SECS
}
