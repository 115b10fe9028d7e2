//! The lock under which claims that must not be shared are decided.
//!
//! Owns an operating-system file lock, which ends with its process however that ends: no stale
//! lock is left behind. Never guards a ref; those have their own compare-and-swap.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::Machine;
use super::layout::DECISION_LOCK;
use super::sharing::Sharing;

const ROUNDS_MAX: u32 = 200;
const PAUSE_MILLIS_MAX: u64 = 25;

/// Held until it is dropped.
#[must_use = "the lock ends when it is dropped"]
pub struct DecisionLock {
    _file: File,
}

pub fn acquire(
    folder: &Path,
    sharing: Sharing,
    machine: &dyn Machine,
) -> std::io::Result<DecisionLock> {
    let file = open_lock(&folder.join(DECISION_LOCK), sharing)?;
    lock_within_bounds(&file, machine)?;
    Ok(DecisionLock { _file: file })
}

/// Wait for a lock for some seconds; then it is an error of the kind `WouldBlock`.
pub fn lock_within_bounds(file: &File, machine: &dyn Machine) -> std::io::Result<()> {
    for _ in 0..ROUNDS_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => machine.pause(PAUSE_MILLIS_MAX),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::WouldBlock.into())
}

/// Open a file for the sake of its lock, so that everybody who may write here can.
pub fn open_lock(path: &Path, sharing: Sharing) -> std::io::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    // Whoever created it has done this; it fails for everybody else, and is not needed then.
    let _ = sharing.apply(path);
    Ok(file)
}
