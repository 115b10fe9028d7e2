//! The use case of `turn`: who has it, who is next, and what was left.
//!
//! Owns [`TurnReport`], which all verbs about turns answer with, and the command that comes next.
//! Never writes.

use crate::app::claims::handoffs::{Left, left_at};
use crate::app::claims::{arbiter, gone, moved, offers};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::refresh::{Refresh, deadline, refresh};
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::shell;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::departure::Moved;
use crate::model::holding::{Asker, Holding};
use crate::model::knowledge::Knowledge;
use crate::model::offer::Offered;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::turn;

/// What follows for a session that passed a turn on.
const AFTERWARDS: &str = "git presence log --wait --for-me";

/// Who has a turn.
#[derive(Clone, Debug)]
pub enum Standing {
    /// No session.
    Free,
    /// This session.
    Held(Box<Holding>),
    /// No session, and one may have it.
    Offered(Box<Offered>),
}

/// Why a session gets a turn, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was free.
    Open,
    /// It was offered to the session.
    Offered,
    /// Other sessions are first in line.
    Queued,
    /// Another session has it.
    Held,
    /// It is offered to another session.
    OfferedToOther,
    /// It is free, and the session takes only what is offered to it.
    Parked,
}

/// The answer of the verbs about turns.
#[derive(Debug)]
pub struct TurnReport {
    /// When the board was read.
    pub now: Timestamp,
    /// The session that asks.
    pub me: Asker,
    /// The turn.
    pub resource: Resource,
    /// Who has it.
    pub standing: Standing,
    /// Whether it is offered to this session.
    pub is_offered_to_me: bool,
    /// Whether the session was granted it by this command.
    pub granted: bool,
    /// Whether the session gave it away by this command.
    pub passed: bool,
    /// Why, or why not; `None` if that was not asked.
    pub reason: Option<Reason>,
    /// The sessions that wait for it, in their order.
    pub queue: Vec<Holding>,
    /// What the last holder left.
    pub left: Option<Left>,
    /// What the code here lacks of the last other holder.
    pub moved: Option<Moved>,
    /// What to run next.
    pub next: String,
    /// Who knows of a change that this command made.
    pub confirmation: Option<Confirmation>,
    /// What is known of other clones.
    pub known: Knowledge,
    /// The exit code.
    pub code: u8,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Returns who has the turn, as fresh as `list` shows the board.
pub fn execute(context: &Context, resource: Resource) -> Result<TurnReport, Failure> {
    let known = refresh(context, Refresh::IF_STALE, deadline(context));
    let mut report = look(context, resource, known)?;
    report.moved = match report.is_mine() {
        true => None,
        false => {
            let about = std::slice::from_ref(&report.resource);
            moved::since_last_holder(context, &context.me.id, about)
        }
    };
    report.reason = report.outlook();
    Ok(report)
}

/// Returns the state of a turn as this clone has it.
pub(super) fn look(
    context: &Context,
    resource: Resource,
    known: Knowledge,
) -> Result<TurnReport, Failure> {
    let now = context.now();
    let me = context.asker();
    let about = std::slice::from_ref(&resource);
    let read = context.ledger.locks().get_known(&resource)?;
    let lock = read.cell.lock_on(&resource);
    let lock = lock.filter(|lock| lock.is_live(now) || !arbiter::can_be_taken_over(context, lock));
    let offer = read.cell.offer_of(&resource).filter(|one| one.is_open(now));
    let offer = offer.filter(|one| !offers::is_void(context, one));
    let actor = context.known_actor();
    let is_offered_to_me = offer.is_some_and(|one| {
        let mut me = actor.iter();
        me.any(|me| offers::is_for(context, me, one)) || one.to == context.me.id
    });
    let board = context.ledger.board_about(about)?;
    let mut queue = board.live(now);
    queue.retain(|one| one.mode == Mode::Waiting && one.resource == resource);
    queue.sort_by(|a, b| (a.claimed_at, &a.session).cmp(&(b.claimed_at, &b.session)));
    let standing = match (lock, offer) {
        (Some(lock), _) => {
            let mut held = vec![Holding::of_lock(lock)];
            gone::mark(context, &mut held);
            held.pop()
                .map_or(Standing::Free, |one| Standing::Held(Box::new(one)))
        }
        (None, Some(offer)) => Standing::Offered(Box::new(offer.clone())),
        (None, None) => frozen(context, &board, &resource)
            .map_or(Standing::Free, |one| Standing::Held(Box::new(one))),
    };
    let mut report = TurnReport {
        now,
        left: left_at(context, about).pop(),
        me,
        resource,
        standing,
        is_offered_to_me,
        granted: false,
        passed: false,
        reason: None,
        queue,
        moved: None,
        next: String::new(),
        confirmation: None,
        known,
        code: 0,
        warnings: Vec::new(),
    };
    report.next = report.what_next();
    Ok(report)
}

/// Returns what keeps a turn that no session has: another session has frozen it.
fn frozen(context: &Context, board: &Board, turn: &Resource) -> Option<Holding> {
    let me = context.asker();
    let mut frozen = board.frozen(context.now()).into_iter();
    frozen.find(|one| one.resource.overlaps(turn) && !me.owns(one))
}

impl TurnReport {
    /// Returns true if this session has the turn.
    pub fn is_mine(&self) -> bool {
        matches!(&self.standing, Standing::Held(held) if self.me.owns(held))
    }

    /// Returns true if this session was the last to have the turn, passed it on, and does not have
    /// it now.
    pub fn was_mine(&self) -> bool {
        let left = self.left.as_ref().map(|left| &left.handoff);
        !self.is_mine() && left.is_some_and(|left| left.from == self.me.id)
    }

    /// Returns the place of this session in the queue, from 1 on.
    pub fn place(&self) -> Option<usize> {
        let at = self.queue.iter().position(|one| self.me.owns(one));
        at.map(|at| at + 1)
    }

    /// Returns whether other sessions wait before this one.
    fn is_behind(&self) -> bool {
        self.queue.first().is_some_and(|first| !self.me.owns(first))
    }

    /// Returns why this session would get the turn now, or not.
    pub(super) fn outlook(&self) -> Option<Reason> {
        Some(match &self.standing {
            Standing::Held(_) if self.is_mine() => return None,
            Standing::Held(_) => Reason::Held,
            Standing::Offered(_) if self.is_offered_to_me => Reason::Offered,
            Standing::Offered(_) => Reason::OfferedToOther,
            Standing::Free if self.is_behind() => Reason::Queued,
            Standing::Free => Reason::Open,
        })
    }

    /// Returns the command that takes the turn.
    pub fn take(&self, option: &str) -> String {
        turn::take(&self.resource, &self.word(), option)
    }

    fn word(&self) -> String {
        shell::quote(self.resource.label())
    }

    fn what_next(&self) -> String {
        let take = |option| self.take(option);
        match self.outlook() {
            None => turn::pass(&self.resource, &self.word()),
            // It is for another session now. This one hears when that takes it, or passes it on.
            Some(Reason::Open | Reason::OfferedToOther) if self.was_mine() => AFTERWARDS.to_owned(),
            Some(Reason::Open | Reason::Offered) => take(""),
            Some(_) => take("--wait"),
        }
    }
}
