//! What a session is asked to do.
//!
//! Owns [`Request`]. Never decides what becomes of it: `step` does.

use super::super::claim::Claim;
use super::super::id::{HarnessId, SessionId};
use super::super::message::Message;
use super::super::resource::Resource;
use super::super::state::Saying;
use super::super::text::Purpose;
use super::super::time::{Timestamp, Ttl};
use super::Bypass;

/// What a session is asked to do.
#[derive(Clone, Debug)]
pub enum Request {
    /// Show that the session is alive.
    Heartbeat,
    /// Claim or renew all of these, shared.
    Claim {
        /// What is claimed.
        wanted: Vec<Resource>,
        /// What the session is doing.
        purpose: Purpose,
        /// How long the claims last after a heartbeat.
        ttl: Ttl,
    },
    /// Queue a request for exclusive claims; what is held already is not requested.
    Enqueue {
        /// What is to be held exclusively.
        wanted: Vec<Resource>,
        /// What the session is going to do.
        purpose: Purpose,
        /// How long the request lasts after a heartbeat.
        ttl: Ttl,
        /// When it ends whatever the session does, if it is only a place in the queue.
        place_until: Option<Timestamp>,
    },
    /// Release all of these, or none; queued requests are cancelled.
    Release(Vec<Resource>),
    /// Release everything.
    ReleaseAll,
    /// Release everything, because another session replaced this one.
    Supersede {
        /// The newer session.
        by: SessionId,
    },
    /// Release all of these, or none, for another session: the program of this one has ended.
    Clear {
        /// What is released.
        which: Vec<Resource>,
        /// The other session.
        by: SessionId,
        /// Why.
        reason: Purpose,
    },
    /// Go on with these claims of the session that this one replaces. What was claimed here
    /// already stays as it is.
    Inherit(Vec<Claim>),
    /// Begin, or go on after an end.
    Begin {
        /// What began it, in words.
        how: Purpose,
        /// The id that its harness has for it, if that is known.
        harness_id: Option<HarnessId>,
    },
    /// Note the id that the harness has for the session, or forget it.
    Know(Option<HarnessId>),
    /// End, and release everything.
    End {
        /// What ended it, in words.
        how: Purpose,
        /// Whether the session itself says so; else it was found ended, and is not heard of now.
        is_seen: bool,
    },
    /// Record that a message was sent; no claim changes.
    Tell(Message),
    /// Say something of resources; no claim changes.
    Say {
        /// What is said, the same of each.
        sayings: Vec<Saying>,
        /// The sessions whose `frozen` it lifts by force.
        over: Vec<SessionId>,
    },
    /// Record that claims of other sessions were bypassed; no claim changes.
    Bypass(Bypass),
}
