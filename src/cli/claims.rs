//! The verbs about claims: `claim`, `wait`, `release`, `run`, `fence`, `push`, `heartbeat`.
//!
//! Owns their arguments, and how those become requests ([`Verb`]). Never decides anything.

use std::time::Duration;

use super::Report;
use super::args::{
    As, Turn, WAIT_DEFAULT, Why, parse_purpose, parse_resource, parse_resources, parse_span,
    parse_ttl,
};
use super::env::Env;
use super::globals::Globals;
use super::release::{ReleaseArgs, StealArgs, release, steal};
use super::run::{self, BoundArgs, RunArgs};
#[cfg(test)]
use crate::app::background::Background;
use crate::app::claims::free::{self, Freed};
use crate::app::claims::report::Claimed;
use crate::app::claims::request::{ClaimRequest, Kind, Terms, ttl_of};
use crate::app::claims::{fence, heartbeat, push, succession};
use crate::app::turns::grant;
use crate::config::OnConflict;
use crate::failure::Failure;
use crate::model::id::SessionId;
use crate::model::token::Token;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(alias = "take")]
    Claim(ClaimArgs),
    Wait(WaitArgs),
    #[command(aliases = ["unlock", "unclaim", "done", "drop", "free"])]
    Release(ReleaseArgs),
    #[command(hide = true, alias = "takeover")]
    Steal(StealArgs),
    Run(RunArgs),
    #[command(hide = true)]
    Bound(BoundArgs),
    Fence(FenceArgs),
    Push(PushArgs),
    #[command(alias = "renew")]
    Heartbeat(HeartbeatArgs),
}

impl Verb {
    /// Returns true if a person may have to wait for the remote.
    pub(crate) fn talks_to_the_remote(&self) -> bool {
        matches!(self, Self::Claim(_) | Self::Release(_) | Self::Push(_))
    }

    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::Claim(args) => Box::new(claim(args, globals, env)?),
            Self::Wait(args) => Box::new(wait(&args, globals, env)?),
            Self::Heartbeat(args) => Box::new(heartbeat(args, globals, env)?),
            Self::Release(args) => return release(args, globals, env),
            Self::Steal(args) => Box::new(steal(&args, globals, env)?),
            Self::Fence(args) => Box::new(fence(args, globals, env)?),
            Self::Run(args) => Box::new(run::run(args, globals, env)?),
            Self::Bound(args) => Box::new(run::bound(&args, env)),
            Self::Push(args) => Box::new(push(args, globals, env)?),
        })
    }
}

#[cfg(test)]
impl Verb {
    /// Returns the background job that the arguments stand for.
    pub(crate) fn job(&self) -> Option<Background> {
        let session = |who: &As| SessionId::parse(who.session.as_deref()?).ok();
        match self {
            Self::Heartbeat(args) if args.inherit.is_some() => Some(Background::Inherit {
                session: session(&args.who)?,
                from: SessionId::parse(args.inherit.as_deref()?).ok()?,
            }),
            Self::Heartbeat(args) if args.renew => Some(Background::RenewLeases {
                session: session(&args.who)?,
            }),
            Self::Release(args) => Some(Background::ReleaseEnded {
                session: session(&args.who)?,
                ended_at: args.ended_at?,
            }),
            _ => None,
        }
    }
}

/// Claim resources, all or none, and see who else claims them
///
/// Claim again what you hold to renew it and to update the purpose. Other sessions can claim the
/// same resource; each sees the others, and the later one is advised to defer.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence claim path:src/net path:tests/net --purpose \"rewrite the retry loop\"
  git presence claim -x stack:infra/dns --purpose \"move the zone\" --wait")]
pub(crate) struct ClaimArgs {
    #[arg(
        value_name = "RESOURCE",
        required = true,
        help = "What you are about to change: <type>:<name>"
    )]
    resources: Vec<String>,
    #[command(flatten)]
    why: Why,
    /// Let the claim last this long without a heartbeat: 900, 15m, 1h30m [config: presence.ttl]
    #[arg(long, alias = "for", value_name = "SPAN")]
    ttl: Option<String>,
    /// Write nothing and exit 3 if another session holds it [config: presence.onConflict=refuse]
    #[arg(long)]
    refuse: bool,
    /// Claim exclusively: no other session can have it until you release it or it expires
    #[arg(long, short = 'x')]
    exclusive: bool,
    /// Claim exclusively even if other sessions share it
    #[arg(long, requires = "exclusive")]
    over_shared: bool,
    /// If the remote is unreachable, queue the request and exit 0; you do not hold the resource yet
    #[arg(long, requires = "exclusive")]
    allow_unconfirmed: bool,
    /// Claim what you hold in another terminal or worktree from here on
    #[arg(long, requires = "exclusive")]
    here: bool,
    #[command(flatten)]
    turn: Turn,
    #[command(flatten)]
    who: As,
}

fn claim(args: ClaimArgs, globals: &Globals, env: &Env) -> Result<Claimed, Failure> {
    let purpose = args.why.parse()?;
    let ttl = args.ttl.as_deref().map(parse_ttl).transpose()?;
    let wait = args.turn.parse()?;
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let resources = parse_resources(&context, env, &args.resources)?;
    let wanted = ClaimRequest {
        ttl: ttl.unwrap_or_else(|| ttl_of(&resources, context.config.ttl)),
        resources,
        purpose,
        on_conflict: if args.refuse {
            OnConflict::Refuse
        } else {
            context.config.on_conflict
        },
        kind: match args.exclusive {
            true => Kind::Exclusive(Terms {
                over_shared: args.over_shared,
                allow_unconfirmed: args.allow_unconfirmed,
                moves_here: args.here,
                only_offered: false,
                over_frozen: false,
            }),
            false => Kind::Shared,
        },
        wait,
        may_ask_again: true,
    };
    grant::execute(&context, &wanted, env.notify)
}

/// Wait until no other session claims a resource, and claim nothing
///
/// Exit 0: it is free, and your turn to claim it; 4: the time is over, and it is still held. Run it
/// again then: your place in the queue is kept for a while.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence wait stack:infra/dns")]
pub(crate) struct WaitArgs {
    #[arg(
        value_name = "RESOURCE",
        required = true,
        help = "What you wait for: <type>:<name>"
    )]
    resources: Vec<String>,
    /// Wait at most this long
    #[arg(long = "for", value_name = "SPAN", default_value = WAIT_DEFAULT)]
    at_most: String,
    /// State for what you wait, in one line [default: that of the claim that was refused]
    #[arg(
        long,
        short = 'p',
        short_alias = 'm',
        aliases = ["message", "reason", "why"],
        value_name = "TEXT"
    )]
    purpose: Option<String>,
    #[command(flatten)]
    who: As,
}

fn wait(args: &WaitArgs, globals: &Globals, env: &Env) -> Result<Freed, Failure> {
    let at_most = Duration::from_secs(parse_span("--for", &args.at_most)?);
    let purpose = args.purpose.as_deref().map(parse_purpose).transpose()?;
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let resources = parse_resources(&context, env, &args.resources)?;
    free::execute(&context, resources, purpose, at_most, env.notify)
}

/// Renew all your claims; a no-op if they were renewed recently
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "\
EXAMPLES
  git presence heartbeat")]
pub(crate) struct HeartbeatArgs {
    /// Renew at most this often; more often for a shorter claim [config: presence.heartbeat, 2m]
    #[arg(long, value_name = "SPAN")]
    throttle: Option<String>,
    /// Renew exclusive claims, and wait for the remote
    #[arg(long, hide = true)]
    renew: bool,
    /// Go on with the exclusive claims of this session, and wait for the remote
    #[arg(long, hide = true)]
    inherit: Option<String>,
    #[command(flatten)]
    who: As,
}

fn heartbeat(
    args: HeartbeatArgs,
    globals: &Globals,
    env: &Env,
) -> Result<heartbeat::Beat, Failure> {
    let throttle = args.throttle.as_deref();
    let throttle = throttle
        .map(|text| parse_span("--throttle", text))
        .transpose()?;
    let session = args.who.session.as_deref();
    if args.renew || args.inherit.is_some() {
        let context = globals.context(env, session, true)?;
        if let Some(from) = &args.inherit {
            succession::inherit(&context, &SessionId::parse(from).map_err(Failure::usage)?)?;
        }
        return heartbeat::renew(&context);
    }
    // Mostly nothing is due, and a reader need not know the process of the session.
    let mut context = globals.context(env, session, false)?;
    if let Some(me) = context.known_actor()
        && let Some(beat) = heartbeat::at_rest(&context, &me, throttle)?
    {
        return Ok(beat);
    }
    context.prepare_to_write()?;
    let throttle_secs = throttle.unwrap_or(context.config.heartbeat_secs);
    heartbeat::execute(&context, throttle_secs)
}

/// Check that you hold a resource exclusively, under a token, right now
///
/// Check right before you act. Exit 0: the token is current and yours, and the lease is in force;
/// 3: it is not.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence fence stack:infra/dns")]
pub(crate) struct FenceArgs {
    #[arg(value_name = "RESOURCE", help = "The resource: <type>:<name>")]
    resource: String,
    /// Check for this token [default: the one that you hold]
    #[arg(long, value_name = "NUMBER")]
    token: Option<u64>,
    /// Ask the remote now, instead of using the last fetch
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    who: As,
}

fn fence(args: FenceArgs, globals: &Globals, env: &Env) -> Result<fence::Fenced, Failure> {
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let resource = parse_resource(&context, env, &args.resource)?;
    fence::execute(&context, &resource, args.token.map(Token::new), args.remote)
}

/// Push code under a fence: it lands only if you still hold the resource when it does
///
/// One push carries the refs and a renewal of your exclusive claim; the server takes both or
/// neither. A session whose claim was taken over in the meantime lands nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence push origin HEAD:main --fence stack:infra/dns")]
pub(crate) struct PushArgs {
    #[arg(
        value_name = "REMOTE",
        help = "The remote that decides about the claim"
    )]
    remote: String,
    #[arg(
        value_name = "REFSPEC",
        required = true,
        help = "What to push, as for git push"
    )]
    refspecs: Vec<String>,
    /// The resource that you hold exclusively
    #[arg(long, value_name = "RESOURCE", required = true)]
    fence: String,
    #[command(flatten)]
    who: As,
}

fn push(args: PushArgs, globals: &Globals, env: &Env) -> Result<push::Pushed, Failure> {
    if let Some(bad) = args
        .refspecs
        .iter()
        .find(|refspec| refspec.starts_with('-'))
    {
        return Err(Failure::usage(format!("{bad:?} is not a refspec"))
            .hint("other options of git push are not passed on"));
    }
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let resource = parse_resource(&context, env, &args.fence)?;
    push::execute(&context, &args.remote, &args.refspecs, &resource)
}
