//! The use case of `log`: the history of the board, newest first.
//!
//! Owns which events are shown ([`Query`]). Never writes.

use crate::app::board::aside::{self, Asides};
use crate::app::board::standing;
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::concern::concern;
use crate::model::event::{Entry, Event, EventKind, KINDS};
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::month::Month;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

/// Returns the words of the kinds of events that can be asked for: all that this version writes.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|row| row.word)
}

/// Which events are shown.
pub struct Query {
    /// Only events about this resource, or a path that overlaps it.
    pub resource: Option<Resource>,
    /// Only events of this session.
    pub session: Option<SessionId>,
    /// Only events from then on.
    pub since: Option<Timestamp>,
    /// Only events of these kinds; of any if there are none.
    pub kinds: Vec<String>,
    /// Only events that concern the session that asks.
    pub is_for_me: bool,
    /// At most this many events.
    pub count: usize,
}

/// The events, newest first.
#[derive(Debug)]
pub struct Log {
    /// When the history was read.
    pub now: Timestamp,
    /// The events, newest first.
    pub entries: Vec<Entry>,
    /// What the board says of them.
    pub asides: Asides,
    /// Whether only what concerns the session that asks is shown.
    pub is_for_me: bool,
    /// Whether only some events were asked for, so that none of them says nothing about the rest.
    pub is_narrowed: bool,
    /// Whether no event was asked for.
    pub is_empty: bool,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether nothing of other clones was ever seen.
    pub is_unseen: bool,
    /// If all that is here is shown: the month with which the archives here begin, if there are
    /// any. Sessions that other clones folded are in the archives of those.
    pub begins: Option<Month>,
    /// One sentence for each archive that is not shown.
    pub warnings: Vec<String>,
}

impl Query {
    /// Returns true if not every event is asked for, or none at all.
    fn is_narrowed(&self) -> bool {
        let is_of = self.resource.is_some() || self.session.is_some() || !self.kinds.is_empty();
        is_of || self.since.is_some() || self.is_for_me
    }

    /// Returns true for an event that is asked for.
    pub(super) fn accepts(&self, event: &Event) -> bool {
        let about = match &self.resource {
            // Heartbeats are noise, unless the caller asks for one session, or for them.
            None => {
                let is_asked = self.session.is_some() || !self.kinds.is_empty();
                event.kind != EventKind::Heartbeat || is_asked
            }
            Some(resource) => {
                let mut all = event.resources.iter().chain(&event.expired);
                all.any(|other| other.overlaps(resource))
            }
        };
        let is_kind = |kind: &String| kind == event.kind.word();
        let is_asked = self.kinds.is_empty() || self.kinds.iter().any(is_kind);
        let session = self.session.as_ref();
        is_asked && session.is_none_or(|id| event.session == *id) && about
    }
}

/// Reads the events that match the query, newest first.
pub fn execute(context: &Context, query: &Query) -> Result<Log, Failure> {
    let known = publish::known_after_first_look(context);
    let standing = match query.is_for_me {
        true => Some(standing::on_the_board(context)?),
        false => None,
    };
    let concerns = |event: &Event| {
        let standing = standing.as_ref();
        standing.is_none_or(|standing| concern(event, standing).is_some())
    };
    let wanted = |event: &Event| query.accepts(event) && concerns(event);
    let entries = context.ledger.events(query.count, query.since, &wanted)?;
    if let (Some(id), true) = (&query.session, entries.is_empty())
        && context.ledger.board()?.session(id).is_none()
    {
        return Err(
            Failure::usage(format!("there is no session {id:?}", id = id.as_str()))
                .hint("see which there are: git presence status, git presence list --expired"),
        );
    }
    let is_all = entries.len() < query.count && query.since.is_none();
    let archives = match is_all {
        true => context.ledger.archives().list()?,
        false => Vec::new(),
    };
    let unread = context.ledger.archives().unreadable().into_iter();
    let warnings =
        unread.map(|what| format!("{what}; its history is not shown: git presence doctor"));
    Ok(Log {
        warnings: warnings.collect(),
        begins: archives.last().map(|oldest| oldest.month),
        now: context.now(),
        is_unseen: publish::is_unseen(context, &known),
        known,
        asides: aside::of(context, entries.iter()),
        is_for_me: query.is_for_me,
        entries,
        is_narrowed: query.is_narrowed(),
        is_empty: query.count == 0,
    })
}
