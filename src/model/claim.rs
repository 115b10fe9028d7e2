//! One session's word that it is working on one resource.
//!
//! Owns the claim, its mode, and when it expires. Never knows other sessions.

use super::resource::Resource;
use super::text::Purpose;
use super::time::{Timestamp, Ttl};

/// How a resource is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Any number of sessions may; each sees the others.
    Shared,
    /// One session only, decided by the arbiter.
    Exclusive,
    /// A wish for an exclusive claim; it holds nothing yet.
    Waiting,
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Exclusive => "exclusive",
            Self::Waiting => "waiting",
        }
    }

    /// Whether a claim of this mode holds the resource.
    pub const fn holds(self) -> bool {
        !matches!(self, Self::Waiting)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub resource: Resource,
    pub purpose: Purpose,
    pub mode: Mode,
    pub claimed_at: Timestamp,
    pub ttl: Ttl,
}

impl Claim {
    /// When the claim expires, given the last sign of life of its session.
    pub fn expires_at(&self, seen_at: Timestamp) -> Timestamp {
        self.claimed_at.max(seen_at).plus_secs(self.ttl.as_secs())
    }

    /// Live until, and not at, the instant it expires: the same answer for every reader.
    pub fn is_live(&self, seen_at: Timestamp, now: Timestamp) -> bool {
        now < self.expires_at(seen_at)
    }
}
