//! Conflicts between what is requested and what other sessions hold.
//!
//! Owns what counts as a conflict, and the refusal that follows from it. Never writes.

use crate::app::claims::attempts;
use crate::app::claims::refused;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::ledger::layout::may_hold;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::holding::{Asker, Holding};
use crate::model::knowledge::{Clear, Knowledge};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::text::{list, name};
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// Returns the failure that reports the refusal of `asked`, with what to do next.
pub fn refuse(context: &Context, refusal: Refusal, asked: &[Resource]) -> Failure {
    let hint = match &refusal {
        Refusal::Held { by } => return refused::held(context, by.clone(), asked),
        Refusal::MayBeHeld { by, .. } if by.iter().all(Unreadable::is_elsewhere) => {
            "find what keeps it from being fetched: git presence doctor; then: git presence sync"
        }
        Refusal::MayBeHeld { .. } => "repair it: git presence doctor --repair",
        Refusal::TooManyClaims { .. } => "release what you are done with: git presence release",
        Refusal::TooManyStates { .. } => "clear what is said no more: git presence state --clear",
        Refusal::NotYours { .. }
        | Refusal::Offered { .. }
        | Refusal::Queued { .. }
        | Refusal::NotOffered { .. }
        | Refusal::OtherToken { .. }
        | Refusal::Expired { .. }
        | Refusal::LeaseUntrusted { .. }
        | Refusal::Task { .. }
        | Refusal::TakenOver { .. } => "see who holds what: git presence list",
    };
    Failure::refused(refusal).hint(hint)
}

/// Judges whether `wanted` is free of other sessions, of which those in `by` hold it as far as is
/// known. There is no yes without what it rests on, and what cannot be read is never free.
pub fn judge(
    by: Vec<Holding>,
    board: &Board,
    wanted: &[Resource],
    known: Knowledge,
) -> Result<Clear, Refusal> {
    if !by.is_empty() {
        return Err(Refusal::Held { by });
    }
    let hidden_by = |resource: &Resource| {
        let by = hidden(board, std::slice::from_ref(resource));
        (!by.is_empty()).then(|| Refusal::MayBeHeld {
            resource: resource.clone(),
            by,
        })
    };
    match wanted.iter().find_map(hidden_by) {
        Some(refusal) => Err(refusal),
        None => Ok(known.clear()),
    }
}

/// Returns the live claims of other sessions that overlap `wanted`, each once.
pub fn others(board: &Board, wanted: &[Resource], me: &Asker, now: Timestamp) -> Vec<Holding> {
    let mut others: Vec<Holding> = Vec::new();
    for resource in wanted {
        for holding in board.conflicts_with(resource, me, now) {
            if !others.contains(&holding) {
                others.push(holding);
            }
        }
    }
    others
}

/// Returns the live claims on `wanted` of all sessions but this one in this clone, each once. A
/// session of the same id in another clone is another one where only one may hold.
pub fn of_others(board: &Board, wanted: &[Resource], me: &Actor, now: Timestamp) -> Vec<Holding> {
    let is_mine = |held: &Holding| held.session == me.id && held.node == me.node;
    let mut others = board.held_by_others(now, is_mine);
    let is_wanted = |held: &Holding| wanted.iter().any(|one| held.resource.overlaps(one));
    others.retain(is_wanted);
    others
}

/// Returns the records that cannot be read and may stand for `wanted`.
pub fn hidden(board: &Board, wanted: &[Resource]) -> Vec<Unreadable> {
    let may = |unreadable: &&Unreadable| {
        wanted
            .iter()
            .any(|resource| may_hold(&unreadable.may_hold, resource))
    };
    board.unreadable.iter().filter(may).cloned().collect()
}

/// Returns the live locks of other sessions that overlap `resources`.
pub fn held_by_others(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
) -> Result<Vec<Holding>, Failure> {
    let (now, margin_secs) = (context.now(), context.config.clock_skew_secs);
    let mut held = Vec::new();
    for resource in resources {
        let read = context.ledger.locks().get_known(resource)?;
        let locks = read.cell.locks.iter();
        let conflicting = locks.filter(|lock| {
            (!context.ledger.locks().is_mine(me, lock) || attempts::is_of_another(context, lock))
                && Holding::of_lock(lock).may_be_held(now, margin_secs)
                && lock.resource.overlaps(resource)
        });
        for holding in conflicting.map(Holding::of_lock) {
            if !held.contains(&holding) {
                held.push(holding);
            }
        }
    }
    Ok(held)
}

/// Returns the failure for resources while no claim of another clone was ever seen.
pub fn unseen(known: &Knowledge, resources: &[Resource]) -> Failure {
    let (remote, why) = (known.remote(), known.problem());
    let error = anyhow::anyhow!(
        "who claims {} at {} is not known yet: {}",
        list(resources.iter()),
        name(remote.unwrap_or_default()),
        why.unwrap_or_default()
    );
    Failure::new(Kind::Remote, error).hint("to find out: git presence sync")
}
