//! The verbs about the remote and what is kept: `sync`, `gc`.
//!
//! Owns its arguments ([`Verb`]). Never talks to a remote.

use std::time::Duration;

use super::Report;
use super::args::parse_span;
use super::env::Env;
use super::globals::Globals;
#[cfg(test)]
use crate::app::background::{Background, Halves};
use crate::app::{gc, sync};
use crate::failure::Failure;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(aliases = ["fetch", "pull"])]
    Sync(SyncArgs),
    Gc(GcArgs),
}

impl Verb {
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::Sync(args) => Box::new(sync(args, globals, env)?),
            Self::Gc(args) => Box::new(gc(&args, globals, env)?),
        })
    }
}

#[cfg(test)]
impl Verb {
    /// Returns the background job that the arguments stand for.
    pub(crate) fn job(&self) -> Option<Background> {
        match self {
            Self::Sync(args) => {
                let halves = match (args.push_only, args.fetch_only) {
                    (true, _) => Halves::Push,
                    (false, true) => Halves::Fetch,
                    (false, false) => Halves::Both,
                };
                args.background.then_some(Background::Sync(halves))
            }
            Self::Gc(args) => args.background.then_some(Background::Gc),
        }
    }
}

/// Push local changes to the remote and fetch those of other clones
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence sync")]
pub(crate) struct SyncArgs {
    /// Sync with this remote [config: presence.remote, else origin or the only one]
    #[arg(long, value_name = "NAME")]
    remote: Option<String>,
    /// Only fetch
    #[arg(long, group = "half")]
    fetch_only: bool,
    /// Only push
    #[arg(long, group = "half")]
    push_only: bool,
    /// Give up after this long [default: 30s, or 1h while a first look brings the board]
    #[arg(long, value_name = "SPAN")]
    deadline: Option<String>,
    /// Also retry what the remote refused before
    #[arg(long)]
    retry: bool,
    /// Yield to other syncs, keep to the budget of pushes, and print nothing
    #[arg(long, hide = true)]
    background: bool,
}

/// Remove ended sessions from the board, here and at the remote, and archive their history
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence gc --dry-run")]
pub(crate) struct GcArgs {
    /// Only say what would be removed
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Give up after this long
    #[arg(long, value_name = "SPAN", default_value = "5m")]
    deadline: String,
    /// Print nothing
    #[arg(long, hide = true)]
    background: bool,
}

fn gc(args: &GcArgs, globals: &Globals, env: &Env) -> Result<gc::Swept, Failure> {
    let context = env.open(&globals.options(None, false))?;
    if args.background {
        return gc::execute(&context, &gc::Request::by_itself());
    }
    let request = gc::Request {
        dry_run: args.dry_run,
        in_background: false,
        deadline: Duration::from_secs(parse_span("--deadline", &args.deadline)?),
    };
    gc::execute(&context, &request)
}

fn sync(args: SyncArgs, globals: &Globals, env: &Env) -> Result<sync::Synced, Failure> {
    let (deadline, first_look) = match &args.deadline {
        _ if args.background => (sync::BACKGROUND_DEADLINE, sync::BACKGROUND_DEADLINE),
        None => (sync::DEADLINE, sync::FIRST_LOOK_DEADLINE),
        Some(span) => {
            let span = Duration::from_secs(parse_span("--deadline", span)?);
            (span, span)
        }
    };
    let mut options = globals.options(None, false);
    options.remote = args.remote;
    let context = env.open(&options)?;
    let request = sync::Request {
        pushes: !args.fetch_only,
        fetches: !args.push_only,
        deadline,
        first_look,
        in_background: args.background,
        retry: args.retry,
    };
    sync::execute(&context, &request)
}
