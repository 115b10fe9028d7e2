//! Carrying the board between this clone and a remote.
//!
//! Owns when a sync may run and what is remembered of it: one at a time, within its time, within
//! the budget of pushes, and not again and again where the remote refuses. The steps are those of
//! `rounds`, decided by `plan`; `git_ends` does them. Never prints, never decides about a claim.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    unreachable_pub,
    reason = "wider than it reaches; goes when `pub` here means public"
)]

mod answer;
mod git_ends;
mod locks;
mod plan;
mod probe;
mod rounds;
#[cfg(test)]
mod tests;

pub use crate::git::porcelain::FailureKind;
pub use crate::git::remote::Remote;
pub use locks::{Arbiter, FencedPush, LivenessPolicy, Proposal, Verdict, push_fenced, settle};
pub use probe::probe;
pub use rounds::{Synced, Wish};

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Clock;
use crate::git::porcelain::RemoteFailure;
use crate::ledger::{Ledger, LedgerError, RemoteState};
use crate::model::time::Timestamp;

/// How a sync is to be done.
#[derive(Clone, Debug)]
pub struct Request {
    pub wish: Wish,
    pub deadline: Duration,
    /// Nobody is waiting for it: it gives way, and keeps to the budget.
    pub in_background: bool,
    /// Ask a remote again that refused us.
    pub retry: bool,
    pub pushes_per_minute: usize,
}

/// How a sync ended.
#[derive(Debug, Default)]
pub struct Report {
    pub synced: Synced,
    /// Another sync of this clone is running.
    pub busy: bool,
    /// The remote takes nothing from us, in its words.
    pub refuses: Option<String>,
    /// Refs of ours that it does not take, with its words: now, or lately.
    pub refused: BTreeMap<String, String>,
    /// Whether any of that is news.
    pub refuses_newly: bool,
}

impl Report {
    /// The words with which the remote refuses this ref, or everything.
    pub fn refusal_of(&self, name: &str) -> Option<&str> {
        let of_ref = self.refused.get(name);
        of_ref.or(self.refuses.as_ref()).map(String::as_str)
    }
}

/// Sync with a remote. An error is this clone's; what the remote did not do is in the report.
pub fn sync(
    ledger: &Ledger,
    remote: &Remote,
    clock: &dyn Clock,
    request: &Request,
) -> Result<Report, LedgerError> {
    let until = clock.elapsed() + request.deadline;
    let left = || until.saturating_sub(clock.elapsed());
    let before = ledger.remote(remote.name()).state();
    let wait = if request.in_background {
        Duration::ZERO
    } else {
        left()
    };
    let Some(lock) = ledger.lock_sync(clock, wait)? else {
        return busy(ledger);
    };
    let mut known = ledger.remote(remote.name()).state();
    let covers = is_covered(&before, &known, &request.wish);
    if lock.waited && covers && ledger.tracking().ahead()?.is_empty() {
        // One that began after we were asked has done it.
        return Ok(Report::default());
    }
    known.attempted(clock.now());
    ledger.remote(remote.name()).save(&known)?;

    let wish = within_reason(request, &known, clock.now());
    let ends = git_ends::GitReplicas::new(ledger, remote, clock, &left, &known);
    let synced = rounds::run(&ends, &wish)?;
    for _ in 0..ends.pushes() {
        known.pushed(clock.now());
    }
    if let Some(count) = ends.foreign_refs() {
        known.foreign_refs = count;
    }
    let report = conclude(synced, &mut known, wish.push, clock.now());
    ledger.remote(remote.name()).save(&known)?;
    Ok(report)
}

fn busy(ledger: &Ledger) -> Result<Report, LedgerError> {
    let pending = ledger
        .tracking()
        .ahead()?
        .into_iter()
        .map(|ahead| ahead.name)
        .collect();
    Ok(Report {
        busy: true,
        synced: Synced {
            pending,
            ..Synced::default()
        },
        ..Report::default()
    })
}

/// Whether a sync began and ended well since `before`: the one that was running then may have
/// begun too early, so it takes two.
fn is_covered(before: &RemoteState, now: &RemoteState, wish: &Wish) -> bool {
    let looked = !wish.look || now.whole >= before.whole + 2;
    now.syncs >= before.syncs + 2 && looked && now.error.is_none()
}

/// What of a wish is worth a try now: not what was refused a while ago, and not more pushes than
/// the budget where nobody asked for them.
fn within_reason(request: &Request, known: &RemoteState, now: Timestamp) -> Wish {
    let mut wish = request.wish.clone();
    if request.in_background {
        wish.push &= known.pushes_within_a_minute(now) < request.pushes_per_minute;
    }
    if !request.retry {
        wish.push &= known.refused(now).is_none();
        wish.leave = known.refused_refs(now).into_keys().collect();
    }
    wish
}

/// Draw from what happened what the next sync should know.
fn conclude(synced: Synced, known: &mut RemoteState, pushes: bool, now: Timestamp) -> Report {
    known.syncs += 1;
    if synced.looked {
        known.record_fetch(now);
        known.whole += u64::from(pushes && synced.pending.is_empty());
    }
    known.record_anomalies(&synced.odd, now);
    let failure = synced.failure.as_ref();
    known.error = failure.map(|failure| failure.message.clone());
    known.failures = match failure {
        Some(_) => known.failures.saturating_add(1),
        None => 0,
    };
    for name in &synced.sent {
        known.accepts_ref(name);
    }
    let mut refuses_newly = !synced.refused.is_empty();
    for (name, said) in &synced.refused {
        known.record_refusal_of(name, said, now);
    }
    if let Some(failure) = failure.filter(|failure| is_forbidden(failure)) {
        refuses_newly |= known.record_refusal(&failure.message, now);
    }
    // What was refused and is not pending any more is settled.
    let mut refused = known.refused_refs(now);
    refused.retain(|name, _| synced.pending.contains(name));
    Report {
        refuses: known.refused(now).map(str::to_owned),
        refuses_newly,
        refused,
        busy: false,
        synced,
    }
}

/// Whether it is not about this ref or that: we are let in, and may not write.
fn is_forbidden(failure: &RemoteFailure) -> bool {
    failure.kind == FailureKind::Refused
        || (failure.kind == FailureKind::NoCredentials && failure.message.ends_with("error: 403"))
}
