//! What keeps a resource from a session right now.
//!
//! Owns [`Obstacle`], its words for who waits, and the rule that for a moment after a release only
//! the first in line is granted. The queue is no fact of the register: the rule is fair, and keeps
//! no session out for longer. Never grants anything.

use crate::app::claims::arbiter::can_be_taken_over;
use crate::app::claims::conflicts::{hidden, of_others, refuse};
use crate::app::claims::request::{ClaimRequest, Heeds};
use crate::app::claims::{offers, refused, waitlist};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::claim::Mode;
use crate::model::event::EventKind;
use crate::model::holding::Holding;
use crate::model::lock::Lock;
use crate::model::offer::Offered;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;

/// How long the first in line goes ahead of all others.
pub const HEAD_START_SECS: u64 = 10;

/// What keeps a resource from a session.
pub enum Obstacle {
    /// Nothing.
    None,
    /// It is free, and offered to the session that asks.
    OfferedToMe,
    /// It is free, and offered to another session.
    Offered(Box<Offered>),
    /// Another session claims it.
    Held(Box<Holding>),
}

/// Returns what keeps `resources` from `me`. What cannot be read is not free.
pub fn obstacle(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
    heeds: Heeds,
) -> Result<Obstacle, Failure> {
    let now = context.now();
    let mut is_mine = false;
    for resource in resources {
        let read = context.ledger.locks().get(resource)?;
        let blocks = |lock: &&Lock| {
            !context.ledger.locks().is_mine(me, lock)
                && lock.resource.overlaps(resource)
                && !can_be_taken_over(context, lock)
        };
        if let Some(lock) = read.cell.locks.iter().find(blocks) {
            return Ok(Obstacle::Held(Box::new(Holding::of_lock(lock))));
        }
        let overlaps = |one: &&Offered| one.resource.overlaps(resource) && one.is_open(now);
        for offered in read.cell.offers.iter().filter(overlaps) {
            if offers::is_for(context, me, offered) {
                is_mine = true;
            } else if !offers::is_void(context, offered) {
                return Ok(Obstacle::Offered(Box::new(offered.clone())));
            }
        }
    }
    if let Some(held) = in_a_record(context, me, resources, heeds)? {
        return Ok(Obstacle::Held(Box::new(held)));
    }
    Ok(match is_mine {
        true => Obstacle::OfferedToMe,
        false => Obstacle::None,
    })
}

/// Returns a claim in the record of another session that is heeded.
fn in_a_record(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
    heeds: Heeds,
) -> Result<Option<Holding>, Failure> {
    let board = context.ledger.board_about(resources)?;
    let mut others = of_others(&board, resources, me, context.now());
    others.retain(|held| heeds.is_one(held));
    let unreadable = hidden(&board, resources);
    match (others.pop(), resources.first()) {
        (None, Some(resource)) if heeds.shared && !unreadable.is_empty() => {
            let resource = resource.clone();
            let by = unreadable;
            let refusal = Refusal::MayBeHeld { resource, by };
            Err(refuse(context, refusal, resources))
        }
        (held, _) => Ok(held),
    }
}

/// Returns why a request must not be submitted yet although no lock conflicts with it: it was
/// released a moment ago and other sessions wait, or it takes only what is offered.
pub fn not_yet(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
) -> Result<Option<Failure>, Failure> {
    let now = context.now();
    for resource in &wanted.resources {
        // What cannot be read is refused by what follows.
        let Ok(read) = context.ledger.locks().get(resource) else {
            continue;
        };
        let offer = read.cell.offer_of(resource).filter(|one| one.is_open(now));
        if offer.is_some_and(|offered| offers::is_for(context, me, offered)) {
            continue;
        }
        if wanted.takes_only_offers() && read.cell.lock_on(resource).is_none() && offer.is_none() {
            let resource = resource.clone();
            return Ok(Some(parked(resource)));
        }
        let is_held = read
            .cell
            .locks
            .iter()
            .any(|one| one.resource.overlaps(resource));
        let Some((event, at)) = read.last_event().filter(|_| !is_held) else {
            continue;
        };
        let ends = matches!(
            event.kind,
            EventKind::Released { .. } | EventKind::Overridden { .. }
        );
        let is_it = event.resources.iter().any(|one| one.overlaps(resource));
        if !ends || !is_it || offer.is_some() || !at.is_recent(now, HEAD_START_SECS) {
            continue;
        }
        let about = std::slice::from_ref(resource);
        let board = context.ledger.board_about(about)?;
        if let Some(first) = waitlist::in_line(&board, me, about, now).into_iter().next() {
            let refusal = Refusal::Queued {
                resource: resource.clone(),
                first: first.session,
                until: at.plus_secs(HEAD_START_SECS),
            };
            return Ok(Some(Failure::refused(refusal).hint(format!(
                "stand behind the others in line: {}",
                wanted.line_that_waits(false)
            ))));
        }
    }
    Ok(None)
}

/// Returns true if the queue does not keep `resources` from `me`: they are offered to it, or have
/// been free for so long that those in line do not come.
pub fn goes_first(context: &Context, me: &Actor, resources: &[Resource]) -> Result<bool, Failure> {
    let now = context.now();
    for resource in resources {
        let read = context.ledger.locks().get(resource)?;
        let mut locks = read.cell.locks.iter();
        if locks.any(|lock| lock.resource.overlaps(resource)) {
            return Ok(false);
        }
        let offer = read.cell.offer_of(resource).filter(|one| one.is_open(now));
        let is_offered = offer.is_some_and(|offered| offers::is_for(context, me, offered));
        let last = read.last_event();
        let is_new = last.is_none_or(|(_, at)| at.is_recent(now, HEAD_START_SECS));
        if !is_offered && is_new {
            return Ok(false);
        }
    }
    Ok(true)
}

fn parked(resource: Resource) -> Failure {
    let labels = refused::labels(std::slice::from_ref(&resource));
    Failure::refused(Refusal::NotOffered { resource })
        .hint(format!("see who is next: git presence peek {labels}"))
}

/// Returns the words for a claim of another session that is waited for.
pub fn held(held: &Holding) -> String {
    let how = match held.mode {
        Mode::Exclusive | Mode::Waiting => "held by",
        Mode::Shared => "held (shared) by",
        Mode::Frozen => "frozen by",
    };
    let until = held.expires_at.to_rfc3339();
    let gone = if held.is_gone {
        ", whose process is gone,"
    } else {
        ""
    };
    format!(
        "{how} {}{gone} until {until}: {}",
        held.holder(),
        held.purpose
    )
}

/// Returns the words for an offer to another session that is waited for.
pub fn offered(offered: &Offered) -> String {
    let until = offered.until.to_rfc3339();
    format!(
        "offered to {} until {until} by {}",
        offered.to, offered.by.id
    )
}
