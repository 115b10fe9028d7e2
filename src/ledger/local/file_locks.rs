//! File locks for what a clone does one at a time: deciding exclusive claims, and talking to a
//! remote.
//!
//! Owns [`DecisionLock`] and [`SyncLock`], operating-system file locks, which end with their
//! process however that ends, so that none becomes stale. Never guards a ref; refs have their own
//! compare-and-swap.

use std::fs::{File, TryLockError};
use std::time::Duration;

use crate::clock::Clock;
use crate::ledger::layout::{DECISION_LOCK, SYNC_LOCK};
use crate::ledger::local::folder::Folder;
use crate::ledger::permissions::Sharing;
use crate::ledger::plain::{Access, PlainDir};

const ROUNDS_MAX: u32 = 200;
const PAUSE_MILLIS_MAX: u64 = 25;

/// The lock for deciding an exclusive claim, held until it is dropped.
#[must_use = "the lock ends when it is dropped"]
pub struct DecisionLock {
    _file: File,
}

/// Takes the lock for deciding an exclusive claim. Waits for some seconds, then fails with the kind
/// `WouldBlock`.
pub(crate) fn acquire(folder: &Folder, clock: &dyn Clock) -> std::io::Result<DecisionLock> {
    let file = open_lock(&folder.open()?, DECISION_LOCK, folder.sharing())?;
    lock_within_bounds(&file, clock)?;
    Ok(DecisionLock { _file: file })
}

/// The lock for talking to a remote, held until it is dropped.
#[must_use = "the lock ends when it is dropped"]
pub struct SyncLock {
    _file: Option<File>,
    /// Whether another process held the lock, so that this one had to wait.
    pub waited: bool,
}

/// Takes the lock for talking to a remote; `None` if another process still holds it after `wait`.
/// On a file system without such locks two processes may talk at once, which is slower but correct.
pub(crate) fn acquire_sync(
    folder: &Folder,
    clock: &dyn Clock,
    wait: Duration,
) -> std::io::Result<Option<SyncLock>> {
    let file = open_lock(&folder.open()?, SYNC_LOCK, folder.sharing())?;
    let until = clock.elapsed() + wait;
    let mut waited = false;
    loop {
        let _file = match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::Error(_)) => None,
            Err(TryLockError::WouldBlock) if clock.elapsed() >= until || !clock.may_wait() => {
                return Ok(None);
            }
            Err(TryLockError::WouldBlock) => {
                waited = true;
                clock.pause(PAUSE_MILLIS_MAX);
                continue;
            }
        };
        return Ok(Some(SyncLock { _file, waited }));
    }
}

/// Takes a lock. Waits for some seconds, then fails with the kind `WouldBlock`.
pub(crate) fn lock_within_bounds(file: &File, clock: &dyn Clock) -> std::io::Result<()> {
    for round in 0..ROUNDS_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            // The lock is mostly held for less than a millisecond.
            Err(TryLockError::WouldBlock) if !clock.may_wait() => break,
            Err(TryLockError::WouldBlock) => {
                clock.pause((1 << round.min(8)).min(PAUSE_MILLIS_MAX));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::WouldBlock.into())
}

/// Opens or creates a file to lock, so that all users who may write to the repository can open it.
pub(crate) fn open_lock(folder: &PlainDir, name: &str, sharing: Sharing) -> std::io::Result<File> {
    let file = folder.file(name, Access::Lock)?;
    // The process that created the file has done this; it fails for other users, for whom it is
    // not needed.
    let _ = sharing.apply_to(&file);
    Ok(file)
}
