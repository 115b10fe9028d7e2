//! Lock registers of exclusive claims.
//!
//! Owns [`Locks`]: the next state of a register is written as a commit that no ref names yet, and
//! one swap puts it in force if this repository is the arbiter. If a remote is, the register is a
//! tracking ref, which only an accepted push moves. Never decides who holds a resource.

pub(super) mod cut;
pub(super) mod floor;
pub(super) mod free;
pub(super) mod high_water;
pub(super) mod lease;
mod list_cache;
pub(super) mod recent;
pub(super) mod repair;
pub(super) mod set_back;
pub(super) mod snapshot;

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::beside::Beside;
use crate::ledger::commit::commit_text;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::locks::lease::LocalLease;
use crate::ledger::locks::snapshot::{Snapshot, Source};
use crate::ledger::objects::read::TreeFile;
use crate::ledger::objects::write::Batch;
use crate::ledger::records::lock::{self, CellRecord, Standing};
use crate::ledger::records::task::ListRecord;
use crate::ledger::records::{HANDOFF, LIST, LOCK, LOCKS, TASK, event};
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::store::Ledger;
use crate::ledger::tree::write_entries;
use crate::model::actor::Actor;
use crate::model::event::{Entry as Past, Event, EventKind};
use crate::model::holding::Holding;
use crate::model::lock::{Lock, LockRegister};
use crate::model::resource::Resource;
use crate::model::task::TaskList;
use crate::model::time::Timestamp;
use crate::model::token::Token;
use crate::model::unreadable::Unreadable;

/// How often a rollback tries to move a ref that is locked: for 5 seconds in all.
const PUT_BACK_ROUNDS_MAX: u32 = 200;
/// The pause between two such tries.
const PUT_BACK_PAUSE_MILLIS: u64 = 25;

/// The next state of a lock register: written, and not yet in force.
#[derive(Clone, Debug)]
#[must_use = "it is not in force before its ref is moved"]
pub struct PreparedWrite {
    /// The ref of the register, by its name at the arbiter.
    pub name: String,
    /// The id that the ref must have for the swap; `None`: it must not exist.
    pub expected: Option<ObjectId>,
    /// The id of the new state.
    pub to: ObjectId,
}

/// A change of a lock register.
pub struct Change<'c> {
    /// The new locks and the new high-water mark.
    pub cell: &'c LockRegister,
    /// The event that the commit records.
    pub event: &'c Event,
    /// The records of other kinds that change in the same commit.
    pub beside: Beside,
}

impl<'c> Change<'c> {
    /// Makes a change of the register and its locks alone.
    pub fn of(cell: &'c LockRegister, event: &'c Event) -> Self {
        let beside = Beside::default();
        Self {
            cell,
            event,
            beside,
        }
    }
}

/// How the commit of a new state relates to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// A renewal replaces the commit of the renewal before it.
    Amend,
    /// Every commit has the one before as parent, for remotes that move refs forward only.
    Append,
}

/// The lock registers of a ledger, to read, prepare and swap.
pub struct Locks<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// Returns access to the lock registers.
    pub fn locks(&self) -> Locks<'_> {
        Locks { ledger: self }
    }
}

impl Locks<'_> {
    /// Whether `lock` belongs to the session `who` of this clone.
    pub fn is_mine(&self, who: &Actor, lock: &Lock) -> bool {
        self.ledger.is_my_lock(who, lock)
    }

    /// Stores the high-water mark of the lock register `name` if it went back from `old` to `new`.
    ///
    /// Returns the stored token, or `None` if the register did not go back. Fails if the file
    /// cannot be written.
    pub fn raise_high_water(
        &self,
        name: &str,
        old: Option<&ObjectId>,
        new: Option<&ObjectId>,
    ) -> Result<Option<Token>, LedgerError> {
        self.ledger.raise_high_water(name, old, new)
    }

    /// Returns the ref of the register that decides `resource`, by its name at the arbiter.
    pub fn ref_name(&self, resource: &Resource) -> String {
        self.ledger.table.cell_ref(resource)
    }

    /// Reads the register that decides `resource`, with its handoffs; it is empty if its ref does
    /// not exist.
    ///
    /// Fails with [`LedgerError::Unreadable`] if it is damaged or of a newer format.
    pub fn get(&self, resource: &Resource) -> Result<Snapshot, LedgerError> {
        let name = self.ref_name(resource);
        let (at, value) = self.ledger.read_cell_ref(&name)?;
        let read = { self.ledger }.read_cell_by(&name, (&at, &value), Source::Caches);
        let read = read.map_err(LedgerError::Unreadable)?;
        Ok(self.ledger.with_handoffs(read))
    }

    /// Whether the register that decides `resource` is in the state `tip`.
    pub fn is_at(&self, resource: &Resource, tip: ObjectId) -> bool {
        let read = self.ledger.read_cell_ref(&self.ref_name(resource));
        read.is_ok_and(|(_, value)| value == RefValue::At(tip))
    }

    /// Reads the register that decides `resource` for a decision that no swap protects.
    ///
    /// Fails as [`get`](Self::get) does, and if the remote has another state of it that a fetch
    /// could not bring.
    pub fn get_known(&self, resource: &Resource) -> Result<Snapshot, LedgerError> {
        match self.ledger.unfetched_register(&self.ref_name(resource))? {
            Some(unfetched) => Err(LedgerError::Unreadable(unfetched)),
            None => self.get(resource),
        }
    }

    /// Reads the register that has, or had, the grant of a lease. Fails if it is not here and was
    /// not seen to be gone; see [`is_missing`](Self::is_missing).
    pub fn get_held(&self, lease: &LocalLease) -> Result<Snapshot, LedgerError> {
        if self.is_missing(lease)? {
            let name = self.ref_name(&lease.resource);
            return Err(LedgerError::Unreadable(self.ledger.not_here(&name)));
        }
        self.get_known(&lease.resource)
    }

    /// Returns true if the register of a lease is not in this clone, and no look at the remote
    /// since the grant found it gone. It is removed only long after its last lock has ended, so
    /// its copy here was.
    pub fn is_missing(&self, lease: &LocalLease) -> Result<bool, LedgerError> {
        let Some(remote) = &self.ledger.remote else {
            return Ok(false);
        };
        let name = self.ref_name(&lease.resource);
        let (_, value) = self.ledger.read_cell_ref(&name)?;
        // A fetch that removed it here, because it is gone there, has noted its tokens.
        if value != RefValue::Absent || self.ledger.high_water_of(&name) >= lease.token {
            return Ok(false);
        }
        let granted_at = lease.granted.as_ref().map(|granted| granted.renewed_at);
        let looked_at = self.ledger.remote(remote).state().fetched_at();
        Ok(looked_at.is_none() || looked_at < granted_at)
    }

    /// Returns the event by which the grant under `token` was taken from its holder by force, if
    /// the history of the register has one.
    pub fn override_of(&self, read: &Snapshot, token: Token) -> Option<Past> {
        let is_it = |event: &Event| match event.kind {
            EventKind::Overridden { token: taken, .. } => taken == token,
            _ => false,
        };
        self.ledger.last_event_of(read.tip?, &is_it)
    }

    /// Reads the registers that decide `resources`, each once, without their handoffs and with its
    /// own error.
    pub fn about(
        &self,
        resources: &[Resource],
    ) -> Result<Vec<Result<Snapshot, Unreadable>>, LedgerError> {
        self.ledger.cells_about(resources)
    }

    /// Reads all registers without their handoffs, each with its own error.
    ///
    /// A ref that cannot be read may hold any lock with its key. Fails if listing the refs fails.
    pub fn list(&self) -> Result<Vec<Result<Snapshot, Unreadable>>, LedgerError> {
        self.list_by(Source::Objects)
    }

    /// Reads all registers as [`list`](Self::list) does, but not the tasks of a list of which no
    /// session has any, unless it is the main one. Which tasks those are is not known then.
    pub fn list_held(&self) -> Result<Vec<Result<Snapshot, Unreadable>>, LedgerError> {
        self.list_by(Source::Held)
    }

    fn list_by(&self, source: Source) -> Result<Vec<Result<Snapshot, Unreadable>>, LedgerError> {
        let refs = self.ledger.cell_refs()?;
        let count = refs.len();
        let mut registers = Vec::with_capacity(count);
        for (read, (name, value)) in refs.into_iter().enumerate() {
            if let Some(rest) = self.ledger.left_out(&LOCKS, count - read) {
                registers.push(Err(rest));
                break;
            }
            let at = self.ledger.cell_place(&name);
            let read = || self.ledger.read_cell_by(&name, (&at, &value), source);
            registers.push(self.ledger.objects.using_copies(read));
        }
        self.ledger.keep_unpacked();
        Ok(registers)
    }

    /// Writes the next state of a register as a commit of `who`, without moving the ref.
    ///
    /// Fails if this ledger may not be written, or the objects cannot be.
    pub fn prepare(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        before: &Snapshot,
        change: &Change<'_>,
        history: History,
    ) -> Result<PreparedWrite, LedgerError> {
        let ledger = self.ledger;
        ledger.may_write()?;
        let namespace = ledger.table.of(&before.name);
        let head = namespace.map_or(LOCKS.head, |namespace| namespace.head);
        let mut batch = ledger.objects.begin();
        let own = CellRecord {
            floor: change.cell.high_water,
            is_list: before.is_list || change.cell.tasks.is_there(),
            rest: before.rest.clone(),
        };
        let held = change.cell.locks.iter().cloned().map(Standing::Held);
        let offered = change.cell.offers.iter().cloned().map(Standing::Offered);
        let standing: Vec<Standing> = held.chain(offered).collect();
        let mut files = write_entries(&mut batch, &LOCK, &standing, &before.locks)?;
        let left = &change.cell.handoffs;
        files.extend(write_entries(&mut batch, &HANDOFF, left, &before.handoffs)?);
        files.extend(task_files(&mut batch, before, &change.cell.tasks)?);
        files.push(TreeFile {
            name: head.to_owned(),
            id: batch.blob(&lock::write_cell(&own))?,
        });
        let carried = before.carried.clone();
        let files = ledger.complete(&before.name, &mut batch, files, carried, &change.beside)?;
        let tree = batch.tree(files)?;
        let parents = ledger.parents_of(before, change.event, history);
        let mut text = commit_text(clock, (who, clock.now()), change.event, parents);
        text.message = ledger.with_head(text.message, change.event);
        let to = batch.commit(tree, text)?;
        batch.publish()?;
        Ok(PreparedWrite {
            name: before.name.clone(),
            expected: before.tip,
            to,
        })
    }

    /// Puts a prepared state in force, if this repository is the arbiter.
    ///
    /// Fails with [`SwapError::Lost`] if the register has changed since it was read.
    pub fn swap(&self, clock: &dyn Clock, next: &PreparedWrite) -> Result<(), SwapError> {
        // `is_locked` removes a lock whose process has ended.
        if self.ledger.refs.is_locked(&next.name, clock.now()) {
            return Err(SwapError::Busy(format!("{}.lock", next.name)));
        }
        self.ledger.swap(&next.name, next.expected, next.to)
    }

    /// Reverts a state that was just put in force.
    ///
    /// The locks are those of `before`; tokens that were granted stay used. Does nothing if another
    /// session has changed the register since. Fails if the ref stays locked for 5 seconds.
    pub fn roll_back(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        before: &Snapshot,
        done: &PreparedWrite,
    ) -> Result<(), LedgerError> {
        let given = self
            .ledger
            .fill_cell(&done.name, done.to)
            .map_err(|defect| LedgerError::unreadable(&done.name, defect))?;
        let mut cell = before.cell.clone();
        cell.high_water = given.cell.high_water;
        let event = Event {
            session: who.id.clone(),
            resources: Vec::new(),
            expired: Vec::new(),
            kind: EventKind::Released {
                token: Some(cell.high_water),
                to: None,
            },
        };
        let change = Change::of(&cell, &event);
        let back = self.prepare(clock, who, &given, &change, History::Amend)?;
        let mut last = SwapError::Busy(back.name.clone());
        for _ in 0..PUT_BACK_ROUNDS_MAX {
            match self.swap(clock, &back) {
                // Another session has decided on that state, and its decision stays in force.
                Ok(()) | Err(SwapError::Lost(_)) => return Ok(()),
                // Processes that lose the race take the lock of the ref for a moment.
                Err(busy @ SwapError::Busy(_)) => last = busy,
                Err(error) => return Err(error.into()),
            }
            if !clock.may_wait() {
                break;
            }
            clock.pause(PUT_BACK_PAUSE_MILLIS);
        }
        Err(last.into())
    }
}

/// Writes the tasks of a list, and what it says besides, if there is any.
fn task_files(
    batch: &mut Batch<'_>,
    before: &Snapshot,
    list: &TaskList,
) -> Result<Vec<TreeFile>, LedgerError> {
    if !list.is_there() && !before.is_list {
        return Ok(Vec::new());
    }
    let record = ListRecord {
        finished: list.finished.clone(),
        workflows: list.workflows.clone(),
        is_drained: list.is_drained,
    };
    let mut files = write_entries(batch, &TASK, &list.tasks, &before.tasks)?;
    files.extend(write_entries(batch, &LIST, &[record], &before.list)?);
    Ok(files)
}

impl Ledger {
    fn parents_of(&self, before: &Snapshot, event: &Event, history: History) -> Vec<ObjectId> {
        match (&before.commit, before.tip) {
            (Some(commit), Some(tip)) => {
                let committed_at = Timestamp::from_millis(0);
                let last = event::read(&commit.message, committed_at);
                let renews = |event: &Event| matches!(event.kind, EventKind::Renewed { .. });
                let on_renewal = last.is_some_and(|(last, _)| renews(&last)) && renews(event);
                let is_short = history == History::Amend && !self.is_forward_only();
                match on_renewal && is_short {
                    true => commit.parents.clone(),
                    false => vec![tip],
                }
            }
            _ => Vec::new(),
        }
    }

    /// Returns the name of the ref that says that this is claimed.
    pub fn ref_of(&self, held: &Holding) -> String {
        match held.token {
            Some(_) => self.table.cell_ref(&held.resource),
            None => layout::session_ref(&held.session, held.node),
        }
    }

    /// Whether a remote is the arbiter of exclusive claims.
    pub fn has_remote_arbiter(&self) -> bool {
        self.remote.is_some()
    }
}
