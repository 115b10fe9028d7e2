//! Cells: where exclusive claims stand.
//!
//! Owns how the next state of a cell is written as a commit that no ref names yet, and the one swap
//! that makes it so where this repository decides. Where a remote decides, the cell is its tracking
//! copy, and only an accepted push moves it. Never decides who holds what.

pub mod high_water;
pub mod lease;
pub mod repair;
pub mod snapshot;

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::beside::Beside;
use crate::ledger::commit::commit_text;
use crate::ledger::error::LedgerError;
use crate::ledger::locks::snapshot::Snapshot;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::lock::{self, CellRecord};
use crate::ledger::records::{LOCK, LOCKS, event};
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::store::Ledger;
use crate::ledger::tree::write_entries;
use crate::model::actor::Actor;
use crate::model::event::{Event, EventKind};
use crate::model::lock::{Lock, LockRegister};
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::token::Token;
use crate::model::unreadable::Unreadable;

/// A lock that is taken for moments is waited for, some seconds in all.
const PUT_BACK_ROUNDS_MAX: u32 = 200;
const PUT_BACK_PAUSE_MILLIS: u64 = 25;

/// The next state of a cell: written, and not yet in force.
#[derive(Clone, Debug)]
#[must_use = "it is not in force before its ref is moved"]
pub struct PreparedWrite {
    pub name: String,
    pub expected: Option<ObjectId>,
    pub to: ObjectId,
}

/// What a cell is to become, and by what happens in it.
pub struct Change<'c> {
    pub cell: &'c LockRegister,
    pub event: &'c Event,
    /// Records of other kinds that change with it.
    pub beside: Beside,
}

impl<'c> Change<'c> {
    /// A change of nothing but the cell and its locks.
    pub fn of(cell: &'c LockRegister, event: &'c Event) -> Self {
        let beside = Beside::default();
        Self {
            cell,
            event,
            beside,
        }
    }
}

/// How the next state follows on what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// A renewal takes the place of the renewal before it.
    Amend,
    /// Everything on top of what is there, for remotes that move refs forward only.
    Append,
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

    /// The ref of the cell in which `resource` is decided, as the arbiter calls it.
    pub fn ref_name(&self, resource: &Resource) -> String {
        self.ledger.table.cell_ref(resource)
    }

    /// The cell in which `resource` is decided.
    pub fn get(&self, resource: &Resource) -> Result<Snapshot, LedgerError> {
        let name = self.ref_name(resource);
        let (at, value) = self.ledger.read_cell_ref(&name)?;
        self.ledger
            .read_cell(&name, &at, &value)
            .map_err(LedgerError::Unreadable)
    }

    /// Every cell there is. A ref that is no cell may stand for any lock with its key.
    pub fn list(&self) -> Result<Vec<Result<Snapshot, Unreadable>>, LedgerError> {
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
            rest: before.rest.clone(),
        };
        let mut files = write_entries(&mut batch, &LOCK, &change.cell.locks, &before.locks)?;
        files.push(TreeFile {
            name: head.to_owned(),
            id: batch.blob(&lock::write_cell(&own))?,
        });
        let carried = before.carried.clone();
        let files = ledger.complete(&before.name, &mut batch, files, carried, &change.beside)?;
        let tree = batch.tree(files)?;
        let parents = ledger.parents_of(before, change.event, history);
        let text = commit_text(clock, (who, clock.now()), change.event, parents);
        let to = batch.commit(tree, text)?;
        batch.publish()?;
        Ok(PreparedWrite {
            name: before.name.clone(),
            expected: before.tip,
            to,
        })
    }

    /// Put a cell in force, where this repository decides.
    pub fn swap(&self, clock: &dyn Clock, next: &PreparedWrite) -> Result<(), SwapError> {
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
            },
        };
        let change = Change::of(&cell, &event);
        let back = self.prepare(clock, who, &given, &change, History::Amend)?;
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

    /// Whether a remote decides about exclusive claims.
    pub fn has_remote_arbiter(&self) -> bool {
        self.remote.is_some()
    }
}
