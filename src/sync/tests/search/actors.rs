//! The sessions of a search, as the rules know them.
//!
//! Owns their names, clones and processes. Never says what one does.

use super::rules::NOW;
use crate::model::actor::{Actor, Process, ProcessRole};
use crate::model::id::{NodeId, SessionId};

pub fn process(number: u32) -> Process {
    Process {
        pid: number,
        started_at: NOW,
        host_id: "host".into(),
        boot_id: "boot".into(),
        role: ProcessRole::Program,
    }
}

pub fn actor(n: u8) -> Actor {
    Actor {
        id: SessionId::parse(["a", "b", "c"][usize::from(n)]).unwrap(),
        node: NodeId::from_bytes([n; 16]),
        agent: None,
        user: String::new(),
        host: String::new(),
        process: Some(process(1)),
        worktree: None,
        branch: None,
    }
}

/// The number of a session.
pub fn numbered(id: &SessionId) -> u8 {
    id.as_str().as_bytes()[0] - b'a'
}
