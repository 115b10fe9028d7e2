//! What a session did not get because other sessions claimed it, and that it is free now.
//!
//! Owns when something is noted, and when it counts as free: no other session claims it, as far as
//! is known. Never waits: that is `wait`.

use crate::app::claims::conflicts::{hidden, of_others};
use crate::app::claims::moved;
use crate::app::claims::request::ClaimRequest;
use crate::app::remote::knowledge::known;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::news::News;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::task::{TASK, TaskDenied, place_of};
use crate::model::text::Purpose;

/// Notes that a session was refused `resources`, or deferred about them, and for what it wants
/// them. What cannot be noted is not told later.
pub fn note(context: &Context, me: &SessionId, resources: &[Resource], purpose: Option<&Purpose>) {
    if !resources.is_empty() {
        let wants = context.ledger.wants(me);
        let _ = wants.note(context.now(), resources, purpose);
    }
}

/// Notes what a request did not get, by why it failed.
pub fn note_refused(context: &Context, me: &SessionId, wanted: &ClaimRequest, why: &Failure) {
    let (resources, purpose) = (&wanted.resources, Some(&wanted.purpose));
    match why.refusal.as_deref() {
        // The others were free, and would be told to be free at once.
        Some(Refusal::Held { by }) => {
            let is_held = |one: &&Resource| by.iter().any(|held| held.resource.overlaps(one));
            let held: Vec<Resource> = resources.iter().filter(is_held).cloned().collect();
            note(context, me, &held, purpose);
        }
        _ if why.kind == Kind::Contended => note(context, me, resources, purpose),
        _ => {}
    }
}

/// Notes which of the claimed resources other sessions claim, too, and forgets the rest.
pub fn note_shared(context: &Context, me: &SessionId, claimed: &ClaimRequest, others: &[Holding]) {
    let is_shared = |one: &Resource| others.iter().any(|held| held.resource.overlaps(one));
    let (shared, own): (Vec<_>, Vec<_>) = claimed.resources.iter().cloned().partition(is_shared);
    note(context, me, &shared, Some(&claimed.purpose));
    forget(context, me, &own);
}

/// Forgets what the session got.
pub fn forget(context: &Context, me: &SessionId, resources: &[Resource]) {
    if resources.is_empty() {
        return;
    }
    // A note that stays is told once more.
    let _ = context.ledger.wants(me).forget(resources);
}

/// Returns what the session wanted and is free now, and what of that it has itself already.
pub fn freed(context: &Context, me: &Actor) -> Result<Vec<News>, Failure> {
    let wanted = context.ledger.wants(&me.id).list(context.now());
    let mut freed = free_of(context, me, &wanted)?;
    freed.retain(|one| denied(context, one).is_none());
    // Mostly nothing is wanted, and then no history is read.
    if freed.is_empty() {
        return Ok(Vec::new());
    }
    let moved = moved::since_last_holders(context, &me.id, &freed);
    let freed = freed.into_iter().zip(moved);
    Ok(freed
        .map(|(resource, moved)| News::Freed { resource, moved })
        .collect())
}

/// Returns those of `wanted` that no other session claims, as far as is known.
pub fn free_of(
    context: &Context,
    me: &Actor,
    wanted: &[Resource],
) -> Result<Vec<Resource>, Failure> {
    // What is not known is not free.
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let known = known(context);
    if known.problem().is_some() {
        return Ok(Vec::new());
    }
    let board = context.ledger.board_about(wanted)?;
    let mut others = of_others(&board, wanted, me, context.now());
    others.retain(|held| held.mode != Mode::Waiting);
    others.extend(expired_unseen(context, &board, me, &known));
    let is_free = |one: &&Resource| {
        let claimed = others.iter().any(|held| held.resource.overlaps(one));
        !claimed && hidden(&board, std::slice::from_ref(one)).is_empty()
    };
    Ok(wanted.iter().filter(is_free).cloned().collect())
}

/// Returns why a task cannot be taken that no session has: it is over, or waits for something.
/// `None` for what can be claimed.
pub fn denied(context: &Context, resource: &Resource) -> Option<TaskDenied> {
    let (name, id) = place_of(resource)?;
    let list = Resource::parse(&format!("{TASK}:{name}")).ok()?;
    let tasks = context.ledger.locks().get_known(&list).ok()?.cell.tasks;
    let denied = tasks.ready(&id?).err();
    denied.filter(|_| tasks.is_there())
}

/// Returns the claims of other sessions that have expired here and that their sessions may have
/// renewed since: no fetch came after their end.
fn expired_unseen(context: &Context, board: &Board, me: &Actor, known: &Knowledge) -> Vec<Holding> {
    let (now, margin_secs) = (context.now(), context.config.clock_skew_secs);
    let Some(as_of) = known.as_of() else {
        return Vec::new();
    };
    let mut expired = board.holdings();
    expired.retain(|held| {
        let ended = held.expires_at.plus_secs(margin_secs);
        let may_go_on = !held.is_live(now) && as_of < ended;
        // What other sessions of this clone do is seen at once.
        held.mode != Mode::Waiting && held.node != me.node && may_go_on
    });
    expired
}
