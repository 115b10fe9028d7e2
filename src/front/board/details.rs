//! All of a row, in lines that fit the terminal.
//!
//! Owns how they are wrapped, which both the drawing and the scrolling go by. Never draws.

use super::sections::Row;
use crate::output::cut::wrap;

/// Returns the details of a row in lines of at most this many columns.
pub(super) fn of(row: Option<&Row>, columns: u16) -> Vec<String> {
    row.map_or_else(Vec::new, |row| wrapped(&row.details, columns))
}

/// Returns lines of at most this many columns.
pub(super) fn wrapped(lines: &[String], columns: u16) -> Vec<String> {
    let columns = usize::from(columns).max(1);
    lines.iter().flat_map(|line| wrap(line, columns)).collect()
}
