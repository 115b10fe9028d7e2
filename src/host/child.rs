//! Child processes.
//!
//! [`Child`] owns a command that the user runs under a claim: it has our streams and terminal, gets
//! the signals that we get, and its exit is reported as a shell would. Also starts this program in
//! the background. Never decides what to run.

use std::ffi::OsString;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

use super::Host;

/// Shells add this to the number of the signal that ended a command.
const BY_SIGNAL: i32 = 128;
/// Exit code of shells for a command that cannot be run.
const NOT_RUN: u8 = 126;
/// Exit code of shells for a command that does not exist.
const NOT_FOUND: u8 = 127;

/// A running command.
pub struct Child {
    pid: u32,
    ended: Receiver<std::io::Result<ExitStatus>>,
}

/// Why a command did not start.
#[derive(Debug, thiserror::Error)]
#[error("{program} cannot be run: {source}")]
pub struct NotStarted {
    program: String,
    source: std::io::Error,
    /// Exit code with which a shell would report it.
    pub code: u8,
}

impl Host {
    /// Starts this program again in the background: in a process group of its own, without our
    /// streams. A failure to start is ignored.
    pub fn spawn_detached(&self, arguments: &[OsString]) {
        let Ok(program) = std::env::current_exe() else {
            return;
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let _ = command.spawn();
    }
}

impl Child {
    /// Starts `words` with these variables in addition to our environment.
    pub fn start(words: &[OsString], env: &[(String, String)]) -> Result<Self, NotStarted> {
        let [program, arguments @ ..] = words else {
            return Err(NotStarted {
                program: "nothing".to_owned(),
                source: std::io::ErrorKind::InvalidInput.into(),
                code: NOT_FOUND,
            });
        };
        let mut command = Command::new(program);
        command.args(arguments);
        for (name, value) in env {
            command.env(name, value);
        }
        let mut child = command.spawn().map_err(|source| NotStarted {
            program: program.to_string_lossy().into_owned(),
            code: match source.kind() {
                std::io::ErrorKind::NotFound => NOT_FOUND,
                _ => NOT_RUN,
            },
            source,
        })?;
        let pid = child.id();
        pass_signals_on(pid);
        let (sender, ended) = mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait()));
        Ok(Self { pid, ended })
    }

    /// Waits at most this long. Returns the exit code, or `None` while the command runs.
    pub fn wait(&self, at_most: Duration) -> Option<u8> {
        match self.ended.recv_timeout(at_most) {
            Ok(Ok(status)) => Some(code(status)),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Some(NOT_RUN),
            Err(RecvTimeoutError::Timeout) => None,
        }
    }

    /// Asks the command to end; `by_force` kills it.
    pub fn end(&self, by_force: bool) {
        #[cfg(unix)]
        {
            use rustix::process::Signal;
            let signal = if by_force { Signal::KILL } else { Signal::TERM };
            send(self.pid, signal);
        }
        #[cfg(not(unix))]
        let _ = (self.pid, by_force);
    }
}

/// Returns the exit code as a shell reports it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal.map(|signal| BY_SIGNAL + signal));
    u8::try_from(code.unwrap_or(1)).unwrap_or(u8::MAX)
}

/// Passes signals on to the command from now on, and ignores them here. Keys typed at a terminal
/// reach the command anyway, so those signals are not sent twice.
#[cfg(unix)]
fn pass_signals_on(pid: u32) {
    use std::io::IsTerminal as _;
    let typed = std::io::stdin().is_terminal();
    let all = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];
    let Ok(mut signals) = signal_hook::iterator::Signals::new(all) else {
        return;
    };
    std::thread::spawn(move || {
        for number in signals.forever() {
            let is_typed = typed && matches!(number, SIGINT | SIGQUIT);
            if let (false, Some(signal)) =
                (is_typed, rustix::process::Signal::from_named_raw(number))
            {
                send(pid, signal);
            }
        }
    });
}

#[cfg(not(unix))]
fn pass_signals_on(_: u32) {}

#[cfg(unix)]
fn send(pid: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process(pid, signal);
    }
}
