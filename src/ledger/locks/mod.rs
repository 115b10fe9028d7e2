//! Cells: where exclusive claims stand.
//!
//! Owns how a cell is read, how its next state is written as a commit that no ref names yet, and
//! the one swap that makes it so where this repository decides. Where a remote decides, the cell
//! is its tracking copy, and only an accepted push moves it. What cannot be read is held, never
//! free. Never decides who holds what.

pub mod high_water;
pub mod lease;
pub mod repair;

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::objects::read::{CommitRead, TreeFile};
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::event;
use crate::ledger::records::lock::{self, CellRecord, LockRecord};
use crate::ledger::records::wire::{RECORD_BYTES_MAX, Rest};
use crate::ledger::refs::SwapError;
use crate::ledger::refs::{RefError, RefValue};
use crate::ledger::sessions::read::dangling;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::event::{Event, EventKind};
use crate::model::lock::{Lock, LockRegister};
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::token::Token;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// A lock that is taken for moments is waited for, some seconds in all.
const PUT_BACK_ROUNDS_MAX: u32 = 200;
const PUT_BACK_PAUSE_MILLIS: u64 = 25;

/// A cell as it was read, with all that a rewrite has to respect.
#[derive(Debug)]
pub struct CellRead {
    /// The ref of the cell, as the arbiter calls it.
    pub name: String,
    /// Where it was; `None`: nothing was ever decided in it.
    pub tip: Option<ObjectId>,
    pub cell: LockRegister,
    commit: Option<CommitRead>,
    rest: Rest,
    locks: Vec<(TreeFile, LockRecord)>,
    /// Entries that are not ours to rewrite.
    carried: Vec<TreeFile>,
}

/// The next state of a cell: written, and not yet in force.
#[derive(Clone, Debug)]
#[must_use = "it is not in force before its ref is moved"]
pub struct CellNext {
    pub name: String,
    pub expected: Option<ObjectId>,
    pub to: ObjectId,
}

/// How the next state follows on what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// A renewal takes the place of the renewal before it.
    Short,
    /// Everything on top of what is there, for remotes that move refs forward only.
    Long,
}

/// The cells of exclusive claims: read, prepared, swapped.
pub struct Locks<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// The cells of exclusive claims.
    pub fn locks(&self) -> Locks<'_> {
        Locks { ledger: self }
    }
}

impl Locks<'_> {
    /// Whether a lock is that of this session on this clone.
    pub fn is_mine(&self, who: &Actor, lock: &Lock) -> bool {
        self.ledger.is_my_lock(who, lock)
    }

    /// Keep the token of a cell in mind where it was `old` and is `new` now, and that went back.
    pub fn raise_high_water(
        &self,
        name: &str,
        old: Option<&ObjectId>,
        new: Option<&ObjectId>,
    ) -> Result<Option<Token>, LedgerError> {
        self.ledger.raise_high_water(name, old, new)
    }

    /// The cell in which `resource` is decided.
    pub fn get(&self, resource: &Resource) -> Result<CellRead, LedgerError> {
        let name = layout::cell_ref(resource);
        let (at, value) = self.ledger.read_cell_ref(&name)?;
        self.ledger
            .read_cell(&name, &at, &value)
            .map_err(LedgerError::Unreadable)
    }

    /// Every cell there is. A ref that is no cell may stand for any lock with its key.
    pub fn list(&self) -> Result<Vec<Result<CellRead, Unreadable>>, LedgerError> {
        let refs = self.ledger.cell_refs()?;
        let read = |(name, value): (String, RefValue)| {
            let at = self.ledger.cell_place(&name);
            self.ledger.read_cell(&name, &at, &value)
        };
        Ok(refs.into_iter().map(read).collect())
    }

    /// Write what a cell is to become, by what happens in it.
    pub fn prepare(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        before: &CellRead,
        becomes: (&LockRegister, &Event),
        chain: Chain,
    ) -> Result<CellNext, LedgerError> {
        let (after, event) = becomes;
        self.ledger.may_write()?;
        let mut batch = self.ledger.objects.begin();
        let own = CellRecord {
            floor: after.high_water,
            rest: before.rest.clone(),
        };
        let mut files = before.carried.clone();
        files.push(TreeFile {
            name: layout::CELL_ENTRY.to_owned(),
            id: batch.blob(&lock::write_cell(&own))?,
        });
        for lock in &after.locks {
            let known = before.record_of(lock);
            let id = match known {
                Some((file, known)) if known.lock == *lock => file.id,
                _ => batch.blob(&lock::write_lock(&LockRecord {
                    lock: lock.clone(),
                    rest: known.map(|(_, k)| k.rest.clone()).unwrap_or_default(),
                }))?,
            };
            files.push(TreeFile {
                name: layout::lock_entry(&lock.resource),
                id,
            });
        }
        let tree = batch.tree(files)?;
        let now = clock.now();
        let text = CommitWrite {
            parents: self.ledger.parents_of(before, event, chain),
            author_name: who.id.to_string(),
            author_email: format!("{}@{}", who.user, who.host),
            seconds: now.as_millis().div_euclid(1000),
            message: event::write(event, now, clock.random()),
        };
        let to = batch.commit(tree, text)?;
        batch.publish()?;
        Ok(CellNext {
            name: before.name.clone(),
            expected: before.tip,
            to,
        })
    }

    /// Put a cell in force, where this repository decides.
    pub fn swap(&self, clock: &dyn Clock, next: &CellNext) -> Result<(), SwapError> {
        // One that was left behind by a process that is gone is cleared.
        if self.ledger.refs.is_locked(&next.name, clock.now()) {
            return Err(SwapError::Busy(format!("{}.lock", next.name)));
        }
        self.ledger.refs.swap(&next.name, next.expected, next.to)
    }

    /// Take back what was put in force a moment ago: the locks are what they were, the tokens that
    /// were given out stay used.
    pub fn roll_back(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        before: &CellRead,
        done: &CellNext,
    ) -> Result<(), LedgerError> {
        let given = self
            .ledger
            .fill_cell(&done.name, done.to)
            .map_err(|defect| self.ledger.whole(&done.name, defect))?;
        let mut cell = before.cell.clone();
        cell.high_water = given.cell.high_water;
        let event = Event {
            session: who.id.clone(),
            resources: Vec::new(),
            expired: Vec::new(),
            kind: EventKind::Released {
                token: Some(cell.high_water),
            },
        };
        let back = self.prepare(clock, who, &given, (&cell, &event), Chain::Short)?;
        let mut last = SwapError::Busy(back.name.clone());
        for _ in 0..PUT_BACK_ROUNDS_MAX {
            match self.swap(clock, &back) {
                // Somebody judged it meanwhile, and what he made of it stands.
                Ok(()) | Err(SwapError::Lost(_)) => return Ok(()),
                // Others take the lock of the ref for moments, to find out that they are late.
                Err(busy @ SwapError::Busy(_)) => last = busy,
                Err(error) => return Err(error.into()),
            }
            clock.pause(PUT_BACK_PAUSE_MILLIS);
        }
        Err(last.into())
    }
}

impl Ledger {
    /// The cells in which these are decided; what is decided elsewhere has no say about them.
    pub(in crate::ledger) fn cells_about(
        &self,
        resources: &[Resource],
    ) -> Result<Vec<Result<CellRead, Unreadable>>, LedgerError> {
        let mut names: Vec<String> = resources.iter().map(layout::cell_ref).collect();
        names.sort();
        names.dedup();
        let mut cells = Vec::new();
        for name in names {
            let (at, value) = self.read_cell_ref(&name)?;
            cells.push(self.read_cell(&name, &at, &value));
        }
        Ok(cells)
    }

    /// The refs of all cells, under the names that the arbiter has for them.
    pub(in crate::ledger) fn cell_refs(&self) -> Result<Vec<(String, RefValue)>, RefError> {
        match self.remote {
            Some(_) => self.tracked_below(layout::LOCKS),
            None => self.refs.list(layout::LOCKS),
        }
    }

    /// Where the state of a cell stands here.
    pub(in crate::ledger) fn cell_place(&self, name: &str) -> String {
        match self.remote {
            Some(_) => self.tracking_name(name),
            None => name.to_owned(),
        }
    }

    fn read_cell_ref(&self, name: &str) -> Result<(String, RefValue), LedgerError> {
        match self.remote {
            Some(_) => Ok(self.read_tracked(name)?),
            None => Ok((name.to_owned(), self.refs.read(name)?)),
        }
    }

    pub(in crate::ledger) fn read_cell(
        &self,
        name: &str,
        at: &str,
        value: &RefValue,
    ) -> Result<CellRead, Unreadable> {
        let key = name.strip_prefix(layout::LOCKS).unwrap_or(name).to_owned();
        let whole = |defect| Unreadable::new(at, defect, MayHold::Key(key.clone()));
        let tip = match value {
            RefValue::Absent => {
                let mut read = CellRead::empty(name);
                read.cell.high_water = self.kept_floor(name);
                return Ok(read);
            }
            RefValue::At(tip) => *tip,
            RefValue::Broken(detail) => {
                let detail = detail.clone();
                return Err(whole(Defect::BrokenRef { detail }));
            }
        };
        let mut read = self.fill_cell(name, tip).map_err(whole)?;
        if !read.cell.is_sound() {
            let detail = "its tokens or its locks contradict each other".to_owned();
            return Err(whole(Defect::Malformed { detail }));
        }
        read.cell.high_water = read.cell.high_water.max(self.kept_floor(name));
        Ok(read)
    }

    pub(in crate::ledger) fn fill_cell(
        &self,
        name: &str,
        tip: ObjectId,
    ) -> Result<CellRead, Defect> {
        let commit = self.objects.read_commit(tip).map_err(dangling)?;
        let files = self.objects.read_tree(commit.tree).map_err(dangling)?;
        let mut read = CellRead::empty(name);
        let mut floor = None;
        for file in files {
            if file.name == layout::CELL_ENTRY {
                let own = lock::read_cell(&self.cell_blob(&file)?)?;
                floor = Some(own.floor);
                read.rest = own.rest;
            } else if layout::lock_key(&file.name).is_some() {
                let record = lock::read_lock(&self.cell_blob(&file)?)?;
                let resource = &record.lock.resource;
                let entry = layout::lock_entry(resource);
                if entry != file.name || layout::cell_ref(resource) != name {
                    let label = resource.label().to_owned();
                    return Err(Defect::WrongLabel { label });
                }
                read.cell.locks.push(record.lock.clone());
                read.locks.push((file, record));
            } else {
                read.carried.push(file);
            }
        }
        let missing = || Defect::Malformed {
            detail: format!("no {}", layout::CELL_ENTRY),
        };
        read.cell.high_water = floor.ok_or_else(missing)?;
        read.tip = Some(tip);
        read.commit = Some(commit);
        Ok(read)
    }

    fn cell_blob(&self, file: &TreeFile) -> Result<Vec<u8>, Defect> {
        let blob = self
            .objects
            .read(file.id, gix::objs::Kind::Blob, RECORD_BYTES_MAX);
        blob.map_err(dangling)
    }

    fn parents_of(&self, before: &CellRead, event: &Event, chain: Chain) -> Vec<ObjectId> {
        match (&before.commit, before.tip) {
            (Some(commit), Some(tip)) => {
                let committed_at = Timestamp::from_millis(0);
                let last = event::read(&commit.message, committed_at);
                let renews = |event: &Event| matches!(event.kind, EventKind::Renewed { .. });
                let on_renewal = last.is_some_and(|(last, _)| renews(&last)) && renews(event);
                let is_short = chain == Chain::Short && !self.is_forward_only();
                match on_renewal && is_short {
                    true => commit.parents.clone(),
                    false => vec![tip],
                }
            }
            _ => Vec::new(),
        }
    }

    /// Whether a remote decides about exclusive claims.
    pub fn has_remote_arbiter(&self) -> bool {
        self.remote.is_some()
    }
}

impl CellRead {
    pub(in crate::ledger) fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            tip: None,
            cell: LockRegister::default(),
            commit: None,
            rest: Rest::default(),
            locks: Vec::new(),
            carried: Vec::new(),
        }
    }

    /// The states that it came from.
    pub(in crate::ledger) fn parents(&self) -> Vec<ObjectId> {
        let commit = self.commit.as_ref();
        commit.map(|c| c.parents.clone()).unwrap_or_default()
    }

    /// What happened in it last.
    pub fn last_event(&self) -> Option<(Event, Timestamp)> {
        let commit = self.commit.as_ref()?;
        let committed_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
        event::read(&commit.message, committed_at)
    }

    fn record_of(&self, lock: &Lock) -> Option<&(TreeFile, LockRecord)> {
        let same = |(_, record): &&(TreeFile, LockRecord)| record.lock.resource == lock.resource;
        self.locks.iter().find(same)
    }
}
