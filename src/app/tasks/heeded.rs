//! What other sessions share, have frozen or wait for of a task and its claims.
//!
//! Owns the two looks around the grant of a task: of two sessions at once, at least one sees the
//! other. Never decides who gets a task.

use crate::app::claims::arbiter;
use crate::app::claims::conflicts::{judge, of_others, refuse};
use crate::app::claims::request::Heeds;
use crate::app::claims::{obstacle, waitlist};
use crate::app::remote::knowledge::known;
use crate::app::remote::refresh::{Refresh, deadline, refresh};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::actor::Actor;
use crate::model::knowledge::{Clear, Knowledge};
use crate::model::lock_request::{Decision, Request};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;

/// Fails if another session has frozen the list, or shares, has frozen or waits for what is claimed
/// with the task, or may do so. A no on an old view is looked up again first.
pub(super) fn before_the_grant(
    context: &Context,
    (me, list): (&Actor, &Resource),
    wanted: Vec<Resource>,
    heeds: Heeds,
) -> Result<(), Failure> {
    let known = refresh(context, Refresh::IF_STALE, deadline(context));
    if judged(context, (me, list), &wanted, (known, heeds))?.is_err() {
        let known = refresh(context, Refresh::BEFORE_DECISION, deadline(context));
        if let Err(why) = judged(context, (me, list), &wanted, (known, heeds))? {
            return Err(refuse(context, why, &wanted));
        }
    }
    refuse_out_of_turn(context, me, wanted)
}

/// Fails if another session waits for what is claimed with the task: that one is first.
fn refuse_out_of_turn(
    context: &Context,
    me: &Actor,
    mut wanted: Vec<Resource>,
) -> Result<(), Failure> {
    if wanted.is_empty() {
        return Ok(());
    }
    let held = arbiter::locks_on(context, me, &wanted)?;
    wanted.retain(|one| held.iter().all(|lock| lock.resource != *one));
    let board = context.ledger.board_about(&wanted)?;
    let mut by = waitlist::ahead(context, &board, me, &wanted);
    by.retain(|one| wanted.iter().any(|own| own.overlaps(&one.resource)));
    match by.is_empty() || obstacle::goes_first(context, me, &wanted)? {
        true => Ok(()),
        false => Err(refuse(context, Refusal::Held { by }, &wanted)),
    }
}

/// Looks again once the locks are in force: of a session that shares something and one that takes
/// it exclusively, at least one sees the other. Releases what must not stand.
pub(super) fn after_the_grant(
    context: &Context,
    (me, list): (&Actor, &Resource),
    decided: &Decision,
    heeds: Heeds,
) -> Result<(), Failure> {
    let new = decided.locks.iter();
    let new = new.filter(|lock| lock.granted_at == lock.renewed_at);
    let new: Vec<Resource> = new.map(|lock| lock.resource.clone()).collect();
    if new.is_empty() {
        return Ok(());
    }
    let Err(why) = judged(context, (me, list), &new, (known(context), heeds))? else {
        return Ok(());
    };
    let refused = refuse(context, why, &new);
    arbiter::submit(context, me, &Request::Release(new)).map_err(Failure::from)?;
    // To wait for it would be to take it and to release it all the time.
    Err(Failure::new(Kind::Refused, refused.error).hint("it is released; take another one"))
}

/// Judges what other sessions share or have frozen, as for every exclusive claim. A list that
/// cannot be read fails by itself.
fn judged(
    context: &Context,
    (me, list): (&Actor, &Resource),
    wanted: &[Resource],
    (known, heeds): (Knowledge, Heeds),
) -> Result<Result<Clear, Refusal>, Failure> {
    let about = [wanted, std::slice::from_ref(list)].concat();
    let board = context.ledger.board_about(&about)?;
    let mut by = of_others(&board, &about, me, context.now());
    by.retain(|held| heeds.is_one(held));
    Ok(judge(by, &board, wanted, known))
}
