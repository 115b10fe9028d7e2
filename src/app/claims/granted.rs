//! The leases that follow from a decision of the arbiter.
//!
//! Owns what a session records of a grant that it was given: until when it may rely on it. Never
//! asks the arbiter.

use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::{GrantState, LocalLease, PreparedWrite};
use crate::model::actor::Actor;
use crate::model::lock::Lock;
use crate::model::lock_request::{Decision, Request};
use crate::model::resource::Resource;

/// Records the leases that follow from a granted request. A lease starts at `before_millis`, which
/// is before the request was sent, so it ends before the lock does; `states` are those that the
/// decision put in force.
pub fn record_lease(
    context: &Context,
    me: &Actor,
    request: &Request,
    (decided, states): (&Decision, &[PreparedWrite]),
    (boot_id, before_millis): (&str, u64),
) -> Result<(), Failure> {
    let ledger = &context.ledger;
    let state_of = |lock: &Lock| {
        let name = ledger.locks().ref_name(&lock.resource);
        let state = states.iter().find(|state| state.name == name)?;
        Some(GrantState {
            tip: state.to,
            renewed_at: lock.renewed_at,
            expires_at: lock.expires_at(),
        })
    };
    let held = match request {
        Request::Renew(_) | Request::Inherit { .. } => true,
        other => other.grants(),
    };
    let new = decided
        .locks
        .iter()
        .filter(|_| held)
        .map(|lock| LocalLease {
            resource: lock.resource.clone(),
            token: lock.token,
            boot_id: boot_id.to_owned(),
            until_millis: before_millis.saturating_add(lock.ttl.as_secs().saturating_mul(1000)),
            elsewhere: false,
            granted: state_of(lock),
        });
    match request {
        // A lease that could not be renewed stays, and is reported as lost.
        Request::Renew(_) => {
            ledger
                .leases(&me.id)
                .extend(&context.host, &new.collect::<Vec<_>>())?;
        }
        // The others were claimed again meanwhile.
        Request::ReleaseEnded { .. } => {
            let ended: Vec<&Resource> = decided.locks.iter().map(|lock| &lock.resource).collect();
            ledger
                .leases(&me.id)
                .record(&context.host, &ended, std::iter::empty())?;
        }
        // What is said of a task says nothing of its lease.
        Request::Tasks(_) if !request.grants() && !request.ends() => {}
        _ => {
            // A task that was chosen is not named in the request.
            let granted = decided.locks.iter().map(|lock| &lock.resource);
            let about = request.resources().into_iter().chain(granted);
            let about: Vec<&Resource> = about.filter(|one| !decided.kept.contains(one)).collect();
            ledger.leases(&me.id).record(&context.host, &about, new)?;
        }
    }
    Ok(())
}
