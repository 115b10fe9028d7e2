//! Whether the code here lacks what the last holder of a resource had.
//!
//! Owns the question: it is asked of the repository of the code, and only if that keeps the board.
//! Never fetches.

use crate::context::Context;
use crate::model::departure::{Lack, Moved};
use crate::model::id::SessionId;
use crate::model::resource::Resource;

/// Returns what the code here lacks of the last session besides `me` that claimed any of
/// `resources`; `None` if it lacks nothing, or that cannot be told.
pub fn since_last_holder(
    context: &Context,
    me: &SessionId,
    resources: &[Resource],
) -> Option<Moved> {
    let code = context.code.as_ref()?;
    if !context.keeps_its_own_board {
        return None;
    }
    let last = context.ledger.last_departure(me, resources, context.now());
    let last = last.ok().flatten()?;
    if code.git.descends_from(&last.commit).ok()? {
        return None;
    }
    let lack = match code.git.has_commit(&last.commit).ok()? {
        true if last.branch.as_deref() != context.branch() => return None,
        true => Lack::NotMerged,
        false => Lack::Absent,
    };
    Some(Moved { last, lack })
}
