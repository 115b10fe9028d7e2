//! The ledger as it is opened: its objects, its refs, and the folder of this clone.
//!
//! Owns [`Ledger`] and what every write asks for first. Never decides, never knows a
//! kind of record.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::Clock;
use crate::git::Git;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::{Namespace, Table};
use crate::ledger::layout;
use crate::ledger::local::audit_log::AuditLog;
use crate::ledger::local::file_locks::{self, DecisionLock, SyncLock};
use crate::ledger::local::folder::Folder;
use crate::ledger::local::keepalive::Keepalive;
use crate::ledger::local::node;
use crate::ledger::local::notices::Notices;
use crate::ledger::local::writers::Writers;
use crate::ledger::objects::read::Objects;
use crate::ledger::permissions::Sharing;
use crate::ledger::records::TABLE;
use crate::ledger::refs::{CliRefs, FileRefs, RefStore};
use crate::ledger::repository::Repository;
use crate::model::id::{NodeId, SessionId};

/// The longest path of a socket on Linux and macOS.
const SOCKET_BYTES_MAX: usize = 103;
/// A hash for `%C`, and the end of a temporary name.
const SSH_FILLS_IN_BYTES: usize = 40 - 2 + 17;

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
    pub(in crate::ledger) folder: Folder,
    pub(in crate::ledger) writers: Writers,
    pub(in crate::ledger) durable: bool,
    pub(in crate::ledger) quarantined: bool,
    /// The kinds of records that are known.
    pub(in crate::ledger) table: &'static Table,
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
            folder: Folder::new(repo.common_dir(), sharing),
            writers,
            durable: fsync,
            quarantined: durability.quarantined,
            table: &TABLE,
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

    /// Keep records of these kinds in place of the known ones.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn knowing(mut self, table: &'static Table) -> Self {
        self.table = table;
        self
    }

    /// Returns the namespace of a ref, wherever a copy of it stands.
    pub(in crate::ledger) fn namespace_of(&self, at: &str) -> Option<&'static Namespace> {
        self.table.of(&layout::own_name(at))
    }

    /// The node id, if something was ever written from here.
    pub fn node(&self) -> Option<NodeId> {
        node::read(self.folder.path())
    }

    /// The names that this clone had before, and under which something may still stand here.
    pub(in crate::ledger) fn former_names(&self) -> Vec<NodeId> {
        node::read_former(self.folder.path())
    }

    /// The node id, made if need be.
    pub fn ensure_node(&self, clock: &dyn Clock) -> Result<NodeId, LedgerError> {
        self.may_write()?;
        let made = node::ensure(&self.folder, &self.writers, clock, self.durable);
        made.map_err(|error| self.folder.error("the naming of this clone", error).into())
    }

    /// This clone's own folder, `<git>/presence`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where ssh may keep a connection that several calls share. Not in a folder that others may
    /// write to, who could offer theirs.
    pub fn ssh_socket(&self) -> Option<PathBuf> {
        self.ssh_socket_in(self.folder.path())
            .filter(|_| self.folder.sharing().bits() == 0)
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
        file_locks::acquire(&self.folder, clock).map_err(|error| {
            self.folder
                .error("the decision about a claim", error)
                .into()
        })
    }

    /// Take the lock under which this clone talks to a remote, waiting for it for at most `wait`.
    pub fn lock_sync(
        &self,
        clock: &dyn Clock,
        wait: Duration,
    ) -> Result<Option<SyncLock>, LedgerError> {
        self.may_write()?;
        self.folder
            .ensure()
            .and_then(|()| file_locks::acquire_sync(&self.folder, clock, wait))
            .map_err(|error| self.folder.error("a sync", error).into())
    }

    /// Commands and edits that hooks saw.
    pub fn audit_log(&self) -> AuditLog<'_> {
        AuditLog::new(&self.folder)
    }

    /// What sessions of this clone were told last.
    pub fn notices(&self) -> Notices<'_> {
        Notices::new(&self.folder)
    }

    /// The process that keeps the claims of `session` alive.
    pub fn keepalive<'l>(&'l self, session: &'l SessionId) -> Keepalive<'l> {
        Keepalive::new(&self.folder, session)
    }

    pub(in crate::ledger) fn may_write(&self) -> Result<(), LedgerError> {
        if self.quarantined {
            return Err(LedgerError::Quarantined);
        }
        Ok(())
    }
}
