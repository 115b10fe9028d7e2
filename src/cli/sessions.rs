//! The verbs about sessions: `sessions`, `whoami`, `keep`.
//!
//! Owns their arguments ([`Verb`]). Never decides who acts.

use super::Report;
use super::args::{As, parse_span};
use super::env::Env;
use super::globals::Globals;
#[cfg(test)]
use crate::app::background::Background;
use crate::app::board::follow::Heard;
use crate::app::sessions::sensors::OnHost;
use crate::app::sessions::{keepalive, list, reconcile, whoami};
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
            Self::Sessions(args) => sessions(&args, globals, env)?,
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
  git presence sessions --all --json
  git presence sessions reconcile")]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SessionsArgs {
    #[command(subcommand)]
    which: Option<SessionsVerb>,
    /// Also show sessions that are silent or ended
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    who: As,
}

#[derive(clap::Subcommand, Debug)]
enum SessionsVerb {
    Reconcile(ReconcileArgs),
}

fn sessions(args: &SessionsArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    if let Some(SessionsVerb::Reconcile(args)) = &args.which {
        return reconcile(args, globals, env);
    }
    let context = globals.context(env, args.who.session.as_deref(), false)?;
    Ok(Box::new(list::execute(&context, args.all)?))
}

/// Compare the sessions of this clone with what runs, and put right what is certain
///
/// Looks at the processes of this user, the panes of tmux and the names of transcripts; it starts,
/// ends and types into nothing, and reads no transcript and no pane. A session whose program has
/// certainly ended is marked ended, and what it held is released; a harness without a session gets
/// one; the id of a transcript that appeared is recorded. A transcript that is gone, another work
/// tree and two sessions of one process are told. Each is told once.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence sessions reconcile --dry-run
  git presence sessions reconcile --once --emit-diff
  git presence sessions reconcile --subscribe --every 30s")]
struct ReconcileArgs {
    /// Look once (the default)
    #[arg(long, conflicts_with = "subscribe")]
    once: bool,
    /// Print one line of JSON: when it looked, and the drifts
    #[arg(long)]
    emit_diff: bool,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Look again and again until interrupted, and print what is new
    #[arg(long)]
    subscribe: bool,
    /// How often it looks
    #[arg(
        long,
        value_name = "SPAN",
        default_value = "30s",
        requires = "subscribe"
    )]
    every: String,
    /// Forget the ids of transcripts that are gone
    #[arg(long)]
    purge: bool,
}

fn reconcile(args: &ReconcileArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let every = parse_span("--every", &args.every)?;
    let context = globals.context(env, None, false)?;
    let request = reconcile::Request {
        is_dry: args.dry_run,
        purges: args.purge,
        emits_diff: args.emit_diff,
    };
    let sensors = OnHost(&context);
    if !args.subscribe {
        return Ok(Box::new(reconcile::execute(&context, &sensors, request)?));
    }
    let show = |seen: &reconcile::Reconciled| Ok(env.shown(seen)? == Heard::Written);
    let every = std::time::Duration::from_secs(every.max(1));
    let watched = reconcile::watch(&context, &sensors, (request, every), &show)?;
    Ok(Box::new(watched))
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
