//! Command lines of the processes above this one.
//!
//! Owns their reading, for what Git does not tell its hooks. Never starts or ends a process, and
//! never says what a word of them means.

use super::Host;

/// At most this many processes above this one are read: Git, its hook, and what that starts.
#[cfg(target_os = "linux")]
const CALLERS_MAX: usize = 6;

impl Host {
    /// Returns the command lines of the nearest processes above this one, nearest first.
    #[cfg(target_os = "linux")]
    pub fn callers(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        let myself = procfs::process::Process::myself().and_then(|process| process.stat());
        let mut pid = myself.map_or(0, |stat| stat.ppid);
        while pid > 1 && found.len() < CALLERS_MAX {
            let Ok(process) = procfs::process::Process::new(pid) else {
                break;
            };
            found.push(process.cmdline().unwrap_or_default());
            pid = process.stat().map_or(0, |stat| stat.ppid);
        }
        found
    }

    /// No portable way to read command lines here.
    #[cfg(not(target_os = "linux"))]
    pub fn callers(&self) -> Vec<Vec<String>> {
        Vec::new()
    }
}
