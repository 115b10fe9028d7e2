//! Standard input.
//!
//! Owns its reading within a time and a size, so that a caller who writes too much or never closes
//! the stream cannot block this process. A terminal counts as empty. Never interprets the input.

#![expect(
    clippy::disallowed_methods,
    reason = "the world is read here, for the host"
)]

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use super::Host;

/// What is read at once. Payloads are mostly shorter, and each page of it costs a page fault.
const CHUNK_BYTES: usize = 8 * 1024;
/// At most this much is read in all. A writer of more gets a broken pipe.
const DRAINED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What was read.
#[derive(Debug)]
pub struct StdinRead {
    /// The input, up to the limit.
    pub bytes: Vec<u8>,
    /// Whether that was all of it.
    pub is_complete: bool,
}

impl Host {
    /// Reads at most `bytes_max` bytes that arrive `within` this time. Further bytes are read and
    /// dropped, so that the writer does not get a broken pipe.
    pub fn read_stdin(&self, bytes_max: usize, within: Duration) -> StdinRead {
        let mut input = StdinRead {
            bytes: Vec::new(),
            is_complete: true,
        };
        let ended = self.hear_stdin(within, &mut |chunk| {
            let room = bytes_max.saturating_sub(input.bytes.len());
            input.is_complete &= chunk.len() <= room;
            input.bytes.extend(chunk.iter().take(room));
        });
        input.is_complete &= ended;
        input
    }

    /// Passes all input that arrives `within` this time to `hear`, which keeps what it needs.
    /// Returns true if the input ended.
    pub fn hear_stdin(&self, within: Duration, hear: &mut dyn FnMut(&[u8])) -> bool {
        if std::io::stdin().is_terminal() {
            return true;
        }
        let mut heard = 0;
        listen(Instant::now() + within, &mut |chunk| {
            hear(chunk);
            heard += chunk.len();
            heard < DRAINED_BYTES_MAX
        })
    }
}

/// Passes chunks to `hear` until the input ends, `hear` returns false, or the time is over. Returns
/// true if the input ended.
#[cfg(unix)]
fn listen(until: Instant, hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        // A writer that never pauses is always ready.
        if left.is_zero() {
            return false;
        }
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut ready, Timespec::try_from(left).ok().as_ref()) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return true,
        }
        // A buffer might hold bytes for which `poll` then waits in vain.
        match rustix::io::read(&stdin, &mut chunk) {
            Ok(0) => return true,
            Ok(count) if hear(&chunk[..count]) => {}
            Ok(_) => return false,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => return true,
        }
    }
}

/// Passes chunks to `hear`, as above, where no call waits for input and time at once. The thread
/// that reads may never end on its own; it ends with this process.
#[cfg(not(unix))]
fn listen(until: Instant, hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    use std::io::Read as _;
    use std::sync::mpsc::{self, RecvTimeoutError};
    let (sender, chunks) = mpsc::sync_channel::<Vec<u8>>(4);
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut chunk = vec![0; CHUNK_BYTES];
        while let Ok(count) = stdin.read(&mut chunk) {
            if count == 0 || sender.send(chunk[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match chunks.recv_timeout(left) {
            Ok(chunk) if !left.is_zero() && hear(&chunk) => {}
            Err(RecvTimeoutError::Disconnected) => return true,
            Ok(_) | Err(RecvTimeoutError::Timeout) => return false,
        }
    }
}
