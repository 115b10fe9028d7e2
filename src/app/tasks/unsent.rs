//! Tasks that were added while the arbiter was away.
//!
//! Owns how they come to their list once it is back: each addition as it was made, all or none, in
//! its order. One that the list refuses by then stays, and is told. Never decides what is added.

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::refused::list_option;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::lock_request::{Request, TaskRequest, TaskStep};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::task::{Addition, TaskDenied, TaskId, TaskList, place_of};
use crate::model::time::Timestamp;
use crate::model::transition::TaskState;

/// The most additions that are told to be refused.
const TOLD_MAX: usize = 3;

/// What became of what waited.
#[derive(Default)]
pub struct Sent {
    /// One sentence for each refusal.
    pub told: Vec<String>,
    /// Why the arbiter did not answer.
    pub away: Option<Failure>,
}

/// Adds what waits for `list`. What the arbiter does not answer stays.
pub fn send(context: &Context, list: &Resource) -> Sent {
    send_those(context, &|other| other == list)
}

/// Adds what waits for any list, after a sync. Returns one sentence for each refusal.
pub fn send_all(context: &Context) -> Vec<String> {
    send_those(context, &|_| true).told
}

fn send_those(context: &Context, is_meant: &dyn Fn(&Resource) -> bool) -> Sent {
    let mut sent = Sent::default();
    let waiting = context.ledger.task_outbox().list();
    for (list, new) in waiting.into_iter().filter(|(list, _)| is_meant(list)) {
        match submit(context, &list, &new) {
            Ok(()) => {}
            Err(ArbiterError::Unavailable(failure)) => {
                sent.away = Some(failure);
                break;
            }
            Err(ArbiterError::Failed(failure)) => sent.told.push(refused(&list, &new, &failure)),
        }
    }
    if sent.away.is_none() {
        drop_those(context, is_meant, &mut sent);
    }
    sent.told.truncate(TOLD_MAX);
    sent
}

/// Drops what was dropped here before it was known to be on its list: an addition whose answer was
/// lost may be there.
fn drop_those(context: &Context, is_meant: &dyn Fn(&Resource) -> bool, sent: &mut Sent) {
    let waiting = context.ledger.task_outbox().drops();
    let mut over: Vec<TaskId> = Vec::new();
    for (list, id) in waiting.into_iter().filter(|(list, _)| is_meant(list)) {
        match drop_one(context, &list, &id) {
            Ok(()) => {}
            Err(ArbiterError::Unavailable(failure)) => {
                sent.away = Some(failure);
                break;
            }
            Err(ArbiterError::Failed(failure)) if is_not_there(&failure) => {}
            Err(ArbiterError::Failed(failure)) => sent.told.push(format!(
                "{id} was on its list before you dropped it, and is not dropped: {}",
                failure.error
            )),
        }
        over.push(id);
    }
    if !over.is_empty() {
        // What cannot be forgotten is dropped again, which changes nothing.
        let outbox = context.ledger.task_outbox();
        let _ = outbox.forget_drops(&context.host, &over);
    }
}

fn drop_one(context: &Context, list: &Resource, id: &TaskId) -> Result<(), ArbiterError> {
    let me = context.actor()?;
    let step = TaskStep::End {
        id: id.clone(),
        to: TaskState::Dropped,
        words: None,
        parting: None,
    };
    let request = TaskRequest::new(list.clone(), step, Vec::new());
    arbiter::submit(context, &me, &Request::Tasks(Box::new(request)))?;
    Ok(())
}

/// Returns true if the list has no such task, or has it no more.
fn is_not_there(failure: &Failure) -> bool {
    let Some(Refusal::Task { why }) = failure.refusal.as_deref() else {
        return false;
    };
    matches!(**why, TaskDenied::Unknown(_) | TaskDenied::Over { .. })
}

fn submit(context: &Context, list: &Resource, new: &Addition) -> Result<(), ArbiterError> {
    let me = context.actor()?;
    let step = TaskStep::Add(Box::new(new.clone()));
    let request = TaskRequest::new(list.clone(), step, Vec::new());
    arbiter::submit(context, &me, &Request::Tasks(Box::new(request)))?;
    // A task has one id: what is added again by a process that was faster is there already.
    forget(context, list, new)?;
    Ok(())
}

fn forget(context: &Context, list: &Resource, new: &Addition) -> Result<(), Failure> {
    let is_it = |at: &Resource, other: &Addition| at == list && other.tasks == new.tasks;
    let outbox = context.ledger.task_outbox();
    outbox
        .forget(&context.host, &is_it)
        .map_err(|error| crate::ledger::LedgerError::from(error).into())
}

fn refused(list: &Resource, new: &Addition, failure: &Failure) -> String {
    let at = list_option(list);
    let list = place_of(list).map_or(list.label(), |(name, _)| name);
    let ids = new.tasks.iter().map(|spec| spec.id.as_str());
    let id = ids.clone().next().unwrap_or_default();
    let more = match ids.count() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!(
        "{id}{more} cannot be added to {list}: {}; drop it: git presence task drop {id}{at} \
         -m \"<why>\"",
        failure.error
    )
}

/// Adds to a list, as it is known here, what waits for it. Returns the ids of what is not on it.
pub fn laid_over(
    context: &Context,
    list: &Resource,
    tasks: &mut TaskList,
    now: Timestamp,
) -> Vec<TaskId> {
    let mut unsent = Vec::new();
    for (at, new) in context.ledger.task_outbox().list() {
        if at != *list {
            continue;
        }
        if let Ok((_, added)) = tasks.add(&new, now) {
            unsent.extend(added);
        }
    }
    unsent
}

/// Takes back the addition that has this task and is on no list, as far as is known here. Returns
/// whether there is one. It may have come there without an answer, so the next sync drops it.
pub fn take_back(context: &Context, list: &Resource, id: &TaskId) -> Result<bool, Failure> {
    let waiting = context.ledger.task_outbox().list();
    let has_it = |new: &Addition| new.tasks.iter().any(|spec| spec.id == *id);
    let found = waiting.iter().find(|(at, new)| at == list && has_it(new));
    match found {
        Some((at, new)) => {
            let outbox = context.ledger.task_outbox();
            let noted = outbox.append_drops(&context.host, at, new);
            noted.map_err(crate::ledger::LedgerError::from)?;
            forget(context, at, new).map(|()| true)
        }
        None => Ok(false),
    }
}
