//! The open ledger: its objects, its refs, and the folder of this clone.
//!
//! Owns [`Ledger`] and the check that every write makes first. Never decides, never knows a kind of
//! record.

use std::any::Any;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::Clock;
use crate::git::Git;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::{Namespace, Table};
use crate::ledger::layout;
use crate::ledger::local::audit_log::AuditLog;
use crate::ledger::local::bell::{self, Bell};
use crate::ledger::local::chosen::Chosen;
use crate::ledger::local::cursors::{self, Cursor};
use crate::ledger::local::file_locks::{self, DecisionLock, SyncLock};
use crate::ledger::local::folder::Folder;
use crate::ledger::local::keepalive::Keepalive;
use crate::ledger::local::mail_seen::MailSeen;
use crate::ledger::local::news::NewsLog;
use crate::ledger::local::node::{self, KnownNode};
use crate::ledger::local::notices::Notices;
use crate::ledger::local::policies::Policies;
use crate::ledger::local::reconciled::Reconciled;
use crate::ledger::local::run_mark::RunMarks;
use crate::ledger::local::starts::Starts;
use crate::ledger::local::task_outbox::TaskOutbox;
use crate::ledger::local::wants::Wants;
use crate::ledger::local::writers::{GitAtWork, Writers};
use crate::ledger::objects::read::Objects;
use crate::ledger::permissions::Sharing;
use crate::ledger::records::TABLE;
use crate::ledger::refs::{CliRefs, FileRefs, RefStore};
use crate::ledger::repository::Repository;
use crate::ledger::urls::Place;
use crate::ledger::worktree::home_of_refs;
use crate::model::id::{CursorName, NodeId, SessionId};
use crate::model::retention::Retention;
use crate::model::time::Timestamp;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// The longest path of a socket on Linux and macOS, in bytes.
const SOCKET_BYTES_MAX: usize = 103;
/// What ssh adds to the path: a hash for `%C`, and the end of a temporary name.
const SSH_FILLS_IN_BYTES: usize = 40 - 2 + 17;

/// How the ledger writes.
#[derive(Clone, Copy, Debug)]
pub struct Durability {
    /// Whether objects, refs and folders are synced, so that a reported write survives a power cut.
    pub fsync: bool,
    /// Whether Git runs a receive hook, during which it refuses ref updates; the ledger does, too.
    pub quarantined: bool,
}

/// The store of sessions and claims in a Git repository.
pub struct Ledger {
    pub(in crate::ledger) objects: Objects,
    pub(in crate::ledger) refs: Box<dyn RefStore>,
    pub(in crate::ledger) common_dir: PathBuf,
    pub(in crate::ledger) folder: Folder,
    known_node: KnownNode,
    /// The list of tasks that was read last, as `locks` keeps it.
    pub(in crate::ledger) recent_list: RefCell<Option<Box<dyn Any>>>,
    pub(in crate::ledger) writers: Writers,
    pub(in crate::ledger) durable: bool,
    pub(in crate::ledger) quarantined: bool,
    /// The kinds of records that this version knows.
    pub(in crate::ledger) table: &'static Table,
    /// The remote whose tracking refs are part of the board.
    pub(in crate::ledger) remote: Option<String>,
    /// Where that remote is fetched and pushed.
    pub(in crate::ledger) place: Option<Place>,
    /// Whether a fetch may leave out objects.
    pub(in crate::ledger) is_partial: bool,
    /// Whether the refs of the board here are copies of the remote's.
    pub(in crate::ledger) is_mirror: bool,
    /// Whether every push to the remote is one of all refs.
    pub(in crate::ledger) is_pushed_as_mirror: bool,
    /// What a reader draws the key of the session cache from, if it may write the cache for the
    /// next reader.
    pub(in crate::ledger) caches: Option<Box<dyn Clock>>,
    /// How the owner of a ref lock is known.
    pub(in crate::ledger) git_at_work: GitAtWork,
    /// How far clocks may differ, in seconds.
    pub(in crate::ledger) margin_secs: u64,
    /// How long what is over stays on the board.
    pub(in crate::ledger) retention: Retention,
    /// The clock by which times of records are judged; `None`: they are not.
    pub(in crate::ledger) judge: Option<fn() -> Timestamp>,
    /// Returns true once a reader of the board has no more time; `None`: it has all it needs.
    time_is_up: Option<Box<dyn Fn() -> bool>>,
    /// Where the commit of the code is read that is checked out; `None`: it is not recorded.
    pub(in crate::ledger) head: Option<Head>,
}

/// What returns the commit of the code that is checked out, and its branch.
pub(crate) type Head = Box<dyn Fn() -> Option<(String, Option<String>)>>;

impl Ledger {
    /// Opens the ledger of a repository, without a remote. Writes nothing.
    pub fn new(repository: &Repository, durability: Durability) -> Self {
        let sharing = Sharing::from_config(repository.shared().as_deref());
        let repo = &repository.gix;
        let home = home_of_refs(repo.common_dir());
        let writers = Writers::new(&home, sharing);
        let fsync = durability.fsync;
        let refs: Box<dyn RefStore> = if repository.refs_are_files {
            Box::new(FileRefs::new(repo, writers.clone(), fsync, sharing))
        } else {
            Box::new(CliRefs::new(Git::at(repo.git_dir()), fsync))
        };
        Self {
            objects: Objects::new(repo, fsync, sharing),
            refs,
            folder: Folder::new(&home, sharing),
            common_dir: home,
            known_node: KnownNode::default(),
            recent_list: RefCell::default(),
            writers,
            durable: fsync,
            quarantined: durability.quarantined,
            table: &TABLE,
            remote: None,
            place: None,
            is_partial: repository.is_partial(),
            is_mirror: false,
            is_pushed_as_mirror: false,
            caches: None,
            git_at_work: |_| None,
            margin_secs: 0,
            retention: Retention::DEFAULT,
            judge: None,
            time_is_up: None,
            head: None,
        }
    }

    /// Sets the clock by which a time in a record is found impossible: more than a day ahead.
    #[must_use]
    pub fn judging_times_by(mut self, clock: fn() -> Timestamp) -> Self {
        self.judge = Some(clock);
        self
    }

    /// Sets when a reader of the board stops. What it did not read by then is on the board as
    /// unreadable.
    #[must_use]
    pub fn reading_until(mut self, time_is_up: Option<Box<dyn Fn() -> bool>>) -> Self {
        self.time_is_up = time_is_up;
        self
    }

    /// Returns true if a reader may have to stop before it has read the board.
    pub(in crate::ledger) fn has_little_time(&self) -> bool {
        self.time_is_up.is_some()
    }

    /// Returns the record that stands for `records` of a namespace that are not read, if the time
    /// is up.
    pub(in crate::ledger) fn left_out(
        &self,
        namespace: &Namespace,
        records: usize,
    ) -> Option<Unreadable> {
        let is_up = self.time_is_up.as_ref().is_some_and(|is_up| is_up());
        let left = Defect::NotRead { records };
        is_up.then(|| Unreadable::new(&namespace.prefix(), left, MayHold::Anything))
    }

    /// Sets how far clocks may differ.
    #[must_use]
    pub fn tolerating(mut self, margin_secs: u64) -> Self {
        self.margin_secs = margin_secs;
        self
    }

    /// Sets how long what is over stays on the board.
    #[must_use]
    pub fn retaining(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Lets a reader write the session cache for the next one. A new key is drawn from `chance`;
    /// without it nothing is written.
    #[must_use]
    pub fn caching(mut self, chance: Option<Box<dyn Clock>>) -> Self {
        self.caches = chance;
        self
    }

    /// Replaces the known kinds of records.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn knowing(mut self, table: &'static Table) -> Self {
        self.table = table;
        self
    }

    /// Returns the namespace of a ref or of a tracking ref.
    pub(in crate::ledger) fn namespace_of(&self, at: &str) -> Option<&'static Namespace> {
        self.table.of(&layout::own_name(at))
    }

    /// Returns the node id; `None` if this clone never wrote.
    pub fn node(&self) -> Option<NodeId> {
        self.known_node.read(&self.folder)
    }

    /// Returns the former node ids of this clone that may still have refs here, newest first.
    pub(in crate::ledger) fn former_names(&self) -> Vec<NodeId> {
        node::read_former(&self.folder)
    }

    /// Returns the node id, and makes one if there is none. Fails if the folder cannot be written,
    /// or during a receive hook.
    pub fn ensure_node(&self, clock: &dyn Clock) -> Result<NodeId, LedgerError> {
        self.may_write()?;
        let made = node::ensure(&self.folder, &self.writers, clock, self.durable);
        made.map_err(|error| self.folder.error("the naming of this clone", error).into())
    }

    /// Returns this clone's own folder, `<git>/presence`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the socket of an ssh connection that several calls share; `None` in a folder that
    /// other users may write to, who could put their own socket there, or that a link leads to.
    pub fn ssh_socket(&self) -> Option<PathBuf> {
        self.ssh_socket_in(self.folder.path())
            .filter(|_| self.folder.sharing().bits() == 0 && self.folder.open().is_ok())
    }

    /// Returns the socket in another folder, to which no other user may write; `None` if the path
    /// is too long for a socket or has a sign that ssh does not take as it is: it splits the option
    /// at spaces, reads quotes, and fills in `%` and `${`.
    pub fn ssh_socket_in(&self, folder: &Path) -> Option<PathBuf> {
        let path = folder.join(layout::SSH_SOCKET);
        let fits = path.as_os_str().len() + SSH_FILLS_IN_BYTES <= SOCKET_BYTES_MAX;
        let is_plain = folder.to_str().is_some_and(|text| {
            let plain = |c: char| c.is_alphanumeric() || "/._+@,:-=~".contains(c);
            text.chars().all(plain)
        });
        (fits && is_plain).then_some(path)
    }

    /// Takes the lock under which exclusive claims are decided, one at a time. Waits for some
    /// seconds, then fails with [`FolderError::Held`](crate::ledger::FolderError::Held).
    pub fn lock_decision(&self, clock: &dyn Clock) -> Result<DecisionLock, LedgerError> {
        self.may_write()?;
        file_locks::acquire(&self.folder, clock).map_err(|error| {
            self.folder
                .error("the decision about a claim", error)
                .into()
        })
    }

    /// Takes the lock under which this clone talks to a remote; `None` if another process still
    /// holds it after `wait`.
    pub fn lock_sync(
        &self,
        clock: &dyn Clock,
        wait: Duration,
    ) -> Result<Option<SyncLock>, LedgerError> {
        self.may_write()?;
        self.folder
            .ensure()
            .and_then(|()| file_locks::acquire_sync(&self.folder, clock, wait))
            .inspect(|lock| {
                // A push needs all objects; one that Git cannot find is told by the push.
                if lock.is_some() {
                    self.find_lost();
                    let _ = self.objects.put_back();
                }
            })
            .map_err(|error| self.folder.error("a sync", error).into())
    }

    /// Writes copies of what had to be read from packs for the next reader, if this one may.
    pub(in crate::ledger) fn keep_unpacked(&self) {
        if self.caches.is_none() || self.quarantined {
            return;
        }
        if let Some(text) = self.objects.unpacked() {
            // A user without write access reads the packs each time.
            let _ = self.folder.replace_cache(layout::PACKED_CACHE, &text);
        }
    }

    /// Returns the log of commands and edits that hooks saw.
    pub fn audit_log(&self) -> AuditLog<'_> {
        AuditLog::new(&self.folder)
    }

    /// Returns which sessions harnesses started in which process.
    pub fn starts(&self) -> Starts<'_> {
        Starts::new(&self.folder)
    }

    /// Returns which drifts of sessions were told.
    pub fn reconciled(&self) -> Reconciled<'_> {
        Reconciled::new(&self.folder)
    }

    /// Returns the harness sessions that use the id `id`, which a user chose.
    pub fn chosen<'l>(&'l self, id: &'l SessionId) -> Chosen<'l> {
        Chosen::new(&self.folder, id)
    }

    /// Returns the last notices to the sessions of this clone.
    pub fn notices(&self) -> Notices<'_> {
        Notices::new(&self.folder)
    }

    /// Returns the policies of attempts.
    pub fn policies(&self) -> Policies<'_> {
        Policies::new(&self.folder)
    }

    /// Returns what `session` was not told yet.
    pub fn news<'l>(&'l self, session: &'l SessionId) -> NewsLog<'l> {
        NewsLog::new(&self.folder, session)
    }

    /// Returns the bell of `session`, which rings while a message waits for it.
    pub fn bell<'l>(&'l self, session: &'l SessionId) -> Bell<'l> {
        Bell::new(&self.folder, session)
    }

    /// Returns what `session` had seen when no message was unread for it.
    pub fn mail_seen<'l>(&'l self, session: &'l SessionId) -> MailSeen<'l> {
        MailSeen::new(&self.folder, session)
    }

    /// Returns true if the messages have another digest than at the last call; notes this one.
    pub fn is_new_mail(&self, digest: u64) -> bool {
        bell::is_new_mail(&self.folder, digest)
    }

    /// Returns what `session` did not get because other sessions claimed it.
    pub fn wants<'l>(&'l self, session: &'l SessionId) -> Wants<'l> {
        Wants::new(&self.folder, session)
    }

    /// Returns the lock and the end signal of the process that renews the claims of `session`.
    pub fn keepalive<'l>(&'l self, session: &'l SessionId) -> Keepalive<'l> {
        Keepalive::new(&self.folder, session)
    }

    /// Returns the tasks that were added while the arbiter was away.
    pub fn task_outbox(&self) -> TaskOutbox<'_> {
        TaskOutbox::new(&self.folder)
    }

    /// Returns the cursor of this name.
    pub fn cursor<'l>(&'l self, name: &'l CursorName) -> Cursor<'l> {
        Cursor::new(&self.folder, name)
    }

    /// Returns how many cursors no process follows and no reader used for 30 days.
    pub fn unused_cursors(&self, now: Timestamp) -> usize {
        cursors::unused(&self.folder, now).len()
    }

    /// Removes them, as the process `pid`, and returns how many.
    pub fn drop_unused_cursors(&self, pid: u32, now: Timestamp) -> usize {
        cursors::drop_unused(&self.folder, pid, now)
    }

    /// Returns the marks of the commands that run under claims of `session`.
    pub fn run_marks<'l>(&'l self, session: &'l SessionId) -> RunMarks<'l> {
        RunMarks::new(&self.folder, session)
    }

    /// Checks that Git does not run a receive hook.
    pub(in crate::ledger) fn may_write(&self) -> Result<(), LedgerError> {
        if self.quarantined {
            return Err(LedgerError::Quarantined);
        }
        Ok(())
    }
}
