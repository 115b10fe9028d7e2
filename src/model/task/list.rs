//! The tasks of one list.
//!
//! Owns [`TaskList`] and its rules: what may be added, what becomes of the needs of others when a
//! task is over, and which task comes next. Never knows which session holds a task.

use std::sync::Arc;

use super::super::id::{NodeId, SessionId};
use super::super::text::Purpose;
use super::super::time::Timestamp;
use super::workflow::{WORKFLOWS_MAX, Workflow};
use super::{FINISHED_MAX, Key, NEEDS_MAX, Name, TASKS_MAX, Task, TaskDenied, TaskId, TaskSpec};

/// The most bytes that are remembered of tasks that are over.
const FINISHED_BYTES_MAX: usize = 40 * 1024;
/// The bytes of a task that is over without its names.
const FIELDS_BYTES: usize = 56;

/// A task that is over, as far as the list remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its id.
    pub id: TaskId,
    /// Whether it was done; otherwise it was dropped.
    pub is_done: bool,
    /// Its key.
    pub key: Option<Key>,
    /// The workflow that it was a part of.
    pub workflow: Option<Name>,
}

impl Finished {
    /// Returns about how many bytes of the record of the list it has.
    fn bytes(&self) -> usize {
        let key = self.key.as_ref().map_or(0, |key| 2 * key.as_str().len());
        let workflow = self.workflow.as_ref().map_or(0, |name| name.as_str().len());
        FIELDS_BYTES + key + workflow
    }
}

/// Tasks that a session adds, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The tasks.
    pub tasks: Vec<TaskSpec>,
    /// The workflow that they are a part of, with what there is to say of it.
    pub workflow: Option<Workflow>,
    /// The session that adds them.
    pub by: SessionId,
    /// The clone of that session.
    pub node: NodeId,
    /// When it does.
    pub at: Timestamp,
}

/// The tasks of one list that are not over, and what it remembers of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskList {
    /// The tasks that are not over, at most [`TASKS_MAX`].
    pub tasks: Vec<Arc<Task>>,
    /// Those that are over, the last one last, at most [`FINISHED_MAX`].
    pub finished: Vec<Finished>,
    /// What there is to say of workflows, the last one last, at most `WORKFLOWS_MAX`.
    pub workflows: Vec<Workflow>,
    /// Whether nothing new is given out.
    pub is_drained: bool,
}

impl TaskList {
    /// Returns true if this is a list at all: something was added to it once.
    pub fn is_there(&self) -> bool {
        *self != Self::default()
    }

    /// Returns true if there is something that must not be forgotten: a task that is not over, a
    /// key under which nothing is added again, or that nothing is given out.
    pub fn has_to_stay(&self) -> bool {
        let has_key = |over: &Finished| over.key.is_some();
        !self.tasks.is_empty() || self.is_drained || self.finished.iter().any(has_key)
    }

    /// Returns a task that is not over.
    ///
    /// # Errors
    ///
    /// [`TaskDenied::Over`] and [`TaskDenied::Unknown`].
    pub fn find(&self, id: &TaskId) -> Result<&Task, TaskDenied> {
        let found = self.tasks.iter().find(|task| task.spec.id == *id);
        found.map(|task| &**task).ok_or_else(|| self.missing(id))
    }

    /// Returns a task that is not over, to be changed. Fails as [`find`](Self::find) does.
    pub(in super::super) fn find_mut(&mut self, id: &TaskId) -> Result<&mut Task, TaskDenied> {
        let missing = self.missing(id);
        let found = self.tasks.iter_mut().find(|task| task.spec.id == *id);
        found.map(Arc::make_mut).ok_or(missing)
    }

    fn missing(&self, id: &TaskId) -> TaskDenied {
        match self.finished.iter().find(|over| over.id == *id) {
            Some(over) => TaskDenied::Over {
                id: id.clone(),
                is_done: over.is_done,
            },
            None => TaskDenied::Unknown(id.clone()),
        }
    }

    /// Checks that nothing but a hold keeps the task from being taken.
    ///
    /// # Errors
    ///
    /// Those of [`find`](Self::find), [`TaskDenied::Blocked`] and [`TaskDenied::Needs`].
    pub fn ready(&self, id: &TaskId) -> Result<&Task, TaskDenied> {
        let task = self.find(id)?;
        if let Some(why) = &task.blocked {
            return Err(TaskDenied::Blocked {
                id: id.clone(),
                why: why.clone(),
            });
        }
        match task.spec.needs.as_slice() {
            [] => Ok(task),
            needs => Err(TaskDenied::Needs {
                id: id.clone(),
                needs: needs.to_vec(),
            }),
        }
    }

    /// Returns the tasks that are ready, the first one first.
    pub fn in_order(&self) -> Vec<&Task> {
        let tasks = self.tasks.iter().map(|task| &**task);
        let mut ready: Vec<&Task> = tasks.filter(|task| task.is_ready()).collect();
        ready.sort_by(|a, b| a.order().cmp(&b.order()));
        ready
    }

    /// Adds tasks, all or none. What has an id or a key that is there already is not added again.
    /// Returns the ids of the tasks, those that were there included, and of those that are new.
    ///
    /// # Errors
    ///
    /// [`TaskDenied::Unknown`] for a need that is no task, or was dropped;
    /// [`TaskDenied::OtherContent`] for a key under which something else stands,
    /// [`TaskDenied::Circle`], [`TaskDenied::Full`]. Then nothing changes.
    pub fn add(
        &mut self,
        new: &Addition,
        now: Timestamp,
    ) -> Result<(Vec<TaskId>, Vec<TaskId>), TaskDenied> {
        let mut after = self.clone();
        // What is there already goes by the id that it has.
        let mut ids: Vec<(TaskId, TaskId)> = Vec::new();
        let mut added = Vec::new();
        for one in &new.tasks {
            match after.there(one)? {
                Some(id) => ids.push((one.id.clone(), id)),
                None => {
                    ids.push((one.id.clone(), one.id.clone()));
                    added.push(one.id.clone());
                    // What was added while the arbiter was away keeps its place in the order.
                    let at = new.at.min(now);
                    after
                        .tasks
                        .push(Arc::new(Task::new(one.clone(), &new.by, new.node, at)));
                }
            }
        }
        let is_new = |task: &&mut Arc<Task>| added.contains(&task.spec.id);
        for task in after.tasks.iter_mut().filter(is_new) {
            for need in &mut Arc::make_mut(task).spec.needs {
                if let Some((_, id)) = ids.iter().find(|(named, _)| named == need) {
                    *need = id.clone();
                }
            }
        }
        after.settle_needs(&added)?;
        if after.tasks.len() > TASKS_MAX {
            return Err(TaskDenied::Full);
        }
        if let (Some(workflow), false) = (&new.workflow, added.is_empty()) {
            after.workflows.retain(|one| one.name != workflow.name);
            after.workflows.push(workflow.clone());
            let excess = after.workflows.len().saturating_sub(WORKFLOWS_MAX);
            after.workflows.drain(..excess);
        }
        *self = after;
        Ok((ids.into_iter().map(|(_, id)| id).collect(), added))
    }

    /// Returns the task that has the id or the key of a new one.
    fn there(&self, new: &TaskSpec) -> Result<Option<TaskId>, TaskDenied> {
        let is_key = |key: &Option<Key>| key.is_some() && *key == new.key;
        let mut over = self.finished.iter();
        if let Some(over) = over.find(|over| over.id == new.id || is_key(&over.key)) {
            return Ok(Some(over.id.clone()));
        }
        let mut tasks = self.tasks.iter().map(|task| &task.spec);
        match tasks.find(|task| task.id == new.id || is_key(&task.key)) {
            None => Ok(None),
            Some(task) if task.id == new.id || task.says_the_same(new) => Ok(Some(task.id.clone())),
            Some(task) => Err(match &task.key {
                Some(key) => TaskDenied::OtherContent(key.clone()),
                None => TaskDenied::Unknown(task.id.clone()),
            }),
        }
    }

    /// Drops the needs of new tasks that are done, and checks the others.
    fn settle_needs(&mut self, added: &[TaskId]) -> Result<(), TaskDenied> {
        let done = |id: &TaskId| {
            let mut over = self.finished.iter();
            over.any(|one| one.id == *id && one.is_done)
        };
        let mut needs: Vec<(TaskId, Vec<TaskId>, Vec<TaskId>)> = Vec::new();
        let is_new = |task: &&Arc<Task>| added.contains(&task.spec.id);
        for task in self.tasks.iter().filter(is_new) {
            let mut left: Vec<TaskId> = Vec::new();
            let (over, open) = task
                .spec
                .needs
                .iter()
                .partition::<Vec<_>, _>(|need| done(need));
            for need in open {
                self.find(need)?;
                if !left.contains(need) {
                    left.push(need.clone());
                }
            }
            let over = over.into_iter().cloned().collect();
            needs.push((task.spec.id.clone(), left, over));
        }
        for (id, left, over) in needs {
            let task = self.find_mut(&id)?;
            task.spec.needs = left;
            task.after = over;
        }
        match self.circle() {
            Some(circle) => Err(TaskDenied::Circle(circle)),
            None => Ok(()),
        }
    }

    /// Returns tasks that need each other, if there are any.
    fn circle(&self) -> Option<Vec<TaskId>> {
        let mut left: Vec<&Arc<Task>> = self.tasks.iter().collect();
        // Each pass takes away what needs nothing that is left.
        loop {
            let ids: Vec<&TaskId> = left.iter().map(|task| &task.spec.id).collect();
            let is_free =
                |task: &&Arc<Task>| !task.spec.needs.iter().any(|need| ids.contains(&need));
            let (free, bound): (Vec<&Arc<Task>>, Vec<&Arc<Task>>) =
                left.iter().partition(|task| is_free(task));
            if free.is_empty() {
                let ids = bound.iter().map(|task| task.spec.id.clone());
                return (!bound.is_empty()).then(|| ids.collect());
            }
            left = bound;
        }
    }

    /// Takes a task from the list: it is done, or dropped. What needed it needs it no more; if it
    /// was dropped, that waits for a person. Fails as [`find`](Self::find) does.
    pub fn finish(&mut self, id: &TaskId, is_done: bool) -> Result<Task, TaskDenied> {
        self.find(id)?;
        let at = self.tasks.iter().position(|task| task.spec.id == *id);
        let task = self.tasks.remove(at.unwrap_or_default());
        for other in self
            .tasks
            .iter_mut()
            .filter(|other| other.spec.needs.contains(id))
        {
            let other = Arc::make_mut(other);
            other.spec.needs.retain(|need| need != id);
            if is_done {
                other.after.push(id.clone());
                let excess = other.after.len().saturating_sub(NEEDS_MAX);
                other.after.drain(..excess);
            }
            if !is_done {
                // It comes first: what is too long is cut.
                let mut why = format!("it needs {id}, which was dropped");
                if let Some(before) = &other.blocked {
                    why = format!("{why}; {}", before.as_str());
                }
                other.blocked = Some(Purpose::from_record(&why));
            }
        }
        self.finished.push(Finished {
            id: id.clone(),
            is_done,
            key: task.spec.key.clone(),
            workflow: task.spec.workflow.clone(),
        });
        self.forget_the_oldest();
        Ok(Arc::unwrap_or_clone(task))
    }

    /// Forgets what was over first, so that the record of the list stays readable.
    fn forget_the_oldest(&mut self) {
        let mut bytes = 0;
        let kept = self
            .finished
            .iter()
            .rev()
            .take(FINISHED_MAX)
            .take_while(|over| {
                bytes += over.bytes();
                bytes <= FINISHED_BYTES_MAX
            });
        let excess = self.finished.len() - kept.count();
        self.finished.drain(..excess);
    }
}
