//! The one place that spawns `git`.
//!
//! Owns the scrubbed environment, the wall-clock limit and the reading of output. Never decides
//! what a command means, never prints, never runs anything but `git`.

pub mod porcelain;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A local command that takes longer is stuck.
const WALL_CLOCK_SECS_MAX: u64 = 30;

/// Variables that would point Git at another repository, index or object store: the list of
/// `git rev-parse --local-env-vars`, and those that change what refs and objects mean.
const SCRUBBED: [&str; 21] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
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
    "GIT_WORK_TREE",
];

#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("cannot run git: {0}")]
    NotRun(std::io::Error),
    #[error("git did not answer within {0} s")]
    TimedOut(u64),
    /// Git ran and said no; its own words.
    #[error("{0}")]
    Said(String),
}

pub struct Output {
    success: bool,
    pub stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Output {
    pub fn must_succeed(self) -> Result<Self, GitError> {
        if self.success {
            return Ok(self);
        }
        let text = String::from_utf8_lossy(&self.stderr).trim().to_owned();
        Err(GitError::Said(text))
    }
}

/// `git`, bound to one repository.
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
        let mut child = self.command(args).spawn().map_err(GitError::NotRun)?;
        let (sender, receiver) = mpsc::channel();
        let stdout = read_to_end(child.stdout.take(), sender.clone());
        let stderr = read_to_end(child.stderr.take(), sender);
        if let Some(mut stdin) = child.stdin.take() {
            // A command that stops reading says why by itself.
            let _ = stdin.write_all(input);
        }
        for _ in 0..2 {
            let limit = Duration::from_secs(WALL_CLOCK_SECS_MAX);
            if receiver.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                end_group(&mut child);
                return Err(GitError::TimedOut(WALL_CLOCK_SECS_MAX));
            }
        }
        let status = child.wait().map_err(GitError::NotRun)?;
        Ok(Output {
            success: status.success(),
            stdout: stdout.join().unwrap_or_default(),
            stderr: stderr.join().unwrap_or_default(),
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that spawns git")]
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        for name in SCRUBBED {
            command.env_remove(name);
        }
        let mut git_dir = OsString::from("--git-dir=");
        git_dir.push(&self.git_dir);
        command
            .arg(git_dir)
            .args(["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"])
            .args(args)
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

fn read_to_end(
    stream: Option<impl Read + Send + 'static>,
    done: mpsc::Sender<()>,
) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        let _ = done.send(());
        bytes
    })
}

fn end_group(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(pid) = i32::try_from(child.id())
        && let Some(group) = rustix::process::Pid::from_raw(pid)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
