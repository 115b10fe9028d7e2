//! Ref stores: compare-and-swap over refs.
//!
//! Owns [`RefStore`], the only contract through which the ledger reads and moves refs, and its
//! errors. Three stores implement it: loose and packed files, the `git` executable for every other
//! ref format, and memory for tests. Never knows what a ref stands for.

mod cli;
mod files;
#[cfg(test)]
pub(super) mod memory;
#[cfg(test)]
mod tests;
pub(super) mod tips;

pub(super) use cli::CliRefs;
pub(super) use files::FileRefs;
pub use files::survive_signals;
use gix::ObjectId;

use crate::model::time::Timestamp;

/// The value of a ref name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum RefValue {
    /// No ref has the name.
    #[default]
    Absent,
    /// The ref names this object.
    At(ObjectId),
    /// The ref exists without an object id, for the reason given: never the same as absent.
    Broken(String),
}

impl RefValue {
    /// Returns the object id, if the ref names one.
    pub(super) fn id(&self) -> Option<ObjectId> {
        match self {
            Self::At(id) => Some(*id),
            Self::Absent | Self::Broken(_) => None,
        }
    }
}

/// The error of reading refs.
#[derive(Debug, thiserror::Error)]
pub enum RefError {
    /// A ref has the name of a folder of refs.
    #[error("{with} is a ref where a folder of refs belongs")]
    Clash {
        /// The name of that ref.
        with: String,
    },
    /// The store could not be read, for the reason given.
    #[error("cannot read refs: {0}")]
    Failed(String),
}

/// The error of moving a ref. The ref is unchanged, except after `NotDurable`.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// Another process moved the ref first; the caller reads and decides again.
    #[error("{0} was changed by another process")]
    Lost(String),
    /// Another process has the lock with this name, and may release it.
    #[error("{0} is locked")]
    Busy(String),
    /// The ref exists without an object id.
    #[error("{name} is present and unreadable: {detail}")]
    Broken {
        /// The name of the ref.
        name: String,
        /// The defect, for users.
        detail: String,
    },
    /// A ref has the name of a folder of refs.
    #[error("{with} is a ref where a folder of refs belongs")]
    Clash {
        /// The name of that ref.
        with: String,
    },
    /// The ref was moved, but could not be synced to disk.
    #[error("{name} was written, but may not survive a power cut: {source}")]
    NotDurable {
        /// The name of the ref.
        name: String,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// The ref could not be written.
    #[error("cannot write {name}: {source}")]
    Failed {
        /// The name of the ref.
        name: String,
        /// The error of the file system, or the error text of `git`.
        source: std::io::Error,
    },
}

/// Compare-and-swap over named object ids.
///
/// Contract: `swap` succeeds for at most one of any number of concurrent calls with the same
/// expectation and different new ids; a value that `swap` reported as written is durable where
/// the store was opened durable; a broken ref is never reported as absent nor swapped over.
pub(super) trait RefStore {
    /// Returns the value of the ref `name`.
    fn read(&self, name: &str) -> Result<RefValue, RefError>;

    /// Returns all refs whose names start with `prefix`, which ends with a slash, ordered by name.
    ///
    /// A ref that exists throughout the call is in the answer.
    fn list(&self, prefix: &str) -> Result<Vec<(String, RefValue)>, RefError>;

    /// Moves the ref `name` from `expected` (`None`: it must not exist) to `new`.
    fn swap(&self, name: &str, expected: Option<ObjectId>, new: ObjectId) -> Result<(), SwapError>;

    /// Whether reading one ref costs much less than listing all of them.
    fn reads_one_cheaply(&self) -> bool;

    /// Whether another process has the lock of `name`, so that a swap would fail.
    ///
    /// Removes a lock whose process has ended; it does not count.
    fn is_locked(&self, name: &str, now: Timestamp) -> bool;

    /// Replaces a useless value by `to`, or removes the ref, but only if it still is `found`.
    fn repair(&self, name: &str, found: &RefValue, to: Option<ObjectId>) -> Result<(), SwapError>;

    /// Removes each ref of `refs` that still is at its id. Returns what came of each.
    fn remove_all(&self, refs: &[(String, ObjectId)]) -> Vec<Result<(), SwapError>> {
        remove_each(self, refs)
    }
}

/// Removes each ref of `refs` by itself.
fn remove_each(
    store: &(impl RefStore + ?Sized),
    refs: &[(String, ObjectId)],
) -> Vec<Result<(), SwapError>> {
    let one = |(name, id): &(String, ObjectId)| store.repair(name, &RefValue::At(*id), None);
    refs.iter().map(one).collect()
}
