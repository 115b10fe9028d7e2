//! Warnings that several use cases give.
//!
//! Owns the one line for records that could not be read. Never prints.

use crate::model::board::Board;
use crate::model::unreadable::Unreadable;

/// One line for all records that could not be read; details are the doctor's.
pub fn warn_unreadable(unreadable: &[Unreadable]) -> Vec<String> {
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

pub fn warnings(board: &Board) -> Vec<String> {
    warn_unreadable(&board.unreadable)
}
