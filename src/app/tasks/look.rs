//! The use case of `task` and `task show`: what is to be done, and who does it.
//!
//! Owns what is derived of a task when it is read ([`Row`]): its state, and whether it is ready or
//! stale. Never writes.

use std::collections::BTreeMap;

use crate::app::claims::handoffs::{Left, left_at};
use crate::app::claims::refused::list_option;
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::publish;
use crate::app::tasks::{stuck, unsent};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::event::{Event, EventKind};
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::lock::{Lock, LockRegister};
use crate::model::resource::Resource;
use crate::model::task::{
    Finished, Name, Task, TaskDenied, TaskId, WorkflowView, place_of, resource_of, workflows_of,
};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;
use crate::model::transition::{Cause, TaskState};

/// The most events in which titles of tasks that are over are looked for.
const TITLES_MAX: usize = 1000;
/// After how long a task is stale that is open or held.
const STALE_SECS: u64 = 7 * 24 * 60 * 60;

/// Which tasks are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that are not over.
    #[default]
    All,
    /// Those that can be taken now.
    Ready,
    /// Those that this session holds.
    Mine,
    /// Those that wait for a person.
    Blocked,
    /// Those that are open or held for long.
    Stale,
    /// Those that are over, as far as the list remembers them.
    Done,
}

/// What is listed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Which tasks.
    pub which: Which,
    /// Only those of this workflow.
    pub workflow: Option<Name>,
}

/// A task as it stands.
#[derive(Clone, Debug)]
pub struct Row {
    /// It.
    pub task: Task,
    /// Its resource.
    pub resource: Resource,
    /// Its state, a hold included.
    pub state: TaskState,
    /// The lock of the session that has it.
    pub lock: Option<Lock>,
    /// Whether it can be taken now.
    pub is_ready: bool,
    /// Whether it is open or held for long.
    pub is_stale: bool,
    /// Whether it is kept here, and on no list yet.
    pub is_unsent: bool,
    /// What keeps it from being taken although its list would give it out, if it was looked for.
    pub stuck: Option<String>,
}

/// The tasks of a list.
#[derive(Debug)]
pub struct Tasks {
    /// When they were read.
    pub now: Timestamp,
    /// The list.
    pub list: Resource,
    /// The session that asks.
    pub me: SessionId,
    /// Those that are asked for, the first one first.
    pub rows: Vec<Row>,
    /// Those that are over, if they are asked for.
    pub over: Vec<Finished>,
    /// Those that are new, after tasks were added.
    pub added: Vec<TaskId>,
    /// The titles of those that are over, as far as the history here has them.
    pub titles: BTreeMap<TaskId, Purpose>,
    /// The workflows of the list, if they are asked for.
    pub workflows: Vec<WorkflowView>,
    /// What sessions left for those who come after, of the tasks that are shown in full.
    pub left: Vec<Left>,
    /// Whether nothing new is given out.
    pub is_drained: bool,
    /// Who knows of what was changed; `None` if nothing was.
    pub confirmation: Option<Confirmation>,
    /// What was done.
    pub did: Did,
    /// What is known of other clones.
    pub known: Knowledge,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// What was done before a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// Nothing: it is only shown.
    Show,
    /// All of one task is shown.
    Detail,
    /// Tasks were added.
    Add,
    /// A task was taken.
    Take,
    /// A task was done, or dropped.
    Finish(TaskState),
    /// A task was handed back, blocked or changed.
    Change,
    /// The list gives nothing new out, or does so again.
    Drain,
}

/// Lists the tasks of a list, and what this clone has added and not sent yet.
pub fn execute(context: &Context, list: Resource, query: &Query) -> Result<Tasks, Failure> {
    let known = publish::known_after_first_look(context);
    let mut register = context.ledger.locks().get_known(&list)?.cell;
    let set_back = set_back(context, &list);
    let unsent = unsent::laid_over(context, &list, &mut register.tasks, context.now());
    let mut tasks = of(context, list, &register, known);
    tasks.warnings.extend(set_back);
    let me = tasks.me.clone();
    let is_its = |workflow: &Option<Name>| query.workflow.is_none() || *workflow == query.workflow;
    for row in &mut tasks.rows {
        row.is_unsent = unsent.contains(&row.task.spec.id);
        row.is_ready &= !row.is_unsent;
    }
    tasks.rows.retain(|row| is_its(&row.task.spec.workflow));
    tasks
        .workflows
        .retain(|view| is_its(&Some(view.workflow.name.clone())));
    let attempt = context.attempt();
    let is_own = |row: &Row| attempt.as_ref().is_none_or(|task| *task == row.resource);
    tasks.rows.retain(|row| match query.which {
        Which::All => true,
        Which::Ready => row.is_ready,
        Which::Mine => row.lock.as_ref().is_some_and(|lock| lock.holder.id == me) && is_own(row),
        Which::Blocked => row.state == TaskState::Blocked,
        Which::Stale => row.is_stale,
        Which::Done => false,
    });
    if query.which == Which::Ready {
        let parts = |row: &Row| (row.resource.clone(), row.task.spec.claims.clone());
        let parts: Vec<_> = tasks.rows.iter().map(parts).collect();
        let reasons = stuck::reasons(context, &parts, &register)?;
        for (row, reason) in tasks.rows.iter_mut().zip(reasons) {
            row.stuck = reason;
        }
    }
    if tasks.rows.is_empty() && query.which == Which::All {
        tasks.warnings.extend(others(context, &tasks.list)?);
    }
    if query.which == Which::Done {
        tasks.over = register.tasks.finished;
        tasks.over.retain(|over| is_its(&over.workflow));
        tasks.titles = titles(context, &tasks.list)?;
    }
    Ok(tasks)
}

/// Returns a sentence about a list that went back at the remote a short time ago.
pub(super) fn set_back(context: &Context, list: &Resource) -> Option<String> {
    let back = context.ledger.locks().set_back(list, context.now())?;
    let from = back.from.to_rfc3339();
    let lost = match back.to {
        Some(to) => format!("from {from} to {}", to.to_rfc3339()),
        None => format!("from {from} to nothing"),
    };
    Some(format!(
        "{list} went back in time at the remote, {lost}: what was done since may be given out again"
    ))
}

/// Returns the titles of the tasks of a list, as the history has them: a list remembers only the
/// ids of what is over.
fn titles(context: &Context, list: &Resource) -> Result<BTreeMap<TaskId, Purpose>, Failure> {
    let list = place_of(list).map(|(name, _)| name);
    let titled = |event: &Event| -> Option<(TaskId, Purpose)> {
        let EventKind::Task {
            transition,
            words: Some(title),
            ..
        } = &event.kind
        else {
            return None;
        };
        let has_title = matches!(transition.cause, Cause::Add | Cause::Take | Cause::Edit);
        let places = event.resources.iter().filter_map(place_of);
        let mut ids = places.filter_map(|(name, id)| id.filter(|_| Some(name) == list));
        // Of several that were added at once, only one has its title there.
        let (id, more) = (ids.next()?, ids.next());
        (has_title && more.is_none()).then(|| (id, title.clone()))
    };
    let is_titled = |event: &Event| titled(event).is_some();
    let events = context.ledger.events(TITLES_MAX, None, &is_titled)?;
    let mut titles = BTreeMap::new();
    // The newest first.
    for (id, title) in events.iter().filter_map(|entry| titled(&entry.event)) {
        titles.entry(id).or_insert(title);
    }
    Ok(titles)
}

/// Returns a sentence about each other list that has tasks which are not over, by its name.
fn others(context: &Context, list: &Resource) -> Result<Vec<String>, Failure> {
    let mut told = Vec::new();
    for read in context.ledger.locks().list()?.into_iter().flatten() {
        let open = read.cell.tasks.tasks.len();
        let Some(other) = read.list_named(&context.ledger).filter(|_| open > 0) else {
            continue;
        };
        if other != *list {
            told.push(format!(
                "{other} has {open} open: git presence task{}",
                list_option(&other)
            ));
        }
    }
    Ok(told)
}

/// Returns the tasks of a register that are not over, and its workflows.
pub fn of(context: &Context, list: Resource, register: &LockRegister, known: Knowledge) -> Tasks {
    let now = context.now();
    let is_held = |task: &Task| {
        let lock = register.lock_on(&resource_of(&list, &task.spec.id));
        lock.is_some_and(|lock| lock.is_live(now))
    };
    Tasks {
        now,
        me: context.me.id.clone(),
        rows: rows(&list, register, now),
        over: Vec::new(),
        added: Vec::new(),
        titles: BTreeMap::new(),
        workflows: workflows_of(&register.tasks, &is_held),
        left: Vec::new(),
        is_drained: register.tasks.is_drained,
        confirmation: None,
        did: Did::Show,
        known,
        warnings: Vec::new(),
        list,
    }
}

/// Shows one task, also one that is over and of which a session left something.
///
/// # Errors
///
/// [`Kind::Refused`] for a task of which nothing is left, or that was never there.
pub fn one(context: &Context, list: Resource, id: &TaskId) -> Result<Tasks, Failure> {
    let mut tasks = execute(context, list, &Query::default())?;
    tasks.rows.retain(|row| row.task.spec.id == *id);
    tasks.workflows.clear();
    tasks.did = Did::Detail;
    let row = tasks.rows.first();
    tasks.left = left_at(
        context,
        &handed_over(&tasks.list, id, row.map(|row| &row.task)),
    );
    if tasks.rows.is_empty() {
        let read = context.ledger.locks().get_known(&tasks.list)?;
        let over = read.cell.tasks.finished.iter();
        tasks.over = over.filter(|over| over.id == *id).cloned().collect();
        if tasks.left.is_empty() || tasks.over.is_empty() {
            let denied = read.cell.tasks.find(id).err();
            let denied = denied.unwrap_or_else(|| TaskDenied::Unknown(id.clone()));
            let error = anyhow::anyhow!("{denied}");
            return Err(Failure::new(Kind::Refused, error).hint(format!(
                "see what became of it: git presence task log {id}{}",
                list_option(&tasks.list)
            )));
        }
    }
    Ok(tasks)
}

/// Returns the resources at which something may be left for a task: its own, and those of the tasks
/// that it needed, the last one first.
pub fn handed_over(list: &Resource, id: &TaskId, task: Option<&Task>) -> Vec<Resource> {
    let after = task.into_iter().flat_map(|task| task.after.iter().rev());
    let ids = std::iter::once(id).chain(after);
    ids.map(|id| resource_of(list, id)).collect()
}

/// Returns the tasks of a register, those that are held first, and then in the order in which they
/// are given out.
pub fn rows(list: &Resource, register: &LockRegister, now: Timestamp) -> Vec<Row> {
    let mut rows: Vec<Row> = { register.tasks.tasks.iter() }
        .map(|task| row(list, register, task, now))
        .collect();
    rows.sort_by_key(|row| {
        let task = &row.task;
        let place = match (row.state, row.is_ready) {
            (TaskState::Held, _) => 0,
            (_, true) => 1,
            (TaskState::Blocked, _) => 3,
            _ => 2,
        };
        (
            place,
            task.spec.priority,
            task.added_at,
            task.spec.id.clone(),
        )
    });
    rows
}

fn row(list: &Resource, register: &LockRegister, task: &Task, now: Timestamp) -> Row {
    let resource = resource_of(list, &task.spec.id);
    let lock = register.lock_on(&resource);
    let lock = lock.filter(|lock| lock.is_live(now)).cloned();
    let since = lock.as_ref().map_or(task.added_at, |lock| lock.granted_at);
    let state = match lock {
        Some(_) => TaskState::Held,
        None => task.state(),
    };
    Row {
        is_ready: state == TaskState::Open
            && task.is_ready()
            && !task.is_given()
            && !register.tasks.is_drained,
        is_stale: state != TaskState::Blocked && now.secs_since(since) > STALE_SECS,
        is_unsent: false,
        stuck: None,
        task: task.clone(),
        resource,
        state,
        lock,
    }
}
