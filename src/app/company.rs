//! Whether other sessions are here: what a wait is worth.
//!
//! Owns the question and the line that is said. Never prints.

use crate::context::Context;
use crate::model::id::SessionId;

/// What is said where no other session is here.
pub(crate) const ALONE: &str = "no other session is here now: git presence sessions";

/// Returns true if no other session is live, as far as is known.
pub(crate) fn is_alone(context: &Context) -> bool {
    let (now, me) = (context.now(), context.asker());
    context.ledger.board().is_ok_and(|board| {
        let is_me = |id: &SessionId, node| *id == me.id && Some(node) == me.node;
        let mut sessions = board.sessions.iter().filter(|one| one.is_live(now));
        let mut locks = board.locks.iter().filter(|one| one.is_live(now));
        board.unreadable.is_empty()
            && sessions.all(|one| is_me(&one.who.id, one.who.node))
            && locks.all(|one| is_me(&one.holder.id, one.holder.node))
    })
}
