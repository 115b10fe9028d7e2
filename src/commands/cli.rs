//! The command line.
//!
//! Owns the shape of the command line (verbs, global flags, help) and the way from typed words to
//! a verb. Never does a verb's work.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::{
    Report, audit, claim, completions, doctor, fence, guard, heartbeat, hook, init, install, keep,
    list, log, man, peek, prompt, push, release, run, status, sync, whoami,
};
use crate::config::ColorWhen;
use crate::context::{Context, Wanted};
use crate::failure::Failure;
use crate::host::Host;

/// The heading of the options that go with every verb.
const EVERYWHERE: &str = "Options of every verb";

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

#[derive(clap::Args, Debug)]
pub struct Globals {
    /// Run as if started in this directory
    #[arg(
        short = 'C',
        value_name = "DIR",
        global = true,
        action = clap::ArgAction::Append,
        help_heading = EVERYWHERE
    )]
    pub start: Vec<PathBuf>,
    /// Keep the board in this repository instead [config: presence.ledger]
    #[arg(long, value_name = "PATH", global = true, help_heading = EVERYWHERE)]
    pub ledger: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Where a verb that goes on tells what happens meanwhile.
    #[arg(skip = silent())]
    pub tell: fn(&str),
    /// What the settings say about colour, once a context was opened.
    #[arg(skip)]
    pub color: OnceCell<ColorWhen>,
}

impl Default for Globals {
    fn default() -> Self {
        Self {
            start: Vec::new(),
            ledger: None,
            json: false,
            tell: silent(),
            color: OnceCell::new(),
        }
    }
}

/// Until somebody says where to.
fn silent() -> fn(&str) {
    |_| {}
}

#[derive(Subcommand, Debug)]
pub enum Verb {
    Claim(claim::Args),
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
    Install(install::Args),
    Uninstall(install::UninstallArgs),
    Hook(hook::Args),
    Audit(audit::Args),
    Prompt(prompt::Args),
    Keep(keep::Args),
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
                Verb::Hook(hook::Args::of_harness(word, event)?)
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

impl Globals {
    /// Open the context that a verb asks for.
    pub fn context(
        &self,
        host: Host,
        session: Option<&str>,
        writes: bool,
    ) -> Result<Context, Failure> {
        self.open(host, &self.wanted(session, writes))
    }

    pub fn open(&self, host: Host, wanted: &Wanted) -> Result<Context, Failure> {
        let context = Context::open(host, wanted)?;
        let _ = self.color.set(context.config.color);
        Ok(context)
    }

    pub fn wanted(&self, session: Option<&str>, writes: bool) -> Wanted {
        Wanted {
            ledger: self.ledger.clone(),
            session: session.map(str::to_owned),
            writes,
            tolerates_config: false,
            remote: None,
            binds_to_this_process: false,
            has_own_session: false,
            stated: None,
        }
    }
}

/// Do what was asked.
pub fn run(verb: Verb, globals: &Globals, host: Host) -> Result<Report, Failure> {
    for dir in &globals.start {
        host.change_dir(dir).map_err(|error| {
            Failure::usage(format!("cannot go to {}: {error}", dir.display()))
                .hint("give -C an existing directory")
        })?;
    }
    match verb {
        Verb::Claim(args) => claim::run(args, globals, host).map(|r| Report::Claimed(Box::new(r))),
        Verb::Heartbeat(args) => heartbeat::run(args, globals, host).map(Report::Beat),
        Verb::Release(args) => release::run(args, globals, host).map(Report::Released),
        Verb::List(args) => list::run(args, globals, host).map(Report::Listing),
        Verb::Peek(args) => peek::run(args, globals, host).map(|r| Report::Peeked(Box::new(r))),
        Verb::Whoami(args) => whoami::run(args, globals, host).map(|r| Report::Who(Box::new(r))),
        Verb::Status(args) => status::run(args, globals, host).map(|r| Report::Status(Box::new(r))),
        Verb::Log(args) => log::run(args, globals, host).map(Report::Log),
        Verb::Sync(args) => sync::run(args, globals, host).map(Report::Synced),
        Verb::Push(args) => push::run(args, globals, host).map(Report::Pushed),
        Verb::Run(args) => run::run(args, globals, host).map(Report::Ran),
        Verb::Fence(args) => fence::run(args, globals, host).map(|r| Report::Fenced(Box::new(r))),
        Verb::Init(args) => init::run(args, globals, host).map(|answer| match answer {
            init::Answer::Ready(ready) => Report::Ready(ready),
            init::Answer::Unwired(unwired) => Report::Unwired(unwired),
        }),
        Verb::Audit(args) => audit::run(&args, globals, host).map(|r| Report::Audited(Box::new(r))),
        Verb::Keep(args) => keep::run(&args, globals, host).map(Report::Kept),
        Verb::Prompt(args) => Ok(Report::Prompt(prompt::run(&args, globals, host))),
        Verb::Install(args) => install::run(&args, globals, host),
        Verb::Uninstall(args) => install::undo(&args, globals, host),
        Verb::Hook(args) => hook::run(args, globals, host),
        Verb::Doctor(args) => doctor::run(args, globals, host).map(Report::Diagnosis),
        Verb::Guard(args) => guard::run(args, globals, host).map(Report::Explained),
        Verb::Completions(args) => Ok(Report::File(completions::script(args.shell))),
        Verb::Man(args) => man::run(args, host),
    }
}
