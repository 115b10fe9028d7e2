//! The verb about the remote: `sync`.
//!
//! Owns its arguments ([`Verb`]). Never talks to a remote.

use std::time::Duration;

use super::args::parse_span;
use super::env::Env;
use super::globals::Globals;
use crate::app::{Report, sync};
use crate::failure::Failure;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    Sync(SyncArgs),
}

impl Verb {
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::Sync(args) => Report::Synced(sync(args, globals, env)?),
        })
    }
}

/// Send what is recorded here to the remote, and see what others do
#[derive(clap::Args, Debug)]
pub(crate) struct SyncArgs {
    /// The remote to sync with [config: presence.remote, else origin or the only one]
    #[arg(long, value_name = "NAME")]
    remote: Option<String>,
    /// Only see what others do
    #[arg(long, group = "half")]
    fetch_only: bool,
    /// Only send
    #[arg(long, group = "half")]
    push_only: bool,
    /// Give up after this long
    #[arg(long, value_name = "SPAN", default_value = "30s")]
    deadline: String,
    /// Also ask a remote again that refused a while ago
    #[arg(long)]
    retry: bool,
    /// Give way to others, keep to the budget of pushes, and say nothing
    #[arg(long, hide = true)]
    background: bool,
}

fn sync(args: SyncArgs, globals: &Globals, env: &Env) -> Result<sync::Synced, Failure> {
    let deadline = if args.background {
        sync::BACKGROUND_DEADLINE
    } else {
        Duration::from_secs(parse_span("--deadline", &args.deadline)?)
    };
    let mut wanted = globals.wanted(None, false);
    wanted.remote = args.remote;
    let context = env.open(&wanted)?;
    let request = sync::Request {
        pushes: !args.fetch_only,
        fetches: !args.push_only,
        deadline,
        in_background: args.background,
        retry: args.retry,
    };
    sync::execute(&context, &request)
}
