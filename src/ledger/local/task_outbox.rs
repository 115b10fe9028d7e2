//! Tasks that were added while the arbiter was away.
//!
//! Owns [`TaskOutbox`]: `<git>/presence/tasks.jsonl`, a line of JSON for each addition, with its
//! tasks as their records have them, until the arbiter has decided about it. Others never see it:
//! what stands there is on no list yet.

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
use crate::model::task::{Addition, Name, Task, Workflow};
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
        text.lines().filter_map(read).collect()
    }

    /// Appends an addition. Fails if the file cannot be written, or has too much.
    pub fn append(
        &self,
        clock: &dyn Clock,
        list: &Resource,
        what: &Addition,
    ) -> Result<(), FolderError> {
        let append = || {
            self.folder.ensure()?;
            let _lock = self.lock(clock)?;
            let line = serde_json::to_string(&Wire::of(list, what))? + "\n";
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
        let forget = || {
            let _lock = self.lock(clock)?;
            let text = self.folder.text(TASKS_FILE);
            let stays = |line: &&str| !read(line).is_some_and(|(list, new)| is_over(&list, &new));
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
        }
    }
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
