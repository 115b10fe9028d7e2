//! What somebody tells us on standard input.
//!
//! Owns its reading: within a time and up to a size, so that nobody who says too much, or never
//! ends, stops us. A terminal says nothing. Never understands a word of it.

use std::io::{IsTerminal as _, Read as _};
use std::sync::mpsc;
use std::time::Duration;

use super::Host;

/// What was said, as far as it was heard.
#[derive(Debug, Default)]
pub struct Input {
    pub bytes: Vec<u8>,
    /// Whether that was all.
    pub is_whole: bool,
}

impl Host {
    pub fn input(&self, bytes_max: usize, within: Duration) -> Input {
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            return Input {
                bytes: Vec::new(),
                is_whole: true,
            };
        }
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let bound = u64::try_from(bytes_max).unwrap_or(u64::MAX);
            let read = stdin
                .lock()
                .take(bound.saturating_add(1))
                .read_to_end(&mut bytes);
            let _ = sender.send(read.map(|_| bytes));
        });
        let Ok(Ok(mut bytes)) = receiver.recv_timeout(within) else {
            return Input::default();
        };
        let is_whole = bytes.len() <= bytes_max;
        bytes.truncate(bytes_max);
        Input { bytes, is_whole }
    }
}
