//! A claim: the statement of a session that it is working on a resource.
//!
//! Owns [`Claim`], its [`Mode`], and when it expires. Never knows other sessions.

use super::resource::Resource;
use super::text::Purpose;
use super::time::{Timestamp, Ttl};

/// How a resource is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Any number of sessions may; each sees the others.
    Shared,
    /// One session only, decided by the arbiter.
    Exclusive,
    /// A queued request for an exclusive claim; it holds nothing yet.
    Waiting,
    /// No claim, but a state `frozen`, which other sessions meet like an exclusive claim.
    Frozen,
}

impl Mode {
    /// Returns the word in records and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Exclusive => "exclusive",
            Self::Waiting => "waiting",
            Self::Frozen => "frozen",
        }
    }

    /// Returns true if a claim of this mode holds its resource.
    pub const fn holds(self) -> bool {
        !matches!(self, Self::Waiting)
    }

    /// Returns true if no other session may have the resource at the same time.
    pub const fn is_for_one(self) -> bool {
        matches!(self, Self::Exclusive | Self::Frozen)
    }
}

/// One claim, or queued request, of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed.
    pub resource: Resource,
    /// What the session is doing.
    pub purpose: Purpose,
    /// Shared or waiting; an exclusive claim is a lock.
    pub mode: Mode,
    /// When it was claimed first; a renewal does not change it.
    pub claimed_at: Timestamp,
    /// How long it lasts after a heartbeat of its session.
    pub ttl: Ttl,
    /// When the place in the wait queue ends that a waiting process took, whatever its session
    /// does; `None` for a claim, and for a request that is decided at the next sync.
    pub place_until: Option<Timestamp>,
}

impl Claim {
    /// Returns when the claim expires, if `seen_at` is the last heartbeat of its session.
    pub fn expires_at(&self, seen_at: Timestamp) -> Timestamp {
        let expires_at = self.claimed_at.max(seen_at).plus_secs(self.ttl.as_secs());
        self.place_until
            .map_or(expires_at, |until| until.min(expires_at))
    }

    /// Returns true before the instant at which the claim expires, and false from that instant on.
    pub fn is_live(&self, seen_at: Timestamp, now: Timestamp) -> bool {
        now < self.expires_at(seen_at)
    }
}
