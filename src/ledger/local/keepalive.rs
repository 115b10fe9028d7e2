//! Who keeps the claims of a session alive: one process at most.
//!
//! Owns `<git>/presence/keep-<key>.lock`, locked by that process and removed to make it end. Never
//! renews anything.

use std::fs::File;
use std::path::PathBuf;

use crate::ledger::layout;
use crate::ledger::local::file_locks::open_lock;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;

/// Held until it is dropped.
#[must_use = "another keeper may begin when it is dropped"]
pub struct KeeperLock {
    file: File,
    path: PathBuf,
}

/// The one process that keeps the claims of a session alive.
pub struct Keepalive<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

impl<'l> Keepalive<'l> {
    pub fn new(folder: &'l Folder, session: &'l SessionId) -> Self {
        Self { folder, session }
    }

    /// Becomes the keeper of the session; `None` where there is one.
    pub fn lock(&self) -> Result<Option<KeeperLock>, FolderError> {
        let path = self.folder.join(&layout::keep_file(self.session));
        let lock = || {
            self.folder.ensure()?;
            let file = open_lock(&path, self.folder.sharing())?;
            Ok(match file.try_lock() {
                Ok(()) => Some(KeeperLock {
                    file,
                    path: path.clone(),
                }),
                Err(_) => None,
            })
        };
        let locked = lock().map_err(|error| self.folder.error("the keeper of a session", error))?;
        // Whoever ends a keeper may have removed the file before it was locked.
        Ok(locked.filter(KeeperLock::is_wanted))
    }

    /// Lets the keeper of the session end.
    pub fn end(&self) {
        let _ = std::fs::remove_file(self.folder.join(&layout::keep_file(self.session)));
    }
}

impl KeeperLock {
    /// Whether nobody removed the file since.
    #[cfg(unix)]
    pub fn is_wanted(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let number =
            |meta: std::io::Result<std::fs::Metadata>| meta.ok().map(|m| (m.dev(), m.ino()));
        let there = number(std::fs::metadata(&self.path));
        there.is_some() && there == number(self.file.metadata())
    }

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
