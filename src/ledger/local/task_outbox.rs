//! Tasks that were added while the arbiter was away.
//!
//! Owns [`TaskOutbox`]: `<git>/presence/tasks.jsonl`, a line of JSON for each addition, with its
//! tasks as their records have them, until the arbiter has decided about it; and for each one that
//! was dropped here before that. Others never see it: what stands there is on no list yet, as far
//! as is known here.

use std::io::Write as _;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::ledger::layout::{TASKS_FILE, TASKS_LOCK};
use crate::ledger::local::file_locks::{lock_within_bounds, open_lock};
use crate::ledger::local::folder::{Folder, FolderError};
use crate::ledger::plain::Access;
use crate::ledger::records::task;
use crate::ledger::records::wire::Rest;
use crate::model::id::{NodeId, SessionId};
use crate::model::resource::Resource;
use crate::model::task::{Addition, Name, Task, TaskId, Workflow};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// The most bytes that wait.
const BYTES_MAX: usize = 8 * 1024 * 1024;
const WHAT: &str = "what is to be added to a list of tasks";

/// The additions of this clone that no arbiter has decided about.
pub struct TaskOutbox<'l> {
    folder: &'l Folder,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    list: String,
    by: String,
    node: String,
    at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workflow: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    tasks: Vec<String>,
    /// The ids of tasks that were dropped here. A version that does not know it adds nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    drops: Vec<String>,
}

impl<'l> TaskOutbox<'l> {
    /// Returns the outbox in a folder.
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Returns the additions with their lists, oldest first. A line that cannot be read is left
    /// out, and stays.
    pub fn list(&self) -> Vec<(Resource, Addition)> {
        let text = self.folder.text(TASKS_FILE);
        let additions = text.lines().filter_map(read);
        additions.filter(|(_, new)| !new.tasks.is_empty()).collect()
    }

    /// Returns the tasks that were dropped here and may have come to their list, oldest first.
    pub fn drops(&self) -> Vec<(Resource, TaskId)> {
        let text = self.folder.text(TASKS_FILE);
        let drops = text.lines().flat_map(dropped);
        drops.collect()
    }

    /// Notes that the tasks of an addition were dropped here. Fails as [`append`](Self::append)
    /// does.
    pub fn append_drops(
        &self,
        clock: &dyn Clock,
        list: &Resource,
        what: &Addition,
    ) -> Result<(), FolderError> {
        let ids = what.tasks.iter().map(|spec| spec.id.as_str().to_owned());
        let drops = ids.collect();
        let none = Addition {
            tasks: Vec::new(),
            workflow: None,
            ..what.clone()
        };
        let wire = Wire {
            drops,
            ..Wire::of(list, &none)
        };
        self.append_line(clock, &wire)
    }

    /// Forgets that a task was dropped here, with the others of its addition that are over. Fails
    /// if the file cannot be written.
    pub fn forget_drops(&self, clock: &dyn Clock, over: &[TaskId]) -> Result<(), FolderError> {
        let is_over = |line: &str| {
            let ids = dropped(line);
            !ids.is_empty() && ids.iter().all(|(_, id)| over.contains(id))
        };
        self.forget_lines(clock, &is_over)
    }

    /// Appends an addition. Fails if the file cannot be written, or has too much.
    pub fn append(
        &self,
        clock: &dyn Clock,
        list: &Resource,
        what: &Addition,
    ) -> Result<(), FolderError> {
        self.append_line(clock, &Wire::of(list, what))
    }

    fn append_line(&self, clock: &dyn Clock, wire: &Wire) -> Result<(), FolderError> {
        let append = || {
            self.folder.ensure()?;
            let _lock = self.lock(clock)?;
            let line = serde_json::to_string(wire)? + "\n";
            let before = self.folder.text(TASKS_FILE).len();
            if before + line.len() > BYTES_MAX {
                let error = "too many tasks wait for a remote that is away";
                return Err(std::io::Error::other(error));
            }
            let mut file = self.folder.open()?.file(TASKS_FILE, Access::Append)?;
            let _ = self.folder.sharing().apply_to(&file);
            file.write_all(line.as_bytes())?;
            file.sync_all()
        };
        append().map_err(|error| self.folder.error(WHAT, error))
    }

    /// Removes the additions that `is_over` says so of. Fails if the file cannot be written.
    pub fn forget(
        &self,
        clock: &dyn Clock,
        is_over: &dyn Fn(&Resource, &Addition) -> bool,
    ) -> Result<(), FolderError> {
        let is_it = |line: &str| read(line).is_some_and(|(list, new)| is_over(&list, &new));
        self.forget_lines(clock, &is_it)
    }

    fn forget_lines(
        &self,
        clock: &dyn Clock,
        is_over: &dyn Fn(&str) -> bool,
    ) -> Result<(), FolderError> {
        let forget = || {
            let _lock = self.lock(clock)?;
            let text = self.folder.text(TASKS_FILE);
            let stays = |line: &&str| !is_over(line);
            let left: String = text
                .lines()
                .filter(stays)
                .flat_map(|line| [line, "\n"])
                .collect();
            match left.is_empty() {
                true => self.folder.remove(TASKS_FILE),
                false => self.folder.replace_bytes(TASKS_FILE, left.as_bytes()),
            }
        };
        forget().map_err(|error| self.folder.error(WHAT, error))
    }

    fn lock(&self, clock: &dyn Clock) -> std::io::Result<std::fs::File> {
        let file = open_lock(&self.folder.open()?, TASKS_LOCK, self.folder.sharing())?;
        lock_within_bounds(&file, clock)?;
        Ok(file)
    }
}

impl Wire {
    fn of(list: &Resource, new: &Addition) -> Self {
        let records = new.tasks.iter().map(|spec| {
            let task = Task::new(spec.clone(), &new.by, new.node, new.at);
            String::from_utf8_lossy(&task::encode(&task, &Rest::default())).into_owned()
        });
        let description = new.workflow.as_ref();
        let description = description.and_then(|one| one.description.as_ref());
        Self {
            list: list.label().to_owned(),
            by: new.by.as_str().to_owned(),
            node: new.node.to_string(),
            at: new.at.to_rfc3339(),
            workflow: new.workflow.as_ref().map(|one| one.name.to_string()),
            description: description.map(|text| text.as_str().to_owned()),
            tasks: records.collect(),
            drops: Vec::new(),
        }
    }
}

/// Returns the tasks that a line says were dropped, with their list.
fn dropped(line: &str) -> Vec<(Resource, TaskId)> {
    let wire = serde_json::from_str::<Wire>(line).ok();
    let list = wire.as_ref().map(|wire| Resource::from_record(&wire.list));
    let (Some(wire), Some(Ok(list))) = (wire, list) else {
        return Vec::new();
    };
    let ids = wire.drops.iter().filter_map(|id| TaskId::parse(id));
    ids.map(|id| (list.clone(), id)).collect()
}

fn read(line: &str) -> Option<(Resource, Addition)> {
    let wire: Wire = serde_json::from_str(line).ok()?;
    let tasks = wire.tasks.iter().map(|record| {
        let (task, _) = task::decode(record.as_bytes()).ok()?;
        Some(task.spec)
    });
    let workflow = wire.workflow.as_deref().and_then(Name::parse);
    let added = Addition {
        tasks: tasks.collect::<Option<Vec<_>>>()?,
        workflow: workflow.map(|name| Workflow {
            name,
            description: wire.description.as_deref().map(Purpose::from_record),
        }),
        by: SessionId::from_record(&wire.by).ok()?,
        node: NodeId::parse(&wire.node)?,
        at: Timestamp::parse(&wire.at)?,
    };
    Some((Resource::from_record(&wire.list).ok()?, added))
}
