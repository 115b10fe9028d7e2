//! The folder of this clone's own files, `<git>/presence`.
//!
//! Owns [`Folder`]: where it is, that it is there, and the replacing of a file as a whole. Never
//! knows what a file of it says.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::ledger::layout;
use crate::ledger::permissions::Sharing;

/// Why a file of this clone could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("timed out waiting for another git-presence process ({what})")]
    Held { what: &'static str },
    #[error("cannot write {}: {source}", path.display())]
    Failed {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// The folder of this clone's own files. It is not there before the first write.
pub struct Folder {
    path: PathBuf,
    sharing: Sharing,
}

impl Folder {
    pub fn new(common_dir: &Path, sharing: Sharing) -> Self {
        Self {
            path: common_dir.join(layout::FOLDER),
            sharing,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Returns the text of a file, or nothing where it cannot be read.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.join(name)).unwrap_or_default()
    }

    /// Makes the folder. A clone that only reads has none before it talks to a remote.
    pub fn ensure(&self) -> std::io::Result<()> {
        if self.path.is_dir() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.path)?;
        self.sharing.apply(&self.path)
    }

    /// Replaces a file as a whole. It is not synced: what is kept so can be learnt again.
    pub fn replace(&self, name: &str, what: &impl serde::Serialize) -> Result<(), FolderError> {
        let text = toml::to_string(what).map_err(std::io::Error::other);
        text.and_then(|text| self.replace_bytes(name, text.as_bytes()))
            .map_err(|error| self.error("its own folder", error))
    }

    pub fn replace_bytes(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::Builder::new();
        let mut file = file
            .prefix(layout::UNFINISHED_PREFIX)
            .tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        self.sharing.apply(file.path())?;
        let path = self.join(name);
        file.persist(path).map_err(|error| error.error).map(drop)
    }

    /// Returns what an error of the file system means for the caller.
    pub fn error(&self, what: &'static str, source: std::io::Error) -> FolderError {
        if source.kind() == ErrorKind::WouldBlock {
            return FolderError::Held { what };
        }
        FolderError::Failed {
            path: self.path.clone(),
            source,
        }
    }
}
