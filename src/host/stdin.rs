//! What somebody tells us on standard input.
//!
//! Owns its reading: within a time and up to a size, so that nobody who says too much, or never
//! ends, stops us. A terminal says nothing. Never understands a word of it.

#![expect(
    clippy::disallowed_methods,
    reason = "the world is read here, for the host"
)]

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use super::Host;

const CHUNK_BYTES: usize = 64 * 1024;
/// What is read at all; whoever writes more finds nobody there.
const DRAINED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What was said, as far as it was heard.
#[derive(Debug)]
pub struct StdinRead {
    pub bytes: Vec<u8>,
    /// Whether that was all.
    pub is_complete: bool,
}

impl Host {
    /// At most `bytes_max` of what is said, and what comes `within` that time. What is more is
    /// heard and dropped, so that whoever says it is not interrupted.
    pub fn read_stdin(&self, bytes_max: usize, within: Duration) -> StdinRead {
        let mut input = StdinRead {
            bytes: Vec::new(),
            is_complete: true,
        };
        if std::io::stdin().is_terminal() {
            return input;
        }
        let until = Instant::now() + within;
        let mut heard = 0;
        let ended = listen(until, &mut |chunk| {
            let room = bytes_max.saturating_sub(input.bytes.len());
            input.is_complete &= chunk.len() <= room;
            input.bytes.extend(chunk.iter().take(room));
            heard += chunk.len();
            heard < DRAINED_BYTES_MAX
        });
        input.is_complete &= ended;
        input
    }
}

/// Hand on what is said until that ends, or nobody listens, or the time is over; whether it ended.
#[cfg(unix)]
fn listen(until: Instant, hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut ready, Timespec::try_from(left).ok().as_ref()) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return true,
        }
        // Not through a buffer, which might hold what nobody waits for.
        match rustix::io::read(&stdin, &mut chunk) {
            Ok(0) => return true,
            Ok(count) if hear(&chunk[..count]) => {}
            Ok(_) => return false,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => return true,
        }
    }
}

/// The same where nobody can wait for input and for time at once: who reads may never end, and
/// then ends with this process.
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
        match chunks.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(chunk) if hear(&chunk) => {}
            Err(RecvTimeoutError::Disconnected) => return true,
            Ok(_) | Err(RecvTimeoutError::Timeout) => return false,
        }
    }
}
