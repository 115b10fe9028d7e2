//! Sessions that wait for what another session holds, and that the holder is told of them.
//!
//! Owns which sessions wait ([`waiters`]), and that a holder of this clone is told of each of them
//! once for each claim: the note is left when the other one takes its place in the queue, or when a
//! sync brings that place. Never decides whose turn it is.

use crate::app::claims::arbiter;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::news::News;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

/// What stands in the id of a session that ends with its command, and is told nothing.
const OF_A_COMMAND: &str = "+run-";

/// Returns the places of other sessions than `me` in the queue for any of `resources`, in the order
/// of the queue.
pub fn waiters(
    board: &Board,
    me: &SessionId,
    resources: &[Resource],
    now: Timestamp,
) -> Vec<Holding> {
    let mut waiting = board.live(now);
    waiting.retain(|held| {
        held.mode == Mode::Waiting
            && held.session != *me
            && resources.iter().any(|one| one.overlaps(&held.resource))
    });
    waiting.sort_by(|a, b| (a.claimed_at, &a.session).cmp(&(b.claimed_at, &b.session)));
    waiting
}

/// Tells the holders of this clone who waits for what they hold, as far as `board` shows it. What
/// cannot be noted is not told.
pub fn tell_holders(context: &Context, board: &Board) {
    let Some(node) = context.ledger.node() else {
        return;
    };
    let now = context.now();
    let live = board.live(now);
    let (waiting, mut held): (Vec<Holding>, Vec<Holding>) =
        live.into_iter().partition(|one| one.mode == Mode::Waiting);
    held.retain(|one| one.node == node && !one.session.as_str().contains(OF_A_COMMAND));
    for waiter in &waiting {
        let meets = |one: &&Holding| {
            one.session != waiter.session && one.resource.overlaps(&waiter.resource)
        };
        for holder in held.iter().filter(meets) {
            if is_new(context, holder, waiter) {
                let news = News::WaitedFor {
                    resource: holder.resource.clone(),
                    by: waiter.session.clone(),
                    at: waiter.claimed_at,
                };
                let _ = context.ledger.news(&holder.session).append(&[news]);
            }
        }
    }
}

/// Notes that the holder of `mine` is told now who waits for it.
pub fn note_told(context: &Context, mine: &[Holding], waiting: &[Holding]) {
    for holder in mine {
        let meets = |one: &&Holding| one.resource.overlaps(&holder.resource);
        for waiter in waiting.iter().filter(meets) {
            is_new(context, holder, waiter);
        }
    }
}

fn is_new(context: &Context, holder: &Holding, waiter: &Holding) -> bool {
    let claim = format!("{} {}", holder.resource, holder.claimed_at.as_millis());
    let notices = context.ledger.notices();
    let is_new = notices.is_new_waiter(&holder.session, &waiter.session, &claim);
    is_new.unwrap_or(false)
}

/// Drops the news that sessions wait for what `me` does not hold any more, or that they do not wait
/// any more.
pub fn still_waiting(context: &Context, me: &Actor, news: &mut Vec<News>) -> Result<(), Failure> {
    let is_about_one = |one: &News| matches!(one, News::WaitedFor { .. });
    if !news.iter().any(is_about_one) {
        return Ok(());
    }
    let locks = arbiter::locks_of(context, me)?.into_iter();
    let mut mine: Vec<Resource> = locks.map(|lock| lock.resource).collect();
    let session = context.ledger.sessions().get(me)?;
    let claims = session.into_iter().flat_map(|session| session.claims);
    mine.extend(
        claims
            .filter(|one| one.mode.holds())
            .map(|one| one.resource),
    );
    let board = context.ledger.board_about(&mine)?;
    let waiting = waiters(&board, &me.id, &mine, context.now());
    news.retain(|one| match one {
        News::WaitedFor { resource, by, .. } => {
            let mut waiting = waiting.iter();
            mine.contains(resource)
                && waiting.any(|w| w.session == *by && w.resource.overlaps(resource))
        }
        _ => true,
    });
    Ok(())
}
