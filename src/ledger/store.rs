//! The ledger as it is opened: its objects, its refs, and the folder of this clone.
//!
//! Owns [`Ledger`], its errors, and what every write asks for first. Never decides, never knows a
//! kind of record.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::Clock;
use crate::git::Git;
use crate::ledger::layout;
use crate::ledger::local::file_locks::{self, DecisionLock, SyncLock};
use crate::ledger::local::node;
use crate::ledger::local::writers::Writers;
use crate::ledger::objects::read::Objects;
use crate::ledger::objects::write::WriteError;
use crate::ledger::permissions::Sharing;
use crate::ledger::refs::{CliRefs, FileRefs, RefError, RefStore, SwapError};
use crate::ledger::repository::Repository;
use crate::model::board::Unreadable;
use crate::model::id::NodeId;

/// The longest path of a socket on Linux and macOS.
const SOCKET_BYTES_MAX: usize = 103;
/// A hash for `%C`, and the end of a temporary name.
const SSH_FILLS_IN_BYTES: usize = 40 - 2 + 17;

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
    #[error("another process has been busy with {what} for seconds")]
    Held { what: &'static str },
    #[error("cannot write {}: {source}", path.display())]
    Folder {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("a push into this repository is being checked; nothing may be written before it ends")]
    Quarantined,
}

/// How the ledger writes.
#[derive(Clone, Copy, Debug)]
pub struct Durability {
    /// Sync objects, refs and folders, so that what was reported survives a power cut.
    pub fsync: bool,
    /// Set while Git runs a receive hook; it refuses ref updates then, and so do we.
    pub quarantined: bool,
}

pub struct Ledger {
    pub(in crate::ledger) objects: Objects,
    pub(in crate::ledger) refs: Box<dyn RefStore>,
    pub(in crate::ledger) common_dir: PathBuf,
    pub(in crate::ledger) folder: PathBuf,
    pub(in crate::ledger) writers: Writers,
    pub(in crate::ledger) sharing: Sharing,
    pub(in crate::ledger) durable: bool,
    pub(in crate::ledger) quarantined: bool,
    /// The remote whose copies are read along.
    pub(in crate::ledger) remote: Option<String>,
    /// Whether a fetch may leave out objects.
    pub(in crate::ledger) is_partial: bool,
    /// Whether who only reads may leave something for the next reader.
    pub(in crate::ledger) caches: bool,
}

impl Ledger {
    pub fn new(repository: &Repository, durability: Durability) -> Self {
        let sharing = Sharing::from_config(repository.shared().as_deref());
        let repo = &repository.gix;
        let writers = Writers::new(repo.common_dir(), sharing);
        let fsync = durability.fsync;
        let refs: Box<dyn RefStore> = if repository.refs_are_files {
            Box::new(FileRefs::new(repo, writers.clone(), fsync, sharing))
        } else {
            Box::new(CliRefs::new(Git::at(repo.git_dir()), fsync))
        };
        Self {
            objects: Objects::new(repo, fsync, sharing),
            refs,
            common_dir: repo.common_dir().to_owned(),
            folder: repo.common_dir().join(layout::FOLDER),
            writers,
            sharing,
            durable: fsync,
            quarantined: durability.quarantined,
            remote: None,
            is_partial: repository.is_partial(),
            caches: true,
        }
    }

    /// Whether what was read is kept for the next reader.
    #[must_use]
    pub fn caching(mut self, caches: bool) -> Self {
        self.caches = caches;
        self
    }

    /// The node id, if something was ever written from here.
    pub fn node(&self) -> Option<NodeId> {
        node::read(&self.folder)
    }

    /// The names that this clone had before, and under which something may still stand here.
    pub(in crate::ledger) fn former_names(&self) -> Vec<NodeId> {
        node::read_former(&self.folder)
    }

    /// The node id, made if need be.
    pub fn ensure_node(&self, clock: &dyn Clock) -> Result<NodeId, LedgerError> {
        self.may_write()?;
        let made = node::ensure(
            &self.folder,
            &self.writers,
            clock,
            self.sharing,
            self.durable,
        );
        made.map_err(|error| self.folder_error("the naming of this clone", error))
    }

    /// This clone's own folder, `<git>/presence`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where ssh may keep a connection that several calls share. Not in a folder that others may
    /// write to, who could offer theirs.
    pub fn ssh_socket(&self) -> Option<PathBuf> {
        self.ssh_socket_in(&self.folder)
            .filter(|_| self.sharing.bits() == 0)
    }

    /// The same in another folder, which nobody else may write to. Not where the path is too long
    /// for a socket.
    pub fn ssh_socket_in(&self, folder: &Path) -> Option<PathBuf> {
        let path = folder.join(layout::SSH_SOCKET);
        let fits = path.as_os_str().len() + SSH_FILLS_IN_BYTES <= SOCKET_BYTES_MAX;
        let is_plain = folder.to_str().is_some_and(|text| !text.contains('%'));
        (fits && is_plain).then_some(path)
    }

    /// Take the lock under which claims that must not be shared are decided, one at a time.
    pub fn lock_decision(&self, clock: &dyn Clock) -> Result<DecisionLock, LedgerError> {
        self.may_write()?;
        file_locks::acquire(&self.folder, self.sharing, clock)
            .map_err(|error| self.folder_error("the decision about a claim", error))
    }

    /// Take the lock under which this clone talks to a remote, waiting for it for at most `wait`.
    pub fn lock_sync(
        &self,
        clock: &dyn Clock,
        wait: Duration,
    ) -> Result<Option<SyncLock>, LedgerError> {
        self.may_write()?;
        self.ensure_folder()
            .and_then(|()| file_locks::acquire_sync(&self.folder, self.sharing, clock, wait))
            .map_err(|error| self.folder_error("a sync", error))
    }

    /// A clone that only reads has no folder of its own before it talks to a remote.
    pub(in crate::ledger) fn ensure_folder(&self) -> std::io::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        self.sharing.apply(&self.folder)
    }

    /// Replace a file of this clone's own folder as a whole. Not synced: what is kept there can be
    /// learnt again.
    pub(in crate::ledger) fn replace_file(
        &self,
        name: &str,
        what: &impl serde::Serialize,
    ) -> Result<(), LedgerError> {
        let text = toml::to_string(what).map_err(std::io::Error::other);
        text.and_then(|text| self.replace_bytes(name, text.as_bytes()))
            .map_err(|error| self.folder_error("its own folder", error))
    }

    pub(in crate::ledger) fn replace_bytes(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::Builder::new();
        let mut file = file
            .prefix(layout::UNFINISHED_PREFIX)
            .tempfile_in(&self.folder)?;
        file.write_all(bytes)?;
        self.sharing.apply(file.path())?;
        let path = self.folder.join(name);
        file.persist(path).map_err(|error| error.error).map(drop)
    }

    pub(in crate::ledger) fn may_write(&self) -> Result<(), LedgerError> {
        if self.quarantined {
            return Err(LedgerError::Quarantined);
        }
        Ok(())
    }

    pub(in crate::ledger) fn folder_error(
        &self,
        what: &'static str,
        source: std::io::Error,
    ) -> LedgerError {
        if source.kind() == ErrorKind::WouldBlock {
            return LedgerError::Held { what };
        }
        LedgerError::Folder {
            path: self.folder.clone(),
            source,
        }
    }
}
