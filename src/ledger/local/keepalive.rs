//! The lock of the keeper, the one process that renews the claims of a session.
//!
//! Owns [`Keepalive`]: `<git>/presence/keep-<key>.lock`, which the keeper locks, and which is
//! removed to make it end. Never renews a claim.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use crate::ledger::layout;
use crate::ledger::local::file_locks::open_lock;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;

/// What a keeper writes before its process id.
const READY: &str = "ready ";

/// The lock of the keeper of a session, held until it is dropped.
#[must_use = "another keeper may begin when it is dropped"]
pub struct KeeperLock {
    file: File,
    path: PathBuf,
}

/// The keeper of a session: the one process that renews its claims.
pub struct Keepalive<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

impl<'l> Keepalive<'l> {
    /// Returns the keeper of `session` in a folder.
    pub fn new(folder: &'l Folder, session: &'l SessionId) -> Self {
        Self { folder, session }
    }

    /// Makes this process, whose id is `pid`, the keeper of the session; `None` if there is
    /// another. Fails if the folder cannot be written.
    pub fn lock(&self, pid: u32) -> Result<Option<KeeperLock>, FolderError> {
        let path = self.folder.join(&layout::keep_file(self.session));
        let lock = || {
            self.folder.ensure()?;
            let name = layout::keep_file(self.session);
            let file = open_lock(&self.folder.open()?, &name, self.folder.sharing())?;
            Ok(match file.try_lock() {
                Ok(()) => Some(KeeperLock {
                    file,
                    path: path.clone(),
                }),
                Err(_) => None,
            })
        };
        let locked = lock();
        let locked = locked.map_err(|error| self.folder.error("the keeper of a session", error))?;
        if let Some(lock) = &locked {
            lock.say_ready(pid)
                .map_err(|error| self.folder.error("the keeper of a session", error))?;
        }
        // Another process may have removed the file, to end a keeper, before it was locked here.
        Ok(locked.filter(KeeperLock::is_wanted))
    }

    /// Returns the process id that the keeper wrote when it had the lock. That process may have
    /// ended since.
    pub fn is_ready(&self) -> Option<u32> {
        let text = self.folder.text(&layout::keep_file(self.session));
        text.strip_prefix(READY)?.trim().parse().ok()
    }

    /// Makes the keeper of the session end, by removing its file.
    pub fn end(&self) {
        let _ = self.folder.remove(&layout::keep_file(self.session));
    }
}

impl KeeperLock {
    /// Writes that the process `pid` keeps the session.
    fn say_ready(&self, pid: u32) -> std::io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.write_all(format!("{READY}{pid}\n").as_bytes())
    }

    /// Whether the file is still there; the keeper ends once it was removed.
    #[cfg(unix)]
    pub fn is_wanted(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let number =
            |meta: std::io::Result<std::fs::Metadata>| meta.ok().map(|m| (m.dev(), m.ino()));
        let there = number(self.path.symlink_metadata());
        there.is_some() && there == number(self.file.metadata())
    }

    /// Whether the file is still there; the keeper ends once it was removed.
    #[cfg(not(unix))]
    pub fn is_wanted(&self) -> bool {
        self.path.exists() && self.file.metadata().is_ok()
    }
}

impl Drop for KeeperLock {
    fn drop(&mut self) {
        if self.is_wanted() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
