//! How refs are read and moved.
//!
//! Owns the one contract (`RefStore`) that the rest of the ledger sees, and its errors. Three
//! stores keep it: loose and packed files, the `git` executable for every other ref storage, and
//! an in-memory twin for tests. Never knows what a ref stands for.

mod cli;
mod files;
#[cfg(test)]
pub mod memory;
#[cfg(test)]
mod tests;
pub mod tips;

pub use cli::CliRefs;
pub use files::{FileRefs, survive_signals};
use gix::ObjectId;

use crate::model::time::Timestamp;

/// What is found under a ref name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RefValue {
    #[default]
    Absent,
    At(ObjectId),
    /// There, and not an object id: never the same as absent.
    Broken(String),
}

impl RefValue {
    pub fn id(&self) -> Option<ObjectId> {
        match self {
            Self::At(id) => Some(*id),
            Self::Absent | Self::Broken(_) => None,
        }
    }
}

/// Why a ref could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RefError {
    #[error("{with} is a ref where a folder of refs belongs")]
    Clash { with: String },
    #[error("cannot read refs: {0}")]
    Failed(String),
}

/// Why a ref was not moved. Nothing changed, but where it says so.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// Somebody else moved it first; read again, decide again.
    #[error("{0} was changed by another process")]
    Lost(String),
    /// A lock stands in the way; it may go away by itself.
    #[error("{0} is locked")]
    Busy(String),
    #[error("{name} is present and unreadable: {detail}")]
    Broken { name: String, detail: String },
    #[error("{with} is a ref where a folder of refs belongs")]
    Clash { with: String },
    /// It was moved, and then the disk failed.
    #[error("{name} was written, but may not survive a power cut: {source}")]
    NotDurable {
        name: String,
        source: std::io::Error,
    },
    #[error("cannot write {name}: {source}")]
    Failed {
        name: String,
        source: std::io::Error,
    },
}

/// Compare-and-swap over named object ids.
///
/// Contract: `swap` succeeds for at most one of any number of concurrent calls with the same
/// expectation and different new ids; a value that `swap` reported as written is durable where
/// the store was opened durable; a broken ref is never reported as absent nor swapped over.
pub trait RefStore {
    fn read(&self, name: &str) -> Result<RefValue, RefError>;

    /// All refs whose names start with `prefix`, which ends with a slash, ordered by name. A ref
    /// that is there throughout the call is in the answer.
    fn list(&self, prefix: &str) -> Result<Vec<(String, RefValue)>, RefError>;

    /// Move `name` from `expected` (`None`: it must not exist) to `new`.
    fn swap(&self, name: &str, expected: Option<ObjectId>, new: ObjectId) -> Result<(), SwapError>;

    /// Whether one ref costs much less than all of them.
    fn reads_one_cheaply(&self) -> bool;

    /// Whether somebody holds the lock of `name`, so that a swap would be in vain. One that was
    /// left behind by a process that is gone is cleared, and does not count.
    fn is_locked(&self, name: &str, now: Timestamp) -> bool;

    /// Replace a value that is of no use by `to`, or remove it, but only if it still is `found`.
    fn mend(&self, name: &str, found: &RefValue, to: Option<ObjectId>) -> Result<(), SwapError>;
}
