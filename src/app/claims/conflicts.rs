//! Conflicts between what is requested and what other sessions hold.
//!
//! Owns what counts as a conflict, and the refusal that follows from it. Never writes.

use super::request::ClaimRequest;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::layout::may_hold;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// Returns the failure that reports a refusal, with a hint.
pub fn refuse(refusal: Refusal) -> Failure {
    let hint = match &refusal {
        Refusal::Held { .. } => "defer: wait until it is released, or ask its holder",
        Refusal::MayBeHeld { .. } => "repair it: git presence doctor --repair",
        Refusal::TooManyClaims { .. } => "release what you are done with: git presence release",
        Refusal::NotYours { .. }
        | Refusal::OtherToken { .. }
        | Refusal::Expired { .. }
        | Refusal::LeaseUntrusted { .. }
        | Refusal::TakenOver { .. } => "see who holds what: git presence list",
    };
    Failure::refused(refusal).hint(hint)
}

/// Returns the refusal for a claim that must not be made beside those of other sessions.
pub fn shared_conflict(
    board: &Board,
    wanted: &ClaimRequest,
    me: &SessionId,
    now: Timestamp,
) -> Option<Refusal> {
    let by = others(board, &wanted.resources, me, now);
    if !by.is_empty() {
        return Some(Refusal::Held { by });
    }
    may_be_held(board, &wanted.resources)
}

/// Returns the refusal for a resource that an unreadable record may hold. What cannot be read is
/// never free.
pub fn may_be_held(board: &Board, wanted: &[Resource]) -> Option<Refusal> {
    let hidden_by = |resource: &Resource| {
        let by = hidden(board, std::slice::from_ref(resource));
        (!by.is_empty()).then(|| Refusal::MayBeHeld {
            resource: resource.clone(),
            by,
        })
    };
    wanted.iter().find_map(hidden_by)
}

/// Returns the live claims of other sessions that overlap `wanted`, each once.
pub fn others(board: &Board, wanted: &[Resource], me: &SessionId, now: Timestamp) -> Vec<Holding> {
    let mut others: Vec<Holding> = Vec::new();
    for resource in wanted {
        for holding in board.conflicts_with(resource, Some(me), now) {
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
    let mut others = board.held(now);
    others.retain(|held| {
        let is_mine = held.session == me.id && held.node == me.node;
        !is_mine
            && wanted
                .iter()
                .any(|resource| held.resource.overlaps(resource))
    });
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
    let now = context.now();
    let mut held = Vec::new();
    for resource in resources {
        let read = context.ledger.locks().get(resource)?;
        let locks = read.cell.locks.iter();
        let conflicting = locks.filter(|lock| {
            !context.ledger.locks().is_mine(me, lock)
                && lock.is_live(now)
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
