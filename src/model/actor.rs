//! The actor of a request: a session, its clone, and its process.
//!
//! Owns [`Actor`] and [`Process`]. Never says who "I" am; that is `identity`.

use super::id::{NodeId, SessionId};
use super::time::Timestamp;

/// A process that can be told from every other one: its number alone is reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    pub started_at: Timestamp,
    pub host_id: String,
    pub boot_id: String,
}

/// Who acts, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub id: SessionId,
    pub node: NodeId,
    pub agent: Option<String>,
    pub user: String,
    pub host: String,
    pub process: Option<Process>,
    pub worktree: Option<String>,
    pub branch: Option<String>,
}
