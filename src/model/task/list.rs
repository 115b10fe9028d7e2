//! The tasks of one list.
//!
//! Owns [`TaskList`] and its rules: what may be added, what becomes of the needs of others when a
//! task is over, and which task comes next. Never knows which session holds a task.

use super::super::id::SessionId;
use super::super::message::Text;
use super::super::resource::Resource;
use super::super::text::Purpose;
use super::super::time::Timestamp;
use super::{FINISHED_MAX, Key, TASKS_MAX, Task, TaskDenied, TaskId};

/// A task that is over, as far as the list remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its id.
    pub id: TaskId,
    /// Whether it was done; otherwise it was dropped.
    pub is_done: bool,
    /// Its key.
    pub key: Option<Key>,
}

/// A task that a user adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// Its id, drawn by chance.
    pub id: TaskId,
    /// See [`Task::title`].
    pub title: Purpose,
    /// See [`Task::text`].
    pub text: Option<Text>,
    /// See [`Task::needs`].
    pub needs: Vec<TaskId>,
    /// See [`Task::priority`].
    pub priority: u8,
    /// See [`Task::claims`].
    pub claims: Vec<Resource>,
    /// See [`Task::key`].
    pub key: Option<Key>,
}

/// The tasks of one list that are not over, and what it remembers of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskList {
    /// The tasks that are not over, at most [`TASKS_MAX`].
    pub tasks: Vec<Task>,
    /// Those that are over, the last one last, at most [`FINISHED_MAX`].
    pub finished: Vec<Finished>,
    /// Whether nothing new is given out.
    pub is_drained: bool,
}

impl TaskList {
    /// Returns true if this is a list at all: something was added to it once.
    pub fn is_there(&self) -> bool {
        *self != Self::default()
    }

    /// Returns a task that is not over.
    ///
    /// # Errors
    ///
    /// [`TaskDenied::Over`] and [`TaskDenied::Unknown`].
    pub fn find(&self, id: &TaskId) -> Result<&Task, TaskDenied> {
        let found = self.tasks.iter().find(|task| task.id == *id);
        found.ok_or_else(|| self.missing(id))
    }

    /// Returns a task that is not over, to be changed. Fails as [`find`](Self::find) does.
    pub(in super::super) fn find_mut(&mut self, id: &TaskId) -> Result<&mut Task, TaskDenied> {
        let missing = self.missing(id);
        let found = self.tasks.iter_mut().find(|task| task.id == *id);
        found.ok_or(missing)
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
        match task.needs.as_slice() {
            [] => Ok(task),
            needs => Err(TaskDenied::Needs {
                id: id.clone(),
                needs: needs.to_vec(),
            }),
        }
    }

    /// Returns the tasks that are ready, the first one first.
    pub fn in_order(&self) -> Vec<&Task> {
        let mut ready: Vec<&Task> = self.tasks.iter().filter(|task| task.is_ready()).collect();
        ready.sort_by(|a, b| a.order().cmp(&b.order()));
        ready
    }

    /// Adds tasks of the session `by`, all or none. What has a key that is there already is not
    /// added again. Returns the ids of the tasks, those that were there included, and of those that
    /// are new.
    ///
    /// # Errors
    ///
    /// [`TaskDenied::Unknown`] for a need that is no task, or was dropped;
    /// [`TaskDenied::OtherContent`] for a key under which something else stands,
    /// [`TaskDenied::Circle`], [`TaskDenied::Full`]. Then nothing changes.
    pub fn add(
        &mut self,
        new: &[NewTask],
        by: &SessionId,
        now: Timestamp,
    ) -> Result<(Vec<TaskId>, Vec<TaskId>), TaskDenied> {
        let mut after = self.clone();
        // What is there already goes by the id that it has.
        let mut ids: Vec<(TaskId, TaskId)> = Vec::new();
        let mut added = Vec::new();
        for one in new {
            match after.there(one)? {
                Some(id) => ids.push((one.id.clone(), id)),
                None => {
                    ids.push((one.id.clone(), one.id.clone()));
                    added.push(one.id.clone());
                    after.tasks.push(one.clone().into_task(by, now));
                }
            }
        }
        for task in after
            .tasks
            .iter_mut()
            .filter(|task| added.contains(&task.id))
        {
            for need in &mut task.needs {
                if let Some((_, id)) = ids.iter().find(|(named, _)| named == need) {
                    *need = id.clone();
                }
            }
        }
        after.settle_needs(&added)?;
        if after.tasks.len() > TASKS_MAX {
            return Err(TaskDenied::Full);
        }
        *self = after;
        Ok((ids.into_iter().map(|(_, id)| id).collect(), added))
    }

    /// Returns the task that has the key of a new one.
    fn there(&self, new: &NewTask) -> Result<Option<TaskId>, TaskDenied> {
        let Some(key) = &new.key else {
            return Ok(None);
        };
        if let Some(over) = self
            .finished
            .iter()
            .find(|over| over.key.as_ref() == Some(key))
        {
            return Ok(Some(over.id.clone()));
        }
        let there = self
            .tasks
            .iter()
            .find(|task| task.key.as_ref() == Some(key));
        let Some(task) = there else {
            return Ok(None);
        };
        let is_same = task.title == new.title && task.text == new.text && task.claims == new.claims;
        match is_same {
            true => Ok(Some(task.id.clone())),
            false => Err(TaskDenied::OtherContent(key.clone())),
        }
    }

    /// Drops the needs of new tasks that are done, and checks the others.
    fn settle_needs(&mut self, added: &[TaskId]) -> Result<(), TaskDenied> {
        let done = |id: &TaskId| {
            let mut over = self.finished.iter();
            over.any(|one| one.id == *id && one.is_done)
        };
        let mut needs: Vec<(TaskId, Vec<TaskId>)> = Vec::new();
        for task in self.tasks.iter().filter(|task| added.contains(&task.id)) {
            let mut left: Vec<TaskId> = Vec::new();
            for need in task.needs.iter().filter(|need| !done(need)) {
                self.find(need)?;
                if !left.contains(need) {
                    left.push(need.clone());
                }
            }
            needs.push((task.id.clone(), left));
        }
        for (id, left) in needs {
            self.find_mut(&id)?.needs = left;
        }
        match self.circle() {
            Some(circle) => Err(TaskDenied::Circle(circle)),
            None => Ok(()),
        }
    }

    /// Returns tasks that need each other, if there are any.
    fn circle(&self) -> Option<Vec<TaskId>> {
        let mut left: Vec<&Task> = self.tasks.iter().collect();
        // Each pass takes away what needs nothing that is left.
        loop {
            let ids: Vec<&TaskId> = left.iter().map(|task| &task.id).collect();
            let is_free = |task: &&Task| !task.needs.iter().any(|need| ids.contains(&need));
            let (free, bound): (Vec<&Task>, Vec<&Task>) =
                left.iter().partition(|task| is_free(task));
            if free.is_empty() {
                let ids = bound.iter().map(|task| task.id.clone());
                return (!bound.is_empty()).then(|| ids.collect());
            }
            left = bound;
        }
    }

    /// Takes a task from the list: it is done, or dropped. What needed it needs it no more; if it
    /// was dropped, that waits for a person. Fails as [`find`](Self::find) does.
    pub fn finish(&mut self, id: &TaskId, is_done: bool) -> Result<Task, TaskDenied> {
        self.find(id)?;
        let at = self.tasks.iter().position(|task| task.id == *id);
        let task = self.tasks.remove(at.unwrap_or_default());
        for other in self
            .tasks
            .iter_mut()
            .filter(|other| other.needs.contains(id))
        {
            other.needs.retain(|need| need != id);
            if !is_done && other.blocked.is_none() {
                let why = format!("it needs {id}, which was dropped");
                other.blocked = Some(Purpose::from_record(&why));
            }
        }
        self.finished.push(Finished {
            id: id.clone(),
            is_done,
            key: task.key.clone(),
        });
        let excess = self.finished.len().saturating_sub(FINISHED_MAX);
        self.finished.drain(..excess);
        Ok(task)
    }
}

impl NewTask {
    fn into_task(self, by: &SessionId, now: Timestamp) -> Task {
        Task {
            id: self.id,
            title: self.title,
            text: self.text,
            needs: self.needs,
            priority: self.priority,
            claims: self.claims,
            key: self.key,
            by: by.clone(),
            added_at: now,
            blocked: None,
            attempts: 0,
            last: None,
        }
    }
}
