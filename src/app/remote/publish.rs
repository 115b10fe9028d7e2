//! Publishing: syncing after a change.
//!
//! Owns which verb waits for the remote and which leaves it to a background process. A sync that
//! fails never fails a verb. Never decides what is synced.

use super::backoff::{has_rested, is_backing_off, is_stale};
use super::confirmation::{Confirmation, NONE_CHOSEN, why, why_refused};
use super::endpoints;
use super::knowledge::{known, known_of};
use super::refresh::{Refresh, Until, brought, deadline, in_foreground, refresh};
use crate::app::background::{Background, Halves};
use crate::context::{Context, Upstream};
use crate::ledger::RemoteState;
use crate::model::actor::Actor;
use crate::model::knowledge::Knowledge;
use crate::model::text::without_codes;
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
    /// What is known of other clones.
    pub known: Knowledge,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Publishes the session of `who` after it was written. With `look`, it fetches too, since other
/// sessions matter to the caller.
pub fn publish(context: &Context, who: &Actor, look: bool, until: Until) -> Publication {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return Publication {
            confirmation: Confirmation::Local,
            known: known(context),
            warnings: missing(context),
        };
    };
    let name = name.to_owned();
    let unconfirmed = |known: Knowledge, why: String, warns: bool| Publication {
        known,
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
        let why = "presence.autoSync is off".to_owned();
        return unconfirmed(known(context), why, false);
    }
    if is_backing_off(context, &name) {
        let why = format!("{name} could not be reached a moment ago");
        let unknown = known(context).but_unknown(&why);
        return unconfirmed(unknown, format!("{why}{FOLLOWS}"), true);
    }
    let own_ref = context.ledger.sessions().ref_name(who);
    let request = in_foreground(context, true, look, Some(own_ref.clone()), until);
    let report = match endpoints::sync(context, &remote, &request) {
        Ok(report) => report,
        Err(error) => {
            let why = format!("the sync failed: {}", without_codes(&error.to_string()));
            let unknown = known(context).but_unknown(&why);
            return unconfirmed(unknown, format!("{why}{FOLLOWS}"), true);
        }
    };
    let seen = match look {
        true => brought(context, &report),
        false => known(context),
    };
    // The sync may have found that this clone is a copy, and changed its id.
    let own_ref = match context.ledger.node() {
        Some(node) => context.ledger.sessions().ref_name(&Actor {
            node,
            ..who.clone()
        }),
        None => own_ref,
    };
    let went_elsewhere = report.synced.elsewhere.is_some();
    if went_elsewhere || !report.synced.pending.contains(&own_ref) {
        if went_elsewhere || endpoints::is_blind(context) {
            let why = "is pushed to another place than it is fetched from";
            let unknown = seen.but_unknown(format!("it {why}"));
            let why = format!("{name} {why}; see git presence doctor");
            return unconfirmed(unknown, why, true);
        }
        return confirmed(&report, name, seen);
    }
    if report.refuses(&own_ref) {
        let why = why_refused(&report, &name, &own_ref);
        return unconfirmed(seen, why, report.refuses_newly);
    }
    unconfirmed(seen, format!("{}{FOLLOWS}", why(&report, &name)), true)
}

fn confirmed(report: &Report, remote: String, known: Knowledge) -> Publication {
    let renamed = report.synced.reidentified.then(|| RENAMED.to_owned());
    Publication {
        known,
        warnings: renamed.into_iter().collect(),
        confirmation: Confirmation::Confirmed { remote },
    }
}

/// Returns a warning if there is a remote, or should be, and none is used.
fn missing(context: &Context) -> Vec<String> {
    match &context.upstream {
        Upstream::Missing(name) => {
            vec![format!(
                "there is no remote {name:?} here: no other clone can see this"
            )]
        }
        Upstream::Several(_) => {
            vec![format!("{NONE_CHOSEN}: no other clone can see this")]
        }
        _ => Vec::new(),
    }
}

/// Returns what is known of other clones, and starts a fetch in the background if that is stale or
/// unknown.
pub fn known_or_fetching(context: &Context) -> Knowledge {
    let Some(remote) = context.upstream.name() else {
        return known(context);
    };
    let state = context.ledger.remote(remote).state();
    let is_due =
        is_stale(context, state.fetched_at()) && has_rested(context, &state, state.failures);
    if context.config.sync.auto && is_due {
        Background::Sync(Halves::Both).start(context);
    }
    known_of(context, remote, &state)
}

/// Returns true if nothing of what other clones hold was ever seen, though the settings let this
/// clone look.
pub fn is_unseen(context: &Context, known: &Knowledge) -> bool {
    known.is_unseen() && context.config.sync.auto
}

/// Returns what is known of other clones, as [`known_or_fetching`] does. A clone that never looked
/// at the remote waits for its first look: without it the board says nothing of others.
pub fn known_after_first_look(context: &Context) -> Knowledge {
    let state = context
        .upstream
        .name()
        .map(|remote| context.ledger.remote(remote).state());
    let is_new =
        |state: &RemoteState| state.fetched_at().is_none() && state.unfetched.underway().is_none();
    match context.config.sync.auto && state.is_some_and(|state| is_new(&state)) {
        true => refresh(context, Refresh::BEFORE_DECISION, deadline(context)),
        false => known_or_fetching(context),
    }
}

/// Returns what is known for what a session has itself: it is here, unless the refs of the board
/// were removed here. Then the remote is asked, as for a first look.
pub fn known_of_own(context: &Context) -> Knowledge {
    match is_emptied(context) {
        true => known_after_first_look(context),
        false => known_or_fetching(context),
    }
}

/// Returns true if what was fetched of the remote was removed here: then also what a session has
/// itself may be missing.
pub fn is_emptied(context: &Context) -> bool {
    let remote = context.upstream.name();
    let state = remote.map(|remote| context.ledger.remote(remote).state());
    state.is_some_and(|state| state.was_emptied())
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
        Background::Sync(Halves::Push).start(context);
    }
}

/// Publishes in the background.
pub fn publish_in_background(context: &Context) {
    if context.config.sync.auto && context.upstream.name().is_some() {
        Background::Sync(Halves::Push).start(context);
    }
}
