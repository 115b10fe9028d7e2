//! The verb `run`, and the hidden one through which its command is started.
//!
//! Owns their arguments. Never decides anything.

use std::ffi::OsString;

use super::args::{Turn, Why, parse_resources, parse_ttl};
use super::env::Env;
use super::globals::Globals;
use super::states::version;
use crate::app::claims::request::{ClaimRequest, Kind, Terms, ttl_of_a_command};
use crate::app::claims::run::{self, Job, OnLoss, Ran};
use crate::app::states::deploy;
use crate::config::OnConflict;
use crate::context::OpenOptions;
use crate::failure::Failure;

/// Claim, run a command, and release, however it ends
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence run -x stack:infra/dns --purpose \"apply the zone\" -- terraform apply")]
pub(crate) struct RunArgs {
    #[arg(
        value_name = "RESOURCE",
        required = true,
        help = "What the command changes: <type>:<name>"
    )]
    resources: Vec<String>,
    #[command(flatten)]
    why: Why,
    /// Let the claim last this long if this process is killed [config: presence.ttl; in CI: 3m]
    #[arg(long, value_name = "SPAN")]
    ttl: Option<String>,
    /// Require an exclusive claim; do not run the command without it
    #[arg(long, short = 'x')]
    exclusive: bool,
    #[command(flatten)]
    turn: Turn,
    /// Warn, or kill the command, if the exclusive claim is lost while it runs
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Loss::Warn)]
    on_loss: Loss,
    /// Say of the resources that they are deploying, and then deployed, or degraded if it fails
    #[arg(long)]
    state: bool,
    /// Say which version is deployed
    #[arg(long, value_name = "VERSION", requires = "state")]
    version: Option<String>,
    /// Do not say that the command has its exclusive claim, and that this is released
    #[arg(long, short = 'q')]
    quiet: bool,
    /// Claim as this session [default: a new session for this command]
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// The command and its arguments, after --
    #[arg(value_name = "COMMAND", required = true, last = true)]
    command: Vec<OsString>,
}

/// The words of `--on-loss`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Loss {
    Warn,
    Kill,
}

impl From<Loss> for OnLoss {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::Warn => Self::Warn,
            Loss::Kill => Self::Kill,
        }
    }
}

pub(super) fn run(args: RunArgs, globals: &Globals, env: &Env) -> Result<Ran, Failure> {
    let purpose = args.why.parse()?;
    let ttl = args.ttl.as_deref().map(parse_ttl).transpose()?;
    let wait = args.turn.parse()?;
    let version = version(args.version.as_deref())?;
    // A session that others use, too, does not end with this command.
    let is_own_session = args.session.is_none();
    let options = OpenOptions {
        has_own_session: is_own_session,
        ..globals.options(args.session.as_deref(), true)
    };
    let context = env.open(&options)?;
    let resources = parse_resources(&context, env, &args.resources)?;
    let job = Job {
        wanted: ClaimRequest {
            resources,
            purpose,
            ttl: ttl.unwrap_or_else(|| ttl_of_a_command(&context)),
            on_conflict: OnConflict::Warn,
            kind: match args.exclusive {
                true => Kind::Exclusive(Terms::default()),
                false => Kind::Shared,
            },
            wait,
            // The session of a command ends with it.
            may_ask_again: false,
        },
        command: args.command,
        on_loss: args.on_loss.into(),
        is_own_session,
        // A program has the answer.
        is_quiet: args.quiet || globals.json,
    };
    match args.state {
        true => deploy::execute(&context, &job, version.as_ref(), env.notify),
        false => run::execute(&context, &job, None, env.notify),
    }
}

/// Become a command that ends with the process that started it; for run
#[derive(clap::Args, Debug)]
pub(crate) struct BoundArgs {
    /// End with this process, which is the parent
    #[arg(long, value_name = "PID")]
    to: u32,
    /// The command and its arguments, after --
    #[arg(value_name = "COMMAND", required = true, last = true)]
    command: Vec<OsString>,
}

/// Becomes the command.
pub(super) fn bound(args: &BoundArgs, env: &Env) -> Ran {
    run::become_bound(env.host, args.to, &args.command)
}
