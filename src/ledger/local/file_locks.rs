//! Locks for what a clone does one at a time: deciding about a claim that must not be shared, and
//! talking to a remote.
//!
//! Owns operating-system file locks, which end with their process however that ends: no stale
//! lock is left behind. Never guards a ref; those have their own compare-and-swap.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::clock::Clock;
use crate::ledger::layout::{DECISION_LOCK, SYNC_LOCK};
use crate::ledger::local::folder::Folder;
use crate::ledger::permissions::Sharing;

const ROUNDS_MAX: u32 = 200;
const PAUSE_MILLIS_MAX: u64 = 25;

/// Held until it is dropped.
#[must_use = "the lock ends when it is dropped"]
pub struct DecisionLock {
    _file: File,
}

pub fn acquire(folder: &Folder, clock: &dyn Clock) -> std::io::Result<DecisionLock> {
    let file = open_lock(&folder.join(DECISION_LOCK), folder.sharing())?;
    lock_within_bounds(&file, clock)?;
    Ok(DecisionLock { _file: file })
}

/// Held until it is dropped.
#[must_use = "the lock ends when it is dropped"]
pub struct SyncLock {
    _file: Option<File>,
    /// Whether somebody else held it before.
    pub waited: bool,
}

/// The lock for talking to a remote; `None` when somebody still has it after `wait`. Where the
/// file system has no such locks, two may talk at once: slower, and right all the same.
pub fn acquire_sync(
    folder: &Folder,
    clock: &dyn Clock,
    wait: Duration,
) -> std::io::Result<Option<SyncLock>> {
    let file = open_lock(&folder.join(SYNC_LOCK), folder.sharing())?;
    let until = clock.elapsed() + wait;
    let mut waited = false;
    loop {
        let _file = match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::Error(_)) => None,
            Err(TryLockError::WouldBlock) if clock.elapsed() >= until => return Ok(None),
            Err(TryLockError::WouldBlock) => {
                waited = true;
                clock.pause(PAUSE_MILLIS_MAX);
                continue;
            }
        };
        return Ok(Some(SyncLock { _file, waited }));
    }
}

/// Wait for a lock for some seconds; then it is an error of the kind `WouldBlock`.
pub fn lock_within_bounds(file: &File, clock: &dyn Clock) -> std::io::Result<()> {
    for round in 0..ROUNDS_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            // Mostly it is held for less than a millisecond.
            Err(TryLockError::WouldBlock) => {
                clock.pause((1 << round.min(8)).min(PAUSE_MILLIS_MAX));
            }
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
