//! One frame of the board as text, and the end of a board: [`Frame`], [`Left`].
//!
//! Owns how high a frame is that is printed. Its JSON is that of `status`. Never prints.

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use serde_json::Value;

use super::look::Look;
use super::rows::screen;
use super::state::{Mode, State};
use super::view::{height, view};
use crate::app::board::status::Status;
use crate::output::{Present, Terminal};

/// The width of a frame where there is no terminal and none is said.
const WIDTH_DEFAULT: usize = 100;
/// The widest frame, and the highest.
const WIDTH_MAX: usize = 400;
const HEIGHT_MAX: u16 = 1000;

/// One frame.
pub(super) struct Frame {
    status: Status,
    /// How many lines the terminal has.
    height: Option<u16>,
}

impl Frame {
    /// Takes what is shown, and how many lines there are; without a limit nothing is left out.
    pub(super) fn of(status: Status, height: Option<u16>) -> Self {
        Self { status, height }
    }
}

impl Present for Frame {
    fn text(&self, terminal: &Terminal) -> String {
        let columns = match terminal.width {
            columns if columns > WIDTH_MAX => WIDTH_DEFAULT,
            columns => columns.max(1),
        };
        let columns = u16::try_from(columns).unwrap_or(u16::MAX);
        let state = State {
            screen: screen(&self.status, &terminal.when(self.status.now)),
            mode: Mode::Still,
            ..State::default()
        };
        // The prompt stands in the last line of a terminal.
        let lines = self.height.map(|lines| lines.saturating_sub(1));
        let needed = height(&state.screen, columns);
        let lines = needed.min(lines.unwrap_or(HEIGHT_MAX)).max(1);
        text(&drawn(&state, (columns, lines)))
    }

    fn json(&self) -> Value {
        self.status.json()
    }

    fn exit_code(&self) -> u8 {
        self.status.exit_code()
    }
}

/// Draws a state without a terminal.
pub(super) fn drawn(state: &State, (columns, lines): (u16, u16)) -> Buffer {
    let look = Look { has_color: true };
    let backend = TestBackend::new(columns, lines);
    // Drawing into memory does not fail.
    let Ok(mut terminal) = ratatui::Terminal::new(backend);
    let Ok(_) = terminal.draw(|frame| view(state, look, frame));
    terminal.backend().buffer().clone()
}

/// Returns a frame without its styles.
pub(super) fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for line in buffer
        .content()
        .chunks(usize::from(buffer.area.width).max(1))
    {
        let mut cells = line.iter();
        let mut text = String::new();
        while let Some(cell) = cells.next() {
            text.push_str(cell.symbol());
            // A wide character has an empty cell behind it.
            for _ in 1..crate::output::cut::width(cell.symbol()) {
                let _ = cells.next();
            }
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// The board was left.
pub(super) struct Left;

impl Present for Left {
    fn text(&self, _: &Terminal) -> String {
        String::new()
    }

    fn json(&self) -> Value {
        Value::Null
    }
}
