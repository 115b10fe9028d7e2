//! The pane of a terminal multiplexer that a process was started in.
//!
//! Owns how it is read from the environment of the process. Never asks the multiplexer, never reads
//! what a pane shows.

use super::Host;
use crate::model::actor::Process;
use crate::model::time::Timestamp;

/// The variable that tmux sets for what it starts in a pane.
#[cfg(target_os = "linux")]
const PANE: &str = "TMUX_PANE";

impl Host {
    /// Returns the pane of tmux in which a process of this machine runs, last heard of at
    /// `seen_at`: `%3`. `None` if it runs in none, or that may not be known.
    #[cfg(target_os = "linux")]
    pub fn pane_of(&self, process: &Process, seen_at: Timestamp) -> Option<String> {
        if !self.is_running(process, seen_at) {
            return None;
        }
        let set = super::process::environment(&process.pid.to_string(), &[PANE])?;
        set.get(PANE).filter(|pane| is_pane(pane)).cloned()
    }

    /// Not known here.
    #[cfg(not(target_os = "linux"))]
    pub fn pane_of(&self, _: &Process, _: Timestamp) -> Option<String> {
        None
    }
}

/// Returns true for the id of a pane: `%` and a number. A process can set any text.
pub(super) fn is_pane(text: &str) -> bool {
    let digits = text.strip_prefix('%').unwrap_or_default();
    (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_pane_is_a_number() {
        assert!(is_pane("%0") && is_pane("%123456789"));
        for bad in [
            "",
            "%",
            "3",
            "%x",
            "%-1",
            "% 1",
            "%1\n",
            "%1234567890",
            "\u{1b}[1m",
        ] {
            assert!(!is_pane(bad), "{bad:?}");
        }
    }
}
