//! Remote commands: [`Remote`], with `push`, `fetch` and `ls-remote`.
//!
//! Owns the options of these commands: no hooks, tags, submodules, maintenance, prompts or
//! `FETCH_HEAD`, no shallow or filtered fetch. Never decides what to push, never repeats a push.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::outdated::{EXIT_USAGE, too_old};
use super::porcelain::{
    Listing, Malformed, PushAnswer, RemoteFailure, come_back_secs, parse_ls_remote, push_answer,
    untraced,
};
use super::ssh::ssh_command;
use super::{Git, GitError, run_within};

/// The variable that has the fetch refspec of the board.
const FETCH_VARIABLE: &str = "GIT_PRESENCE_REMOTE_FETCH";

/// The way in which git starts ssh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ssh {
    /// As the user configured it.
    AsConfigured,
    /// In batch mode, without prompts.
    Batch {
        /// The socket of the connection that calls share; `None`: each call makes its own.
        socket: Option<PathBuf>,
    },
}

/// The options of the connections to a remote.
#[derive(Clone, Debug)]
pub struct RemoteOptions {
    /// The way in which git starts ssh.
    pub ssh: Ssh,
    /// True if fetched objects and refs must survive a power cut.
    pub fsync: bool,
    /// The fetch refspec of the refs that are pushed: git then moves their tracking refs, too.
    pub tracking: String,
    /// The folders of the refs of the board, here and as tracking refs.
    pub board: [&'static str; 2],
}

/// A ref update under a lease: the remote must have the value `expect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The full name of the ref.
    pub name: String,
    /// The object id that the ref must have on the remote; `None`: it must not exist.
    pub expect: Option<String>,
    /// The object id that the ref is to have; `None`: remove it.
    pub to: Option<String>,
}

/// One configured remote of a repository.
pub struct Remote {
    git: Git,
    name: String,
    options: RemoteOptions,
}

/// Returns the time that remains, at each call.
pub type Left<'l> = &'l dyn Fn() -> Duration;

impl Remote {
    /// Returns the remote `name` of the repository of `git`; its configuration is not read yet.
    pub fn new(git: Git, name: &str, options: RemoteOptions) -> Self {
        Self {
            git,
            name: name.to_owned(),
            options,
        }
    }

    /// Returns the name of the remote, as in `git remote`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lists all refs of the remote; see [`parse_ls_remote`].
    ///
    /// # Errors
    ///
    /// The [`RemoteFailure`] of `ls-remote`, or of output that cannot be parsed.
    pub fn list(&self, left: Left<'_>) -> Result<Listing, RemoteFailure> {
        let mut command = self.command(left);
        command.args(["ls-remote", "--refs", "--end-of-options", &self.name]);
        let output = self.run(command, b"", left)?;
        parse_ls_remote(&output).map_err(|malformed| misread(&malformed))
    }

    /// Fetches `refspecs`. With `prune`, removes the tracking refs of these refspecs that the
    /// remote no longer has.
    ///
    /// # Errors
    ///
    /// The [`RemoteFailure`] of `fetch`; some refs may have been fetched nevertheless.
    pub fn fetch(
        &self,
        refspecs: &[String],
        prune: bool,
        left: Left<'_>,
    ) -> Result<(), RemoteFailure> {
        match self.fetch_once(refspecs, prune, true, left) {
            // One tracking ref that cannot be moved fails an atomic fetch: so fetch each by itself.
            Err(failure) if failure.may_be_one_ref() => {
                self.fetch_once(refspecs, prune, false, left)
            }
            done => done,
        }
    }

    /// Fetches commits by their ids, if `refspecs` name them so: then the remote is not asked for
    /// its refs. Git tells it of the commits `from` that are here already, and of no others: what
    /// it fetches has nothing in common with them.
    ///
    /// # Errors
    ///
    /// The [`RemoteFailure`] of `fetch`; then no ref was moved.
    pub fn fetch_tips(
        &self,
        refspecs: &[String],
        from: &[String],
        left: Left<'_>,
    ) -> Result<(), RemoteFailure> {
        let algorithm = match from.is_empty() {
            true => "fetch.negotiationAlgorithm=noop",
            false => "fetch.negotiationAlgorithm=consecutive",
        };
        let mut command = self.fetch_command(&[algorithm], false, true, left);
        command.args(from.iter().map(|tip| format!("--negotiation-tip={tip}")));
        self.run_fetch(command, refspecs, left)
    }

    /// Fetches `refspecs` with all their objects, including those that this clone has already.
    ///
    /// # Errors
    ///
    /// The [`RemoteFailure`] of `fetch`.
    pub fn refetch(&self, refspecs: &[String], left: Left<'_>) -> Result<(), RemoteFailure> {
        let mut command = self.fetch_command(&[], false, true, left);
        command.arg("--refetch");
        self.run_fetch(command, refspecs, left)
    }

    fn fetch_once(
        &self,
        refspecs: &[String],
        prune: bool,
        atomic: bool,
        left: Left<'_>,
    ) -> Result<(), RemoteFailure> {
        self.run_fetch(self.fetch_command(&[], prune, atomic, left), refspecs, left)
    }

    fn run_fetch(
        &self,
        mut command: Command,
        refspecs: &[String],
        left: Left<'_>,
    ) -> Result<(), RemoteFailure> {
        command.args(["--end-of-options", &self.name]);
        let lines: String = refspecs.iter().map(|spec| format!("{spec}\n")).collect();
        self.run(command, lines.as_bytes(), left).map(drop)
    }

    fn fetch_command(
        &self,
        settings: &[&str],
        prune: bool,
        atomic: bool,
        left: Left<'_>,
    ) -> Command {
        let mut command = self.command(left);
        for setting in settings {
            command.args(["-c", setting]);
        }
        // Only refs of the board matter: a broken ref of the user's own fails no fetch, neither by
        // the new setting nor by the old variable.
        command.env("GIT_REF_PARANOIA", "0");
        command.args(["-c", "fetch.hideRefs=HEAD", "-c", "fetch.hideRefs=refs"]);
        for below in self.options.board {
            let shown = below.trim_end_matches('/');
            command.arg("-c").arg(format!("fetch.hideRefs=!{shown}"));
        }
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

    /// Pushes `moves`, each under its lease. With `atomic` all of them land or none. A failure is
    /// in the answer.
    pub fn push(&self, moves: &[Move], atomic: bool, left: Left<'_>) -> PushAnswer {
        self.push_with(self.command(left), moves, atomic, left)
    }

    /// Pushes `moves` as [`push`](Self::push) does, and leaves their tracking refs to the caller:
    /// Git would write `packed-refs` once for each ref that is removed.
    pub fn push_untracked(&self, moves: &[Move], atomic: bool, left: Left<'_>) -> PushAnswer {
        let mut command = self.command(left);
        command.env(FETCH_VARIABLE, format!("^{}*", self.options.board[0]));
        self.push_with(command, moves, atomic, left)
    }

    fn push_with(
        &self,
        mut command: Command,
        moves: &[Move],
        atomic: bool,
        left: Left<'_>,
    ) -> PushAnswer {
        // A board is a few small objects: to look for deltas costs more than it saves.
        command.args(["-c", "pack.threads=1", "-c", "pack.window=0"]);
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

    /// Pushes the `refspecs` of the user and `fence` with them: all land or none. This is a push of
    /// the user, so their hooks run, and it is signed if they sign. A failure is in the answer.
    pub fn push_fenced(&self, refspecs: &[String], fence: &Move, left: Left<'_>) -> PushAnswer {
        let mut command = self.with_settings(self.git.command_with_hooks(), left);
        command.args(["push", "--porcelain", "--atomic", "--no-follow-tags"]);
        let expect = fence.expect.as_deref().unwrap_or_default();
        command.arg(format!("--force-with-lease={}:{expect}", fence.name));
        command.args(["--end-of-options", &self.name]);
        command.args(refspecs);
        let to = fence.to.as_deref().unwrap_or_default();
        command.arg(format!("{to}:{}", fence.name));
        self.answer(command, left)
    }

    /// Runs a push and reads its result.
    fn answer(&self, command: Command, left: Left<'_>) -> PushAnswer {
        let failed_with = |failure| PushAnswer {
            reports: Vec::new(),
            failure: Some(failure),
        };
        match run_within(command, b"", left) {
            Ok(output) if output.exit == Some(EXIT_USAGE) => {
                failed_with(too_old(&self.git, &output.stderr))
            }
            Ok(output) => {
                let (said, traced) = untraced(&output.stderr);
                let mut answer = push_answer(output.exit, &output.stdout, &said);
                if let Some(failure) = &mut answer.failure {
                    failure.come_back_secs = come_back_secs(&traced, &failure.message);
                }
                answer
            }
            Err(error) => failed_with(failed(error)),
        }
    }

    /// Runs a command and returns its standard output.
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
            Some(EXIT_USAGE) => Err(too_old(&self.git, &output.stderr)),
            exit => {
                let (said, traced) = untraced(&output.stderr);
                let mut failure = RemoteFailure::read(exit, &said);
                failure.come_back_secs = come_back_secs(&traced, &failure.message);
                Err(failure)
            }
        }
    }

    fn command(&self, left: Left<'_>) -> Command {
        let mut command = self.with_settings(self.git.command(), left);
        // Git has no other way to pass on the headers of an answer, `Retry-After` among them. It
        // hides credentials in them.
        command
            .env("GIT_TRACE_CURL", "1")
            .env("GIT_TRACE_CURL_NO_DATA", "1")
            .env("GIT_TRACE_REDACT", "1");
        command
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
        // In the environment, because the name of a remote may contain an equals sign.
        let of_remote = [
            ("mirror", "GIT_PRESENCE_REMOTE_MIRROR", "false"),
            ("fetch", FETCH_VARIABLE, &self.options.tracking),
        ];
        for (key, variable, value) in of_remote {
            command.arg(format!(
                "--config-env=remote.{}.{key}={variable}",
                self.name
            ));
            command.env(variable, value);
        }
        command
            // Set and empty, so that git uses no other program from the user's settings.
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

/// Returns the failure of a command that gave no result.
fn failed(error: GitError) -> RemoteFailure {
    match error {
        GitError::TimedOut => RemoteFailure::out_of_time(),
        GitError::TooMuch => RemoteFailure::unknown(&error.to_string()),
        other => RemoteFailure::local(&other.to_string()),
    }
}

/// Returns the failure of output that cannot be parsed.
fn misread(malformed: &Malformed) -> RemoteFailure {
    RemoteFailure::local(&malformed.to_string())
}
