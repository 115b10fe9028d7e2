//! The processes above this one.
//!
//! Owns the reading of their command lines, for what Git does not tell its hooks, and whether the
//! Git that runs this program is gone ([`Wrapper`]). Never starts or ends a process, and
//! never says what a word of them means.

use std::path::Path;

use super::Host;

/// The process of Git that started this program as one of its commands, and waits for it.
#[derive(Debug)]
pub struct Wrapper {
    parent: Option<u32>,
}

/// At most this many processes above this one are read: Git, its hook, and what that starts.
#[cfg(target_os = "linux")]
const CALLERS_MAX: usize = 6;

impl Host {
    /// Returns the Git that runs this program, if one does.
    pub fn wrapper(&self) -> Wrapper {
        let callers = self.callers();
        let program = callers.first().and_then(|words| words.first());
        let is_git = program.is_some_and(|program| {
            let name = Path::new(program).file_name();
            name.is_some_and(|name| name == "git")
        });
        Wrapper {
            parent: parent().filter(|_| is_git),
        }
    }

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

impl Wrapper {
    /// Returns true if there was one and it is gone: it was killed, and could not end this process.
    pub fn is_gone(&self) -> bool {
        self.parent.is_some() && parent() != self.parent
    }
}

/// Returns the process that started this one, or that took it over.
#[cfg(unix)]
fn parent() -> Option<u32> {
    let parent = rustix::process::getppid()?;
    u32::try_from(parent.as_raw_nonzero().get()).ok()
}

/// Returns the process that started this one; not known here.
#[cfg(not(unix))]
fn parent() -> Option<u32> {
    None
}
