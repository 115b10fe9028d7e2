//! The terminal of this process.
//!
//! Owns whether a stream is a terminal, its width, and whether its reader is gone. Never
//! writes to it.

use std::io::IsTerminal as _;

use super::Host;

/// Width in columns of a terminal that does not say it.
const WIDTH_DEFAULT: usize = 100;
/// Nothing is cut in a pipe: programs read it, and agents.
const WIDTH_OF_A_PIPE: usize = 65_535;

impl Host {
    /// Checks whether standard output is a terminal.
    pub fn stdout_is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Checks whether standard input is a terminal.
    pub fn stdin_is_terminal(&self) -> bool {
        std::io::stdin().is_terminal()
    }

    /// Returns how many lines the terminal has; what `LINES` says, if standard output is none.
    pub fn height(&self) -> Option<u16> {
        match terminal_size::terminal_size() {
            Some((_, height)) if self.stdout_is_terminal() => Some(height.0),
            _ => self.env("LINES").and_then(|text| text.parse().ok()),
        }
    }

    /// Checks whether standard error is a terminal.
    pub fn stderr_is_terminal(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Checks whether what standard output is written to is gone: a pipe that no process reads any
    /// more. False where that cannot be known.
    #[cfg(unix)]
    pub fn stdout_is_closed(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let out = std::io::stdout();
        let mut asked = [PollFd::new(&out, PollFlags::empty())];
        let at_once = Timespec::default();
        let is_answered = poll(&mut asked, Some(&at_once)).is_ok();
        is_answered
            && asked[0]
                .revents()
                .intersects(PollFlags::ERR | PollFlags::HUP)
    }

    /// Checks whether what standard output is written to is gone; not known here.
    #[cfg(not(unix))]
    pub fn stdout_is_closed(&self) -> bool {
        false
    }

    /// Returns the width of the terminal in columns; what `COLUMNS` says, if standard output is
    /// none, or as good as no limit.
    pub fn width(&self) -> usize {
        let columns = self.env("COLUMNS").and_then(|text| text.parse().ok());
        if !self.stdout_is_terminal() {
            return columns.unwrap_or(WIDTH_OF_A_PIPE);
        }
        match terminal_size::terminal_size() {
            Some((width, _)) if width.0 > 0 => width.0.into(),
            _ => columns.unwrap_or(WIDTH_DEFAULT),
        }
    }
}
