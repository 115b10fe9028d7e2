//! Text about records that could not be read, or that there was no time to read.
//!
//! Owns the wording. What a record or a parser said is in quotes. Never decides.

use std::fmt::Write as _;

use crate::model::text::quote;
use crate::model::unreadable::Unreadable;

/// What is said of a board that is too large to be read by a hook.
pub(super) const NOT_ALL_READ: &str = "not all of the board was read in the time that a hook has";
const REASON_BYTES_MAX: usize = 200;

/// Returns the text about records that could not be read, or that there was no time to read; `None`
/// if there are none. What they may hold is not free.
pub fn unreadable_briefing(unreadable: &[Unreadable]) -> Option<String> {
    let mut text = String::new();
    let (left, damaged): (Vec<&Unreadable>, Vec<&Unreadable>) =
        unreadable.iter().partition(|one| one.is_left_out());
    if !left.is_empty() {
        let _ = writeln!(
            text,
            "git presence: {NOT_ALL_READ}: another session may hold what looks free. To see all of \
             it: `git presence list --others`."
        );
    }
    if let Some(first) = damaged.first() {
        let (cannot, they) = match damaged.len() {
            1 => ("1 record cannot be read; what it".to_owned(), ""),
            count => (
                format!("{count} records cannot be read; what they"),
                "the first: ",
            ),
        };
        let first = first.to_string();
        let first = quote(&first, REASON_BYTES_MAX);
        let _ = writeln!(
            text,
            "git presence: {cannot} may hold is not free: {they}{first}. To see why: `git presence \
             doctor`."
        );
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::unreadable::{Defect, MayHold};

    #[test]
    fn what_was_not_read_is_told_and_quoted() {
        assert_eq!(unreadable_briefing(&[]), None);
        let newer = |n: u64| {
            let place = format!("refs/presence/sessions/x`{n}");
            Unreadable::new(&place, Defect::Newer { format: n }, MayHold::Anything)
        };
        let one = unreadable_briefing(&[newer(2)]).unwrap();
        assert!(one.contains("1 record cannot be read"), "{one}");
        assert!(!one.contains("x`"), "{one}");
        let all = [newer(2), newer(3)];
        let two = unreadable_briefing(&all).unwrap();
        assert!(two.contains("2 records cannot be read"), "{two}");
        assert!(two.contains("is not free: the first: "), "{two}");
        let defect = Defect::NotRead { records: 7 };
        let left = [Unreadable::new("x", defect, MayHold::Anything)];
        let left = unreadable_briefing(&left).unwrap();
        assert!(left.contains("not all of the board was read"), "{left}");
        assert!(
            !left.contains('7'),
            "it would be news at each change: {left}"
        );
    }
}
