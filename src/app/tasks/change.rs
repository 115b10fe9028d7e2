//! The use cases that change a list: `task add`, `done`, `back`, `block`, `drop`, `edit`, `drain`.
//!
//! Owns the way to the arbiter, and what is shown afterwards. Never decides whether a step is
//! allowed.

use crate::app::claims::arbiter;
use crate::app::tasks::look::{self, Did, Tasks, Which};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::lock::GrantRequest;
use crate::model::lock_request::{Decision, Request, TaskRequest, TaskStep};
use crate::model::resource::Resource;
use crate::model::task::{Task, TaskId};
use crate::model::time::Ttl;
use crate::model::transition::TaskState;

/// Applies a step to a list, and shows the tasks that it was about.
///
/// # Errors
///
/// A refusal, if the rules of the list or the hold of another session do not allow it.
pub fn execute(context: &Context, list: &Resource, step: TaskStep) -> Result<Tasks, Failure> {
    let me = context.actor()?;
    let did = match &step {
        TaskStep::Add(_) => Did::Add,
        TaskStep::Take { .. } => Did::Take,
        TaskStep::End { to, .. } if matches!(to, TaskState::Done | TaskState::Dropped) => {
            Did::Finish(*to)
        }
        TaskStep::End { .. } | TaskStep::Edit { .. } => Did::Change,
        TaskStep::Drain(_) => Did::Drain,
    };
    let claims = match &step {
        TaskStep::End { id, .. } => claims_of(context, list, id)?,
        _ => Vec::new(),
    };
    let request = TaskRequest::new(list.clone(), step, claims);
    let request = Request::Tasks(Box::new(request));
    let decided = arbiter::submit(context, &me, &request)?;
    shown(context, list, &decided, did)
}

/// Returns what is claimed together with a task, so that it ends together with it.
fn claims_of(
    context: &Context,
    list: &Resource,
    id: &TaskId,
) -> Result<Vec<GrantRequest>, Failure> {
    let read = context.ledger.locks().get(list)?;
    let task = read.cell.tasks.find(id).ok();
    let ttl = context.config.ttl;
    Ok(task.map(|task| grants(task, ttl)).unwrap_or_default())
}

/// Returns the requests for what is claimed together with a task.
pub fn grants(task: &Task, ttl: Ttl) -> Vec<GrantRequest> {
    let claims = task.claims.iter();
    claims
        .map(|resource| GrantRequest {
            resource: resource.clone(),
            purpose: task.title.clone(),
            ttl,
        })
        .collect()
}

/// Returns what is shown after a decision: the tasks that it was about.
pub fn shown(
    context: &Context,
    list: &Resource,
    decided: &Decision,
    did: Did,
) -> Result<Tasks, Failure> {
    let mut tasks = look::execute(context, list.clone(), Which::All)?;
    tasks
        .rows
        .retain(|row| decided.tasks.contains(&row.task.id));
    let read = context.ledger.locks().get(list)?;
    let over = read.cell.tasks.finished.into_iter();
    tasks.over = over
        .filter(|over| decided.tasks.contains(&over.id))
        .collect();
    tasks.confirmation = Some(arbiter::confirmation(context));
    tasks.did = did;
    Ok(tasks)
}
