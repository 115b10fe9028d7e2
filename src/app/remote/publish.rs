//! When a verb syncs by itself.
//!
//! Owns which verb waits for the remote and which leaves it to a process behind the scenes, and
//! the words for what a remote did not do. A sync that fails never makes a verb fail. Never
//! decides what is synced.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::app::background::Background;
use crate::app::remote::guarantee::{Guarantee, View};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::ledger::Remembered;
use crate::model::actor::Actor;
use crate::model::time::{Timestamp, Ttl};
use crate::sync::{self, FailureKind, Report, Wish};

/// How long a sync may take that nobody waits for.
pub const BACKGROUND_SECS_MAX: u64 = 30;
/// A remote that could not be reached is left alone for longer each time, up to this.
const REST_SECS_MAX: u64 = 600;
/// After so many failures in a row nobody waits for the remote any more while it rests.
const FAILURES_TO_REST: u32 = 3;

/// What becomes of a change that the remote does not have.
const FOLLOWS: &str = "; it will follow";

/// Told to whoever is there when it happens.
pub const RENAMED: &str = "another clone writes under the name of this one, which is a copy of it \
                           or was copied: this one has a new name now";

/// What came of syncing after a change.
pub struct Carried {
    pub guarantee: Guarantee,
    pub warnings: Vec<String>,
}

/// When nobody waits for the remote any more: one moment for all that a verb asks of it.
pub fn deadline(context: &Context) -> Duration {
    context.host.elapsed() + Duration::from_secs(context.config.sync.deadline_secs)
}

/// Sync after the session of `who` was written. `look`: others matter to whoever waits.
pub fn after_write(context: &Context, who: &Actor, look: bool, until: Duration) -> Carried {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return Carried {
            guarantee: Guarantee::Local,
            warnings: missing(context),
        };
    };
    let name = name.to_owned();
    let unconfirmed = |why: String, warns: bool| Carried {
        warnings: match warns {
            true => vec![format!("recorded here; {why}")],
            false => Vec::new(),
        },
        guarantee: Guarantee::Unconfirmed {
            remote: name.clone(),
            why,
        },
    };
    if !context.config.sync.auto {
        return unconfirmed("presence.autoSync is off".to_owned(), false);
    }
    if is_resting(context, &name) {
        let why = format!("{name} could not be reached a moment ago{FOLLOWS}");
        return unconfirmed(why, true);
    }
    let own_ref = context.ledger.sessions().ref_name(who);
    let request = inline(context, true, look, Some(own_ref.clone()), until);
    let report = match sync::sync(&context.ledger, &remote, &context.host, &request) {
        Ok(report) => report,
        Err(error) => return unconfirmed(format!("the sync failed: {error}{FOLLOWS}"), true),
    };
    // The sync may have found that this clone is a copy, and given it a new name.
    let own_ref = match context.ledger.node() {
        Some(node) => context.ledger.sessions().ref_name(&Actor {
            node,
            ..who.clone()
        }),
        None => own_ref,
    };
    if !report.synced.pending.contains(&own_ref) {
        return confirmed(&report, name, look);
    }
    match report.refusal_of(&own_ref) {
        Some(said) => unconfirmed(refuses(&name, said), report.refuses_newly),
        None => unconfirmed(format!("{}{FOLLOWS}", why(&report, &name)), true),
    }
}

fn confirmed(report: &Report, remote: String, look: bool) -> Carried {
    let mut warnings = Vec::new();
    if look && (report.busy || report.synced.failure.is_some()) {
        let why = why(report, &remote);
        warnings.push(format!("sent, but others were not looked at: {why}"));
    }
    if report.synced.renamed {
        warnings.push(RENAMED.to_owned());
    }
    Carried {
        warnings,
        guarantee: Guarantee::Confirmed { remote },
    }
}

fn refuses(remote: &str, said: &str) -> String {
    format!("{remote} refuses it: {}", said.trim_end_matches('.'))
}

/// Look before a decision that rests on what others do. What cannot be had now is not waited for
/// again: the sync after the decision says so.
pub fn before_decision(context: &Context, until: Duration) {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return;
    };
    if context.config.sync.auto && !is_resting(context, name) {
        let request = inline(context, false, true, None, until);
        let _ = sync::sync(&context.ledger, &remote, &context.host, &request);
    }
}

/// Push and look because the user talks to this remote anyway. Whether it was looked, and what a
/// remote that did not do it said.
pub fn along(context: &Context) -> (bool, Option<String>) {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return (false, None);
    };
    if !context.config.sync.auto || is_resting(context, name) {
        return (false, None);
    }
    let request = inline(context, true, true, None, deadline(context));
    match sync::sync(&context.ledger, &remote, &context.host, &request) {
        Ok(report) if report.synced.looked => (true, None),
        Ok(report) => (false, Some(why(&report, name))),
        Err(error) => (false, Some(format!("the sync failed: {error}"))),
    }
}

/// Look, because a decision rests on it that can be made without it too: what kept us from it.
pub fn look_first(context: &Context) -> Option<String> {
    let name = context.upstream.name()?;
    let remote = context.remote()?;
    if !context.config.sync.auto {
        return Some("presence.autoSync is off".to_owned());
    }
    let request = inline(context, false, true, None, deadline(context));
    match sync::sync(&context.ledger, &remote, &context.host, &request) {
        Ok(report) if report.synced.looked => None,
        Ok(report) => Some(why(&report, name)),
        Err(error) => Some(format!("the sync failed: {error}")),
    }
}

/// Look now, because the answer is needed.
pub fn look_now(context: &Context) -> Result<(), Failure> {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return Ok(());
    };
    let request = inline(context, false, true, None, deadline(context));
    let report = sync::sync(&context.ledger, &remote, &context.host, &request)?;
    match report.synced.looked {
        true => Ok(()),
        false => Err(
            Failure::new(Kind::Remote, anyhow::anyhow!(why(&report, name)))
                .hint("nothing is known about it right now: do not act on it"),
        ),
    }
}

/// Look where the view is older than it should be for a decision that rests on it.
pub fn freshen(context: &Context) {
    let Some(name) = context.upstream.name() else {
        return;
    };
    if is_stale(context, context.ledger.remote(name).state().looked_at()) {
        before_decision(context, deadline(context));
    }
}

/// A sync that somebody waits for.
fn inline(
    context: &Context,
    push: bool,
    look: bool,
    first: Option<String>,
    until: Duration,
) -> sync::Request {
    sync::Request {
        wish: Wish {
            push,
            look,
            first,
            leave: BTreeSet::new(),
        },
        deadline: until.saturating_sub(context.host.elapsed()),
        in_background: false,
        retry: false,
        pushes_per_minute: context.config.sync.pushes_per_minute,
    }
}

/// A remote that is asked for by name, and is not there.
fn missing(context: &Context) -> Vec<String> {
    match &context.upstream {
        crate::context::Upstream::Missing(name) => {
            vec![format!(
                "there is no remote {name:?} here: nobody else sees this"
            )]
        }
        _ => Vec::new(),
    }
}

/// Why a sync did not do all that it was to do.
pub fn why(report: &Report, remote: &str) -> String {
    if let Some(said) = &report.refuses {
        return refuses(remote, said);
    }
    if report.busy {
        return format!("another sync with {remote} is running");
    }
    if let Some(failure) = &report.synced.failure {
        let said = failure.said.trim_end_matches('.');
        return match failure.kind {
            FailureKind::Unreachable | FailureKind::Interrupted => {
                format!("{remote} could not be reached: {said}")
            }
            FailureKind::NoCredentials => format!("{remote} lets nobody in like this: {said}"),
            _ => format!("the sync with {remote} failed: {said}"),
        };
    }
    if report.synced.gave_up {
        let said = report
            .synced
            .last_words
            .as_deref()
            .unwrap_or("others were faster");
        return format!("{remote} did not take it, time after time: {said}");
    }
    match report.refused.values().next() {
        Some(said) => refuses(remote, said),
        None => format!("{remote} does not have it yet"),
    }
}

/// Whether the remote failed so often, and so recently, that waiting for it is in vain.
fn is_resting(context: &Context, remote: &str) -> bool {
    let known = context.ledger.remote(remote).state();
    known.failures >= FAILURES_TO_REST && !is_rested(context, &known, 0)
}

/// Whether a view of this moment is older than it should be.
fn is_stale(context: &Context, as_of: Option<Timestamp>) -> bool {
    let after_secs = context.config.sync.stale_after_secs;
    as_of.is_none_or(|at| at.plus_secs(after_secs) <= context.now())
}

/// Whether the last attempt is long enough ago: longer after each failure, but not for ever.
fn is_rested(context: &Context, known: &Remembered, failures: u32) -> bool {
    let first_secs = context.config.sync.stale_after_secs;
    let rest_secs = first_secs.saturating_mul(1_u64 << failures.min(10));
    let is_over = |at: Timestamp| at.plus_secs(rest_secs.min(REST_SECS_MAX)) <= context.now();
    known.attempted_at().is_none_or(is_over)
}

/// How old the view is; where it is too old it is renewed behind the scenes.
pub fn view(context: &Context) -> Option<View> {
    let remote = context.upstream.name()?;
    let known = context.ledger.remote(remote).state();
    let view = View {
        remote: remote.to_owned(),
        as_of: known.looked_at(),
    };
    let is_due = is_stale(context, known.looked_at()) && is_rested(context, &known, known.failures);
    if context.config.sync.auto && is_due {
        Background::Sync { fetches: true }.start(context);
    }
    Some(view)
}

/// Push a heartbeat, but not each one: the others know for how long a claim lasts.
pub fn after_heartbeat(context: &Context, shortest: Option<Ttl>) {
    let Some(remote) = context.upstream.name() else {
        return;
    };
    let known = context.ledger.remote(remote).state();
    let now = context.now();
    let every_secs = shortest.map_or(0, |ttl| ttl.renewal_interval().as_secs());
    let is_due_at = |at: Option<Timestamp>| at.is_none_or(|at| at.plus_secs(every_secs) <= now);
    let rests = known.failures > 0 && !is_rested(context, &known, known.failures);
    if context.config.sync.auto
        && (is_due_at(known.last_push_at()) || known.failures > 0)
        && !rests
        && known.refused(now).is_none()
    {
        Background::Sync { fetches: false }.start(context);
    }
}

/// Send what was written, while nobody waits.
pub fn send_behind(context: &Context) {
    if context.config.sync.auto && context.upstream.name().is_some() {
        Background::Sync { fetches: false }.start(context);
    }
}
