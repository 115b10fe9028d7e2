//! Warnings that several use cases give.
//!
//! Owns the one line for records that could not be read. Never prints.

use crate::model::board::Board;
use crate::model::unreadable::Unreadable;

/// Returns one warning for all records that cannot be read; `doctor` has the details.
pub(crate) fn warn_unreadable(unreadable: &[Unreadable]) -> Vec<String> {
    let first = match unreadable {
        [] => return Vec::new(),
        [first, ..] => first,
    };
    let rest = match unreadable.len() - 1 {
        0 => String::new(),
        rest => format!(" (and {rest} more)"),
    };
    vec![format!(
        "unreadable records; treating their resources as held: {first}{rest}; see git presence doctor"
    )]
}

/// Returns the warnings about a board.
pub(crate) fn warnings(board: &Board) -> Vec<String> {
    warn_unreadable(&board.unreadable)
}
