//! Lock registers as read from the repository.
//!
//! Owns [`Snapshot`]: which lock registers exist, the ref of each in this clone, and the parsing of
//! its locks. An unreadable register counts as held, not as free. Never writes.

use std::sync::Arc;

use gix::ObjectId;

use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind as _, Namespace, Rest};
use crate::ledger::locks::list_cache::ListCache;
use crate::ledger::objects::read::{CommitRead, ObjectError, TreeFile};
use crate::ledger::records::lock::{self, Standing};
use crate::ledger::records::task::ListRecord;
use crate::ledger::records::wire::RECORD_BYTES_MAX;
use crate::ledger::records::{HANDOFF, LIST, LOCK, LOCKS, TASK, event};
use crate::ledger::refs::{RefError, RefValue};
use crate::ledger::store::Ledger;
use crate::ledger::tree::{Entry, dangling};
use crate::model::event::Event;
use crate::model::handoff::Handoff;
use crate::model::lock::LockRegister;
use crate::model::resource::Resource;
use crate::model::task::{MAIN_LIST, TASK as TASK_TYPE, Task};
use crate::model::time::Timestamp;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// Where the records of a register are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Source {
    /// From the objects alone, so that what is lost is found.
    Objects,
    /// From what this process, or this clone, has read before, if it has.
    Caches,
    /// From the objects, as far as they matter to claims: not the tasks of a list of which no
    /// session has any, and which is not the one that readers are told of.
    Held,
}

/// A lock register as read, with all that a new state has to keep.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The ref of the register, by its name at the arbiter.
    pub name: String,
    /// The commit that the ref named; `None`: the ref does not exist.
    pub tip: Option<ObjectId>,
    /// The locks and the high-water mark.
    pub cell: LockRegister,
    /// The commit, if the ref exists.
    pub(in crate::ledger) commit: Option<CommitRead>,
    /// The keys of the head that this version does not know.
    pub(in crate::ledger) rest: Rest,
    /// The locks and offers with the files that they were read from.
    pub(in crate::ledger) locks: Vec<Entry<Standing>>,
    /// Whether it is the register of a list of tasks.
    pub(in crate::ledger) is_list: bool,
    /// The tasks with the files that they were read from.
    pub(in crate::ledger) tasks: Vec<Entry<Arc<Task>>>,
    /// What the list says besides, with its file.
    pub(in crate::ledger) list: Vec<Entry<ListRecord>>,
    /// The handoffs that were read, with their files.
    pub(in crate::ledger) handoffs: Vec<Entry<Handoff>>,
    /// The files that are none of these.
    pub(in crate::ledger) carried: Vec<TreeFile>,
}

impl Ledger {
    /// Reads the registers that decide `resources`, each once and with its own error.
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
            let read = || self.read_cell_by(&name, (&at, &value), Source::Caches);
            cells.push(self.objects.using_copies(read));
        }
        Ok(cells)
    }

    /// Returns the refs of all registers, by their names at the arbiter.
    pub(in crate::ledger) fn cell_refs(&self) -> Result<Vec<(String, RefValue)>, RefError> {
        let mut refs = Vec::new();
        for namespace in self.table.contended() {
            refs.extend(self.cell_refs_of(namespace)?);
        }
        Ok(refs)
    }

    /// Returns the refs of the registers of one namespace, by their names at the arbiter.
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

    /// Returns the ref that has the register `name` in this clone.
    pub(in crate::ledger) fn cell_place(&self, name: &str) -> String {
        match self.remote {
            Some(_) => self.tracking_name(name),
            None => name.to_owned(),
        }
    }

    /// Returns the ref that has the register `name` in this clone, and its value.
    pub(in crate::ledger) fn read_cell_ref(
        &self,
        name: &str,
    ) -> Result<(String, RefValue), LedgerError> {
        match self.remote {
            Some(_) => Ok(self.read_tracked(name)?),
            None => Ok((name.to_owned(), self.refs.read(name)?)),
        }
    }

    /// Reads the register `name` from the value of its ref `at`.
    ///
    /// An absent ref is an empty register. Fails if the register is damaged, of a newer format, or
    /// not sound.
    pub(in crate::ledger) fn read_cell(
        &self,
        name: &str,
        at: &str,
        value: &RefValue,
    ) -> Result<Snapshot, Unreadable> {
        self.read_cell_by(name, (at, value), Source::Objects)
    }

    /// Reads a register as [`read_cell`](Self::read_cell) does. What is only in a cache may be
    /// lost.
    pub(in crate::ledger) fn read_cell_by(
        &self,
        name: &str,
        (at, value): (&str, &RefValue),
        source: Source,
    ) -> Result<Snapshot, Unreadable> {
        let key = name.rsplit('/').next().unwrap_or(name).to_owned();
        let whole = |defect| Unreadable::new(at, defect, MayHold::Key(key.clone()));
        let tip = match value {
            RefValue::Absent => {
                let mut read = Snapshot::empty(name);
                read.cell.high_water = self.high_water_of(name).max(self.floor());
                return Ok(read);
            }
            RefValue::At(tip) => *tip,
            RefValue::Broken(detail) => {
                let detail = detail.clone();
                return Err(whole(Defect::BrokenRef { detail }));
            }
        };
        let mut read = self.fill_cell_by(name, tip, source).map_err(whole)?;
        // Without its record, it would be a list that is not drained and remembers nothing.
        let is_left = |file: &TreeFile| LIST.key_in(&file.name).is_some();
        if read.is_list && read.list.is_empty() && !read.carried.iter().any(is_left) {
            let detail = "no list.toml".to_owned();
            return Err(whole(Defect::Malformed { detail }));
        }
        self.judge_register(&read.cell).map_err(whole)?;
        if !read.cell.is_sound() {
            let detail = "its tokens or its locks contradict each other".to_owned();
            return Err(whole(Defect::Malformed { detail }));
        }
        read.cell.high_water = read.cell.high_water.max(self.high_water_of(name));
        Ok(read)
    }

    /// Reads the handoffs of a register, which most readers do not need. One that cannot be read,
    /// or belongs to a resource of another register, is carried over as it is.
    pub(in crate::ledger) fn with_handoffs(&self, mut read: Snapshot) -> Snapshot {
        for file in std::mem::take(&mut read.carried) {
            let is_its = HANDOFF.key_in(&file.name).is_some();
            let entry = is_its.then(|| self.entry(&HANDOFF, &file).ok()).flatten();
            let is_here = |entry: &Entry<Handoff>| {
                let name = self.table.cell_ref(&entry.record.resource);
                name == read.name && self.impossible("at", entry.record.at).is_none()
            };
            match entry.filter(is_here) {
                Some(entry) => {
                    read.cell.handoffs.push(entry.record.clone());
                    read.handoffs.push(entry);
                }
                None => read.carried.push(file),
            }
        }
        read
    }

    /// Reads the state of the register `name` at the commit `tip`, sound or not.
    pub(in crate::ledger) fn fill_cell(
        &self,
        name: &str,
        tip: ObjectId,
    ) -> Result<Snapshot, Defect> {
        self.fill_cell_by(name, tip, Source::Objects)
    }

    fn fill_cell_by(&self, name: &str, tip: ObjectId, source: Source) -> Result<Snapshot, Defect> {
        let uses_caches = source == Source::Caches;
        if let (true, Some(read)) = (uses_caches, self.recent_at(name, tip)) {
            return Ok(read);
        }
        let before = uses_caches.then(|| self.recent_before(name)).flatten();
        let is_first = uses_caches && before.is_none();
        let before = before.unwrap_or_else(|| Snapshot::empty(name));
        let tree = self.tree(tip)?;
        // What this process has read already is not in the cache that it would write.
        let mut cache = match is_first {
            true => self.list_cache(&tree.files),
            false => ListCache::default(),
        };
        let head = self.table.of(name).map_or(LOCKS.head, |space| space.head);
        let mut read = Snapshot::empty(name);
        let mut floor = None;
        let leaves_tasks = source == Source::Held && self.is_without_holds(name, &tree.files);
        for file in tree.files {
            if file.name == head {
                let bytes = self.blob(file.id, RECORD_BYTES_MAX);
                let own = lock::read_cell(&bytes.map_err(|defect| whole_or_not(&file, defect))?)?;
                floor = Some(own.floor);
                read.is_list = own.is_list;
                read.rest = own.rest;
            } else if LOCK.key_in(&file.name).is_some() {
                let entry = self.entry_unless((&before.locks, &mut cache), &LOCK, &file);
                let entry = entry.map_err(|defect| whole_or_not(&file, defect))?;
                let resource = entry.record.resource();
                if self.table.cell_ref(resource) != name {
                    let label = resource.label().to_owned();
                    return Err(Defect::WrongLabel { label });
                }
                match entry.record.clone() {
                    Standing::Held(lock) => read.cell.locks.push(lock),
                    Standing::Offered(offered) => read.cell.offers.push(offered),
                }
                read.locks.push(entry);
            } else if leaves_tasks {
                // As it is, so that a write would carry it over.
                read.carried.push(file);
            } else if TASK.key_in(&file.name).is_some() {
                let entry = self.entry_unless((&before.tasks, &mut cache), &TASK, &file);
                let entry = entry.map_err(|defect| whole_or_not(&file, defect))?;
                read.cell.tasks.tasks.push(entry.record.clone());
                read.tasks.push(entry);
            } else if LIST.key_in(&file.name).is_some() {
                let entry = self.entry_unless((&before.list, &mut cache), &LIST, &file);
                let entry = entry.map_err(|defect| whole_or_not(&file, defect))?;
                read.cell.tasks.finished = entry.record.finished.clone();
                read.cell.tasks.workflows = entry.record.workflows.clone();
                read.cell.tasks.is_drained = entry.record.is_drained;
                read.list.push(entry);
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
        if uses_caches {
            self.keep_recent(&read);
            self.keep_list_cache(&cache);
        }
        Ok(read)
    }
}

impl Ledger {
    /// Returns true if a register has no lock and no offer, and is not that of the main list. Any
    /// clone can make many lists, and what no session has is no claim.
    fn is_without_holds(&self, name: &str, files: &[TreeFile]) -> bool {
        let main = Resource::parse(&format!("{TASK_TYPE}:{MAIN_LIST}"));
        let is_main = main.is_ok_and(|main| self.table.cell_ref(&main) == name);
        !is_main && !files.iter().any(|file| LOCK.key_in(&file.name).is_some())
    }
}

/// Maps a record that is too large to a damaged register: no version writes one.
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
    /// Makes the snapshot of a register whose ref does not exist.
    pub(in crate::ledger) fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            tip: None,
            cell: LockRegister::default(),
            commit: None,
            rest: Rest::default(),
            locks: Vec::new(),
            is_list: false,
            tasks: Vec::new(),
            list: Vec::new(),
            handoffs: Vec::new(),
            carried: Vec::new(),
        }
    }

    /// Returns the list of tasks that this register is of, if the name of its ref has all of it:
    /// that of a long one is cut.
    pub fn list_named(&self, ledger: &Ledger) -> Option<Resource> {
        let key = self.name.rsplit('/').next()?.strip_prefix("task-")?;
        let (name, _) = key.rsplit_once('-')?;
        let list = Resource::parse(&format!("task:{name}")).ok()?;
        (ledger.table.cell_ref(&list) == self.name).then_some(list)
    }

    /// Returns the commits of the states before this one.
    pub(in crate::ledger) fn parents(&self) -> Vec<ObjectId> {
        let commit = self.commit.as_ref();
        commit.map(|c| c.parents.clone()).unwrap_or_default()
    }

    /// Returns the event of the commit and its time, if there is a commit that has one.
    pub fn last_event(&self) -> Option<(Event, Timestamp)> {
        let commit = self.commit.as_ref()?;
        let committed_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
        event::read(&commit.message, committed_at)
    }
}
