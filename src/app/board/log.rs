//! `log`: what happened, newest first.
//!
//! Owns which events are worth showing. Changes nothing.

use crate::app::remote::confirmation::Freshness;
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Entry;
use crate::model::event::{Event, EventKind};
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

pub struct Query {
    pub resource: Option<Resource>,
    pub session: Option<SessionId>,
    pub count: usize,
}

#[derive(Debug)]
pub struct Log {
    pub now: Timestamp,
    pub entries: Vec<Entry>,
    /// `None` where there is no remote.
    pub view: Option<Freshness>,
}

pub fn execute(context: &Context, query: &Query) -> Result<Log, Failure> {
    let about = |event: &Event| match &query.resource {
        // Signs of life are noise, except where one asks for a session.
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
    Ok(Log {
        now: context.now(),
        view: publish::freshness(context),
        entries,
    })
}
