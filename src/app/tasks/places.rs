//! The tasks that a person has in another terminal or work tree.
//!
//! Owns which of them a step may not touch from here: two commands of one person would work on one
//! task beside each other. Agents, CI jobs and chosen ids have one place. Never decides who has
//! what.

use crate::app::claims::place::{elsewhere, refuse_what_is_elsewhere};
use crate::app::claims::refused::labels;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::lock::Lock;
use crate::model::lock_request::TaskStep;
use crate::model::resource::Resource;
use crate::model::task::{TaskId, place_of, resource_of};

/// Returns the task that is taken: the one that is named, or the one that the person has here.
///
/// # Errors
///
/// [`Kind::Refused`](crate::failure::Kind::Refused) if the person has it in another place.
pub(super) fn here(
    context: &Context,
    me: &Actor,
    list: &Resource,
    named: Option<&TaskId>,
) -> Result<Option<TaskId>, Failure> {
    if !me.is_in_a_terminal() {
        return Ok(named.cloned());
    }
    let own = own_tasks(context, me, list);
    if let Some(named) = named {
        let is_it = |(id, _): &&(TaskId, Lock)| id == named;
        if let Some((id, _)) = own.iter().find(is_it) {
            refuse(context, me, list, id)?;
        }
        return Ok(Some(named.clone()));
    }
    let is_here = |(_, lock): &&(TaskId, Lock)| elsewhere(context, me, lock).is_none();
    match (own.iter().find(is_here), own.first()) {
        (Some((id, _)), _) => Ok(Some(id.clone())),
        (None, Some((id, _))) => refuse(context, me, list, id).map(|()| None),
        (None, None) => Ok(None),
    }
}

/// Fails if a step ends a task that the person has in another place.
pub(super) fn refuse_to_end(
    context: &Context,
    me: &Actor,
    list: &Resource,
    step: &TaskStep,
) -> Result<(), Failure> {
    let TaskStep::End { id, .. } = step else {
        return Ok(());
    };
    match me.is_in_a_terminal() {
        true if own_tasks(context, me, list)
            .iter()
            .any(|(own, _)| own == id) =>
        {
            refuse(context, me, list, id)
        }
        _ => Ok(()),
    }
}

/// Fails if the person holds what is claimed with a task in another place.
pub(super) fn refuse_claims(
    context: &Context,
    me: &Actor,
    claims: &[Resource],
) -> Result<(), Failure> {
    refuse_what_is_elsewhere(context, me, claims, &line(claims))
}

/// Returns the tasks that the session has, each with its lock. A list that cannot be read fails by
/// itself.
fn own_tasks(context: &Context, me: &Actor, list: &Resource) -> Vec<(TaskId, Lock)> {
    let locks = context.ledger.locks();
    let read = locks.get(list).map(|read| read.cell.locks);
    let own = read.unwrap_or_default().into_iter();
    let own = own.filter(|lock| lock.is_live(context.now()) && locks.is_mine(me, lock));
    own.filter_map(|lock| Some((place_of(&lock.resource)?.1?, lock)))
        .collect()
}

fn refuse(context: &Context, me: &Actor, list: &Resource, id: &TaskId) -> Result<(), Failure> {
    let read = context.ledger.locks().get(list)?;
    let claims = read.cell.tasks.find(id);
    let claims = claims.map(|task| task.spec.claims.clone());
    let resource = resource_of(list, id);
    let all = [vec![resource.clone()], claims.unwrap_or_default()].concat();
    refuse_what_is_elsewhere(context, me, &[resource], &line(&all))
}

/// Returns the command line that claims these.
fn line(resources: &[Resource]) -> String {
    let labels = labels(resources);
    format!("git presence claim --exclusive {labels} --purpose \"<why>\"")
}
