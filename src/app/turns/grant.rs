//! A claim that is answered with what the last holder left, and a keeper for a turn.
//!
//! Owns the wait for the keeper, and the warning where there is none. Never claims by itself.

use std::time::Duration;

use crate::app::claims::handoffs::left_at;
use crate::app::claims::report::Claimed;
use crate::app::claims::request::{ClaimRequest, Kind};
use crate::app::claims::shared;
use crate::app::sessions::keepalive;
use crate::app::turns::{beat, passed};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::turn::is_turn;

/// How long a keeper may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked for meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Claims as `claim` does.
pub fn execute(
    context: &Context,
    wanted: &ClaimRequest,
    notify: fn(&str),
) -> Result<Claimed, Failure> {
    let mut claimed = shared::execute(context, wanted, notify)?;
    if wanted.kind == Kind::Shared {
        return Ok(claimed);
    }
    let held = claimed.mine.iter().filter(|one| one.token.is_some());
    let held: Vec<Resource> = held.map(|one| one.resource.clone()).collect();
    if !claimed.renewed {
        claimed.left = left_at(context, &held);
    }
    passed::forget(context, &held);
    let until = claimed.mine.iter().map(|one| one.expires_at).min();
    if let (Some(turn), Some(until)) = (held.iter().find(|one| is_turn(one)), until) {
        beat::send(context, &context.actor()?);
        claimed.warnings.extend(keep(context, turn, until));
    }
    Ok(claimed)
}

/// Makes sure that a process keeps the session alive. Returns a warning if none does.
pub(super) fn keep(context: &Context, turn: &Resource, until: Timestamp) -> Option<String> {
    let until = until.to_rfc3339();
    if !keepalive::can_begin(context) {
        return Some(format!(
            "no process renews {turn} for you: it ends at {until} unless you renew it before: \
             git presence heartbeat"
        ));
    }
    let is_ready = || context.ledger.keepalive(&context.me.id).is_ready();
    let is_kept = || is_ready().is_some_and(|pid| context.host.process(pid).is_some());
    if is_kept() {
        return None;
    }
    keepalive::begin(context);
    let limit = context.host.elapsed() + READY_WITHIN;
    while context.host.elapsed() < limit {
        if is_kept() {
            return None;
        }
        context.host.sleep_for(LOOK_EVERY);
    }
    Some(format!(
        "the process that renews {turn} did not begin: it ends at {until} unless you renew it before: \
         git presence heartbeat"
    ))
}
