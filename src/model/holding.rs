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
    pub resource: Resource,
    pub session: SessionId,
    /// The clone from which it was claimed.
    pub node: NodeId,
    pub user: String,
    pub host: String,
    pub agent: Option<String>,
    pub purpose: Purpose,
    pub mode: Mode,
    pub claimed_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// The fencing token of an exclusive claim.
    pub token: Option<Token>,
    /// Whether the remote has it; true where there is none.
    pub confirmed: bool,
}

/// Splits `holdings` into those of the session `me` and those of other sessions.
///
/// The id alone decides. A session of the same name in another clone is the same session to
/// the person who named it; only a lock tells the two apart (`Lock::is_of`).
pub fn split_by(holdings: Vec<Holding>, me: &SessionId) -> (Vec<Holding>, Vec<Holding>) {
    holdings
        .into_iter()
        .partition(|holding| holding.session == *me)
}

impl Holding {
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}
