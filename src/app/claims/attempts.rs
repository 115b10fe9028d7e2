//! The attempts of one supervisor, which are one session, apart from each other.
//!
//! Owns that a command of an attempt neither ends nor takes what another attempt has, or their
//! supervisor. Never widens what a session may do: the variable that names an attempt is one that
//! any process can set.

use crate::app::claims::refused;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::holding::Holding;
use crate::model::lock::Lock;
use crate::model::lock_request::Request;
use crate::model::resource::Resource;

/// Returns true if this is a command of an attempt, and the lock is one of its session that another
/// attempt has, or their supervisor.
pub(super) fn is_of_another(context: &Context, lock: &Lock) -> bool {
    let asker = context.asker();
    let held = Holding::of_lock(lock);
    asker.attempt.is_some() && asker.is_of_its_session(&held) && !asker.owns(&held)
}

/// Refuses a request of a command of an attempt about what another attempt has.
pub(super) fn refuse_what_others_have(
    context: &Context,
    me: &Actor,
    request: &Request,
) -> Result<(), Failure> {
    if context.attempt().is_none() || matches!(request, Request::Renew(_)) {
        return Ok(());
    }
    let asked: Vec<Resource> = request.resources().into_iter().cloned().collect();
    let meets = |lock: &Lock| {
        let one = &lock.resource;
        asked.contains(one) || request.grants() && asked.iter().any(|other| other.overlaps(one))
    };
    let registers = context.ledger.locks().about(&asked)?;
    let locks = registers
        .into_iter()
        .flatten()
        .flat_map(|read| read.cell.locks);
    let others = locks.filter(|lock| {
        context.ledger.locks().is_mine(me, lock) && is_of_another(context, lock) && meets(lock)
    });
    let by: Vec<Holding> = others.map(|lock| Holding::of_lock(&lock)).collect();
    match by.is_empty() {
        true => Ok(()),
        false => Err(refused::held(context, by, &asked)),
    }
}
