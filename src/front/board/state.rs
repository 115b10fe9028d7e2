//! The state of the board, and what events make of it: [`update`].
//!
//! Owns which row is selected, what the keys mean in each mode, and that nothing is written without
//! a question. Pure: an event and a state give a state and effects. Never draws, reads or writes.

use super::details;
use super::sections::{Addressee, Row, Screen};
use crate::model::message::MessageId;
use crate::model::resource::Resource;

/// How far a page key goes.
const PAGE: usize = 10;
/// The most characters that are typed; a message has at most 8 KiB.
const TYPED_MAX: usize = 2000;

/// A key, as far as the board knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A character.
    Char(char),
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first row.
    Home,
    /// The last row.
    End,
    /// The next section.
    NextSection,
    /// The section before.
    SectionBefore,
    /// All of a row; the end of what is typed.
    Enter,
    /// Back.
    Escape,
    /// One character less.
    Backspace,
    /// Ends the board, whatever is open.
    Interrupt,
}

/// What happens to the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A key was pressed.
    Key(Key),
    /// The terminal has this many columns and lines.
    Resized(u16, u16),
    /// The board was read.
    Read(Box<Screen>),
    /// What was asked for was done, or was not; in one line.
    Said(String),
}

/// What the board asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Send a message.
    Tell {
        /// To whom.
        to: String,
        /// What it says.
        text: String,
        /// The message that it answers.
        reply_to: Option<MessageId>,
    },
    /// Release a claim of the session that asks.
    Release(Resource),
    /// End.
    Quit,
}

/// What the keys are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Moving among the rows.
    #[default]
    Rows,
    /// Typing a filter.
    Filter,
    /// Reading all of a row, from a line on.
    Details(usize),
    /// Reading what the keys do.
    Keys,
    /// Typing a message.
    Write(Addressee, String),
    /// Answering whether something is done.
    Ask(String, Effect),
    /// One frame is printed, and no key is read.
    Still,
}

/// The state of the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// What was read.
    pub(super) screen: Screen,
    /// What the keys are for.
    pub(super) mode: Mode,
    /// Which rows are shown.
    pub(super) filter: String,
    /// The key of the selected row, and its place among those that are shown.
    pub(super) selected: (String, usize),
    /// What was done last, or why not.
    pub(super) said: String,
    /// The columns and lines of the terminal.
    pub(super) size: (u16, u16),
}

impl State {
    /// Returns what is shown.
    pub(super) fn shown(&self) -> Screen {
        self.screen.filtered(&self.filter)
    }

    /// Returns the selected row.
    pub(super) fn row(&self) -> Option<Row> {
        self.shown().rows().nth(self.selected.1).cloned()
    }

    /// Selects the row of the same key; if it is gone, the one in its place.
    fn find_again(&mut self) {
        let shown = self.shown();
        let is_it = |row: &Row| row.key == self.selected.0;
        let at = shown.rows().position(is_it);
        let at = at.unwrap_or(self.selected.1);
        self.select(&shown, at);
    }

    fn select(&mut self, shown: &Screen, at: usize) {
        let last = shown.rows().count().saturating_sub(1);
        let at = at.min(last);
        let key = shown.rows().nth(at).map(|row| row.key.clone());
        self.selected = (key.unwrap_or_default(), at);
    }
}

/// Returns what an event makes of the state, and what is to be done.
pub(super) fn update(state: &mut State, event: Event) -> Option<Effect> {
    match event {
        Event::Resized(columns, lines) => {
            state.size = (columns, lines);
            None
        }
        Event::Said(line) => {
            state.said = line;
            None
        }
        Event::Read(screen) => {
            state.screen = *screen;
            state.find_again();
            None
        }
        Event::Key(Key::Interrupt) => Some(Effect::Quit),
        Event::Key(key) => {
            state.said.clear();
            match std::mem::take(&mut state.mode) {
                Mode::Rows => in_rows(state, key),
                Mode::Filter => {
                    in_filter(state, key);
                    None
                }
                Mode::Details(line) => {
                    in_details(state, line, key);
                    None
                }
                Mode::Keys | Mode::Still => None,
                Mode::Write(to, text) => {
                    in_writing(state, (to, text), key);
                    None
                }
                Mode::Ask(question, effect) => in_question(state, (question, effect), key),
            }
        }
    }
}

fn in_rows(state: &mut State, key: Key) -> Option<Effect> {
    let shown = state.shown();
    let at = state.selected.1;
    let (start, end) = shown.span_of(at);
    let to = match key {
        Key::Up | Key::Char('k') => at.saturating_sub(1),
        Key::Down | Key::Char('j') => at + 1,
        Key::PageUp => at.saturating_sub(PAGE),
        Key::PageDown | Key::Char(' ') => at + PAGE,
        Key::Home | Key::Char('g') => 0,
        Key::End | Key::Char('G') => usize::MAX,
        Key::NextSection => end,
        Key::SectionBefore => shown.span_of(start.saturating_sub(1)).0,
        _ => return act(state, key),
    };
    state.select(&shown, to);
    None
}

fn act(state: &mut State, key: Key) -> Option<Effect> {
    let row = state.row();
    match (key, row) {
        (Key::Char('q'), _) => return Some(Effect::Quit),
        (Key::Escape, _) => {
            state.filter.clear();
            state.find_again();
        }
        (Key::Char('/'), _) => state.mode = Mode::Filter,
        (Key::Char('?'), _) => state.mode = Mode::Keys,
        (Key::Enter, Some(_)) => state.mode = Mode::Details(0),
        (Key::Char('t'), Some(row)) => match row.to {
            Some(to) => state.mode = Mode::Write(to, String::new()),
            None => state.said = "no other session is in this row".to_owned(),
        },
        (Key::Char('r'), Some(row)) => match row.release {
            Some(resource) => {
                let question = format!("Release {}?", row.name);
                state.mode = Mode::Ask(question, Effect::Release(resource));
            }
            None => state.said = "only a claim of yours can be released here".to_owned(),
        },
        _ => {}
    }
    None
}

fn in_filter(state: &mut State, key: Key) {
    state.mode = Mode::Filter;
    match key {
        Key::Enter => state.mode = Mode::Rows,
        Key::Escape => {
            state.filter.clear();
            state.mode = Mode::Rows;
        }
        _ => typed(&mut state.filter, key),
    }
    state.find_again();
}

fn in_details(state: &mut State, line: usize, key: Key) {
    let line = match key {
        Key::Up | Key::Char('k') => line.saturating_sub(1),
        Key::Down | Key::Char('j') => line + 1,
        Key::PageUp => line.saturating_sub(PAGE),
        Key::PageDown | Key::Char(' ') => line + PAGE,
        Key::Home | Key::Char('g') => 0,
        Key::Enter | Key::Escape | Key::Char('q') => return,
        // What can be done with the row can be done here as well.
        Key::Char('t' | 'r') => {
            let _ = act(state, key);
            return;
        }
        _ => line,
    };
    let (columns, height) = state.size;
    let lines = details::of(state.row().as_ref(), columns).len();
    // What fits need not move; the last line is at the end at most.
    let seen = usize::from(height.saturating_sub(2)).max(1);
    state.mode = Mode::Details(line.min(lines.saturating_sub(seen)));
}

fn in_writing(state: &mut State, (to, mut text): (Addressee, String), key: Key) {
    match key {
        Key::Escape => state.said = "nothing was sent".to_owned(),
        Key::Enter if text.trim().is_empty() => state.said = "nothing was sent".to_owned(),
        Key::Enter => {
            let question = format!("Send it to {}?", to.session);
            let effect = Effect::Tell {
                to: to.session,
                text,
                reply_to: to.reply_to,
            };
            state.mode = Mode::Ask(question, effect);
        }
        _ => {
            typed(&mut text, key);
            state.mode = Mode::Write(to, text);
        }
    }
}

fn in_question(state: &mut State, asked: (String, Effect), key: Key) -> Option<Effect> {
    match key {
        Key::Char('y' | 'Y') => return Some(asked.1),
        Key::Char('n' | 'N' | 'q') | Key::Escape => state.said = "nothing was done".to_owned(),
        // A key that was meant for something else is no answer.
        _ => state.mode = Mode::Ask(asked.0, asked.1),
    }
    None
}

fn typed(text: &mut String, key: Key) {
    match key {
        Key::Char(c) if !c.is_control() && text.chars().count() < TYPED_MAX => text.push(c),
        Key::Backspace => {
            text.pop();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
