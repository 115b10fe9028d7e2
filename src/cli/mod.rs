//! The command line.
//!
//! Owns the shape of the command line (verbs, global flags, help) and the way from typed words to
//! a verb. Never does a verb's work.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

pub mod args;
pub mod completions;
pub mod env;
pub mod globals;
pub mod man;

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser, Subcommand};

use env::Env;
use globals::Globals;

use crate::app::board::{list, log, peek, prompt, status};
use crate::app::claims::{fence, heartbeat, push, release, run, shared};
use crate::app::hooks::{audit, bypass, guard};
use crate::app::sessions::{keepalive, whoami};
use crate::app::setup::{doctor, git_hooks, init};
use crate::app::{File, Report, sync};
use crate::failure::Failure;

const AFTER_HELP: &str = "\
Resources are written <type>:<name>. Known types: node: host: stack: service: db: pvc: infra:
path: branch:; any other type is accepted.

Exit codes: 0 done, 1 broken, 3 refused, 4 contended, 5 remote, 128 no repository, 129 usage.";

/// See who is changing what right now; claim it, defer, or take turns
#[derive(Parser, Debug)]
#[command(
    name = "git-presence",
    bin_name = "git presence",
    version,
    after_help = AFTER_HELP,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand, Debug)]
pub enum Verb {
    Claim(shared::Args),
    Heartbeat(heartbeat::Args),
    Release(release::Args),
    List(list::Args),
    Peek(peek::Args),
    Whoami(whoami::Args),
    Status(status::Args),
    Log(log::Args),
    Sync(sync::Args),
    Fence(fence::Args),
    Run(run::Args),
    Push(push::Args),
    Init(init::Args),
    Install(git_hooks::Args),
    Uninstall(git_hooks::UninstallArgs),
    Hook(bypass::Args),
    Audit(audit::Args),
    Prompt(prompt::Args),
    Keep(keepalive::Args),
    Doctor(doctor::Args),
    Guard(guard::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Cli {
    /// What harnesses ask all the time, without options: to read that as any other line would cost
    /// as much as the answer.
    pub fn plain(arguments: &[OsString]) -> Option<Self> {
        let verb = match arguments {
            [_, verb] if verb == "heartbeat" => Verb::Heartbeat(heartbeat::Args::default()),
            [_, verb, word, event] if verb == "hook" => {
                Verb::Hook(bypass::Args::of_harness(word, event)?)
            }
            _ => return None,
        };
        Some(Self {
            globals: Globals::default(),
            verb,
        })
    }
}

impl Verb {
    /// Whether a person may have to wait for it.
    pub fn talks_to_the_remote(&self) -> bool {
        match self {
            Self::Sync(_) | Self::Claim(_) | Self::Release(_) | Self::Push(_) => true,
            Self::Doctor(args) => args.remote,
            _ => false,
        }
    }
}

/// Do what was asked.
pub fn run(verb: Verb, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    globals.enter(env.host)?;
    match verb {
        Verb::Claim(args) => shared::run(args, globals, env).map(|r| Report::Claimed(Box::new(r))),
        Verb::Heartbeat(args) => heartbeat::run(args, globals, env).map(Report::Beat),
        Verb::Release(args) => release::run(args, globals, env).map(Report::Released),
        Verb::List(args) => list::run(args, globals, env).map(Report::Listing),
        Verb::Peek(args) => peek::run(args, globals, env).map(|r| Report::Peeked(Box::new(r))),
        Verb::Whoami(args) => whoami::run(args, globals, env).map(|r| Report::Who(Box::new(r))),
        Verb::Status(args) => status::run(args, globals, env).map(|r| Report::Status(Box::new(r))),
        Verb::Log(args) => log::run(args, globals, env).map(Report::Log),
        Verb::Sync(args) => sync::run(args, globals, env).map(Report::Synced),
        Verb::Push(args) => push::run(args, globals, env).map(Report::Pushed),
        Verb::Run(args) => run::run(args, globals, env).map(Report::Ran),
        Verb::Fence(args) => fence::run(args, globals, env).map(|r| Report::Fenced(Box::new(r))),
        Verb::Init(args) => init::run(args, globals, env).map(|answer| match answer {
            init::Answer::Ready(ready) => Report::Ready(ready),
            init::Answer::Unwired(unwired) => Report::Unwired(unwired),
        }),
        Verb::Audit(args) => audit::run(&args, globals, env).map(|r| Report::Audited(Box::new(r))),
        Verb::Keep(args) => keepalive::run(&args, globals, env).map(Report::Kept),
        Verb::Prompt(args) => Ok(Report::Prompt(prompt::run(&args, globals, env))),
        Verb::Install(args) => git_hooks::run(&args, globals, env),
        Verb::Uninstall(args) => git_hooks::undo(&args, globals, env),
        Verb::Hook(args) => bypass::run(args, globals, env),
        Verb::Doctor(args) => doctor::run(args, globals, env).map(Report::Diagnosis),
        Verb::Guard(args) => guard::run(args, globals, env).map(Report::Explained),
        Verb::Completions(args) => Ok(Report::File(File(completions::script(
            args.shell,
            Cli::command(),
        )))),
        Verb::Man(args) => man::run(args, Cli::command(), env.host),
    }
}
