//! Colours and weights of the board: [`Look`].
//!
//! Owns the style of each kind of row and line. Colour never carries meaning alone: each kind has a
//! sign as well. Never knows where a line stands.

use ratatui::style::{Color, Modifier, Style};

use super::sections::Mark;

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Colours besides weights.
    pub(super) has_color: bool,
}

impl Look {
    fn colored(self, color: Color) -> Style {
        match self.has_color {
            true => Style::new().fg(color),
            false => Style::new(),
        }
    }

    /// Returns the style of the first line.
    pub(super) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    /// Returns the style of the name of a section.
    pub(super) fn heading(self) -> Style {
        self.colored(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of what a reader looks for.
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Returns the style of what matters less.
    pub(super) fn quiet(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Returns the style of what needs attention.
    pub(super) fn trouble(self) -> Style {
        self.colored(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of the selected row.
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Returns the style of what a row is about.
    pub(super) fn of(self, mark: Mark) -> Style {
        match mark {
            Mark::Trouble => self.trouble(),
            Mark::ForMe => self.colored(Color::Magenta).add_modifier(Modifier::BOLD),
            Mark::Mine => self.colored(Color::Green).add_modifier(Modifier::BOLD),
            Mark::Plain => self.strong(),
            Mark::Quiet => self.quiet(),
        }
    }
}
