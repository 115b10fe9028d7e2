//! The use case of `peek`: who holds a resource.
//!
//! Owns what counts as an answer ([`Peeked`]): exact and overlapping claims, claims that expired
//! within the last hour or cannot be taken over yet, and records that cannot be read. Never writes.

use crate::app::board::folder;
use crate::app::claims::offers::{self, Open};
use crate::app::claims::{arbiter, gone, moved, refused, wants};
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, deadline, refresh};
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::layout::may_hold;
use crate::model::board::Board;
use crate::model::departure::Moved;
use crate::model::event::Entry;
use crate::model::event::Event;
use crate::model::holding::{Asker, Holding};
use crate::model::knowledge::Knowledge;
use crate::model::lock::Lock;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::task::TaskDenied;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

const EXPIRED_WITHIN_SECS: u64 = 60 * 60;
const EXPIRED_EVENTS_MAX: usize = 10;

/// Whether a resource may be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// No other session has it, as far as is known.
    Free,
    /// It is not known whether another session has it.
    Unknown,
    /// Another session has it, or it is a task that cannot be taken.
    Held,
}

/// The answer about one resource.
#[derive(Debug)]
pub struct Peeked {
    /// When the board was read.
    pub now: Timestamp,
    /// The session that asks.
    pub me: Asker,
    /// The resource that was asked about.
    pub resource: Resource,
    /// Live claims of exactly this resource, and whether it is frozen.
    pub exact: Vec<Holding>,
    /// Live path claims that overlap this one.
    pub overlapping: Vec<Holding>,
    /// Live claims of other sessions on paths in the folder of this stack, or on stacks whose
    /// folder has this path.
    pub in_folder: Vec<Holding>,
    /// Exclusive claims of other sessions that expired and cannot be taken over yet, each with the
    /// instant from which they can.
    pub expiring: Vec<(Holding, Timestamp)>,
    /// What can be done about a holder whose program has ended, beginning with a verb.
    pub past_gone: Option<String>,
    /// What of it no session holds and is offered to one.
    pub offers: Vec<Open>,
    /// Claims that expired within the last hour and still stand in their session.
    pub expired: Vec<Holding>,
    /// Claims that expired and were dropped within the last hour.
    pub dropped: Vec<Entry>,
    /// Records that cannot be read and may stand for this resource.
    pub hidden: Vec<Unreadable>,
    /// Why a task that no session has cannot be taken: it is over, or waits for something.
    pub denied: Option<TaskDenied>,
    /// What the code here lacks of the last other holder, if no other session claims it now.
    pub moved: Option<Moved>,
    /// What is known of other clones.
    pub known: Knowledge,
}

/// The answers about several resources.
#[derive(Debug)]
pub struct Peeks {
    /// One for each resource, in the order in which they were named.
    pub peeks: Vec<Peeked>,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether nothing of other clones was ever seen.
    pub is_unseen: bool,
    /// Whether the remote had to be asked for the answer.
    pub is_fresh: bool,
    /// Whether the exit code says if they are free.
    pub has_exit_code: bool,
}

/// How the answer is found and given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// Whether the remote is asked first.
    pub is_fresh: bool,
    /// Whether the exit code says if the resources are free.
    pub has_exit_code: bool,
}

/// Reads who holds each of `resources`, and what overlaps it.
pub fn execute(
    context: &Context,
    resources: Vec<Resource>,
    terms: Terms,
) -> Result<Peeks, Failure> {
    let known = match terms.is_fresh {
        true => refresh(context, Refresh::NOW, deadline(context)),
        false => publish::known_after_first_look(context),
    };
    let peeks = resources.into_iter().map(|one| peek(context, one, &known));
    Ok(Peeks {
        peeks: peeks.collect::<Result<_, _>>()?,
        is_unseen: publish::is_unseen(context, &known),
        known,
        is_fresh: terms.is_fresh,
        has_exit_code: terms.has_exit_code,
    })
}

fn peek(context: &Context, resource: Resource, known: &Knowledge) -> Result<Peeked, Failure> {
    let board = context
        .ledger
        .board_about(std::slice::from_ref(&resource))?;
    let now = context.now();
    let since = now.minus_secs(EXPIRED_WITHIN_SECS);
    let mut about = board.holdings();
    Holding::drop_doubles(&mut about, now);
    about.extend(board.frozen(now));
    about.retain(|holding| holding.resource.overlaps(&resource));
    let (mut live, expired): (Vec<_>, Vec<_>) = about.into_iter().partition(|h| h.is_live(now));
    gone::mark(context, &mut live);
    let (exact, overlapping): (Vec<Holding>, Vec<Holding>) =
        live.into_iter().partition(|h| h.resource == resource);
    let was_dropped = |event: &Event| event.expired.iter().any(|r| r.overlaps(&resource));
    let mut dropped = context
        .ledger
        .events(EXPIRED_EVENTS_MAX, Some(since), &was_dropped)?;
    for entry in &mut dropped {
        entry.event.expired.retain(|gone| gone.overlaps(&resource));
    }
    let expiring = expiring(context, &board, &resource, now);
    let may = |unreadable: &Unreadable| may_hold(&unreadable.may_hold, &resource);
    let asker = context.asker();
    let is_free = |held: &Holding| asker.owns(held);
    let live = exact.iter().chain(&overlapping);
    let mut offers = board.offers;
    offers.retain(|one| one.resource.overlaps(&resource));
    let offers = offers::open(context, offers);
    let is_open = offers.iter().all(|one| one.is_mine);
    let is_free = is_open && expiring.is_empty() && { live }.all(is_free);
    let in_folder = folder::claims_in_it(context, &resource)?;
    let about = std::slice::from_ref(&resource);
    let ask = || moved::since_last_holder(context, &context.me.id, about);
    let moved = is_free.then(ask).flatten();
    let denied = wants::denied(context, &resource).filter(|_| exact.is_empty());
    let mut others = exact.iter().chain(&overlapping);
    let way = |held| refused::past_gone(context, held).filter(|_| !asker.owns(held));
    Ok(Peeked {
        now,
        past_gone: others.find_map(way),
        moved,
        denied,
        offers,
        me: context.asker(),
        exact,
        overlapping,
        in_folder,
        expired: expired
            .into_iter()
            .filter(|h| h.expires_at >= since && expiring.iter().all(|(one, _)| one != h))
            .collect(),
        expiring,
        dropped,
        known: known.clone(),
        hidden: board.unreadable.into_iter().filter(may).collect(),
        resource,
    })
}

/// Returns the expired claims of other sessions on a resource that cannot be taken over yet, each
/// with the instant from which they can.
fn expiring(
    context: &Context,
    board: &Board,
    resource: &Resource,
    now: Timestamp,
) -> Vec<(Holding, Timestamp)> {
    let me = context.known_actor();
    let is_mine = |lock: &Lock| me.as_ref().is_some_and(|me| lock.is_of(me));
    let is_expiring = |lock: &&Lock| {
        lock.resource.overlaps(resource)
            && !lock.is_live(now)
            && !is_mine(lock)
            && !arbiter::can_be_taken_over(context, lock)
    };
    let expiring: Vec<&Lock> = board.locks.iter().filter(is_expiring).collect();
    let expiring = expiring.into_iter();
    let expiring = expiring.map(|lock| {
        (
            Holding::of_lock(lock),
            arbiter::takeover_from(context, lock),
        )
    });
    expiring.collect()
}

impl Peeked {
    /// Returns whether the resource may be claimed.
    pub fn standing(&self) -> Standing {
        let mut claims = self.exact.iter().chain(&self.overlapping);
        let is_held = claims.any(|held| held.mode.holds() && !self.me.owns(held));
        let is_offered = self.offers.iter().any(|one| !one.is_mine);
        // An edit there is stopped; a stack is granted beside claims of its files.
        let is_path = matches!(self.resource.kind(), ResourceKind::Path);
        let is_held = is_held || is_path && !self.in_folder.is_empty();
        if is_held || is_offered || !self.expiring.is_empty() || self.denied.is_some() {
            return Standing::Held;
        }
        match self.hidden.is_empty() && self.known.problem().is_none() {
            true => Standing::Free,
            false => Standing::Unknown,
        }
    }
}
