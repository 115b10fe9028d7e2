//! Fetches while a board stays open: [`Fetches`].
//!
//! Owns how often a remote is asked meanwhile, in the background: soon at first, then less and
//! less. Never reads the board.

use std::time::Duration;

use crate::app::background::{Background, Halves};
use crate::clock::Clock as _;
use crate::context::Context;

/// How soon a remote is looked at again at first, and at the latest.
const POLL_THERE_FIRST: Duration = Duration::from_secs(5);
const POLL_THERE_MAX: Duration = Duration::from_secs(60);

/// When a remote is asked again.
#[derive(Debug)]
pub struct Fetches {
    every: Duration,
    fetch_at: Duration,
}

impl Fetches {
    /// Begins with a remote that was asked just now.
    pub fn begin(context: &Context) -> Self {
        Self {
            every: POLL_THERE_FIRST,
            fetch_at: context.host.elapsed() + POLL_THERE_FIRST,
        }
    }

    /// Fetches if that is due, beside this process: what happens here is shown meanwhile.
    pub fn fetch_if_due(&mut self, context: &Context) {
        let now = context.host.elapsed();
        if now < self.fetch_at {
            return;
        }
        if context.upstream.name().is_some() && context.config.sync.auto {
            Background::Sync(Halves::Both).start(context);
        }
        self.every = POLL_THERE_MAX.min(self.every * 3 / 2);
        self.fetch_at = now + self.every;
    }
}
