//! Stale ref locks, and the lock of all writers.
//!
//! A process that is killed between taking `<ref>.lock` and renaming it leaves the lock behind,
//! and the ref blocked for ever. Owns [`Writers`], which tells such a lock from a held one and
//! clears it. Every writer of this program holds a shared operating-system lock, which ends with
//! its process; so an old lock file is stale if that lock can be taken exclusively. (Git itself
//! holds a ref's lock for moments.) Never touches a lock outside `refs/presence/`, the archives and
//! the tracking refs.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::clock::Clock;
use crate::ledger::layout;
use crate::ledger::local::file_locks::{lock_within_bounds, open_lock};
use crate::ledger::permissions::Sharing;
use crate::ledger::plain::{Foreign, PlainDir};
use crate::model::time::Timestamp;

/// The age in seconds of a stale lock. A lock is held for milliseconds; the rest is for a machine
/// that was suspended.
const LOCK_AGE_SECS_MAX: u64 = 60;
/// The age in seconds of a stale lock of a tracking ref; no fetch writes refs for that long.
const FETCH_SECS_MAX: u64 = 10 * 60;

/// Returns true if Git works in one of these places, and `None` if that cannot be known.
pub(crate) type GitAtWork = fn(&[PathBuf]) -> Option<bool>;

/// The lock that all processes share that write refs of this ledger.
#[derive(Clone)]
pub(crate) struct Writers {
    common_dir: PathBuf,
    sharing: Sharing,
}

/// A lock that a process holds while it writes a ref. Without a file if the file system has no such
/// locks; then no lock is ever taken for stale.
#[must_use = "the writer has left when this is dropped"]
pub(crate) struct Writing {
    _file: Option<File>,
}

impl Writers {
    /// Returns the lock of the writers in a common git directory.
    pub(crate) fn new(common_dir: &Path, sharing: Sharing) -> Self {
        Self {
            common_dir: common_dir.to_owned(),
            sharing,
        }
    }

    /// Takes the lock shared; `None` while another process holds it exclusively. Never waits: the
    /// caller may try again.
    pub(crate) fn enter(&self) -> Option<Writing> {
        let file = self.open().ok();
        match file.as_ref().map(File::try_lock_shared) {
            Some(Err(TryLockError::WouldBlock)) => None,
            Some(Err(TryLockError::Error(_))) | None => Some(Writing { _file: None }),
            Some(Ok(())) => Some(Writing { _file: file }),
        }
    }

    /// Takes the lock exclusively, so that no other process writes. Waits for some seconds, then
    /// fails with the kind `WouldBlock`. Fails if something else is in the place of its file.
    pub(crate) fn alone(&self, clock: &dyn Clock) -> io::Result<Writing> {
        let file = match self.open() {
            Err(error) if Foreign::of(&error).is_some() => return Err(error),
            file => file.ok(),
        };
        match file.as_ref().map(|file| lock_within_bounds(file, clock)) {
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
            Some(Err(_)) | None => Ok(Writing { _file: None }),
            Some(Ok(())) => Ok(Writing { _file: file }),
        }
    }

    fn open(&self) -> io::Result<File> {
        let folder = PlainDir::open(&self.common_dir.join(layout::FOLDER))?;
        open_lock(&folder, layout::WRITERS_LOCK, self.sharing)
    }

    /// Removes the lock of a ref if it is stale; returns whether it was removed.
    pub(crate) fn clear(&self, lock: &Path, now: Timestamp) -> io::Result<bool> {
        if !is_older(lock, now, LOCK_AGE_SECS_MAX) {
            return Ok(false);
        }
        let file = self.open()?;
        if file.try_lock().is_err() {
            return Ok(false);
        }
        // Another process may have cleared it, and there may be a new one.
        if !is_older(lock, now, LOCK_AGE_SECS_MAX) {
            return Ok(false);
        }
        fs::remove_file(lock).map(|()| true)
    }

    /// Returns the paths of old locks below `refs/presence/`, and of those of archives.
    pub(crate) fn find_old(&self, now: Timestamp) -> Vec<PathBuf> {
        let mut old = Vec::new();
        let is_old = |path: &Path| is_older(path, now, LOCK_AGE_SECS_MAX);
        for folder in [layout::ROOT, layout::ARCHIVE] {
            find_locks(&self.common_dir.join(folder), &is_old, &mut old);
        }
        old
    }

    /// Returns the paths of all locks of tracking refs.
    pub(crate) fn locks_of_copies(&self) -> Vec<PathBuf> {
        let mut all = Vec::new();
        find_locks(&self.common_dir.join(layout::TRACKING), &|_| true, &mut all);
        all
    }

    /// Returns the paths of very old locks of tracking refs. Git holds these while a fetch writes
    /// refs, and only their age tells whether it still runs.
    pub(crate) fn find_old_of_copies(&self, now: Timestamp) -> Vec<PathBuf> {
        let mut old = Vec::new();
        let dir = self.common_dir.join(layout::TRACKING);
        find_locks(&dir, &|path| is_older(path, now, FETCH_SECS_MAX), &mut old);
        old
    }
}

fn find_locks(dir: &Path, wanted: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        // A link is no folder here: what it leads to is not of this repository.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find_locks(&path, wanted, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "lock")
            && wanted(&path)
        {
            found.push(path);
        }
    }
}

/// Whether the file was last written more than `age_secs` ago.
fn is_older(path: &Path, now: Timestamp, age_secs: u64) -> bool {
    let modified = fs::metadata(path).and_then(|meta| meta.modified());
    let since_epoch = modified.map(|at| at.duration_since(UNIX_EPOCH));
    let Ok(Ok(since_epoch)) = since_epoch else {
        return false;
    };
    let at = Timestamp::from_millis(0).plus_secs(since_epoch.as_secs());
    now.secs_since(at) > age_secs
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD_SECS: u64 = 1_000_000_000;

    fn fixture() -> (tempfile::TempDir, Writers, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let sessions = dir.path().join(layout::namespace(layout::SESSIONS_FOLDER));
        fs::create_dir_all(&sessions).unwrap();
        fs::create_dir_all(dir.path().join(layout::FOLDER)).unwrap();
        let lock = sessions.join("a.lock");
        let file = File::create(&lock).unwrap();
        let at = UNIX_EPOCH + std::time::Duration::from_secs(OLD_SECS);
        file.set_modified(at).unwrap();
        let writers = Writers::new(dir.path(), Sharing::default());
        (dir, writers, lock)
    }

    fn at(age_secs: u64) -> Timestamp {
        Timestamp::from_millis(0).plus_secs(OLD_SECS + age_secs)
    }

    #[test]
    fn a_stale_lock_is_cleared() {
        let (_dir, writers, lock) = fixture();
        assert!(!writers.clear(&lock, at(60)).unwrap(), "not old enough");
        assert!(writers.find_old(at(60)).is_empty());
        assert_eq!(writers.find_old(at(61)), std::slice::from_ref(&lock));
        assert!(writers.clear(&lock, at(61)).unwrap());
        assert!(!lock.exists());
        assert!(
            !writers.clear(&lock, at(61)).unwrap(),
            "there is none any more"
        );
    }

    #[test]
    fn nothing_is_cleared_while_a_process_writes() {
        let (_dir, writers, lock) = fixture();
        let writing = writers.enter().unwrap();
        let also = writers.enter().unwrap();
        assert!(!writers.clear(&lock, at(1000)).unwrap());
        drop(writing);
        assert!(!writers.clear(&lock, at(1000)).unwrap());
        drop(also);
        assert!(writers.clear(&lock, at(1000)).unwrap());
    }

    #[test]
    fn no_writer_waits_for_an_exclusive_lock() {
        struct Still;
        impl Clock for Still {
            fn now(&self) -> Timestamp {
                at(0)
            }
            fn random(&self) -> crate::model::id::RandomId {
                crate::model::id::RandomId::from_bytes([0; 16])
            }
            fn elapsed(&self) -> std::time::Duration {
                std::time::Duration::ZERO
            }

            fn since_boot(&self) -> (String, u64) {
                (String::new(), 0)
            }

            fn pause(&self, _: u64) {}
        }
        let (_dir, writers, _) = fixture();
        let alone = writers.alone(&Still).unwrap();
        assert!(writers.enter().is_none());
        let error = writers.alone(&Still).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "bounded");
        drop(alone);
        assert!(writers.enter().is_some());
    }
}
