//! The verbs about sessions: `sessions`, `whoami`, `keep`.
//!
//! Owns their arguments ([`Verb`]). Never decides who acts.

use super::Report;
use super::args::As;
use super::env::Env;
use super::globals::Globals;
#[cfg(test)]
use crate::app::background::Background;
use crate::app::sessions::{keepalive, list, whoami};
use crate::context::{OpenOptions, TakesPart};
use crate::failure::Failure;
#[cfg(test)]
use crate::model::id::SessionId;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(aliases = ["who", "agents"])]
    Sessions(SessionsArgs),
    Whoami(WhoamiArgs),
    Keep(KeepArgs),
}

impl Verb {
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::Sessions(args) => Box::new(sessions(&args, globals, env)?),
            Self::Whoami(args) => Box::new(whoami(args, globals, env)?),
            Self::Keep(args) => Box::new(keep(&args, globals, env)?),
        })
    }
}

#[cfg(test)]
impl Verb {
    /// Returns the background job that the arguments stand for.
    pub(crate) fn job(&self) -> Option<Background> {
        match self {
            Self::Keep(args) => Some(Background::Keepalive {
                session: SessionId::parse(args.who.session.as_deref()?).ok()?,
                pid: args.pid,
            }),
            Self::Sessions(_) | Self::Whoami(_) => None,
        }
    }
}

/// Show the sessions that are here, a line each: status, agent, place, task, and what they claim
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence sessions
  git presence sessions --all --json")]
pub(crate) struct SessionsArgs {
    /// Also show sessions that are silent or ended
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    who: As,
}

fn sessions(args: &SessionsArgs, globals: &Globals, env: &Env) -> Result<list::Everyone, Failure> {
    let context = globals.context(env, args.who.session.as_deref(), false)?;
    list::execute(&context, args.all)
}

/// Show which session you are; with --explain, by which rule and why
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence whoami --explain")]
pub(crate) struct WhoamiArgs {
    /// Show which rules were tried, which one won, and why
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    who: As,
}

fn whoami(args: WhoamiArgs, globals: &Globals, env: &Env) -> Result<whoami::Who, Failure> {
    // The process is part of the answer, so it is looked for as for a write.
    let options = OpenOptions {
        takes_part: TakesPart::AsBefore,
        ..globals.options(args.who.session.as_deref(), true)
    };
    let context = env.open(&options)?;
    whoami::execute(context, args.explain)
}

/// Renew the claims of a session for as long as a process runs; for hooks
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence keep --pid 4711")]
pub(crate) struct KeepArgs {
    /// Watch this process, usually that of the harness
    #[arg(long, value_name = "PID")]
    pid: u32,
    #[command(flatten)]
    who: As,
}

fn keep(args: &KeepArgs, globals: &Globals, env: &Env) -> Result<keepalive::Kept, Failure> {
    let process = keepalive::process(env.host, args.pid)?;
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    keepalive::execute(&context, &process)
}
