//! The use case of `wait`: until other sessions do not claim something any more.
//!
//! Owns what the session leaves behind: a place in the wait queue, so that it is its turn to claim
//! when the wait ends. Never claims.

use std::time::Duration;

use crate::app::claims::request::{ClaimRequest, Kind};
use crate::app::claims::{moved, wait, wants};
use crate::config::OnConflict;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::departure::Moved;
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::task::TaskDenied;
use crate::model::text::Purpose;

/// What others read in the queue if the session never said for what it waits.
const PURPOSE: &str = "no purpose given";

/// What no other session claims.
#[derive(Debug)]
pub struct Freed {
    /// The session that waited.
    pub me: SessionId,
    /// The resources.
    pub resources: Vec<Resource>,
    /// The tasks among them that cannot be taken for all that, and why.
    pub denied: Vec<(Resource, TaskDenied)>,
    /// What the session claims itself: there it waited for nothing.
    pub mine: Vec<Resource>,
    /// What the code here lacks of the last other holder.
    pub moved: Option<Moved>,
}

/// Waits until no other session claims any of `resources`, for at most this long. Others read the
/// purpose in the queue.
pub fn execute(
    context: &Context,
    resources: Vec<Resource>,
    purpose: Option<Purpose>,
    at_most: Duration,
    notify: fn(&str),
) -> Result<Freed, Failure> {
    let me = context.actor()?;
    // What it was refused, it asked for with a purpose.
    let purpose = purpose.or_else(|| context.ledger.wants(&me.id).purpose(&resources));
    let purpose = match purpose {
        Some(purpose) => purpose,
        None => Purpose::parse(PURPOSE).map_err(Failure::usage)?,
    };
    let wanted = ClaimRequest {
        resources,
        purpose,
        ttl: context.config.ttl,
        on_conflict: OnConflict::Warn,
        kind: Kind::Shared,
        wait: at_most,
        may_ask_again: true,
    };
    wait::wait_until_free(context, &me, &wanted, notify)
        .inspect_err(|why| wants::note_refused(context, &me.id, &wanted, why))?;
    wants::forget(context, &me.id, &wanted.resources);
    let denied = wanted.resources.iter();
    let denied = denied.filter_map(|one| Some((one.clone(), wants::denied(context, one)?)));
    let board = context.ledger.board_about(&wanted.resources)?;
    let (own, now) = (context.asker(), context.now());
    let mut mine = board.held(now);
    mine.retain(|held| own.owns(held) && wanted.resources.contains(&held.resource));
    Ok(Freed {
        mine: mine.into_iter().map(|held| held.resource).collect(),
        denied: denied.collect(),
        moved: moved::since_last_holder(context, &me.id, &wanted.resources),
        me: me.id,
        resources: wanted.resources,
    })
}
