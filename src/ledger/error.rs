//! The errors of the ledger.
//!
//! Owns [`LedgerError`]. Never decides what the caller does about one.

use crate::ledger::local::folder::FolderError;
use crate::ledger::objects::write::WriteError;
use crate::ledger::refs::{RefError, SwapError};
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// Why an operation on the ledger failed. No ref was moved.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Refs could not be read or listed.
    #[error(transparent)]
    Refs(#[from] RefError),
    /// A ref could not be moved: another process was faster, holds its lock, or writing failed.
    #[error(transparent)]
    Swap(#[from] SwapError),
    /// Objects could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A record that the operation needs cannot be read.
    #[error("{0}")]
    Unreadable(Unreadable),
    /// Every attempt to write lost to another process.
    #[error("gave up after {rounds} attempts: {last}")]
    Contended {
        /// The number of attempts.
        rounds: u32,
        /// The error of the last attempt.
        last: SwapError,
    },
    /// A tree would have more records than it may, or more of one kind.
    #[error("there would be more than {count_max} records ({noun}) in one place")]
    TooMany {
        /// What a record of the kind is called in messages.
        noun: &'static str,
        /// The most records of the kind in one tree.
        count_max: usize,
    },
    /// A record would be larger than the limit of its kind.
    #[error("{file} would be larger than {bytes_max} bytes")]
    TooLarge {
        /// The name of its file in the tree.
        file: String,
        /// The most bytes of one record.
        bytes_max: u64,
    },
    /// A file of this clone could not be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Git runs a receive hook, during which it refuses ref updates.
    #[error("a push into this repository is being checked; nothing may be written before it ends")]
    Quarantined,
}

impl LedgerError {
    /// Returns the error for a ref of which nothing can be read.
    pub(in crate::ledger) fn unreadable(at: &str, defect: Defect) -> Self {
        Self::Unreadable(Unreadable::new(at, defect, MayHold::Anything))
    }
}
