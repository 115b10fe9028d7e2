//! The use case of `fence`: whether the session still holds a resource exclusively.
//!
//! Owns the answer for one resource ([`Fenced`]): the token is the current one, the lock is of this
//! session, and the lease is in force. Any other answer is a refusal.

use crate::app::claims::{arbiter, lease, place};
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::LocalLease;
use crate::model::holding::Holding;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::token::Token;

/// The exclusive claim that the session may act on.
#[derive(Debug)]
pub struct Fenced {
    /// When it was checked.
    pub now: Timestamp,
    /// The claim, with its token.
    pub held: Holding,
}

/// Checks that this session holds `resource` exclusively, under `token` if one is given. With
/// `ask`, the remote is fetched first.
pub fn execute(
    context: &Context,
    resource: &Resource,
    token: Option<Token>,
    ask: bool,
) -> Result<Fenced, Failure> {
    if let Some(failure) = arbiter::divided(context) {
        return Err(failure);
    }
    let me = context.actor()?;
    match ask {
        true => lease::fetch(context)?,
        false => lease::fetch_missing(context, &me, &[resource])?,
    }
    place::refuse_to_act_for(context, &me, resource)?;
    let now = context.now();
    let read = context.ledger.locks().get_known(resource)?;
    let lock = match read.cell.check(&me, resource, token, now) {
        Ok(lock) => lock.clone(),
        Err(denied) => {
            // A lost lease is reported as lost, once.
            return Err(match lease::take_lost_lease_on(context, &me, resource)? {
                Some(lost @ Refusal::TakenOver { .. }) => Failure::refused(lost),
                _ => arbiter::refusal_for(context, denied, std::slice::from_ref(resource)),
            });
        }
    };
    let counted = context.ledger.leases(&me.id).list();
    let elsewhere = counted
        .iter()
        .any(|lease| lease.elsewhere && lease.resource == *resource && lease.token == lock.token);
    let counts = |lease: &LocalLease| {
        lease.resource == *resource && lease.token == lock.token && lease.is_in_force(&context.host)
    };
    // A lock that other sessions may take over at any moment cannot be relied on.
    if arbiter::holder_is_dead(context, &lock) || !counted.iter().any(counts) {
        let resource = resource.clone();
        return Err(
            Failure::refused(Refusal::LeaseUntrusted { resource }).hint(match elsewhere {
                true => "the URL of the remote was changed since; claim it again, at the new one",
                false => "claim it again: that renews it",
            }),
        );
    }
    Ok(Fenced {
        now,
        held: Holding::of_lock(&lock),
    })
}
