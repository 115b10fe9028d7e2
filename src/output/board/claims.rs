//! Claims at a glance, as `status` shows them: a row each.
//!
//! Owns the columns and which give way in a narrow terminal. Never decides which claims conflict.

use crate::app::board::status::Status;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::output::present::Terminal;
use crate::output::style::{BOLD, DIM, WARN};
use crate::output::table::Table;

/// Below this many columns, an end is told by how far away it is.
const NARROW: usize = 110;
/// How wide a label and a session are at least, unless they are shorter.
const RESOURCE_MIN: usize = 28;
const SESSION_MIN: usize = 16;

/// Returns a row for each claim: what, how, who, until when and why. Each is of the session that
/// asks or of others, and comes with whether it conflicts with another one.
pub(super) fn rows(
    claims: &[(&Holding, bool)],
    status: &Status,
    terminal: &Terminal,
) -> Vec<String> {
    let when = terminal.when(status.now);
    let mut mine = Table::new(&["", "", "", "", ""])
        .cutting_in_the_middle(&[(1, RESOURCE_MIN)])
        .keeping(&[1, 3, 2])
        .giving_way(&[], &[4, 2]);
    let mut theirs = Table::new(&["", "", "", "", "", ""])
        .cutting_in_the_middle(&[(1, RESOURCE_MIN), (3, SESSION_MIN)])
        .keeping(&[1, 3, 4, 2])
        .giving_way(&[], &[5, 2, 3]);
    for (h, is_contested) in claims {
        let is_mine = status.me.owns(h);
        let table = if is_mine { &mut mine } else { &mut theirs };
        let style = match (is_contested, h.mode) {
            (true, _) => WARN,
            (false, Mode::Waiting) => DIM,
            (false, _) => BOLD,
        };
        let cell = |table: &mut Table<'_>, style, text: &dyn std::fmt::Display| match terminal
            .has_styles()
        {
            true => table.styled(style, text),
            false => table.cell(text),
        };
        cell(table, WARN, &if *is_contested { "!" } else { "" });
        cell(table, style, &h.resource);
        let gone = if h.is_gone { "gone, " } else { "" };
        let unsent = if h.confirmed { "" } else { " (not sent yet)" };
        table.cell(format_args!("{gone}{}{unsent}", h.mode.as_str()));
        if !is_mine {
            table.cell(&h.session);
        }
        match terminal.width < NARROW {
            true => table.cell(format_args!("{} left", when.left(h.expires_at))),
            false => table.cell(format_args!("until {}", when.both(h.expires_at))),
        }
        table.cell(&h.purpose);
    }
    let (mut rows, theirs) = (mine.rows(terminal.width), theirs.rows(terminal.width));
    rows.extend(theirs);
    rows
}
