//! The runner of `git` commands, [`Git`]: the one place that spawns `git`.
//!
//! Owns the scrubbed environment, the wall-clock limit and the reading of output. Never decides
//! what a command means, never prints, never runs another program than `git`.

mod branches;
mod captured;
mod changed;
mod checked_out;
mod hooks;
mod outdated;
pub mod porcelain;
mod pushes;
pub mod remote;
mod ssh;
mod unpushed;

pub use branches::Branch;
pub use changed::{Changed, Update};
pub use checked_out::TreeState;
pub use pushes::Push;
pub use unpushed::Unpushed;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

/// The limit for a local command; one that takes longer is stuck.
const WALL_CLOCK_MAX: Duration = Duration::from_secs(30);
/// How long a command that is out of time gets to remove its locks; it can have thousands.
const CLEANUP_MAX: Duration = Duration::from_secs(1);
/// How long the output of a command that has ended is waited for.
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

/// Variables that carry settings (`git -c`, the environment). A local command runs without them. A
/// command that talks to a remote keeps them: a proxy, a header, credentials in CI may stand there.
const SETTINGS: [&str; 2] = ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

/// Why a `git` command gave no result.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The process could not be started, or not be waited for.
    #[error("{}", not_run(.0))]
    NotRun(std::io::Error),
    /// The command exceeded its limit and was ended, with its children.
    #[error("git timed out")]
    TimedOut,
    /// Git exited with a failure; its standard error, trimmed.
    #[error("{0}")]
    Failed(String),
    /// Git printed more than any command here does; what it changed is not known.
    #[error("git printed more than can be read")]
    TooMuch,
}

/// Returns why the program `git` did not start, and what to do.
fn not_run(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "the program git is not in the PATH: install it, or add its folder to PATH".to_owned()
        }
        _ => format!("cannot run git: {error}"),
    }
}

/// The output of a `git` command that ended by itself.
pub struct Output {
    /// The exit code; `None` if a signal ended the command.
    exit: Option<i32>,
    /// All of standard output.
    pub stdout: Vec<u8>,
    /// The first and the last lines of standard error.
    stderr: Vec<u8>,
}

impl Output {
    /// Returns the output of a command that exited with 0.
    ///
    /// # Errors
    ///
    /// [`GitError::Failed`] with standard error, for any other exit.
    pub fn must_succeed(self) -> Result<Self, GitError> {
        if self.exit == Some(0) {
            return Ok(self);
        }
        let text = String::from_utf8_lossy(&self.stderr).trim().to_owned();
        Err(GitError::Failed(text))
    }
}

/// A runner of `git` commands in one repository.
#[derive(Clone)]
pub struct Git {
    git_dir: PathBuf,
    /// The folder in which Git runs; `None`: that of this process.
    runs_in: Option<PathBuf>,
}

impl Git {
    /// Returns the runner for the repository at `git_dir`, which is not checked.
    pub fn at(git_dir: &Path) -> Self {
        Self {
            git_dir: git_dir.to_owned(),
            runs_in: None,
        }
    }

    /// Returns the runner with another folder to run in. Git resolves the relative path of a remote
    /// from there, since it is told which repository it is for.
    #[must_use]
    pub fn running_in(self, dir: &Path) -> Self {
        Self {
            runs_in: Some(dir.to_owned()),
            ..self
        }
    }

    /// Runs `git` with `args` to its end and feeds it `input`. A run that exceeds the limit of 30 s
    /// is ended with its children.
    ///
    /// # Errors
    ///
    /// [`GitError::NotRun`] or [`GitError::TimedOut`]; an exit code other than 0 is no error yet.
    pub fn run(&self, args: &[&str], input: &[u8]) -> Result<Output, GitError> {
        let mut command = self.local_command();
        command.args(args);
        run_within(command, input, &|| WALL_CLOCK_MAX)
    }

    /// Returns true if what is checked out descends from the commit `id`, or is it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn descends_from(&self, id: &str) -> Result<bool, GitError> {
        self.affirms(&["merge-base", "--is-ancestor", id, "HEAD"])
    }

    /// Returns true if the repository has the commit `id`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn has_commit(&self, id: &str) -> Result<bool, GitError> {
        self.affirms(&["cat-file", "-e", &format!("{id}^{{commit}}")])
    }

    /// Returns the commit that is checked out; `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn head_commit(&self) -> Result<Option<String>, GitError> {
        let asked = self.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], b"")?;
        let id = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
        Ok((asked.exit == Some(0) && !id.is_empty()).then_some(id))
    }

    /// Returns true if a branch of a remote, as of the last fetch or push, has the commit `id`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn remote_has(&self, id: &str) -> Result<bool, GitError> {
        let args = [
            "for-each-ref",
            "--count=1",
            "--contains",
            id,
            "refs/remotes/",
        ];
        let asked = self.run(&args, b"")?;
        Ok(asked.exit == Some(0) && !asked.stdout.is_empty())
    }

    /// Returns true if a command exits with 0. Fetches nothing: a partial clone would fetch what it
    /// lacks.
    fn affirms(&self, args: &[&str]) -> Result<bool, GitError> {
        let mut command = self.local_command();
        command.args(args).env("GIT_NO_LAZY_FETCH", "1");
        Ok(run_within(command, b"", &|| WALL_CLOCK_MAX)?.exit == Some(0))
    }

    /// Builds a command without the user's hooks and without the settings of one command.
    fn local_command(&self) -> Command {
        let mut command = self.command();
        for name in SETTINGS {
            command.env_remove(name);
        }
        command
    }

    /// Builds a command without the user's hooks: neither those in files nor those in the settings,
    /// which run wherever the files are. `reference-transaction` is the only event of the commands
    /// here, except for `push`, which has an option of its own. Git before 2.55 ignores the
    /// setting.
    fn command(&self) -> Command {
        let mut command = self.command_with_hooks();
        command.args(["-c", "core.hooksPath=/dev/null"]);
        command.args(["-c", "hook.reference-transaction.enabled=false"]);
        command
    }

    /// Builds a command in the scrubbed environment that runs the user's hooks.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns git")]
    fn command_with_hooks(&self) -> Command {
        let mut command = Command::new("git");
        for name in SCRUBBED {
            command.env_remove(name);
        }
        if let Some(dir) = &self.runs_in {
            command.current_dir(dir);
        }
        let mut git_dir = OsString::from("--git-dir=");
        git_dir.push(&self.git_dir);
        command
            .arg(git_dir)
            .args(["-c", "gc.auto=0"])
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            // Other parents and other contents for an object do not count. No file has an empty
            // name.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_GRAFT_FILE", "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }
}

/// What the threads that watch a running command report.
enum ChildEvent {
    /// `None`: there was too much.
    Stdout(Option<Vec<u8>>),
    Stderr(Vec<u8>),
    Ended(std::io::Result<ExitStatus>),
}

/// Runs `command` to its end and feeds it `input`. `left` returns the remaining time.
fn run_within(
    mut command: Command,
    input: &[u8],
    left: &dyn Fn() -> Duration,
) -> Result<Output, GitError> {
    let mut child = command.spawn().map_err(GitError::NotRun)?;
    let group = child.id();
    let (sender, receiver) = mpsc::channel();
    let stdout = |stream| ChildEvent::Stdout(captured::whole(stream));
    read_to_end(child.stdout.take(), sender.clone(), stdout);
    let stderr = |stream| ChildEvent::Stderr(captured::ends(stream));
    read_to_end(child.stderr.take(), sender.clone(), stderr);
    feed(&mut child, input);
    std::thread::spawn(move || {
        let _ = sender.send(ChildEvent::Ended(child.wait()));
    });
    let listened = listen(&receiver, left);
    if listened.is_none() {
        end_group(group, &receiver);
    }
    listened.ok_or(GitError::TimedOut)?
}

/// Collects the output of a command until it has ended; returns `None` when the time is over. A
/// process that the command left behind (the shared connection of ssh) may hold standard error
/// open: its end is not waited for.
fn listen(
    receiver: &Receiver<ChildEvent>,
    left: &dyn Fn() -> Duration,
) -> Option<Result<Output, GitError>> {
    let (mut stdout, mut stderr, mut ended) = (None, None, None);
    while stdout.is_none() || stderr.is_none() || ended.is_none() {
        let is_over = stdout.is_some() && ended.is_some();
        let wait = if is_over { GRACE.min(left()) } else { left() };
        match receiver.recv_timeout(wait) {
            Ok(ChildEvent::Stdout(bytes)) => stdout = Some(bytes),
            Ok(ChildEvent::Stderr(bytes)) => stderr = Some(bytes),
            Ok(ChildEvent::Ended(status)) => ended = Some(status),
            Err(_) if is_over => break,
            Err(_) => return None,
        }
    }
    let output = ended?.map_err(GitError::NotRun).and_then(|status| {
        Ok(Output {
            exit: status.code(),
            stdout: stdout.unwrap_or_default().ok_or(GitError::TooMuch)?,
            stderr: stderr.unwrap_or_default(),
        })
    });
    Some(output)
}

/// Writes `input` to the command in a thread, so that neither side blocks the other.
fn feed(child: &mut Child, input: &[u8]) {
    let Some(mut stdin) = child.stdin.take() else {
        return;
    };
    if !input.is_empty() {
        let input = input.to_owned();
        // A failed write is no error here: a command that stops reading reports why.
        std::thread::spawn(move || stdin.write_all(&input));
    }
}

/// Reads `stream` in a thread and sends what `read` makes of it.
fn read_to_end<S: Read + Send + 'static>(
    stream: Option<S>,
    sender: Sender<ChildEvent>,
    read: fn(S) -> ChildEvent,
) {
    if let Some(stream) = stream {
        std::thread::spawn(move || sender.send(read(stream)));
    }
}

/// Ends a command and all processes that it started. TERM comes first, so that git removes its lock
/// files.
#[cfg(unix)]
fn end_group(group: u32, receiver: &Receiver<ChildEvent>) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) else {
        return;
    };
    for (signal, wait) in [(Signal::TERM, CLEANUP_MAX), (Signal::KILL, GRACE)] {
        let _ = kill_process_group(group, signal);
        while let Ok(event) = receiver.recv_timeout(wait) {
            if matches!(event, ChildEvent::Ended(_)) {
                break;
            }
        }
    }
}

#[cfg(not(unix))]
fn end_group(_: u32, _: &Receiver<ChildEvent>) {}
