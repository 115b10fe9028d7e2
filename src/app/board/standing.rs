//! What the session that asks has and waits for.
//!
//! Owns how its [`Standing`] is read from the board, from its own record, and from what it did not
//! get. Never decides which events concern it.

use crate::app::claims::wants;
use crate::app::messages::reading;
use crate::app::turns::passed;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::claim::{Claim, Mode};
use crate::model::concern::Standing;
use crate::model::message::address::Reader;
use crate::model::resource::Resource;

/// Returns what the session has and waits for, as far as it matters to the whole history.
pub(super) fn on_the_board(context: &Context) -> Result<Standing, Failure> {
    let mut standing = nothing(context);
    if let Some(me) = context.known_actor() {
        standing.me.holds = held(context, &me, &context.ledger.board()?);
        standing.freed = wants::free_of(context, &me, &awaited(context, &me)?)?;
    }
    add_predecessors(context, &mut standing)?;
    Ok(standing)
}

/// Returns the same, as far as it matters to events about `resources`. What is free is judged of
/// `awaited`.
pub(super) fn about(
    context: &Context,
    resources: &[Resource],
    awaited: &[Resource],
) -> Result<Standing, Failure> {
    let mut standing = nothing(context);
    if let Some(me) = context.known_actor() {
        if !resources.is_empty() {
            standing.me.holds = held(context, &me, &context.ledger.board_about(resources)?);
        }
        standing.freed = wants::free_of(context, &me, awaited)?;
    }
    Ok(standing)
}

/// Adds the sessions that the session replaced: what is said to them is said to it.
pub(super) fn add_predecessors(context: &Context, standing: &mut Standing) -> Result<(), Failure> {
    if let Some(me) = context.known_actor() {
        let mail = context.ledger.mail()?;
        standing.me.heir_of = mail.post.heir_of(&me.id, Some(me.node)).to_vec();
        let heirs = reading::heirs(context, &mail.post, context.now());
        standing.me.heir_of.extend(heirs.before(&me.id).cloned());
    }
    Ok(())
}

/// Returns what a session waits for, or did not get.
pub(super) fn awaited(context: &Context, me: &Actor) -> Result<Vec<Resource>, Failure> {
    let session = context.ledger.sessions().get(me)?;
    let now = context.now();
    let mut awaited = context.ledger.wants(&me.id).list(now);
    if let Some(session) = session {
        let is_live = |claim: &Claim| claim.is_live(session.seen_at, now);
        let waits = session
            .claims
            .iter()
            .filter(|claim| claim.mode == Mode::Waiting);
        let waits = waits.filter(|claim| is_live(claim));
        awaited.extend(waits.map(|claim| claim.resource.clone()));
    }
    awaited.sort_by(|one, other| one.label().cmp(other.label()));
    awaited.dedup();
    Ok(awaited)
}

fn nothing(context: &Context) -> Standing {
    let me = &context.me;
    Standing {
        me: Reader {
            id: me.id.clone(),
            user: me.user.clone(),
            host: me.host.clone(),
            heir_of: Vec::new(),
            holds: Vec::new(),
        },
        freed: Vec::new(),
        passed: passed::list(context),
    }
}

fn held(context: &Context, me: &Actor, board: &Board) -> Vec<Resource> {
    let mut live = board.live(context.now());
    live.retain(|h| h.mode.holds() && h.session == me.id && h.node == me.node);
    live.into_iter().map(|h| h.resource).collect()
}
