//! The use cases that change a list: `task done`, `back`, `block`, `drop`, `edit`, `drain`.
//!
//! Owns the way to the arbiter, and what is shown afterwards. Never decides whether a step is
//! allowed.

use std::sync::Arc;

use crate::app::claims::refused::labels;
use crate::app::claims::{arbiter, unpushed};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::publish;
use crate::app::tasks::ending::Ending;
use crate::app::tasks::look::{self, Did, Tasks};
use crate::app::tasks::{places, unsent};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::claim::Mode;
use crate::model::lock::LockRegister;
use crate::model::lock_request::{Decision, TaskStep};
use crate::model::resource::Resource;
use crate::model::task::{Finished, Task, TaskId, place_of};
use crate::model::text::list as list_of;
use crate::model::transition::TaskState;
use crate::model::turn::is_turn;

/// The most claims that are named which the session still has when a task is done.
const HELD_MAX: usize = 8;

/// Applies a step to a list, and shows the tasks that it was about.
///
/// # Errors
///
/// A refusal, if the rules of the list or the hold of another session do not allow it.
pub fn execute(context: &Context, list: &Resource, step: TaskStep) -> Result<Tasks, Failure> {
    let me = context.actor()?;
    unsent::send(context, list);
    places::refuse_to_end(context, &me, list, &step)?;
    let did = match &step {
        TaskStep::Add(_) => Did::Add,
        TaskStep::Take { .. } => Did::Take,
        TaskStep::End { to, .. } if matches!(to, TaskState::Done | TaskState::Dropped) => {
            Did::Finish(*to)
        }
        TaskStep::End { .. } | TaskStep::Edit { .. } | TaskStep::Supervise { .. } => Did::Change,
        TaskStep::Drain(_) => Did::Drain,
    };
    if let TaskStep::End { id, to, .. } = &step
        && *to == TaskState::Dropped
        && unsent::take_back(context, list, id)?
    {
        return taken_back(context, list, id);
    }
    let ending = match &step {
        TaskStep::End { id, .. } => {
            let read = context.ledger.locks().get(list)?;
            read.cell.tasks.find(id).map_or_else(
                |_| Ok(Ending::default()),
                |task| Ending::of(context, &me, list, task),
            )?
        }
        _ => Ending::default(),
    };
    let request = ending.request(list, step);
    let decided = arbiter::submit(context, &me, &request)?;
    let mut tasks = shown(context, list, &decided, did)?;
    if did == Did::Finish(TaskState::Done) {
        tasks
            .warnings
            .extend(unpushed::once(context, &ending.resources()));
    }
    tasks.warnings.extend(ending.told);
    tasks.warnings.extend(stays(&decided.kept));
    if did == Did::Finish(TaskState::Done) {
        tasks
            .warnings
            .extend(held_besides(context, &me, &decided.kept)?);
    }
    Ok(tasks)
}

/// Returns a sentence about what does not end with a task.
fn stays(kept: &[Resource]) -> Option<String> {
    let labels = kept.iter().map(Resource::label);
    let mut labels: Vec<&str> = labels.collect();
    labels.sort_unstable();
    (!labels.is_empty()).then(|| {
        format!(
            "you still hold {}: you had it before this task, or have another task that needs it",
            labels.join(", ")
        )
    })
}

/// Returns a sentence about what the session still claims besides tasks and turns: of what it did
/// for the task, others may wait for that.
fn held_besides(
    context: &Context,
    me: &Actor,
    kept: &[Resource],
) -> Result<Option<String>, Failure> {
    let leases = context.ledger.leases(&me.id).list().into_iter();
    let leases = leases.filter(|lease| lease.is_in_force(&context.host));
    let session = context.ledger.sessions().get(me)?;
    let session = session.filter(|session| session.is_live(context.now()));
    let claims = session.map(|session| session.claims).unwrap_or_default();
    let claims = claims
        .into_iter()
        .filter(|claim| claim.mode == Mode::Shared);
    let shared = claims.map(|claim| claim.resource);
    let leased: Vec<Resource> = leases.map(|lease| lease.resource).collect();
    // What another attempt has, or the supervisor, is not what this one has to release.
    let locks = arbiter::locks_on(context, me, &leased)?.into_iter();
    let mut held: Vec<Resource> = locks.map(|lock| lock.resource).chain(shared).collect();
    let is_other = |one: &Resource| place_of(one).is_none() && !is_turn(one);
    held.retain(|one| is_other(one) && !kept.contains(one));
    held.sort_by(|a, b| a.label().cmp(b.label()));
    held.dedup();
    let more = held.len().saturating_sub(HELD_MAX);
    held.truncate(HELD_MAX);
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    Ok((!held.is_empty()).then(|| {
        format!(
            "you still hold {}{more}; release what you are done with: git presence release {}",
            list_of(held.iter()),
            labels(&held)
        )
    }))
}

/// Returns what is shown of a task that was kept here only, and is not any more.
fn taken_back(context: &Context, list: &Resource, id: &TaskId) -> Result<Tasks, Failure> {
    let decided = Decision::default();
    let mut tasks = shown(context, list, &decided, Did::Finish(TaskState::Dropped))?;
    tasks.confirmation = Some(Confirmation::Local);
    tasks.warnings.push(format!(
        "{id} was not known to be on its list; if it is, the next sync drops it there: git presence sync"
    ));
    tasks.over.push(Finished {
        id: id.clone(),
        is_done: false,
        key: None,
        workflow: None,
    });
    Ok(tasks)
}

/// Returns what is shown after a decision: the tasks that it was about.
pub fn shown(
    context: &Context,
    list: &Resource,
    decided: &Decision,
    did: Did,
) -> Result<Tasks, Failure> {
    // What was decided is known; only what changed nothing is read again.
    let is_list = |register: &&LockRegister| register.tasks.is_there();
    let changed = decided.changed.iter().map(|(_, register, _)| register);
    let mut register = match changed.rev().find(is_list) {
        Some(register) => register.clone(),
        None => context.ledger.locks().get(list)?.cell,
    };
    let known = publish::known_after_first_look(context);
    let is_meant = |task: &Arc<Task>| decided.tasks.contains(&task.spec.id);
    register.tasks.tasks.retain(is_meant);
    let mut tasks = look::of(context, list.clone(), &register, known);
    let events = decided.changed.iter().map(|(_, _, event)| event);
    let about = events.flat_map(|event| event.resources.iter().filter_map(place_of));
    if did == Did::Add {
        tasks.added = about.filter_map(|(_, id)| id).collect();
    }
    tasks.workflows.clear();
    let over = register.tasks.finished.into_iter();
    tasks.over = over
        .filter(|over| decided.tasks.contains(&over.id))
        .collect();
    tasks.confirmation = Some(arbiter::confirmation(context));
    tasks.did = did;
    Ok(tasks)
}
