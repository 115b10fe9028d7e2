//! The panes of tmux on this machine.
//!
//! Owns the one question that is asked of tmux, `list-panes`, and how its answer is read. Never
//! reads what a pane shows or what it is called, types into one, or starts a server.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::panes::is_pane;
use super::{Host, Job};
use crate::clock::Clock as _;

/// What is asked of each pane. The name of a session stands last: it may have spaces.
const FORMAT: &str = "#{pane_pid} #{pane_id} #{session_name}";
/// How long tmux may take.
const WAIT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(2);
/// How much of its answer is read, and how long a line of it may be.
const BYTES_MAX: usize = 1 << 20;
const LINE_BYTES_MAX: usize = 4096;

/// A pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pane {
    /// The process that it was started with.
    pub pid: u32,
    /// Its id: `%3`.
    pub id: String,
    /// The name of the session of tmux that it belongs to.
    pub session: String,
}

impl Host {
    /// Returns the panes of the server of tmux that this process would reach. Nothing if there is
    /// no server, or it does not answer.
    pub fn panes(&self) -> Vec<Pane> {
        if !self.tmux_socket().is_some_and(|socket| socket.exists()) {
            return Vec::new();
        }
        let words = ["tmux", "list-panes", "-a", "-F", FORMAT];
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let started = Job::start(&words, &[], Path::new("/"), Vec::new(), BYTES_MAX);
        let Ok(mut job) = started else {
            return Vec::new();
        };
        let until = self.elapsed() + WAIT;
        while self.elapsed() < until {
            if let Some(ended) = job.ended() {
                return match ended.code {
                    Some(0) => read(&ended.head),
                    _ => Vec::new(),
                };
            }
            self.sleep_for(POLL);
        }
        Vec::new()
    }

    #[cfg(unix)]
    fn tmux_socket(&self) -> Option<PathBuf> {
        if let Some(set) = self.env("TMUX") {
            return set.split(',').next().map(PathBuf::from);
        }
        let above = self.env("TMUX_TMPDIR").unwrap_or_else(|| "/tmp".to_owned());
        let user = rustix::process::getuid().as_raw();
        Some(PathBuf::from(above).join(format!("tmux-{user}/default")))
    }

    #[cfg(not(unix))]
    fn tmux_socket(&self) -> Option<PathBuf> {
        None
    }
}

/// Reads what tmux answered. What is no line of it is left out: a name can have a line end.
fn read(answer: &[u8]) -> Vec<Pane> {
    let lines = answer.split(|byte| *byte == b'\n');
    let short = lines.filter(|line| line.len() <= LINE_BYTES_MAX);
    let read = |line: &[u8]| {
        let line = String::from_utf8_lossy(line).into_owned();
        let mut parts = line.splitn(3, ' ');
        Some(Pane {
            pid: parts.next()?.parse().ok().filter(|pid| *pid > 1)?,
            id: parts.next().filter(|id| is_pane(id))?.to_owned(),
            session: parts.next()?.to_owned(),
        })
    };
    short.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_are_read_and_anything_else_is_left_out() {
        let pane = |pid, id: &str, session: &str| Pane {
            pid,
            id: id.to_owned(),
            session: session.to_owned(),
        };
        let long = format!("9 %9 {}", "x".repeat(100 << 10));
        let odd = [
            "12 %0 agents",
            "13 %1 two words\tand \u{1b}[31m",
            "",
            "no pane",
            "14 5 agents",
            "-3 %3 agents",
            "0 %3 agents",
            "1 %3 agents",
            "15 %x agents",
            "99999999999 %3 agents",
            &long,
            "16 %2 last",
        ];
        let answer = odd.join("\n");
        assert_eq!(
            read(answer.as_bytes()),
            [
                pane(12, "%0", "agents"),
                pane(13, "%1", "two words\tand \u{1b}[31m"),
                pane(16, "%2", "last"),
            ]
        );
        assert_eq!(
            read(b"\xff\xfe\n12 %0 a\xff"),
            [pane(12, "%0", "a\u{fffd}")]
        );
        assert!(read(b"").is_empty());
    }
}
