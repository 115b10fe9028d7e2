//! Backoff after a remote failed, and the age of what was fetched from it.
//!
//! Owns when a remote that fails is tried again, and when a view is stale. Never talks to a remote.

use crate::context::Context;
use crate::ledger::RemoteState;
use crate::model::time::Timestamp;

/// The longest time for which a remote that failed is not tried again.
const REST_SECS_MAX: u64 = 600;
/// After this many failures in a row, callers do not wait for the remote while it backs off.
const FAILURES_TO_REST: u32 = 3;

/// What is this many times as old as `presence.staleAfter` is not known any more.
const OUTDATED_AFTER: u64 = 20;
/// What is younger than this is known, however short `presence.staleAfter` is.
const OUTDATED_SECS_MIN: u64 = 60;

/// Returns true if the remote failed so often, and so recently, that no caller should wait for it.
pub(super) fn is_backing_off(context: &Context, remote: &str) -> bool {
    let known = context.ledger.remote(remote).state();
    // A host that asked for a pause is not contacted in any case, and the sync says until when.
    known.wait_secs(context.now()).is_none()
        && known.failures >= FAILURES_TO_REST
        && !has_rested(context, &known, 0)
}

/// Returns true unless data fetched at `as_of` is younger than `presence.staleAfter`. A fetch that
/// is yet to come was noted by a clock that was ahead.
pub(super) fn is_stale(context: &Context, as_of: Option<Timestamp>) -> bool {
    let after_secs = context.config.sync.stale_after_secs;
    !as_of.is_some_and(|at| at.is_recent(context.now(), after_secs))
}

/// Returns true if data fetched at `as_of` is so old that it says nothing of now.
pub(super) fn is_outdated(context: &Context, as_of: Timestamp) -> bool {
    let after_secs = context.config.sync.stale_after_secs;
    let after_secs = after_secs
        .saturating_mul(OUTDATED_AFTER)
        .max(OUTDATED_SECS_MIN);
    !as_of.is_recent(context.now(), after_secs)
}

/// Returns true if the last attempt is long enough ago: longer after each failure, up to a limit.
pub(super) fn has_rested(context: &Context, known: &RemoteState, failures: u32) -> bool {
    if known.wait_secs(context.now()).is_some() {
        return false;
    }
    let first_secs = context.config.sync.stale_after_secs;
    let rest_secs = first_secs.saturating_mul(1_u64 << failures.min(10));
    let rests = |at: Timestamp| at.is_recent(context.now(), rest_secs.min(REST_SECS_MAX));
    !known.attempted_at().is_some_and(rests)
}
