//! Lease renewal: keeping exclusive claims, and finding out that one is lost.
//!
//! Owns when a lease is renewed, and why one is lost; a lost lease stays recorded until its session
//! was told. Never claims, never decides who holds what.

use std::time::Duration;

use crate::app::background::Background;
use crate::app::claims::arbiter::{holder_is_dead, submit, submit_until};
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::ledger::{LocalLease, Snapshot};
use crate::model::actor::Actor;
use crate::model::lease::{LeaseStatus, lease_status};
use crate::model::lock::Lock;
use crate::model::lock_request::Request;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::token::Token;

/// A lease that is lost, and why.
pub type Lost = (LocalLease, Refusal);

/// Returns the lost leases of the session, each with why it is lost. Of one whose register cannot
/// be read that is not known; the verb that asks about it reports that.
pub fn lost(context: &Context, me: &Actor) -> Vec<Lost> {
    let leases = context.ledger.leases(&me.id).list().into_iter();
    leases
        .filter_map(|lease| {
            let refusal = status_of(context, me, &lease).ok().flatten()?;
            Some((lease, refusal))
        })
        .collect()
}

/// Returns those of the leases in `lost` that the session still relies on by its record: none was
/// replaced by a new grant.
pub fn still_recorded(context: &Context, me: &Actor, mut lost: Vec<Lost>) -> Vec<Lost> {
    if !lost.is_empty() {
        let recorded = context.ledger.leases(&me.id).list();
        lost.retain(|(lease, _)| recorded.contains(lease));
    }
    lost
}

/// Removes the lease on `resource` if it is lost, and returns why.
pub fn take_lost_lease_on(
    context: &Context,
    me: &Actor,
    resource: &Resource,
) -> Result<Option<Refusal>, Failure> {
    let mut leases = context.ledger.leases(&me.id).list().into_iter();
    let Some(lost) = leases.find(|lease| lease.resource == *resource) else {
        return Ok(None);
    };
    let refusal = status_of(context, me, &lost)?;
    if refusal.is_some() {
        let leases = context.ledger.leases(&me.id);
        leases.relinquish(&context.host, &lost)?;
    }
    Ok(refusal)
}

/// Returns why a lease is lost. If it was taken by force, the history says by which session and
/// why, whatever came after.
fn status_of(context: &Context, me: &Actor, held: &LocalLease) -> Result<Option<Refusal>, Failure> {
    if stands(context, held) {
        return Ok(None);
    }
    let read = context.ledger.locks().get_held(held)?;
    let lost = loss_of(context, me, held, &read);
    if !matches!(lost, Some(Refusal::TakenOver { .. })) {
        return Ok(lost);
    }
    let forced = context.ledger.locks().override_of(&read, held.token);
    let forced = forced.map(|forced| Refusal::TakenOver {
        resource: held.resource.clone(),
        reason: forced.event.kind.details().purpose.cloned(),
        by: Some((forced.event.session, forced.at)),
    });
    Ok(forced.or(lost))
}

/// Whether a lease is in force by what is recorded of its grant: the register is as the grant left
/// it, and the grant is so young that its holder counts as alive.
fn stands(context: &Context, held: &LocalLease) -> bool {
    let Some(granted) = &held.granted else {
        return false;
    };
    let now = context.now();
    let is_young = now.secs_since(granted.renewed_at) <= context.config.heartbeat_secs;
    is_young
        && (granted.renewed_at..granted.expires_at).contains(&now)
        && held.is_in_force(&context.host)
        && context.ledger.locks().is_at(&held.resource, granted.tip)
}

/// Returns why the session may not rely on a lease any more; `None` if it may.
fn loss_of(context: &Context, me: &Actor, held: &LocalLease, read: &Snapshot) -> Option<Refusal> {
    let lease = (&held.resource, held.token);
    let last = read.last_event();
    match lease_status(me, lease, &read.cell, last.as_ref(), context.now()) {
        LeaseStatus::Held(lock) => {
            // The monotonic clock wins over the wall clock.
            let is_trusted = held.is_in_force(&context.host) && !holder_is_dead(context, lock);
            let resource = lock.resource.clone();
            (!is_trusted).then_some(Refusal::LeaseUntrusted { resource })
        }
        LeaseStatus::Expired(lock) => Some(Refusal::Expired {
            resource: lock.resource.clone(),
            at: lock.expires_at(),
        }),
        LeaseStatus::Lost { by, reason } => Some(Refusal::TakenOver {
            resource: held.resource.clone(),
            by,
            reason,
        }),
    }
}

/// Returns true if no lease is lost and none has to be renewed yet.
pub fn nothing_due(context: &Context, me: &Actor, leases: &[LocalLease]) -> bool {
    leases.iter().all(|lease| {
        // A lock that cannot be read is reported by the caller that asks about it.
        let Ok(read) = context.ledger.locks().get_held(lease) else {
            return false;
        };
        let lock = read.cell.lock_on(&lease.resource);
        lock.is_some_and(|lock| !is_due(context, lease, lock, me))
            && loss_of(context, me, lease, &read).is_none()
    })
}

/// Returns true if a third of the time to live is over, by the wall clock; or, if that was ahead at
/// the last renewal, by the clock of the lease; or if another process goes on with the session.
fn is_due(context: &Context, lease: &LocalLease, lock: &Lock, me: &Actor) -> bool {
    let now = context.now();
    let interval = lock.ttl.renewal_interval();
    let left_secs = lock.ttl.as_secs().saturating_sub(interval.as_secs());
    let is_over = lock.renewed_at.plus_secs(interval.as_secs()) <= now;
    let was_ahead = lock.renewed_at > now && !lease.lasts_for(&context.host, left_secs);
    let recorded = lock.holder.process.as_ref();
    let goes_on = |recorded| context.replaces(me, recorded, lock.renewed_at);
    lock.is_of(me) && (is_over || was_ahead || recorded.is_some_and(goes_on))
}

/// Renews the leases of which a third is over. If a remote decides, a background process does it.
pub fn renew_due(context: &Context, me: &Actor) -> Result<(), Failure> {
    let mut due = Vec::new();
    for lease in context.ledger.leases(&me.id).list() {
        // A lock that cannot be read is reported by the caller that asks about it.
        let read = context.ledger.locks().get(&lease.resource).ok();
        let lock = read
            .as_ref()
            .and_then(|read| read.cell.lock_on(&lease.resource));
        // To renew what is missing fetches it.
        let is_due = match lock {
            Some(lock) => is_due(context, &lease, lock, me),
            None => context.ledger.locks().is_missing(&lease)?,
        };
        if is_due {
            due.push((lease.resource, lease.token));
        }
    }
    if due.is_empty() {
        return Ok(());
    }
    if context.upstream.name().is_some() {
        let session = me.id.clone();
        Background::RenewLeases { session }.start(context);
        return Ok(());
    }
    submit(context, me, &Request::Renew(due))?;
    Ok(())
}

/// Fetches if a register that has a lease of the session on one of `resources` is not here. Fails
/// if the remote cannot be asked: whether the session holds it is not known then.
pub fn fetch_missing(
    context: &Context,
    me: &Actor,
    resources: &[&Resource],
) -> Result<(), Failure> {
    for lease in context.ledger.leases(&me.id).list() {
        if resources.contains(&&lease.resource) && context.ledger.locks().is_missing(&lease)? {
            return fetch(context);
        }
    }
    Ok(())
}

/// Fetches before a session relies on what it holds.
pub fn fetch(context: &Context) -> Result<(), Failure> {
    let known = refresh(context, Refresh::NOW, short_deadline(context));
    match known.problem() {
        None => Ok(()),
        Some(why) => Err(Failure::new(Kind::Remote, anyhow::anyhow!("{why}"))
            .hint("nothing is known about it right now: do not act on it")),
    }
}

/// Renews all leases of the session, by `until` on the clock of this process. One whose register
/// cannot be read does not keep the others from being renewed.
pub fn renew_all(context: &Context, me: &Actor, until: Duration) -> Result<(), Failure> {
    let held = readable(context, me);
    if held.is_empty() {
        return Ok(());
    }
    let count = held.len();
    let Err(failed) = submit_until(context, me, &Request::Renew(held), until) else {
        return Ok(());
    };
    // The look at the remote may have brought one that cannot be read.
    let rest = readable(context, me);
    if rest.is_empty() || rest.len() == count {
        return Err(failed.into());
    }
    submit_until(context, me, &Request::Renew(rest), until)?;
    Ok(())
}

/// Returns the leases of the session whose registers can be read, each with its token.
fn readable(context: &Context, me: &Actor) -> Vec<(Resource, Token)> {
    let held = context.ledger.leases(&me.id).list().into_iter();
    held.filter(|lease| context.ledger.locks().get(&lease.resource).is_ok())
        .map(|lease| (lease.resource, lease.token))
        .collect()
}
