//! One claim with its session, as every reader sees it.
//!
//! Owns the value [`Holding`] and when it is live. Never knows from which record it was made.

use super::claim::Mode;
use super::id::{NodeId, SessionId};
use super::resource::Resource;
use super::text::Purpose;
use super::time::Timestamp;
use super::token::Token;

/// One claim with its session, as it stands on the board.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// What is claimed.
    pub resource: Resource,
    /// The session that claimed it.
    pub session: SessionId,
    /// The clone from which it was claimed.
    pub node: NodeId,
    /// The user of the session.
    pub user: String,
    /// The machine of the session, for people.
    pub host: String,
    /// The agent harness, or the CI system; `None` for a person.
    pub agent: Option<String>,
    /// What the session is doing.
    pub purpose: Purpose,
    /// Shared, exclusive, or waiting.
    pub mode: Mode,
    /// When it was claimed or granted first.
    pub claimed_at: Timestamp,
    /// The last heartbeat of the session, or the last renewal of the lease.
    pub seen_at: Timestamp,
    /// When it expires, unless it is renewed.
    pub expires_at: Timestamp,
    /// The fencing token of an exclusive claim.
    pub token: Option<Token>,
    /// Whether the remote has it; true if there is no remote.
    pub confirmed: bool,
}

/// The session that asks, in its clone.
///
/// A session of the same id in another clone is another session: a person on two machines, the
/// legs of a CI job, and two clones side by side hold nothing for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The session id.
    pub id: SessionId,
    /// The clone; `None` if it never wrote anything.
    pub node: Option<NodeId>,
}

impl Asker {
    /// Returns true if the claim is one of this session.
    pub fn owns(&self, holding: &Holding) -> bool {
        self.has_its_id(holding) && Some(holding.node) == self.node
    }

    /// Returns true if the claim is one of this session or of its namesake in another clone.
    pub fn has_its_id(&self, holding: &Holding) -> bool {
        holding.session == self.id
    }
}

/// Splits `holdings` into those of the session that asks and those of other sessions.
pub fn split_by(holdings: Vec<Holding>, me: &Asker) -> (Vec<Holding>, Vec<Holding>) {
    holdings.into_iter().partition(|holding| me.owns(holding))
}

impl Holding {
    /// Returns true before the instant at which the claim expires.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Returns true if another session must expect that the claim is in force: of an exclusive one
    /// for `margin_secs` after it expired, because the clock of its holder may be that far behind.
    pub fn may_be_held(&self, now: Timestamp, margin_secs: u64) -> bool {
        match self.mode {
            Mode::Exclusive => now < self.expires_at.plus_secs(margin_secs),
            Mode::Shared => self.is_live(now),
            Mode::Waiting => false,
        }
    }
}
