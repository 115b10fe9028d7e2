//! The board in a terminal: [`execute`].
//!
//! Owns what becomes of it where there is no terminal: one frame as text if that is asked for, or
//! what `list` prints. In a terminal, an event and a state give a state (`state`), a state gives a
//! frame (`view`), and a thin loop joins them (`live`). Writes nothing but messages and releases of
//! the session that asks, each after a question.

mod act;
mod details;
mod frame;
mod keys;
mod live;
mod look;
#[cfg(test)]
mod picture;
mod rows;
mod screen;
mod sections;
mod sessions;
mod shares;
mod state;
mod tasks;
mod view;

use crate::app::board::{list, status};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::output::{Present, Terminal};
use frame::{Frame, Left};
use look::Look;

/// What the board is opened with.
pub struct Opened<'o> {
    /// The context to read with.
    pub context: Context,
    /// Opens one to write with.
    pub to_write: &'o dyn Fn() -> Result<Context, Failure>,
    /// What texts are fitted to.
    pub terminal: Terminal,
    /// Whether one frame is printed.
    pub once: bool,
    /// Whether the answer is for programs.
    pub json: bool,
}

/// Shows the board until it is left; without a terminal, what is claimed.
///
/// # Errors
///
/// The board cannot be read, or the terminal cannot be used.
pub fn execute(opened: &Opened<'_>) -> Result<Box<dyn Present>, Failure> {
    let host = opened.context.host;
    if opened.once {
        let status = status::execute(&opened.context)?;
        return Ok(Box::new(Frame::of(status, host.height())));
    }
    let is_dumb = host.env("TERM").is_none_or(|term| term == "dumb");
    let is_terminal = host.stdout_is_terminal() && host.stdin_is_terminal();
    if opened.json || is_dumb || !is_terminal {
        return Ok(Box::new(list::execute(
            &opened.context,
            &list::Filter::default(),
        )?));
    }
    let look = Look {
        has_color: opened.terminal.has_styles() && host.env("NO_COLOR").is_none(),
    };
    let screen = screen::Screen::take(look).map_err(|error| {
        Failure::new(Kind::Broken, error).hint("print one frame instead: git presence board --once")
    })?;
    live::run(opened, screen)?;
    Ok(Box::new(Left))
}
