//! The errors of the ledger.
//!
//! Owns [`LedgerError`]. Never decides what the caller does about one.

use crate::ledger::local::folder::FolderError;
use crate::ledger::objects::write::WriteError;
use crate::ledger::refs::{RefError, SwapError};
use crate::model::unreadable::Unreadable;

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
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("a push into this repository is being checked; nothing may be written before it ends")]
    Quarantined,
}
