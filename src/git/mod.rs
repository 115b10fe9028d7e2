//! The one place that spawns `git`.
//!
//! Owns the scrubbed environment, the wall-clock limit and the reading of output. Never decides
//! what a command means, never prints, never runs anything but `git`.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

mod changed;
mod hooks;
pub mod porcelain;
pub mod remote;

pub use changed::{Changed, Update};

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

/// A local command that takes longer is stuck.
const WALL_CLOCK_MAX: Duration = Duration::from_secs(30);
/// What a command that is out of time gets to remove its locks.
const GRACE: Duration = Duration::from_millis(80);

/// Variables that would point Git at another repository, index or object store: the list of
/// `git rev-parse --local-env-vars`, and those that change what refs and objects mean.
const SCRUBBED: [&str; 20] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REF_PARANOIA",
    "GIT_REFLOG_ACTION",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_WORK_TREE",
];

/// Settings of `git -c` and of the environment. They do not touch a local command; the way to a
/// remote (a proxy, a header, credentials in CI) may depend on them.
const SETTINGS: [&str; 2] = ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("cannot run git: {0}")]
    NotRun(std::io::Error),
    #[error("git did not answer in time")]
    TimedOut,
    /// Git ran and said no; its own words.
    #[error("{0}")]
    Said(String),
}

pub struct Output {
    /// None: a signal ended it.
    exit: Option<i32>,
    pub stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Output {
    pub fn must_succeed(self) -> Result<Self, GitError> {
        if self.exit == Some(0) {
            return Ok(self);
        }
        let text = String::from_utf8_lossy(&self.stderr).trim().to_owned();
        Err(GitError::Said(text))
    }
}

/// `git`, bound to one repository.
#[derive(Clone)]
pub struct Git {
    git_dir: PathBuf,
}

impl Git {
    pub fn at(git_dir: &Path) -> Self {
        Self {
            git_dir: git_dir.to_owned(),
        }
    }

    /// Run to the end, feeding `input`; a run that exceeds the limit is killed with its children.
    pub fn run(&self, args: &[&str], input: &[u8]) -> Result<Output, GitError> {
        let mut command = self.local_command();
        command.args(args);
        run_within(command, input, &|| WALL_CLOCK_MAX)
    }

    /// Git without the hooks of the user and without the settings of one command.
    fn local_command(&self) -> Command {
        let mut command = self.command();
        for name in SETTINGS {
            command.env_remove(name);
        }
        command
    }

    /// Git without the hooks of the user: those in files, and those in the settings, which run
    /// wherever the files are. Of their events only this one happens in what we call: a push has
    /// an option of its own. Git before 2.55 takes no notice of it.
    fn command(&self) -> Command {
        let mut command = self.command_with_hooks();
        command.args(["-c", "core.hooksPath=/dev/null"]);
        command.args(["-c", "hook.reference-transaction.enabled=false"]);
        command
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that spawns git")]
    fn command_with_hooks(&self) -> Command {
        let mut command = Command::new("git");
        for name in SCRUBBED {
            command.env_remove(name);
        }
        let mut git_dir = OsString::from("--git-dir=");
        git_dir.push(&self.git_dir);
        command
            .arg(git_dir)
            .args(["-c", "gc.auto=0"])
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }
}

/// What a running command tells.
enum Told {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Ended(std::io::Result<ExitStatus>),
}

/// Run `command` to its end. `left` says how much time there is at each moment.
fn run_within(
    mut command: Command,
    input: &[u8],
    left: &dyn Fn() -> Duration,
) -> Result<Output, GitError> {
    let mut child = command.spawn().map_err(GitError::NotRun)?;
    let group = child.id();
    let (sender, receiver) = mpsc::channel();
    read_to_end(child.stdout.take(), sender.clone(), Told::Stdout);
    read_to_end(child.stderr.take(), sender.clone(), Told::Stderr);
    feed(&mut child, input);
    std::thread::spawn(move || {
        let _ = sender.send(Told::Ended(child.wait()));
    });
    let listened = listen(&receiver, left);
    if listened.is_none() {
        end_group(group, &receiver);
    }
    listened.ok_or(GitError::TimedOut)?
}

/// Collect what a command tells until it has ended; `None` when the time is over. A helper that
/// it left behind (the shared connection of ssh) may hold its standard error open: that is not
/// waited for.
fn listen(
    receiver: &Receiver<Told>,
    left: &dyn Fn() -> Duration,
) -> Option<Result<Output, GitError>> {
    let (mut stdout, mut stderr, mut ended) = (None, None, None);
    while stdout.is_none() || stderr.is_none() || ended.is_none() {
        let is_over = stdout.is_some() && ended.is_some();
        let wait = if is_over { GRACE.min(left()) } else { left() };
        match receiver.recv_timeout(wait) {
            Ok(Told::Stdout(bytes)) => stdout = Some(bytes),
            Ok(Told::Stderr(bytes)) => stderr = Some(bytes),
            Ok(Told::Ended(status)) => ended = Some(status),
            Err(_) if is_over => break,
            Err(_) => return None,
        }
    }
    let output = ended?.map_err(GitError::NotRun).map(|status| Output {
        exit: status.code(),
        stdout: stdout.unwrap_or_default(),
        stderr: stderr.unwrap_or_default(),
    });
    Some(output)
}

fn feed(child: &mut Child, input: &[u8]) {
    let Some(mut stdin) = child.stdin.take() else {
        return;
    };
    if !input.is_empty() {
        let input = input.to_owned();
        // A command that stops reading says why by itself.
        std::thread::spawn(move || stdin.write_all(&input));
    }
}

fn read_to_end(
    stream: Option<impl Read + Send + 'static>,
    sender: Sender<Told>,
    told: fn(Vec<u8>) -> Told,
) {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        let _ = sender.send(told(bytes));
    });
}

/// End a command with all that it started: asked first, so that a lock of a ref goes with it.
#[cfg(unix)]
fn end_group(group: u32, receiver: &Receiver<Told>) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) else {
        return;
    };
    for signal in [Signal::TERM, Signal::KILL] {
        let _ = kill_process_group(group, signal);
        while let Ok(told) = receiver.recv_timeout(GRACE) {
            if matches!(told, Told::Ended(_)) {
                break;
            }
        }
    }
}

#[cfg(not(unix))]
fn end_group(_: u32, _: &Receiver<Told>) {}
