//! Fetching before a decision: [`refresh`].
//!
//! Owns when a verb fetches and when it does not, as a policy ([`Refresh`]). Never decides what a
//! failure means: that is up to the caller.

use std::collections::BTreeSet;
use std::time::Duration;

use super::backoff::{is_backing_off, is_stale};
use super::confirmation::why;
use super::endpoints;
use super::knowledge::known;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::model::knowledge::Knowledge;
use crate::model::text::without_codes;
use crate::sync::{self, Report, Scope};

/// How a verb fetches before it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Whether it pushes what the remote does not have, too.
    pub pushes: bool,
    /// Whether a view that is younger than `presence.staleAfter` is good enough.
    pub only_if_stale: bool,
    /// What keeps it from trying.
    pub effort: Effort,
}

/// What keeps a verb from fetching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// `presence.autoSync=false`, or a remote that failed a moment ago.
    Opportunistic,
    /// `presence.autoSync=false` only.
    Automatic,
    /// Nothing: the answer is worth nothing without it.
    Required,
}

impl Refresh {
    /// Before a decision that is better made on fresh data, and is made all the same without.
    pub const BEFORE_DECISION: Self = Self {
        pushes: false,
        only_if_stale: false,
        effort: Effort::Opportunistic,
    };
    /// The same, where a view that is not stale is good enough.
    pub const IF_STALE: Self = Self {
        only_if_stale: true,
        ..Self::BEFORE_DECISION
    };
    /// Before a decision that is reported as made on local data where the remote does not answer.
    pub const BEFORE_CHECK: Self = Self {
        effort: Effort::Automatic,
        ..Self::BEFORE_DECISION
    };
    /// Along with something else that the user does with this remote.
    pub const ALONG: Self = Self {
        pushes: true,
        ..Self::BEFORE_DECISION
    };
    /// Because the answer of the remote is what the caller asks for.
    pub const NOW: Self = Self {
        effort: Effort::Required,
        ..Self::BEFORE_DECISION
    };
}

/// Fetches as `policy` says, until `until` at the latest, and returns what is known then. A fetch
/// that was due and brought nothing leaves it unknown.
pub fn refresh(context: &Context, policy: Refresh, until: Until) -> Knowledge {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return known(context);
    };
    let fetched_at = || context.ledger.remote(name).state().fetched_at();
    if policy.only_if_stale && !is_stale(context, fetched_at()) {
        return known(context);
    }
    if policy.effort != Effort::Required && !context.config.sync.auto {
        return known(context).but_unknown("presence.autoSync is off");
    }
    if policy.effort == Effort::Opportunistic && is_backing_off(context, name) {
        return known(context).but_unknown(format!("{name} could not be reached a moment ago"));
    }
    let request = in_foreground(context, policy.pushes, true, None, until);
    match endpoints::sync(context, &remote, &request) {
        Ok(report) => brought(context, &report),
        Err(error) => known(context).but_unknown(format!(
            "the sync failed: {}",
            without_codes(&error.to_string())
        )),
    }
}

/// Returns what is known after a sync that had to fetch.
pub(super) fn brought(context: &Context, report: &Report) -> Knowledge {
    let known = known(context);
    let is_underway = |name: &str| context.ledger.remote(name).state().unfetched.underway();
    match known.remote() {
        // What is known says how far the look came, and why no further.
        Some(name) if !report.busy && is_underway(name).is_some() => known,
        Some(name) if !report.synced.fetched => {
            let why = why(report, name);
            known.but_unknown(why)
        }
        _ => known,
    }
}

/// When a caller stops waiting for the remote, on the clock of this process: for all that a verb
/// requests of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// In general.
    pub answer: Duration,
    /// While a first look brings the board, from a remote that answers.
    pub first_look: Duration,
}

impl Until {
    /// Returns an instant that holds for a first look as well.
    pub fn at(instant: Duration) -> Self {
        Self {
            answer: instant,
            first_look: instant,
        }
    }
}

/// Returns when a caller stops waiting who has time for a first look.
pub fn deadline(context: &Context) -> Until {
    let first_look = Duration::from_secs(context.config.sync.first_look_secs);
    let until = short_deadline(context);
    Until {
        first_look: until.answer.max(context.host.elapsed() + first_look),
        ..until
    }
}

/// Returns when a caller stops waiting that has `presence.syncDeadline` and no more.
pub fn short_deadline(context: &Context) -> Until {
    let wait = Duration::from_secs(context.config.sync.deadline_secs);
    Until::at(context.host.elapsed() + wait)
}

/// Returns the request for a sync that the caller waits for.
pub(super) fn in_foreground(
    context: &Context,
    push: bool,
    fetch: bool,
    first: Option<String>,
    until: Until,
) -> sync::Request {
    sync::Request {
        scope: Scope {
            push,
            fetch,
            first,
            exclude: BTreeSet::new(),
        },
        deadline: until.answer.saturating_sub(context.host.elapsed()),
        first_look: until.first_look.saturating_sub(context.host.elapsed()),
        in_background: false,
        retry: false,
        pushes_per_minute: context.config.sync.pushes_per_minute,
    }
}
