//! The use case of `turn take`: an exclusive claim of a turn.
//!
//! Owns how a refusal becomes an answer that says who has it, and taking it by force. Never decides
//! who holds what.

use std::time::Duration;

use crate::app::claims::arbiter;
use crate::app::claims::request::{ClaimRequest, Kind, Terms, ttl_of};
use crate::app::remote::knowledge::known;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::app::turns::look::{Reason, TurnReport, look};
use crate::app::turns::{grant, passed};
use crate::config::OnConflict;
use crate::context::Context;
use crate::failure::{Failure, Kind as FailureKind};
use crate::model::lock::GrantRequest;
use crate::model::lock_request::Request;
use crate::model::news::News;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::text::Purpose;

/// What others read of a turn whose holder says nothing.
const PURPOSE: &str = "has the turn";

/// How a turn is taken.
pub struct Take {
    /// What the session is going to do.
    pub purpose: Option<Purpose>,
    /// How long to wait for it.
    pub wait: Duration,
    /// Whether only a turn is taken that is offered to the session.
    pub only_offered: bool,
    /// Why it is taken from the session that has it.
    pub by_force: Option<Purpose>,
}

/// Takes a turn, or says why not.
pub fn execute(
    context: &Context,
    resource: Resource,
    take: Take,
    notify: fn(&str),
) -> Result<TurnReport, Failure> {
    let purpose = match take.purpose {
        Some(purpose) => purpose,
        None => Purpose::parse(PURPOSE).map_err(Failure::usage)?,
    };
    let resources = vec![resource.clone()];
    let wanted = ClaimRequest {
        ttl: ttl_of(&resources, context.config.ttl),
        resources,
        purpose,
        on_conflict: OnConflict::Warn,
        kind: Kind::Exclusive(Terms {
            only_offered: take.only_offered,
            ..Terms::default()
        }),
        wait: take.wait,
        may_ask_again: true,
    };
    let before = look(context, resource.clone(), known(context))?;
    if let Some(reason) = take.by_force {
        return seize(context, &wanted, reason, &before);
    }
    match grant::execute(context, &wanted, notify) {
        Ok(claimed) => {
            let mut report = look(context, resource, claimed.known)?;
            report.granted = true;
            report.reason = Some(match before.is_offered_to_me {
                true => Reason::Offered,
                false => Reason::Open,
            });
            report.moved = claimed.moved;
            report.confirmation = Some(claimed.confirmation);
            report.warnings = claimed.warnings;
            // The queue is shown as it is now.
            let is_in_line = |one: &&News| match one {
                News::WaitedFor { by, .. } => report.queue.iter().any(|held| held.session == *by),
                _ => false,
            };
            let news = claimed.news.iter().filter(|one| !is_in_line(one));
            let news: Vec<String> = news.map(ToString::to_string).collect();
            report.warnings.extend(news);
            Ok(report)
        }
        Err(failure) => {
            let Some(reason) = reason_of(&failure) else {
                return Err(failure);
            };
            let mut report = look(context, resource, known(context))?;
            let still = report.outlook();
            report.reason = Some(match (reason, still) {
                (None, Some(Reason::Open | Reason::Queued)) if take.only_offered => Reason::Parked,
                (None, Some(Reason::Open | Reason::Offered) | None) => Reason::Queued,
                (None, Some(still)) => still,
                (Some(reason), _) => reason,
            });
            report.code = failure.kind.exit_code();
            if report.reason == Some(Reason::Parked) {
                report.next = report.take("--offered-only --wait");
            }
            Ok(report)
        }
    }
}

/// Returns why a turn was not granted; `None` if that was not the matter. The inner `None` is a
/// wait that is over.
fn reason_of(failure: &Failure) -> Option<Option<Reason>> {
    match failure.refusal.as_deref() {
        Some(Refusal::Held { by }) => Some(Some(match by.iter().all(|one| !one.mode.holds()) {
            true => Reason::Queued,
            false => Reason::Held,
        })),
        Some(Refusal::Offered { .. }) => Some(Some(Reason::OfferedToOther)),
        Some(Refusal::Queued { .. }) => Some(Some(Reason::Queued)),
        Some(Refusal::NotOffered { .. }) => Some(Some(Reason::Parked)),
        None if failure.kind == FailureKind::Contended => Some(None),
        _ => None,
    }
}

/// Takes the turn from the session that has it, or that it is offered to, as the board shows it.
fn seize(
    context: &Context,
    wanted: &ClaimRequest,
    reason: Purpose,
    shown: &TurnReport,
) -> Result<TurnReport, Failure> {
    let me = context.actor()?;
    let known = refresh(context, Refresh::IF_STALE, short_deadline(context));
    let resource = shown.resource.clone();
    let grant = GrantRequest {
        resource: resource.clone(),
        purpose: wanted.purpose.clone(),
        ttl: wanted.ttl,
    };
    let read = context.ledger.locks().get(&resource)?;
    let lock = read.cell.lock_on(&resource);
    let lock = lock.filter(|lock| !context.ledger.locks().is_mine(&me, lock));
    let offer = read.cell.offer_of(&resource);
    let from = match (lock, offer) {
        (Some(lock), _) => Some((lock.holder.id.clone(), lock.token)),
        (None, Some(offer)) => Some((offer.to.clone(), offer.token)),
        (None, None) => None,
    };
    let request = match from.clone() {
        Some((holder, token)) => Request::Seize {
            wanted: grant,
            holder,
            token,
            reason,
        },
        None => Request::Grant(vec![grant]),
    };
    let until = short_deadline(context).answer;
    let decided = arbiter::submit_until(context, &me, &request, until)?;
    passed::forget(context, std::slice::from_ref(&resource));
    let mut report = look(context, resource, known)?;
    report.granted = true;
    report.reason = Some(Reason::Open);
    report.confirmation = Some(arbiter::confirmation(context));
    let taken = |(from, _)| format!("{} was taken from {from}", report.resource);
    report.warnings = from.map(taken).into_iter().collect();
    let until = decided
        .locks
        .first()
        .map(crate::model::lock::Lock::expires_at);
    let warning = until.and_then(|until| grant::keep(context, &report.resource, until));
    report.warnings.extend(warning);
    Ok(report)
}
