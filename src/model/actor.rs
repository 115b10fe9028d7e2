//! The actor of a request: a session, its clone, and its process.
//!
//! Owns [`Actor`] and [`Process`]. Never finds out who the caller is; `identity` does.

use super::id::{NodeId, SessionId};
use super::time::Timestamp;

/// A process of one machine, and of one boot of it: a pid alone is reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The number that the system gave it.
    pub pid: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// The id of the machine.
    pub host_id: String,
    /// The id of the boot of the machine.
    pub boot_id: String,
}

/// A session that acts, and where it acts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The session id.
    pub id: SessionId,
    /// The clone from which it acts.
    pub node: NodeId,
    /// The agent harness, or the CI system; `None` for a person.
    pub agent: Option<String>,
    /// The name of the user.
    pub user: String,
    /// The name of the machine, for people.
    pub host: String,
    /// The process whose end is the end of the session; `None` if there is none to watch.
    pub process: Option<Process>,
    /// The path of the work tree; `None` in a bare repository.
    pub worktree: Option<String>,
    /// The branch that is checked out, without `refs/heads/`.
    pub branch: Option<String>,
}

#[cfg(test)]
impl Actor {
    /// Returns the session `id` of a person in the clone `node`.
    pub(in crate::model) fn example(id: &str, node: u8) -> Self {
        Self {
            id: SessionId::parse(id).unwrap(),
            node: NodeId::from_bytes([node; 16]),
            agent: None,
            user: "wizard".to_owned(),
            host: "devvm".to_owned(),
            process: None,
            worktree: None,
            branch: None,
        }
    }
}
