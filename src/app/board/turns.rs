//! Turns at a glance, for `status` and the boards: who has each, who is next, what was passed.
//!
//! Owns which rooms are shown and in which order ([`of_board`]). Never decides who gets a turn,
//! never writes.

use std::collections::BTreeMap;

use crate::app::claims::handoffs::{Left, left_at};
use crate::app::claims::offers::Open;
use crate::app::claims::{arbiter, gone};
use crate::app::turns::look::Standing;
use crate::context::Context;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::holding::{Asker, Holding};
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::turn::{MAIN, is_turn};

/// The most rooms of which what was passed is read.
const LEFT_MAX: usize = 16;

/// A turn, as the session that asks sees it.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The turn: `turn:<room>`.
    pub resource: Resource,
    /// Who has it.
    pub standing: Standing,
    /// Whether it is the turn of the session that asks.
    pub is_mine: bool,
    /// Whether it is offered to the session that asks.
    pub is_offered_to_me: bool,
    /// The sessions that wait for it, in their order.
    pub queue: Vec<Holding>,
    /// What the last holder left.
    pub left: Option<Left>,
}

/// Returns the turns that a session has, waits for, is offered or has frozen; and that of the main
/// room, if something was left there. Those that concern the session that asks come first.
pub fn of_board(context: &Context, board: &Board, offers: &[Open], now: Timestamp) -> Vec<Turn> {
    let me = context.asker();
    let mut rooms = Rooms::default();
    // A lock that has expired and cannot be taken over is not free.
    let locks = board.locks.iter().filter(|lock| is_turn(&lock.resource));
    for lock in locks {
        if lock.is_live(now) || !arbiter::can_be_taken_over(context, lock) {
            let mut held = vec![Holding::of_lock(lock)];
            gone::mark(context, &mut held);
            rooms.hold(held.pop());
        }
    }
    for offer in offers {
        rooms.offer(offer);
    }
    for frozen in board.frozen(now) {
        rooms.hold(Some(frozen).filter(|held| !me.owns(held)));
    }
    let live = board.live(now).into_iter();
    for waiter in live.filter(|held| held.mode == Mode::Waiting) {
        rooms.queue(waiter);
    }
    if let Ok(main) = Resource::parse(MAIN) {
        rooms.add(&main);
    }
    rooms.in_order(context, &me)
}

/// The rooms by their labels.
#[derive(Default)]
struct Rooms(BTreeMap<String, Turn>);

impl Rooms {
    fn add(&mut self, resource: &Resource) -> Option<&mut Turn> {
        if !is_turn(resource) {
            return None;
        }
        let label = resource.label().to_owned();
        Some(self.0.entry(label).or_insert_with(|| Turn {
            resource: resource.clone(),
            standing: Standing::Free,
            is_mine: false,
            is_offered_to_me: false,
            queue: Vec::new(),
            left: None,
        }))
    }

    /// Notes who has it; the first one counts.
    fn hold(&mut self, held: Option<Holding>) {
        if let Some(held) = held
            && let Some(turn) = self.add(&held.resource)
            && matches!(turn.standing, Standing::Free)
        {
            turn.standing = Standing::Held(Box::new(held));
        }
    }

    fn offer(&mut self, open: &Open) {
        if let Some(turn) = self.add(&open.offered.resource)
            && matches!(turn.standing, Standing::Free)
        {
            turn.standing = Standing::Offered(Box::new(open.offered.clone()));
            turn.is_offered_to_me = open.is_mine;
        }
    }

    fn queue(&mut self, waiter: Holding) {
        if let Some(turn) = self.add(&waiter.resource) {
            turn.queue.push(waiter);
        }
    }

    fn in_order(self, context: &Context, me: &Asker) -> Vec<Turn> {
        let mut turns: Vec<Turn> = self.0.into_values().collect();
        for turn in &mut turns {
            turn.queue
                .sort_by(|a, b| (a.claimed_at, &a.session).cmp(&(b.claimed_at, &b.session)));
            turn.is_mine = matches!(&turn.standing, Standing::Held(held) if me.owns(held));
        }
        turns.sort_by_key(|turn| {
            let waits = turn.queue.iter().any(|one| me.owns(one));
            (!turn.is_mine, !turn.is_offered_to_me, !waits)
        });
        for turn in turns.iter_mut().take(LEFT_MAX) {
            turn.left = left_at(context, std::slice::from_ref(&turn.resource)).pop();
        }
        turns.retain(Turn::is_worth_a_line);
        turns
    }
}

impl Turn {
    fn is_worth_a_line(&self) -> bool {
        !matches!(self.standing, Standing::Free) || !self.queue.is_empty() || self.left.is_some()
    }
}
