//! The terminal of this process.
//!
//! Owns whether a stream is a terminal, and its width. Never writes to it.

use std::io::IsTerminal as _;

use super::Host;

/// Width in columns if nothing says otherwise.
const WIDTH_DEFAULT: usize = 100;

impl Host {
    /// Checks whether standard output is a terminal.
    pub fn stdout_is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Checks whether standard error is a terminal.
    pub fn stderr_is_terminal(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Returns the width of the terminal in columns, or `COLUMNS` if there is no terminal.
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
