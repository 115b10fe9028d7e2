//! The heartbeat of a session that takes and passes turns.
//!
//! Owns when it is sent: an exclusive claim leaves no record of the session itself, and a
//! session without one cannot be offered anything. Never waits for a remote.

use crate::app::claims::waitlist;
use crate::app::remote::publish;
use crate::context::Context;
use crate::model::actor::Actor;
use crate::model::session::Request;

/// How old a heartbeat may be.
const RECENT_SECS: u64 = 60;

/// Sends a heartbeat, unless there is a recent one. What cannot be written is left out.
pub(super) fn send(context: &Context, me: &Actor) {
    let session = context.ledger.sessions().get(me).ok().flatten();
    let is_recent = session.is_some_and(|one| one.seen_at.is_recent(context.now(), RECENT_SECS));
    if !is_recent && waitlist::write(context, me, &Request::Heartbeat).is_ok() {
        publish::publish_heartbeat(context, None);
    }
}
