//! A progress line for a person at a terminal: [`Progress`].
//!
//! Owns when it appears (after a second) and that nothing of it remains. Never knows what the
//! program waits for.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::stream::print_err;
use crate::config::ColorWhen;

const STEP: Duration = Duration::from_secs(1);
/// Moves to the beginning of the line and clears it.
const CLEAR: &str = "\r\x1b[K";

/// A line on stderr that counts seconds until it is dropped.
#[must_use = "the line goes when this is dropped"]
pub struct Progress {
    stop: Option<Sender<()>>,
    shown: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts counting; after a second the line has `what` and for how long it has taken.
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
