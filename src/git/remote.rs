//! The commands that talk to a remote.
//!
//! Owns how `push`, `fetch` and `ls-remote` are called: no hooks, tags, submodules, maintenance,
//! prompts or `FETCH_HEAD`, nothing shallow, nothing filtered; and how ssh is called where the
//! user did not say. Never decides what to push, never repeats a call.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::porcelain::{
    GitVersion, Listing, Malformed, PushAnswer, RemoteFailure, parse_ls_remote, parse_version,
    push_answer,
};
use super::{Git, GitError, run_within};

/// The first that has all the options below.
pub const VERSION_MIN: GitVersion = GitVersion {
    major: 2,
    minor: 31,
    patch: 0,
};

/// What `git` ends with when it does not know an option.
const EXIT_USAGE: i32 = 129;

/// A connection to a host that says nothing for this long is dead.
const SILENCE_SECS_MAX: u64 = 15;
/// How long ssh keeps a connection for the next call.
const SSH_PERSIST_SECS: u64 = 60;

/// How ssh is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ssh {
    /// The user said how.
    AsConfigured,
    /// Ours, without questions; calls share a connection at this socket, if there is one.
    Batch { socket: Option<PathBuf> },
}

/// How to talk to a remote.
#[derive(Clone, Debug)]
pub struct RemoteOptions {
    pub ssh: Ssh,
    /// Whether what is fetched has to survive a power cut.
    pub fsync: bool,
    /// What brings in the refs that we push: git then moves the tracking ref along.
    pub tracking: String,
}

/// A ref to move on a remote. A lease goes with it: the remote must have `expect` there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub name: String,
    /// `None`: it must not exist.
    pub expect: Option<String>,
    /// `None`: remove it.
    pub to: Option<String>,
}

/// One configured remote of a repository.
pub struct Remote {
    git: Git,
    name: String,
    options: RemoteOptions,
}

/// How much time there is at each moment.
pub type Left<'l> = &'l dyn Fn() -> Duration;

impl Remote {
    pub fn new(git: Git, name: &str, options: RemoteOptions) -> Self {
        Self {
            git,
            name: name.to_owned(),
            options,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every ref of the remote whose name may begin with `prefix`, and more: see
    /// [`parse_ls_remote`].
    pub fn list(&self, left: Left<'_>) -> Result<Listing, RemoteFailure> {
        let mut command = self.command(left);
        command.args(["ls-remote", "--refs", "--end-of-options", &self.name]);
        let output = self.run(command, b"", left)?;
        parse_ls_remote(&output).map_err(|malformed| misread(&malformed))
    }

    /// Fetch these refspecs. With `prune` what they brought earlier and is gone there goes here.
    pub fn fetch(
        &self,
        refspecs: &[String],
        prune: bool,
        left: Left<'_>,
    ) -> Result<(), RemoteFailure> {
        match self.fetch_once(refspecs, prune, true, left) {
            // One ref that cannot be moved here fails them all: then each for itself.
            Err(failure) if failure.may_be_one_ref() => {
                self.fetch_once(refspecs, prune, false, left)
            }
            done => done,
        }
    }

    /// Fetch these refspecs with all their objects, whatever is here already.
    pub fn refetch(&self, refspecs: &[String], left: Left<'_>) -> Result<(), RemoteFailure> {
        let mut command = self.fetch_command(false, true, left);
        command.args(["--refetch", "--end-of-options", &self.name]);
        let lines: String = refspecs.iter().map(|spec| format!("{spec}\n")).collect();
        self.run(command, lines.as_bytes(), left).map(drop)
    }

    fn fetch_once(
        &self,
        refspecs: &[String],
        prune: bool,
        atomic: bool,
        left: Left<'_>,
    ) -> Result<(), RemoteFailure> {
        let mut command = self.fetch_command(prune, atomic, left);
        command.args(["--end-of-options", &self.name]);
        let lines: String = refspecs.iter().map(|spec| format!("{spec}\n")).collect();
        self.run(command, lines.as_bytes(), left).map(drop)
    }

    fn fetch_command(&self, prune: bool, atomic: bool, left: Left<'_>) -> Command {
        let mut command = self.command(left);
        command.args([
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            "--no-filter",
            "--no-show-forced-updates",
            "--refmap=",
            if prune { "--prune" } else { "--no-prune" },
            if atomic { "--atomic" } else { "--no-atomic" },
            "--stdin",
        ]);
        command
    }

    /// Push these refs, each under its lease; `atomic`: all or none.
    pub fn push(&self, moves: &[Move], atomic: bool, left: Left<'_>) -> PushAnswer {
        let mut command = self.command(left);
        // A board is a few small objects: threads that look for deltas cost more than they save.
        command.args(["-c", "pack.threads=1"]);
        command.args([
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--no-signed",
            "--recurse-submodules=no",
            if atomic { "--atomic" } else { "--no-atomic" },
        ]);
        for Move { name, expect, .. } in moves {
            let expect = expect.as_deref().unwrap_or_default();
            command.arg(format!("--force-with-lease={name}:{expect}"));
        }
        command.args(["--end-of-options", &self.name]);
        for Move { name, to, .. } in moves {
            command.arg(format!("{}:{name}", to.as_deref().unwrap_or_default()));
        }
        if left().is_zero() {
            return PushAnswer {
                reports: Vec::new(),
                failure: Some(RemoteFailure::not_begun()),
            };
        }
        self.answer(command, left)
    }

    /// Push what the user asks for, and move `fence` with it: all or nothing. This is the user's
    /// push, so his hooks run.
    pub fn push_fenced(&self, refspecs: &[String], fence: &Move, left: Left<'_>) -> PushAnswer {
        let mut command = self.with_settings(self.git.command_with_hooks(), left);
        command.args([
            "push",
            "--porcelain",
            "--atomic",
            "--no-follow-tags",
            "--no-signed",
        ]);
        let expect = fence.expect.as_deref().unwrap_or_default();
        command.arg(format!("--force-with-lease={}:{expect}", fence.name));
        command.args(["--end-of-options", &self.name]);
        command.args(refspecs);
        let to = fence.to.as_deref().unwrap_or_default();
        command.arg(format!("{to}:{}", fence.name));
        self.answer(command, left)
    }

    fn answer(&self, command: Command, left: Left<'_>) -> PushAnswer {
        let failed_with = |failure| PushAnswer {
            reports: Vec::new(),
            failure: Some(failure),
        };
        match run_within(command, b"", left) {
            Ok(output) if output.exit == Some(EXIT_USAGE) => {
                failed_with(self.too_old(&output.stderr))
            }
            Ok(output) => push_answer(output.exit, &output.stdout, &output.stderr),
            Err(error) => failed_with(failed(error)),
        }
    }

    fn run(
        &self,
        command: Command,
        input: &[u8],
        left: Left<'_>,
    ) -> Result<Vec<u8>, RemoteFailure> {
        if left().is_zero() {
            return Err(RemoteFailure::out_of_time());
        }
        let output = run_within(command, input, left).map_err(failed)?;
        match output.exit {
            Some(0) => Ok(output.stdout),
            Some(EXIT_USAGE) => Err(self.too_old(&output.stderr)),
            exit => Err(RemoteFailure::read(exit, &output.stderr)),
        }
    }

    /// Git did not know an option: say which version would.
    fn too_old(&self, stderr: &[u8]) -> RemoteFailure {
        let output = self.git.run(&["--version"], b"");
        let version = output.ok().and_then(|o| parse_version(&o.stdout).ok());
        match version.filter(|version| *version < VERSION_MIN) {
            Some(GitVersion {
                major,
                minor,
                patch,
            }) => RemoteFailure::local(&format!(
                "git {major}.{minor}.{patch} is too old: sync needs git {}.{}",
                VERSION_MIN.major, VERSION_MIN.minor
            )),
            None => RemoteFailure::read(Some(EXIT_USAGE), stderr),
        }
    }

    fn command(&self, left: Left<'_>) -> Command {
        self.with_settings(self.git.command(), left)
    }

    fn with_settings(&self, mut command: Command, left: Left<'_>) -> Command {
        let fsync = if self.options.fsync {
            "core.fsync=objects,reference"
        } else {
            "core.fsync=none"
        };
        let settings = [
            "maintenance.auto=false",
            "push.followTags=false",
            "push.gpgSign=false",
            // Empty: none.
            "push.pushOption=",
            "credential.interactive=false",
            "http.lowSpeedLimit=1",
            "http.lowSpeedTime=15",
            "core.fsyncMethod=batch",
            fsync,
        ];
        for setting in settings {
            command.args(["-c", setting]);
        }
        // By way of the environment: the name of a remote may hold an equals sign.
        let of_remote = [
            ("mirror", "GIT_PRESENCE_REMOTE_MIRROR", "false"),
            ("fetch", "GIT_PRESENCE_REMOTE_FETCH", &self.options.tracking),
        ];
        for (key, variable, value) in of_remote {
            command.arg(format!(
                "--config-env=remote.{}.{key}={variable}",
                self.name
            ));
            command.env(variable, value);
        }
        command
            // Set and empty: neither git nor the user's settings find another one.
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "false")
            .env("SSH_ASKPASS_REQUIRE", "force")
            .env("GCM_INTERACTIVE", "never");
        if let Ssh::Batch { socket } = &self.options.ssh {
            command.env("GIT_SSH_COMMAND", ssh_command(socket.as_ref(), left()));
        }
        command
    }
}

/// Call ssh without questions, and share one connection between calls.
fn ssh_command(socket: Option<&PathBuf>, left: Duration) -> String {
    let connect_secs = left.as_secs().clamp(1, SILENCE_SECS_MAX);
    let mut words = format!(
        "ssh -o BatchMode=yes -o ConnectTimeout={connect_secs} -o ServerAliveInterval=5 \
         -o ServerAliveCountMax=3"
    );
    if let Some(socket) = socket {
        let path = socket.display().to_string().replace('\'', "'\\''");
        words.push_str(&format!(
            " -o ControlMaster=auto -o ControlPersist={SSH_PERSIST_SECS} -o 'ControlPath={path}'"
        ));
    }
    words
}

fn failed(error: GitError) -> RemoteFailure {
    match error {
        GitError::TimedOut => RemoteFailure::out_of_time(),
        other => RemoteFailure::local(&other.to_string()),
    }
}

fn misread(malformed: &Malformed) -> RemoteFailure {
    RemoteFailure::local(&malformed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_asks_nothing_and_its_socket_is_one_word() {
        let socket = PathBuf::from("/a b/it's/ssh-%C");
        let words = ssh_command(Some(&socket), Duration::from_secs(3));
        assert!(words.contains("BatchMode=yes"));
        assert!(words.contains("ConnectTimeout=3"));
        assert!(words.ends_with("-o 'ControlPath=/a b/it'\\''s/ssh-%C'"));
        let words = ssh_command(None, Duration::ZERO);
        assert!(words.contains("ConnectTimeout=1") && !words.contains("Control"));
    }
}
