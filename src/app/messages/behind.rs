//! A clock here that is behind those of other sessions.
//!
//! Owns by how much a message lasts longer because of that, and the warning. Never sets a clock,
//! never changes when a message says that it was sent.

use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::time::Timestamp;

/// From how many seconds on a clock counts as one that is behind.
const SKEW_SECS_MIN: u64 = 60;
/// By which steps a message lasts longer because of that.
const SKEW_STEP_SECS: u64 = 600;

/// Returns by how many seconds this clock seems to be behind: other sessions were heard of at a
/// time that is yet to come here. For them, the message is so much older than it is. A whole number
/// of [`SKEW_STEP_SECS`]; 0 for less than a minute, and for a time that no clock shows.
pub(super) fn behind_secs(board: &Board, me: &Actor, now: Timestamp) -> u64 {
    let others = board.sessions.iter().filter(|one| one.who.id != me.id);
    let seen = others.map(|one| one.seen_at);
    let seen = seen.filter(|at| !at.is_impossible(now));
    let ahead_secs = seen.map(|at| at.secs_since(now)).max().unwrap_or(0);
    match ahead_secs {
        0..SKEW_SECS_MIN => 0,
        secs => secs.next_multiple_of(SKEW_STEP_SECS),
    }
}

/// Returns the warning about a clock that is behind.
pub(super) fn warn_behind(secs: u64) -> Vec<String> {
    let warning = format!(
        "the clock here is up to {} min behind those of other sessions; the message lasts so much \
         longer",
        secs / 60
    );
    (secs > 0).then_some(warning).into_iter().collect()
}
