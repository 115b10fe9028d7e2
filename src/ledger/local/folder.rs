//! The folder of this clone's own files, `<git>/presence`.
//!
//! Owns [`Folder`]: its path, making it, and replacing a file as a whole. Never knows the content
//! of a file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::ledger::layout;
use crate::ledger::permissions::Sharing;
use crate::ledger::plain::{Access, Foreign, PlainDir};

/// Why a file of this clone could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process of this clone held a lock for too long.
    #[error("timed out waiting for another git-presence process ({what})")]
    Held {
        /// What the other process does.
        what: &'static str,
    },
    /// Something else is in the place of a file or of the folder.
    #[error("{0}, so nothing is written there")]
    Foreign(Foreign),
    /// A file or the folder could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Failed {
        /// The file or the folder.
        path: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
}

/// The folder of this clone's own files. It does not exist before the first write.
pub struct Folder {
    path: PathBuf,
    sharing: Sharing,
}

impl Folder {
    /// Returns the folder in a common git directory. Does not make it.
    pub fn new(common_dir: &Path, sharing: Sharing) -> Self {
        Self {
            path: common_dir.join(layout::FOLDER),
            sharing,
        }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the permissions of new files in the folder.
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Returns the path of a file in the folder.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens the folder. Fails if it does not exist, or is no folder.
    pub(in crate::ledger) fn open(&self) -> std::io::Result<PlainDir> {
        PlainDir::open(&self.path)
    }

    /// Returns the content of a file. Fails if there is none, or something else.
    pub(in crate::ledger) fn read(&self, name: &str) -> std::io::Result<Vec<u8>> {
        self.open()?.read(name, layout::bytes_max(name))
    }

    /// Returns what tells this folder from a copy of it; `None` where that is not known. The number
    /// of the device is part of it, because a snapshot of a file system and the containers of one
    /// image keep that of the file.
    #[cfg(unix)]
    pub fn identity(&self) -> Option<String> {
        use std::os::unix::fs::MetadataExt as _;
        let meta = self.path.metadata().ok()?;
        Some(format!("{:x}:{:x}", meta.dev(), meta.ino()))
    }

    /// Returns what tells this folder from a copy of it; not known here.
    #[cfg(not(unix))]
    pub fn identity(&self) -> Option<String> {
        None
    }

    /// Returns true if `file` is still the one under this name.
    #[cfg(unix)]
    pub(in crate::ledger) fn has_file(&self, name: &str, file: &std::fs::File) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let number =
            |meta: std::io::Result<std::fs::Metadata>| meta.ok().map(|m| (m.dev(), m.ino()));
        let there = number(self.path.join(name).symlink_metadata());
        there.is_some() && there == number(file.metadata())
    }

    /// Returns true if there is still a file under this name.
    #[cfg(not(unix))]
    pub(in crate::ledger) fn has_file(&self, name: &str, file: &std::fs::File) -> bool {
        self.path.join(name).exists() && file.metadata().is_ok()
    }

    /// Returns true if there is something under this name.
    pub(in crate::ledger) fn has(&self, name: &str) -> bool {
        self.path.join(name).symlink_metadata().is_ok()
    }

    /// Returns the text of a file; an empty text if it cannot be read.
    pub fn text(&self, name: &str) -> String {
        let text = self.read(name).ok().map(String::from_utf8);
        text.and_then(Result::ok).unwrap_or_default()
    }

    /// Makes the folder if it does not exist: a clone that never wrote has none.
    pub fn ensure(&self) -> std::io::Result<()> {
        match self.open() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened.map(drop),
        }
        std::fs::create_dir_all(&self.path)?;
        self.open()?.own(self.sharing)
    }

    /// Removes a file.
    pub(in crate::ledger) fn remove(&self, name: &str) -> std::io::Result<()> {
        self.open()?.remove(name)
    }

    /// Replaces a file as a whole with TOML. Does not sync it: a lost file can be made again.
    pub fn replace(&self, name: &str, what: &impl serde::Serialize) -> Result<(), FolderError> {
        let text = toml::to_string(what).map_err(std::io::Error::other);
        text.and_then(|text| self.replace_bytes(name, text.as_bytes()))
            .map_err(|error| self.error("its own folder", error))
    }

    /// Replaces a file as a whole, without syncing it.
    pub fn replace_bytes(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let content = (Access::New, layout::UNFINISHED_PREFIX, bytes);
        let share = |file: &std::fs::File| self.sharing.apply_to(file);
        self.open()?.replace(name, content, share)
    }

    /// Replaces a file that only saves reading. It is missing for a moment, because ext4 writes out
    /// at once what is renamed over another file, and that takes longer than all else here.
    pub(in crate::ledger) fn replace_cache(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        // What cannot be removed is replaced, or the error is that of the replacement.
        let _ = self.remove(name);
        self.replace_bytes(name, bytes)
    }

    /// Converts an error of the file system; `WouldBlock` means that another process does `what`.
    pub fn error(&self, what: &'static str, source: std::io::Error) -> FolderError {
        if source.kind() == ErrorKind::WouldBlock {
            return FolderError::Held { what };
        }
        if let Some(foreign) = Foreign::of(&source) {
            return FolderError::Foreign(foreign.clone());
        }
        FolderError::Failed {
            path: self.path.clone(),
            source,
        }
    }
}
