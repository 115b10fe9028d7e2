//! What was asked and answered, and what the remote made of it: the two sides that are compared.
//!
//! Owns the recorded operations of clients, the transactions of the remote in the order in which
//! they came into force, and the states of cells in them. Instants are milliseconds on the one
//! clock of a run that is never wrong; each is given out once. Never judges; `check` does.

use std::collections::{BTreeMap, BTreeSet};

/// A holder: what counts as one. Two processes of one session in one clone are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    pub clone: usize,
    pub session: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Claim,
    /// May I act? With `remote` the remote is looked at first.
    Fence {
        remote: bool,
    },
    /// Code to this branch, which no other session pushes to, under a fence.
    Push {
        branch: String,
    },
    Release,
    /// Take this grant away from its holder.
    Override {
        token: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes, under this token. For a release: done.
    Granted(u64),
    /// No; nothing of it took place.
    Refused,
    /// Killed, or no answer: it may have taken place.
    Unknown,
}

/// One command about one resource. A command about several is several of these.
#[derive(Clone, Debug)]
pub struct Operation {
    pub who: Who,
    pub kind: Kind,
    pub resource: String,
    /// Before the program was started. Its clock stands there, or as far off as its clone's is.
    pub begin: i64,
    /// After it had ended.
    pub end: i64,
    pub outcome: Outcome,
    /// Whether the session ended along with the command, so that no session acts on the answer.
    pub is_last: bool,
}

/// One lock in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub resource: String,
    pub token: u64,
    pub session: String,
}

/// What no session holds and is offered to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub resource: String,
    pub to: String,
    /// When it is over.
    pub until: i64,
}

/// A cell at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub floor: u64,
    pub locks: Vec<Held>,
    /// The token that was taken from its holder by name, where that is what happened.
    pub overridden: Option<u64>,
    pub offers: Vec<Offer>,
    /// What was left for the next holder of each resource.
    pub handoffs: BTreeMap<String, String>,
}

impl State {
    pub fn lock_on(&self, resource: &str) -> Option<&Held> {
        self.locks.iter().find(|lock| lock.resource == resource)
    }
}

/// One ref of a cell, moved.
#[derive(Clone, Debug)]
pub struct Change {
    /// The ref.
    pub cell: String,
    /// The commits; empty where there was none.
    pub from: String,
    pub to: String,
    pub state: State,
}

/// What came into force at one instant.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    pub changes: Vec<Change>,
    pub branches: Vec<String>,
}

/// All that the remote did, and what it still has.
#[derive(Clone, Debug, Default)]
pub struct Landed {
    pub transactions: Vec<Transaction>,
    /// The states that are reached from where each cell stands in the end.
    pub kept: BTreeMap<String, Vec<State>>,
}

impl Landed {
    pub fn branches(&self) -> BTreeSet<&str> {
        let all = self.transactions.iter().flat_map(|t| &t.branches);
        all.map(String::as_str).collect()
    }
}
