//! Synchronization of the board between this clone and a remote: [`sync()`].
//!
//! Owns when a sync may run and what is recorded about it: one sync at a time, within its deadline,
//! within the budget of pushes, and without repeating pushes that the remote refuses. `rounds` has
//! the loop, `plan` its decisions, and `git_replicas` its steps. Never prints, never decides about
//! a claim.

mod answer;
mod archiving;
mod catch_up;
mod clear;
mod fold;
mod git_replicas;
mod locks;
mod look;
mod plan;
mod probe;
mod rounds;
#[cfg(test)]
mod tests;

pub use crate::git::porcelain::FailureKind;
pub use crate::git::remote::Remote;
pub use clear::{clear, on_remote};
pub use fold::{Fold, Folded};
pub use locks::{
    Arbiter, BesideOf, FencedPush, LivenessPolicy, Proposal, Verdict, push_fenced, put, settle,
};
pub use probe::probe;
pub use rounds::{Scope, Synced};

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Clock;
use crate::git::porcelain::RemoteFailure;
use crate::ledger::{Ledger, LedgerError, RemoteState};
use crate::model::forbidden::Forbidden;
use crate::model::time::Timestamp;

/// A request for a sync.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to push and fetch.
    pub scope: Scope,
    /// The time that the sync may take, the wait for another sync included.
    pub deadline: Duration,
    /// The time that it may take if this clone has not seen all of the remote yet, and the remote
    /// answers; what is less than `deadline` does not count.
    pub first_look: Duration,
    /// True if no caller waits for the result: the sync gives way to a running one, and keeps to
    /// the budget of pushes.
    pub in_background: bool,
    /// True if refs are pushed again that the remote refused a while ago.
    pub retry: bool,
    /// The budget of pushes of background syncs.
    pub pushes_per_minute: usize,
}

/// The result of a sync.
#[derive(Debug, Default)]
pub struct Report {
    /// What was pushed and fetched.
    pub synced: Synced,
    /// True if another sync of this clone was running, so this one did nothing.
    pub busy: bool,
    /// The message with which the remote refuses all pushes; `None` if it does not.
    pub refuses: Option<String>,
    /// Refs of this clone that the remote refused in this sync or lately.
    pub refused: BTreeMap<String, Forbidden>,
    /// True if one of these refusals is new.
    pub refuses_newly: bool,
}

impl Report {
    /// Returns true if the remote refuses this ref, or all pushes.
    pub fn refuses(&self, name: &str) -> bool {
        self.refuses.is_some() || self.refused.contains_key(name)
    }
}

/// Syncs with a remote. A failure of the remote is in the report and no error.
///
/// # Errors
///
/// Any [`LedgerError`] of this clone.
pub fn sync(
    ledger: &Ledger,
    remote: &Remote,
    clock: &dyn Clock,
    request: &Request,
) -> Result<Report, LedgerError> {
    let began = clock.elapsed();
    let left = || (began + request.deadline).saturating_sub(clock.elapsed());
    let before = ledger.remote(remote.name()).state();
    let patience = patience(request, &before);
    let look_left = || (began + patience).saturating_sub(clock.elapsed());
    let wait = if request.in_background {
        Duration::ZERO
    } else {
        left()
    };
    let Some(lock) = ledger.lock_sync(clock, wait)? else {
        return busy(ledger, clock.now());
    };
    let mut known = ledger.remote(remote.name()).state();
    let covers = is_covered(&before, &known, &request.scope);
    if lock.waited && covers && ledger.tracking().ahead(clock.now())?.is_empty() {
        // A sync that began after this request has done the work.
        let synced = Synced {
            fetched: request.scope.fetch,
            ..Synced::default()
        };
        return Ok(Report {
            synced,
            ..Report::default()
        });
    }
    if let Some(secs) = known.wait_secs(clock.now()).filter(|_| !request.retry) {
        return asked_to_wait(ledger, secs, clock.now());
    }
    known.attempted(clock.now());
    ledger.remote(remote.name()).save(&known)?;
    ledger.copies().clear_abandoned_locks(clock.now());

    let scope = within_reason(request, &known, clock.now());
    let left = look::TimeLeft {
        answer: &left,
        look: &look_left,
    };
    let replicas = git_replicas::GitReplicas::new(ledger, remote, clock, left, &known);
    let synced = rounds::run(&replicas, &scope)?;
    if synced.failure.is_some() {
        let copies = ledger.copies();
        copies.clear_locks_of_ended_fetch(remote.name(), clock.now());
    }
    for _ in 0..replicas.pushes() {
        known.pushed(clock.now());
    }
    if let Some(count) = replicas.foreign_refs() {
        known.foreign_refs = count;
    }
    if !synced.fetched {
        // It may have removed copies that it could not fetch again.
        known.unfetched = ledger.remote(remote.name()).state().unfetched;
    }
    let report = conclude(synced, &mut known, scope.push, clock.now());
    let state = ledger.remote(remote.name());
    match report.synced.fetched {
        true => state.record_fetch(&mut known, clock.now())?,
        false => state.choose_witness(&mut known)?,
    }
    ledger.remote(remote.name()).save(&known)?;
    Ok(report)
}

/// Returns how long the sync may take.
fn patience(request: &Request, known: &RemoteState) -> Duration {
    match known.was_seen_whole() {
        true => request.deadline,
        false => request.deadline.max(request.first_look),
    }
}

/// Returns the report for a sync that gave way to a running one.
fn busy(ledger: &Ledger, now: Timestamp) -> Result<Report, LedgerError> {
    let ahead = ledger.tracking().ahead(now)?.into_iter();
    let pending = ahead.map(|ahead| ahead.name).collect();
    Ok(Report {
        busy: true,
        synced: Synced {
            pending,
            ..Synced::default()
        },
        ..Report::default()
    })
}

/// Returns the report for a sync that did nothing because the host asked to come back later.
fn asked_to_wait(ledger: &Ledger, secs: u64, now: Timestamp) -> Result<Report, LedgerError> {
    let mut report = busy(ledger, now)?;
    report.busy = false;
    report.synced.failure = Some(RemoteFailure::asked_to_wait(secs));
    Ok(report)
}

/// Returns true if a sync began and succeeded since `before`. The one that was running then may
/// have begun too early, so this takes two.
fn is_covered(before: &RemoteState, now: &RemoteState, scope: &Scope) -> bool {
    let fetched = !scope.fetch || now.whole >= before.whole + 2;
    now.syncs >= before.syncs + 2 && fetched && now.error.is_none()
}

/// Returns the scope without pushes that are not worth a try now: those that the remote refused a
/// while ago, and in the background those beyond the budget.
fn within_reason(request: &Request, known: &RemoteState, now: Timestamp) -> Scope {
    let mut scope = request.scope.clone();
    if request.in_background {
        scope.push &= known.pushes_within_a_minute(now) < request.pushes_per_minute;
    }
    if !request.retry {
        scope.push &= known.refused(now).is_none();
        scope.exclude = known.refused_refs(now).into_keys().collect();
    }
    scope
}

/// Records what the next sync has to know, and returns the report.
fn conclude(mut synced: Synced, known: &mut RemoteState, pushes: bool, now: Timestamp) -> Report {
    known.syncs += 1;
    if synced.fetched {
        known.unfetched = synced.unfetched.clone();
        // A look that was cut off is none yet.
        synced.fetched = synced.unfetched.underway().is_none();
    }
    if synced.fetched {
        known.whole += u64::from(pushes && synced.pending.is_empty());
    }
    known.record_anomalies(&synced.anomalies, now);
    let failure = synced.failure.as_ref();
    known.record_wait(failure.and_then(|failure| failure.come_back_secs), now);
    known.error = failure.map(|failure| failure.message.clone());
    known.failures = match failure {
        Some(_) => known.failures.saturating_add(1),
        None => 0,
    };
    for name in &synced.sent {
        known.accepts_ref(name);
    }
    let mut refuses_newly = !synced.refused.is_empty();
    for (name, forbidden) in &synced.refused {
        known.record_refusal_of(name, forbidden, now);
    }
    if let Some(failure) = failure.filter(|failure| failure.is_forbidden()) {
        refuses_newly |= known.record_refusal(&failure.message, now);
    }
    // A refused ref that is no longer pending needs no report.
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
