//! A cell as it was read.
//!
//! Owns which cells there are, where the state of one stands here, and the reading of its locks.
//! What cannot be read is held, never free. Never writes.

use gix::ObjectId;

use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind as _, Namespace, Rest};
use crate::ledger::objects::read::{CommitRead, ObjectError, TreeFile};
use crate::ledger::records::lock;
use crate::ledger::records::wire::RECORD_BYTES_MAX;
use crate::ledger::records::{LOCK, LOCKS, event};
use crate::ledger::refs::{RefError, RefValue};
use crate::ledger::store::Ledger;
use crate::ledger::tree::{Entry, dangling};
use crate::model::event::Event;
use crate::model::lock::{Lock, LockRegister};
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// A cell as it was read, with all that a rewrite has to respect.
#[derive(Debug)]
pub struct Snapshot {
    /// The ref of the cell, as the arbiter calls it.
    pub name: String,
    /// Where it was; `None`: nothing was ever decided in it.
    pub tip: Option<ObjectId>,
    pub cell: LockRegister,
    pub(in crate::ledger) commit: Option<CommitRead>,
    pub(in crate::ledger) rest: Rest,
    pub(in crate::ledger) locks: Vec<Entry<Lock>>,
    /// The files beside the head that are no locks.
    pub(in crate::ledger) carried: Vec<TreeFile>,
}

impl Ledger {
    /// The cells in which these are decided; what is decided elsewhere has no say about them.
    pub(in crate::ledger) fn cells_about(
        &self,
        resources: &[Resource],
    ) -> Result<Vec<Result<Snapshot, Unreadable>>, LedgerError> {
        let mut names: Vec<String> = resources.iter().map(|r| self.table.cell_ref(r)).collect();
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
        let mut refs = Vec::new();
        for namespace in self.table.contended() {
            refs.extend(self.cell_refs_of(namespace)?);
        }
        Ok(refs)
    }

    /// The same, of one namespace.
    pub(in crate::ledger) fn cell_refs_of(
        &self,
        namespace: &Namespace,
    ) -> Result<Vec<(String, RefValue)>, RefError> {
        let prefix = namespace.prefix();
        match self.remote {
            Some(_) => self.tracked_below(&prefix),
            None => self.refs.list(&prefix),
        }
    }

    /// Where the state of a cell stands here.
    pub(in crate::ledger) fn cell_place(&self, name: &str) -> String {
        match self.remote {
            Some(_) => self.tracking_name(name),
            None => name.to_owned(),
        }
    }

    pub(in crate::ledger) fn read_cell_ref(
        &self,
        name: &str,
    ) -> Result<(String, RefValue), LedgerError> {
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
    ) -> Result<Snapshot, Unreadable> {
        let key = name.rsplit('/').next().unwrap_or(name).to_owned();
        let whole = |defect| Unreadable::new(at, defect, MayHold::Key(key.clone()));
        let tip = match value {
            RefValue::Absent => {
                let mut read = Snapshot::empty(name);
                read.cell.high_water = self.high_water_of(name);
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
        read.cell.high_water = read.cell.high_water.max(self.high_water_of(name));
        Ok(read)
    }

    pub(in crate::ledger) fn fill_cell(
        &self,
        name: &str,
        tip: ObjectId,
    ) -> Result<Snapshot, Defect> {
        let tree = self.tree(tip)?;
        let head = self
            .table
            .of(name)
            .map_or(LOCKS.head, |namespace| namespace.head);
        let mut read = Snapshot::empty(name);
        let mut floor = None;
        for file in tree.files {
            if file.name == head {
                let bytes = self.blob(file.id, RECORD_BYTES_MAX);
                let own = lock::read_cell(&bytes.map_err(|defect| whole_or_not(&file, defect))?)?;
                floor = Some(own.floor);
                read.rest = own.rest;
            } else if LOCK.key_in(&file.name).is_some() {
                let entry = self.entry(&LOCK, &file);
                let entry = entry.map_err(|defect| whole_or_not(&file, defect))?;
                let resource = &entry.record.resource;
                if self.table.cell_ref(resource) != name {
                    let label = resource.label().to_owned();
                    return Err(Defect::WrongLabel { label });
                }
                read.cell.locks.push(entry.record.clone());
                read.locks.push(entry);
            } else {
                read.carried.push(file);
            }
        }
        let missing = || Defect::Malformed {
            detail: format!("no {head}"),
        };
        read.cell.high_water = floor.ok_or_else(missing)?;
        read.tip = Some(tip);
        read.commit = Some(tree.commit);
        Ok(read)
    }
}

/// A record of a cell that is too large is no record of ours, and the cell is in pieces.
fn whole_or_not(file: &TreeFile, defect: Defect) -> Defect {
    match defect {
        Defect::TooLarge { bytes_max } => {
            let id = file.id;
            dangling(ObjectError::TooLarge { id, bytes_max })
        }
        defect => defect,
    }
}

impl Snapshot {
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
}
