//! The terminal.
//!
//! Owns whether a stream is one, and its width. Never writes to it.

use std::io::IsTerminal as _;

use super::Host;

const WIDTH_DEFAULT: usize = 100;

impl Host {
    pub fn stdout_is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    pub fn stderr_is_terminal(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Columns of the terminal; `COLUMNS` counts where there is none.
    pub fn width(&self) -> usize {
        if let Some((width, _)) = terminal_size::terminal_size()
            && width.0 > 0
        {
            return width.0.into();
        }
        let columns = self.env("COLUMNS").and_then(|text| text.parse().ok());
        columns.unwrap_or(WIDTH_DEFAULT)
    }
}
