//! Child processes.
//!
//! [`Child`] owns a command that the user runs under a claim: it has our streams and terminal, gets
//! the signals that we get, its exit is reported as a shell would, and where the system can do
//! that, it is killed if we are. Also starts this program in the background. Never decides what to
//! run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

use super::Host;
use super::not_started::{NOT_RUN, NotStarted};

/// Shells add this to the number of the signal that ended a command.
const BY_SIGNAL: i32 = 128;
/// Exit code of shells for a command that was killed.
const KILLED: u8 = 137;
/// The verb of this program that becomes a command, see [`Host::become_bound`].
#[cfg(target_os = "linux")]
const BOUND: &str = "bound";

/// A running command.
pub struct Child {
    pid: u32,
    ended: Receiver<std::io::Result<ExitStatus>>,
}

/// The processes in the background that this one started and that had not ended.
static DETACHED: Mutex<Vec<std::process::Child>> = Mutex::new(Vec::new());

impl Host {
    /// Returns the file of this program, without links; `None` if the system does not tell.
    pub fn own_program(&self) -> Option<PathBuf> {
        let path = std::env::current_exe().ok()?;
        Some(path.canonicalize().unwrap_or(path))
    }

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
        let started = command.spawn();
        let Ok(mut detached) = DETACHED.lock() else {
            return;
        };
        // In a process that goes on for days, those that have ended would pile up.
        detached.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        detached.extend(started);
    }

    /// Becomes the command `words`, which the system kills when the process `parent` ends: a
    /// command must not go on without the process that renews its claim. Returns only why that
    /// failed.
    #[cfg(unix)]
    pub fn become_bound(&self, parent: u32, words: &[OsString]) -> NotStarted {
        use std::os::unix::process::CommandExt as _;
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{Signal, getppid, set_parent_process_death_signal};
            if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
                let error = std::io::Error::from(error).to_string();
                let why = format!("the command cannot be bound to this process: {error}");
                return NotStarted::because(why, NOT_RUN);
            }
            // The parent may have ended before the signal was asked for.
            let above = getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
            if above != Some(parent) {
                let why = "the command is not run: the process that renews its claim is gone";
                return NotStarted::because(why.to_owned(), KILLED);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = parent;
        match words {
            [program, arguments @ ..] => {
                let error = Command::new(program).args(arguments).exec();
                NotStarted::of(&program.to_string_lossy(), &error)
            }
            [] => NotStarted::of("", &std::io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Fails: there is no such thing here.
    #[cfg(not(unix))]
    pub fn become_bound(&self, _: u32, _: &[OsString]) -> NotStarted {
        NotStarted::of("", &std::io::ErrorKind::Unsupported.into())
    }
}

/// Returns the command that runs `words`. Where the system can end it with this process, that is
/// this program once more, which asks for it and then becomes the command.
pub(super) fn command_for(words: &[OsString]) -> Option<Command> {
    #[cfg(target_os = "linux")]
    if let Ok(own) = std::env::current_exe() {
        let mut command = Command::new(own);
        let parent = std::process::id().to_string();
        command.args([BOUND, "--to", &parent, "--"]).args(words);
        return Some(command);
    }
    let [program, arguments @ ..] = words else {
        return None;
    };
    let mut command = Command::new(program);
    command.args(arguments);
    Some(command)
}

impl Child {
    /// Starts `words` with these variables in addition to our environment. The caller is the thread
    /// that lives for as long as this process: the system watches the thread, not the process.
    pub fn start(words: &[OsString], env: &[(String, String)]) -> Result<Self, NotStarted> {
        let program = words.first().map(|word| word.to_string_lossy());
        let program = program.unwrap_or_default();
        let Some(mut command) = command_for(words) else {
            let error = std::io::ErrorKind::InvalidInput.into();
            return Err(NotStarted::of(&program, &error));
        };
        for (name, value) in env {
            command.env(name, value);
        }
        let spawned = command.spawn();
        let mut child = spawned.map_err(|error| NotStarted::of(&program, &error))?;
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

    /// Waits until the command ends, and returns the exit code.
    pub fn wait_for_end(&self) -> u8 {
        match self.ended.recv() {
            Ok(Ok(status)) => code(status),
            Ok(Err(_)) | Err(_) => NOT_RUN,
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
