//! Requests that take what a session has.
//!
//! Owns the steps of [`Request::Override`] and [`Request::Seize`]. Never judges whether a session
//! may do that.

use super::super::actor::Actor;
use super::super::event::{Event, EventKind};
use super::super::id::SessionId;
use super::super::lock::{Denied, Lock, LockRegister, TakeoverPolicy};
use super::super::resource::Resource;
use super::super::text::Purpose;
use super::super::token::Token;
use super::{Decision, Request, event};

/// Takes what one session has, and grants it in the same swap if that is asked.
pub(super) fn by_force(
    register: &mut LockRegister,
    who: &Actor,
    request: &Request,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    Ok(match request {
        Request::Override {
            resource,
            holder,
            token,
            reason,
        } => {
            let named = (resource, holder, *token);
            decision.locks.extend(take(register, named)?);
            Some(taken(who, named, reason))
        }
        Request::Seize {
            wanted,
            holder,
            token,
            reason,
        } => {
            let named = (&wanted.resource, holder, *token);
            take(register, named)?;
            register.grant(who, wanted, policy)?;
            let lock = register.lock_on(&wanted.resource);
            decision.locks.extend(lock.cloned());
            Some(taken(who, named, reason))
        }
        _ => None,
    })
}

/// Takes a lock, or an offer if there is no lock, from exactly the session that has it. Returns
/// the lock.
fn take(
    register: &mut LockRegister,
    (resource, from, token): (&Resource, &SessionId, Token),
) -> Result<Option<Lock>, Denied> {
    if register.lock_on(resource).is_none() && register.offer_of(resource).is_some() {
        return register.withdraw(resource, from, token).map(|_| None);
    }
    register.override_lock(resource, from, token).map(Some)
}

fn taken(
    who: &Actor,
    (resource, holder, token): (&Resource, &SessionId, Token),
    reason: &Purpose,
) -> Event {
    let kind = EventKind::Overridden {
        holder: holder.clone(),
        reason: reason.clone(),
        token,
    };
    event(who, vec![resource.clone()], kind)
}
