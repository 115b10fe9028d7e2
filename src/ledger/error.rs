//! The errors of the ledger.
//!
//! Owns [`LedgerError`]. Never decides what the caller does about one.

use crate::ledger::local::folder::FolderError;
use crate::ledger::objects::write::WriteError;
use crate::ledger::refs::{RefError, SwapError};
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// Why the ledger could not do what it was asked to. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error(transparent)]
    Refs(#[from] RefError),
    #[error(transparent)]
    Swap(#[from] SwapError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("{0}")]
    Unreadable(Unreadable),
    #[error("gave up after {rounds} attempts: {last}")]
    Contended { rounds: u32, last: SwapError },
    #[error("more than {count_max} records of one kind ({noun})")]
    TooMany {
        noun: &'static str,
        count_max: usize,
    },
    #[error("{file} would be larger than {bytes_max} bytes")]
    TooLarge { file: String, bytes_max: u64 },
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("a push into this repository is being checked; nothing may be written before it ends")]
    Quarantined,
}

impl LedgerError {
    /// A ref of which nothing can be read.
    pub(in crate::ledger) fn unreadable(at: &str, defect: Defect) -> Self {
        Self::Unreadable(Unreadable::new(at, defect, MayHold::Anything))
    }
}
