//! The use case of `log`: the history of the board, newest first.
//!
//! Owns which events are shown ([`Query`]). Never writes.

use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::event::{Entry, Event, EventKind};
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::month::Month;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

/// Which events are shown.
pub struct Query {
    /// Only events about this resource, or a path that overlaps it.
    pub resource: Option<Resource>,
    /// Only events of this session.
    pub session: Option<SessionId>,
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
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether nothing of other clones was ever seen.
    pub is_unseen: bool,
    /// If all that is here is shown: the month with which the archives here begin, if there are
    /// any. Sessions that other clones folded are in the archives of those.
    pub begins: Option<Month>,
}

/// Reads the events that match the query, newest first.
pub fn execute(context: &Context, query: &Query) -> Result<Log, Failure> {
    let known = publish::known_after_first_look(context);
    let about = |event: &Event| match &query.resource {
        // Heartbeats are noise, unless the caller asks for one session.
        None => event.kind != EventKind::Heartbeat || query.session.is_some(),
        Some(resource) => {
            let mut all = event.resources.iter().chain(&event.expired);
            all.any(|other| other.overlaps(resource))
        }
    };
    let wanted = |event: &Event| {
        let session = query.session.as_ref();
        session.is_none_or(|id| event.session == *id) && about(event)
    };
    let entries = context.ledger.events(query.count, None, &wanted)?;
    if let (Some(id), true) = (&query.session, entries.is_empty())
        && context.ledger.board()?.session(id).is_none()
    {
        return Err(
            Failure::usage(format!("there is no session {id:?}", id = id.as_str()))
                .hint("see which there are: git presence status, git presence list --expired"),
        );
    }
    let is_all = entries.len() < query.count;
    let archives = match is_all {
        true => context.ledger.archives().list()?,
        false => Vec::new(),
    };
    Ok(Log {
        begins: archives.last().map(|oldest| oldest.month),
        now: context.now(),
        is_unseen: publish::is_unseen(context, &known),
        known,
        entries,
    })
}
