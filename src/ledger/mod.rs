//! What is remembered, and the only code that moves a ref.
//!
//! Owns the store of sessions in Git: reading the board, and the one write path
//! *read → decide → write → swap* with bounded, jittered retries. Deciding is the caller's, as a
//! pure function that is asked again on fresh state after every lost race. Never reads a clock
//! (a `Machine` is handed in), never prints.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    unreachable_pub,
    reason = "wider than it reaches; goes when `pub` here means public"
)]

mod batch;
mod belief;
mod cells;
mod copies;
mod floors;
pub mod health;
mod history;
mod keeper;
pub mod layout;
mod lock;
mod loose;
mod message;
mod node;
mod objects;
mod parsed;
mod record;
mod refs;
mod remembered;
mod renaming;
pub mod repository;
mod restoring;
mod seen;
mod sessions;
mod sharing;
mod stale;
mod stored;
#[cfg(test)]
mod tests;
mod tracking;
mod wiring;
mod writing;

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use batch::WriteError;
pub use belief::Belief;
pub use cells::{CellNext, CellRead, Chain};
pub use copies::{Copies, Scrutiny};
pub use gix::ObjectId as Tip;
pub use history::Entry;
pub use keeper::KeeperLock;
pub use lock::{DecisionLock, SyncLock};
use objects::Objects;
use refs::{CliRefs, FileRefs, RefStore};
pub use refs::{RefError, SwapError, survive_signals};
pub use remembered::Remembered;
use repository::Repository;
pub use seen::{Fate, Seen};
pub use sessions::{Decision, Outcome};
use sharing::Sharing;
use stale::Writers;
pub use tracking::{Ahead, Tips};

use crate::git::Git;
use crate::model::board::Unreadable;
use crate::model::id::{NodeId, RandomId};
use crate::model::time::Timestamp;

/// What the ledger needs of the world.
pub trait Machine {
    fn now(&self) -> Timestamp;
    fn random(&self) -> RandomId;
    /// How long this process has been running, on a clock that nobody sets.
    fn elapsed(&self) -> Duration;
    /// The time since this machine was started, suspend included, in milliseconds, and a name for
    /// that start.
    fn since_boot(&self) -> (String, u64);
    /// Sleep for a random time of at most `millis_max`.
    fn pause(&self, millis_max: u64);
}

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
    objects: Objects,
    refs: Box<dyn RefStore>,
    common_dir: PathBuf,
    folder: PathBuf,
    writers: Writers,
    sharing: Sharing,
    durable: bool,
    quarantined: bool,
    /// The remote whose copies are read along.
    remote: Option<String>,
    /// Whether a fetch may leave out objects.
    is_partial: bool,
    /// Whether who only reads may leave something for the next reader.
    caches: bool,
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
    fn former_names(&self) -> Vec<NodeId> {
        node::read_former(&self.folder)
    }

    /// The node id, made if need be.
    pub fn ensure_node(&self, machine: &dyn Machine) -> Result<NodeId, LedgerError> {
        self.may_write()?;
        let made = node::ensure(
            &self.folder,
            &self.writers,
            machine,
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
    pub fn lock_decision(&self, machine: &dyn Machine) -> Result<DecisionLock, LedgerError> {
        self.may_write()?;
        lock::acquire(&self.folder, self.sharing, machine)
            .map_err(|error| self.folder_error("the decision about a claim", error))
    }

    /// Take the lock under which this clone talks to a remote, waiting for it for at most `wait`.
    pub fn lock_sync(
        &self,
        machine: &dyn Machine,
        wait: Duration,
    ) -> Result<Option<SyncLock>, LedgerError> {
        self.may_write()?;
        self.ensure_folder()
            .and_then(|()| lock::acquire_sync(&self.folder, self.sharing, machine, wait))
            .map_err(|error| self.folder_error("a sync", error))
    }

    /// A clone that only reads has no folder of its own before it talks to a remote.
    fn ensure_folder(&self) -> std::io::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        self.sharing.apply(&self.folder)
    }

    /// Replace a file of this clone's own folder as a whole. Not synced: what is kept there can be
    /// learnt again.
    fn replace_file(&self, name: &str, what: &impl serde::Serialize) -> Result<(), LedgerError> {
        let text = toml::to_string(what).map_err(std::io::Error::other);
        text.and_then(|text| self.replace_bytes(name, text.as_bytes()))
            .map_err(|error| self.folder_error("its own folder", error))
    }

    fn replace_bytes(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::Builder::new();
        let mut file = file
            .prefix(layout::UNFINISHED_PREFIX)
            .tempfile_in(&self.folder)?;
        file.write_all(bytes)?;
        self.sharing.apply(file.path())?;
        let path = self.folder.join(name);
        file.persist(path).map_err(|error| error.error).map(drop)
    }

    fn may_write(&self) -> Result<(), LedgerError> {
        if self.quarantined {
            return Err(LedgerError::Quarantined);
        }
        Ok(())
    }

    fn folder_error(&self, what: &'static str, source: std::io::Error) -> LedgerError {
        if source.kind() == ErrorKind::WouldBlock {
            return LedgerError::Held { what };
        }
        LedgerError::Folder {
            path: self.folder.clone(),
            source,
        }
    }
}
