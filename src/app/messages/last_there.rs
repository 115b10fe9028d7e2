//! Who was last at a resource at which no session is now.
//!
//! Owns how that one is found in the history. Never sends it anything.

use crate::context::Context;
use crate::failure::Failure;
use crate::model::concern::author;
use crate::model::event::{Event, EventKind};
use crate::model::id::SessionId;
use crate::model::message::address::Address;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

/// The session that was last at a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastThere {
    /// What it held or claimed.
    pub resource: Resource,
    /// The session.
    pub session: SessionId,
    /// When the history has the last word of it.
    pub at: Timestamp,
}

/// Returns the last other session at the first resource of `to` at which there was one.
pub(super) fn find(context: &Context, to: &[Address]) -> Result<Option<LastThere>, Failure> {
    let me = &context.me.id;
    for address in to {
        let Address::Resource(resource) = address else {
            continue;
        };
        let wanted = |event: &Event| {
            author(event) != me && event.session != *me && was_there(event, resource)
        };
        let found = context.ledger.events(1, None, &wanted)?;
        if let Some(entry) = found.into_iter().next() {
            return Ok(Some(LastThere {
                resource: resource.clone(),
                session: entry.event.session,
                at: entry.at,
            }));
        }
    }
    Ok(None)
}

fn was_there(event: &Event, resource: &Resource) -> bool {
    let is_claim = matches!(
        event.kind,
        EventKind::Claimed { .. }
            | EventKind::Renewed { .. }
            | EventKind::Released { .. }
            | EventKind::TakenOver { .. }
    );
    let held = event.resources.iter().filter(|_| is_claim);
    let mut all = held.chain(&event.expired);
    all.any(|held| held.overlaps(resource))
}
