//! What somebody tells us on standard input.
//!
//! Owns its reading: within a time and up to a size, so that nobody who says too much, or never
//! ends, stops us. A terminal says nothing. Never understands a word of it.

#![expect(
    clippy::disallowed_methods,
    reason = "the world is read here, for the host"
)]

use std::io::{IsTerminal as _, Read as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::Host;

const CHUNK_BYTES: usize = 64 * 1024;
/// What is read at all; whoever writes more finds nobody there.
const DRAINED_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What was said, as far as it was heard.
#[derive(Debug, Default)]
pub struct Input {
    pub bytes: Vec<u8>,
    /// Whether that was all.
    pub is_whole: bool,
}

impl Host {
    /// At most `bytes_max` of what is said, and what comes `within` that time. What is more is
    /// heard and dropped, so that whoever says it is not interrupted.
    pub fn input(&self, bytes_max: usize, within: Duration) -> Input {
        let mut input = Input {
            bytes: Vec::new(),
            is_whole: true,
        };
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            return input;
        }
        let until = Instant::now() + within;
        let (sender, chunks) = mpsc::sync_channel::<Vec<u8>>(4);
        // It may never end; then it ends with this process.
        std::thread::spawn(move || {
            let mut stdin = stdin.lock().take(DRAINED_BYTES_MAX);
            let mut chunk = vec![0; CHUNK_BYTES];
            while let Ok(count) = stdin.read(&mut chunk) {
                if count == 0 || sender.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        loop {
            match chunks.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(chunk) => {
                    let room = bytes_max.saturating_sub(input.bytes.len());
                    input.is_whole &= chunk.len() <= room;
                    input.bytes.extend(chunk.into_iter().take(room));
                }
                Err(RecvTimeoutError::Disconnected) => return input,
                Err(RecvTimeoutError::Timeout) => {
                    input.is_whole = false;
                    return input;
                }
            }
        }
    }
}
