//! Fetching before a decision: [`refresh`].
//!
//! Owns when a verb fetches and when it does not, as a policy ([`Refresh`]). Never decides what a
//! failure means: that is up to the caller.

use std::collections::BTreeSet;
use std::time::Duration;

use super::backoff::{is_backing_off, is_stale};
use super::confirmation::why;
use super::endpoints;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::ledger::LedgerError;
use crate::sync::{self, Scope};

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

/// What came of a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// There is no remote, or the view is fresh enough.
    NotNeeded,
    /// The remote was not asked, for this reason.
    Skipped(String),
    /// The remote was fetched.
    Fetched,
    /// The remote was asked and did not answer, for this reason.
    Failed(String),
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

impl Refreshed {
    /// Returns why the view is not fresh, if it could be fresher.
    pub fn problem(self) -> Option<String> {
        match self {
            Self::NotNeeded | Self::Fetched => None,
            Self::Skipped(why) | Self::Failed(why) => Some(why),
        }
    }
}

/// Fetches as `policy` says, until `until` on the clock of this process at the latest.
///
/// Most callers go on whatever came of it: the publication after their decision reports a remote
/// that does not answer.
pub fn refresh(
    context: &Context,
    policy: Refresh,
    until: Duration,
) -> Result<Refreshed, LedgerError> {
    let (Some(remote), Some(name)) = (context.remote(), context.upstream.name()) else {
        return Ok(Refreshed::NotNeeded);
    };
    let looked_at = || context.ledger.remote(name).state().fetched_at();
    if policy.only_if_stale && !is_stale(context, looked_at()) {
        return Ok(Refreshed::NotNeeded);
    }
    if policy.effort != Effort::Required && !context.config.sync.auto {
        return Ok(Refreshed::Skipped("presence.autoSync is off".to_owned()));
    }
    if policy.effort == Effort::Opportunistic && is_backing_off(context, name) {
        let why = format!("{name} could not be reached a moment ago");
        return Ok(Refreshed::Skipped(why));
    }
    let request = in_foreground(context, policy.pushes, true, None, until);
    let report = endpoints::sync(context, &remote, &request)?;
    Ok(if report.synced.fetched {
        Refreshed::Fetched
    } else {
        Refreshed::Failed(why(&report, name))
    })
}

/// Returns when the caller stops waiting for the remote, on the clock of this process: one instant
/// for all that a verb requests of it.
pub fn deadline(context: &Context) -> Duration {
    context.host.elapsed() + Duration::from_secs(context.config.sync.deadline_secs)
}

/// Returns the request for a sync that the caller waits for.
pub(super) fn in_foreground(
    context: &Context,
    push: bool,
    fetch: bool,
    first: Option<String>,
    until: Duration,
) -> sync::Request {
    sync::Request {
        scope: Scope {
            push,
            fetch,
            first,
            exclude: BTreeSet::new(),
        },
        deadline: until.saturating_sub(context.host.elapsed()),
        in_background: false,
        retry: false,
        pushes_per_minute: context.config.sync.pushes_per_minute,
    }
}
