//! Carrying the board between this clone and a remote.
//!
//! Owns when a sync may run and what is remembered of it: one at a time, within its time, within
//! the budget of pushes, and not again and again where the remote refuses. The steps are those of
//! `rounds`, decided by `plan`; `ends` does them. Never prints, never decides about a claim.

mod ends;
mod plan;
mod probe;
mod rounds;
#[cfg(test)]
mod tests;

pub use crate::git::porcelain::FailureKind;
pub use probe::probe;
pub use rounds::{Synced, Wish};

use std::time::Duration;

use crate::git::porcelain::RemoteFailure;
use crate::git::remote::Remote;
use crate::ledger::{Ledger, LedgerError, Machine, Remembered};
use crate::model::time::Timestamp;

/// A remote that refuses us is asked again after this long.
pub const REFUSED_FOR_SECS: u64 = 24 * 60 * 60;

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
    /// The remote refuses what we push, in its words.
    pub refuses: Option<String>,
    /// Whether it began to do so now.
    pub refuses_newly: bool,
}

/// Sync with a remote. An error is this clone's; what the remote did not do is in the report.
pub fn sync(
    ledger: &Ledger,
    remote: &Remote,
    machine: &dyn Machine,
    request: &Request,
) -> Result<Report, LedgerError> {
    let until = machine.elapsed() + request.deadline;
    let left = || until.saturating_sub(machine.elapsed());
    let before = ledger.remembered(remote.name());
    let wait = if request.in_background {
        Duration::ZERO
    } else {
        left()
    };
    let Some(lock) = ledger.lock_sync(machine, wait)? else {
        return busy(ledger);
    };
    let mut known = ledger.remembered(remote.name());
    if lock.waited && is_covered(&before, &known) && ledger.ahead()?.is_empty() {
        // One that began after we were asked has done it.
        return Ok(Report::default());
    }
    known.attempted(machine.now());
    ledger.remember(remote.name(), &known)?;

    let mut wish = request.wish.clone();
    let refused = is_refused(&known, machine.now()) && !request.retry;
    let budget = request.pushes_per_minute;
    let over_budget =
        request.in_background && known.pushes_within_a_minute(machine.now()) >= budget;
    wish.push &= !refused && !over_budget;
    let ends = ends::HereAndThere::new(ledger, remote, machine, &left, &known);
    let synced = rounds::run(&ends, &wish)?;
    for _ in 0..ends.pushes() {
        known.pushed(machine.now());
    }
    if let Some(count) = ends.foreign_refs() {
        known.foreign_refs = count;
    }
    let report = conclude(synced, &mut known, &wish, machine.now());
    ledger.remember(remote.name(), &known)?;
    Ok(report)
}

fn busy(ledger: &Ledger) -> Result<Report, LedgerError> {
    let pending = ledger
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
fn is_covered(before: &Remembered, now: &Remembered) -> bool {
    now.syncs >= before.syncs + 2 && now.error.is_none()
}

/// Whether it is known that the remote takes nothing from us, and not worth asking again yet.
pub fn is_refused(known: &Remembered, now: Timestamp) -> bool {
    let at = known.refused_at().filter(|_| known.refused.is_some());
    at.is_some_and(|at| now < at.plus_secs(REFUSED_FOR_SECS) && at <= now)
}

/// Draw from what happened what the next sync should know.
fn conclude(synced: Synced, known: &mut Remembered, wish: &Wish, now: Timestamp) -> Report {
    known.syncs += 1;
    if synced.looked {
        known.looked(now);
        known.odd.clone_from(&synced.odd);
    }
    let failure = synced.failure.as_ref();
    known.error = failure.map(|failure| failure.said.clone());
    known.failures = match failure {
        Some(_) => known.failures.saturating_add(1),
        None => 0,
    };
    let was_known = known.refused.is_some();
    match refusal(&synced) {
        Some(said) => known.refuses(&said, now),
        None if wish.push && synced.sent > 0 => known.accepts(),
        None => {}
    }
    Report {
        refuses_newly: known.refused.is_some() && !was_known,
        refuses: known.refused.clone(),
        busy: false,
        synced,
    }
}

/// The words of a remote that took nothing at all. One that takes some refs and not others has
/// something against those, not against us.
fn refusal(synced: &Synced) -> Option<String> {
    if synced.sent > 0 {
        return None;
    }
    let by_ref = synced.refused.values().next().cloned();
    by_ref.or_else(|| {
        let failure = synced
            .failure
            .as_ref()
            .filter(|failure| is_forbidden(failure))?;
        Some(failure.said.clone())
    })
}

fn is_forbidden(failure: &RemoteFailure) -> bool {
    failure.kind == FailureKind::Refused
        || (failure.kind == FailureKind::NoCredentials && failure.said.ends_with("error: 403"))
}
