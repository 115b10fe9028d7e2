//! Offers: what no session holds, and only one may have for a while.
//!
//! Owns [`Offered`], [`Offer`] and [`OfferPolicy`]; what a lock register makes of them is in
//! `lock::offers`. An offer is a fact of the register that is swapped, so it needs no margin for
//! clocks. Never reads a clock, never knows which session follows another.

use super::actor::Actor;
use super::id::SessionId;
use super::resource::Resource;
use super::text::Purpose;
use super::time::{Timestamp, Ttl};
use super::token::Token;

/// How long an offer lasts that names no span.
pub const OFFER_SECS: u64 = 20 * 60;

/// A resource that no session holds and that is offered to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// What is offered.
    pub resource: Resource,
    /// The token of the last grant.
    pub token: Token,
    /// The session that offers it. It has no clone and no process here: it holds nothing any more,
    /// and a version that knows no offers takes nothing of this for a lock of its own.
    pub by: Actor,
    /// What that session was doing.
    pub purpose: Purpose,
    /// When that session got it.
    pub granted_at: Timestamp,
    /// When it was offered.
    pub at: Timestamp,
    /// The session that may have it.
    pub to: SessionId,
    /// When the offer is over.
    pub until: Timestamp,
}

impl Offered {
    /// Returns true before the instant at which the offer is over.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// An offer that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The session that may have it.
    pub to: SessionId,
    /// How long.
    pub lasts: Ttl,
}

/// What becomes of offers, as far as the register does not say it.
#[derive(Clone, Copy)]
pub struct OfferPolicy<'j> {
    /// Returns true if the session that it was offered to goes on as the requesting one.
    pub is_for_me: &'j dyn Fn(&Offered) -> bool,
    /// Returns true if the session that it was offered to has ended, and no other goes on from it.
    pub is_void: &'j dyn Fn(&Offered) -> bool,
}

impl OfferPolicy<'static> {
    /// Goes by the names in the offers alone.
    pub const BY_NAME: Self = Self {
        is_for_me: &|_| false,
        is_void: &|_| false,
    };
}
