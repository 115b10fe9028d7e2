//! A line that shows that something goes on, for whoever sits at a terminal.
//!
//! Owns when it appears (after a second) and that nothing of it stays. Never knows what goes on.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::stream::print_err;
use crate::config::ColorWhen;

const STEP: Duration = Duration::from_secs(1);
/// Back to the beginning of the line, and clear it.
const CLEAR: &str = "\r\x1b[K";

/// Shown until it is dropped.
#[must_use = "it ends when it is dropped"]
pub struct Progress {
    stop: Option<Sender<()>>,
    shown: Option<JoinHandle<()>>,
}

impl Progress {
    /// Show after a second that `what` goes on, and for how long.
    pub fn begin(what: &'static str) -> Self {
        let (stop, stopped) = mpsc::channel();
        let shown = std::thread::spawn(move || {
            let mut secs = 0;
            while stopped.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
                secs += 1;
                print_err(&format!("{CLEAR}{what}, {secs} s"), ColorWhen::Always);
            }
            if secs > 0 {
                print_err(CLEAR, ColorWhen::Always);
            }
        });
        Self {
            stop: Some(stop),
            shown: Some(shown),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(shown) = self.shown.take() {
            let _ = shown.join();
        }
    }
}
