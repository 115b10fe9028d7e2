//! Publishing: syncing after a change.
//!
//! Owns which verb waits for the remote and which leaves it to a background process. A sync that
//! fails never fails a verb. Never decides what is synced.

use std::time::Duration;

use super::backoff::{has_rested, is_backing_off, is_stale};
use super::confirmation::{Confirmation, Freshness, refuses, why};
use super::endpoints;
use super::refresh::in_foreground;
use crate::app::background::Background;
use crate::context::Context;
use crate::model::actor::Actor;
use crate::model::time::{Timestamp, Ttl};
use crate::sync::Report;

/// How long a background process may take for a sync or a renewal.
pub const BACKGROUND_SECS_MAX: u64 = 30;
/// What happens to a change that the remote does not have.
const FOLLOWS: &str = "; it will follow";

/// The warning when a sync found that this clone is a copy.
pub const RENAMED: &str = "this clone was copied and both copies shared an id; this one now has a \
                           new id";

/// What came of publishing a change.
pub struct Publication {
    /// Who knows of the change.
    pub confirmation: Confirmation,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Publishes the session of `who` after it was written. With `look`, it fetches too, since other
/// sessions matter to the caller.
pub fn publish(context: &Context, who: &Actor, look: bool, until: Duration) -> Publication {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return Publication {
            confirmation: Confirmation::Local,
            warnings: missing(context),
        };
    };
    let name = name.to_owned();
    let unconfirmed = |why: String, warns: bool| Publication {
        warnings: match warns {
            true => vec![format!("recorded here; {why}")],
            false => Vec::new(),
        },
        confirmation: Confirmation::Unconfirmed {
            remote: name.clone(),
            why,
        },
    };
    if !context.config.sync.auto {
        return unconfirmed("presence.autoSync is off".to_owned(), false);
    }
    if is_backing_off(context, &name) {
        let why = format!("{name} could not be reached a moment ago{FOLLOWS}");
        return unconfirmed(why, true);
    }
    let own_ref = context.ledger.sessions().ref_name(who);
    let request = in_foreground(context, true, look, Some(own_ref.clone()), until);
    let report = match endpoints::sync(context, &remote, &request) {
        Ok(report) => report,
        Err(error) => return unconfirmed(format!("the sync failed: {error}{FOLLOWS}"), true),
    };
    // The sync may have found that this clone is a copy, and changed its id.
    let own_ref = match context.ledger.node() {
        Some(node) => context.ledger.sessions().ref_name(&Actor {
            node,
            ..who.clone()
        }),
        None => own_ref,
    };
    if !report.synced.pending.contains(&own_ref) {
        if endpoints::is_blind(context) {
            let why = format!("{name} is pushed to another place than it is fetched from");
            return unconfirmed(format!("{why}; see git presence doctor"), true);
        }
        return confirmed(&report, name, look);
    }
    match report.refusal_of(&own_ref) {
        Some(said) => unconfirmed(refuses(&name, said), report.refuses_newly),
        None => unconfirmed(format!("{}{FOLLOWS}", why(&report, &name)), true),
    }
}

fn confirmed(report: &Report, remote: String, look: bool) -> Publication {
    let mut warnings = Vec::new();
    if look && (report.busy || report.synced.failure.is_some()) {
        let why = why(report, &remote);
        warnings.push(format!("sent, but the fetch failed: {why}"));
    }
    if report.synced.reidentified {
        warnings.push(RENAMED.to_owned());
    }
    Publication {
        warnings,
        confirmation: Confirmation::Confirmed { remote },
    }
}

/// Returns a warning if the settings name a remote that does not exist.
fn missing(context: &Context) -> Vec<String> {
    match &context.upstream {
        crate::context::Upstream::Missing(name) => {
            vec![format!(
                "there is no remote {name:?} here: no other clone can see this"
            )]
        }
        _ => Vec::new(),
    }
}

/// Returns how fresh the data of other clones is, and starts a fetch in the background if it is
/// stale.
pub fn freshness(context: &Context) -> Option<Freshness> {
    let remote = context.upstream.name()?;
    let known = context.ledger.remote(remote).state();
    let view = Freshness {
        remote: remote.to_owned(),
        as_of: known.fetched_at(),
    };
    let is_due =
        is_stale(context, known.fetched_at()) && has_rested(context, &known, known.failures);
    if context.config.sync.auto && is_due {
        Background::Sync { fetches: true }.start(context);
    }
    Some(view)
}

/// Publishes a heartbeat in the background, but not each one: others know how long a claim lasts.
pub fn publish_heartbeat(context: &Context, shortest: Option<Ttl>) {
    let Some(remote) = context.upstream.name() else {
        return;
    };
    let known = context.ledger.remote(remote).state();
    let now = context.now();
    let every = shortest.map_or(0, |ttl| ttl.renewal_interval().as_secs());
    let is_due_at = |at: Option<Timestamp>| !at.is_some_and(|at| at.is_recent(now, every));
    let rests = known.failures > 0 && !has_rested(context, &known, known.failures);
    if context.config.sync.auto
        && (is_due_at(known.last_push_at()) || known.failures > 0)
        && !rests
        && known.refused(now).is_none()
    {
        Background::Sync { fetches: false }.start(context);
    }
}

/// Publishes in the background.
pub fn publish_in_background(context: &Context) {
    if context.config.sync.auto && context.upstream.name().is_some() {
        Background::Sync { fetches: false }.start(context);
    }
}
