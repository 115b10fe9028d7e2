//! The use case of `task next` and `task start`: taking a task, with all that is claimed with it.
//!
//! Owns the bounded loop for a task that is taken together with claims, which are known only once
//! the task is chosen. Never decides who gets it.

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::conflicts::{of_others, refuse};
use crate::app::claims::request::Heeds;
use crate::app::tasks::change::{grants, shown};
use crate::app::tasks::look::{Did, Tasks};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::actor::Actor;
use crate::model::lock::GrantRequest;
use crate::model::lock_request::{Request, TaskRequest, TaskStep};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::task::{TaskDenied, TaskId};
use crate::model::time::Ttl;

/// How often another task is chosen after one that was taken meanwhile.
const ROUNDS_MAX: u32 = 16;

/// Takes a task: this one, or the first that is ready.
///
/// # Errors
///
/// A refusal, if it cannot be taken, or none can; [`Kind::Contended`] if other sessions were faster
/// each time.
pub fn execute(
    context: &Context,
    list: &Resource,
    named: Option<&TaskId>,
    ttl: Ttl,
) -> Result<Tasks, Failure> {
    let me = context.actor()?;
    let mut which = named.cloned();
    let mut claims: Vec<GrantRequest> = Vec::new();
    for _ in 0..ROUNDS_MAX {
        refuse_what_others_have(context, &me, &claims)?;
        let step = TaskStep::Take {
            which: which.clone(),
            ttl,
        };
        let request = TaskRequest::new(list.clone(), step, claims.clone());
        let request = Request::Tasks(Box::new(request));
        let failure = match arbiter::submit(context, &me, &request) {
            Ok(decided) => return shown(context, list, &decided, Did::Take),
            Err(ArbiterError::Unavailable(failure)) => return Err(failure),
            Err(ArbiterError::Failed(failure)) => failure,
        };
        match failure.refusal.as_deref() {
            Some(Refusal::Task { why }) => match &**why {
                TaskDenied::Claims { id, .. } => {
                    let read = context.ledger.locks().get(list)?;
                    let task = read.cell.tasks.find(id).ok();
                    claims = task.map(|task| grants(task, ttl)).unwrap_or_default();
                    which = Some(id.clone());
                }
                // Another session was faster with the one that was chosen here.
                TaskDenied::Over { .. } | TaskDenied::Unknown(_) if named.is_none() => {
                    which = None;
                    claims.clear();
                }
                _ => return Err(failure),
            },
            Some(Refusal::Held { by })
                if named.is_none() && which.is_some() && is_the_task(list, by) =>
            {
                which = None;
                claims.clear();
            }
            _ => return Err(failure),
        }
    }
    let error = anyhow::anyhow!("other sessions were faster each time");
    Err(Failure::new(Kind::Contended, error).hint("try again: git presence task next"))
}

/// Returns true if it is the task that is held, and not what is claimed with it.
fn is_the_task(list: &Resource, by: &[crate::model::holding::Holding]) -> bool {
    let prefix = format!("{}/", list.label());
    by.iter()
        .any(|held| held.resource.label().starts_with(&prefix))
}

/// Fails if other sessions share, or have frozen, what is claimed with the task.
fn refuse_what_others_have(
    context: &Context,
    me: &Actor,
    claims: &[GrantRequest],
) -> Result<(), Failure> {
    let wanted: Vec<Resource> = claims.iter().map(|claim| claim.resource.clone()).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let board = context.ledger.board_about(&wanted)?;
    let mut by = of_others(&board, &wanted, me, context.now());
    by.retain(|held| Heeds::ALL.is_one(held));
    match by.is_empty() {
        true => Ok(()),
        false => Err(refuse(context, Refusal::Held { by }, &wanted)),
    }
}
