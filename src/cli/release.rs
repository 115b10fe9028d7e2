//! The verb `release`, and what `steal` and `takeover` say instead of doing it.
//!
//! Owns its arguments, also those that take a claim by force. Never decides anything.

use super::Report;
use super::args::{As, parse_recorded, parse_resource};
use super::env::Env;
use super::globals::Globals;
use super::handoff::{Offering, Words};
use crate::app::claims::force::{self, Force};
use crate::app::claims::place::Scope;
use crate::app::claims::release::{self, Released};
use crate::app::turns::pass::{self, Pass, Passed};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::text::Purpose;
use crate::model::time::Timestamp;
use crate::model::token::Token;

/// Release your claims, all or none of those named
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence release
  git presence release path:src/net
  git presence release --force stack:infra/dns --reason \"the job hangs\"")]
pub(crate) struct ReleaseArgs {
    #[arg(
        value_name = "RESOURCE",
        help = "What to release: <type>:<name> [default: all claims of this session]"
    )]
    resources: Vec<String>,
    /// Release all claims of this session
    #[arg(long, conflicts_with = "resources")]
    pub(super) all_mine: bool,
    /// Ask what is meant where no resource is named: the verb was guessed
    #[arg(long, hide = true)]
    guessed: bool,
    /// Release what the session held at this time, when it ended, and did not claim since
    #[arg(long, hide = true, value_parser = instant, requires = "all_mine")]
    pub(super) ended_at: Option<Timestamp>,
    /// Release also what you hold in another terminal or worktree
    #[arg(long)]
    here: bool,
    /// Take a claim of another session: exactly the grant that you name, or else say the command
    #[arg(long, conflicts_with = "all_mine")]
    force: bool,
    /// With --force: name the session that holds it
    #[arg(long, value_name = "ID", requires = "force")]
    holder: Option<String>,
    /// With --force: name the token of the grant
    #[arg(long, value_name = "NUMBER", requires = "force")]
    token: Option<u64>,
    /// With --force: give a reason, for the holder and the history
    #[arg(long, value_name = "TEXT", requires = "force", aliases = ["purpose", "message", "why"])]
    reason: Option<String>,
    /// With --force and --reason: take what the board shows, without naming holder and token
    #[arg(long, requires_all = ["force", "reason"])]
    yes: bool,
    #[command(flatten)]
    to: Offering,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    pub(super) who: As,
}

pub(super) fn release(args: ReleaseArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    if args.guessed && args.resources.is_empty() && !args.all_mine {
        return Err(Failure::usage("what is to be released is not named")
            .hint("see what you claim: git presence list --mine")
            .hint("name it: git presence release <resource>")
            .hint("release all of it: git presence release --all-mine"));
    }
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let resources = parse_recorded(&context, env, &args.resources)?;
    if args.to.to.is_some() || !args.words.is_empty() {
        return Ok(Box::new(pass(args, &context, env, resources)?));
    }
    Ok(Box::new(end(&args, &context, resources)?))
}

/// Releases exclusive claims, with something for the next holder.
fn pass(
    args: ReleaseArgs,
    context: &Context,
    env: &Env,
    resources: Vec<Resource>,
) -> Result<Passed, Failure> {
    if resources.is_empty() || args.force || args.ended_at.is_some() {
        return Err(
            Failure::usage("--to and a handoff go with the resources that you release")
                .hint("name what you hold exclusively"),
        );
    }
    let pass = Pass {
        resources,
        to: args.to.parse()?,
        said: args.words.parse(context, env)?,
        scope: match args.here {
            true => Scope::Everywhere,
            false => Scope::ThisPlace,
        },
    };
    pass::execute(context, pass)
}

fn end(
    args: &ReleaseArgs,
    context: &Context,
    resources: Vec<Resource>,
) -> Result<Released, Failure> {
    if args.force {
        return by_force(args, context, resources);
    }
    if let Some(ended_at) = args.ended_at {
        return release::as_it_ended(context, ended_at);
    }
    let request = match args.all_mine || resources.is_empty() {
        true => Request::ReleaseAll,
        false => Request::Release(resources),
    };
    let scope = match args.here {
        true => Scope::Everywhere,
        false => Scope::ThisPlace,
    };
    release::execute(context, &request, scope)
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "it is no time of RFC 3339".to_owned())
}

/// Parses what to take from which session.
fn by_force(
    args: &ReleaseArgs,
    context: &Context,
    mut of: Vec<Resource>,
) -> Result<Released, Failure> {
    let (Some(resource), true) = (of.pop(), of.is_empty()) else {
        return Err(Failure::usage("--force takes one resource")
            .hint("write git presence release --force <resource> --reason \"<why>\""));
    };
    let holder = args.holder.as_deref().map(SessionId::from_record);
    let holder = holder
        .transpose()
        .map_err(|error| Failure::usage(format!("the holder is not accepted: {error}")))?;
    let asked = Force {
        resource,
        holder,
        token: args.token.map(Token::new),
        reason: reason(args.reason.as_deref())?,
        at_once: args.yes,
    };
    force::execute(context, asked)
}

/// Parses a reason to take something by force.
pub(super) fn reason(text: Option<&str>) -> Result<Option<Purpose>, Failure> {
    let reason = text.map(Purpose::parse).transpose();
    reason.map_err(|error| Failure::usage(format!("the reason is not accepted: {error}")))
}

/// Say the command that takes a claim from another session
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence steal stack:infra/dns")]
pub(crate) struct StealArgs {
    #[arg(value_name = "RESOURCE", help = "The resource: <type>:<name>")]
    resource: String,
    /// Give a reason, for the holder and the history
    #[arg(long, short = 'm', short_alias = 'p', aliases = ["purpose", "message", "why"])]
    reason: Option<String>,
    #[command(flatten)]
    who: As,
}

/// Names the grant that `release --force` takes; changes nothing.
pub(super) fn steal(args: &StealArgs, globals: &Globals, env: &Env) -> Result<Released, Failure> {
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let resource = parse_resource(&context, env, &args.resource)?;
    let asked = Force {
        resource,
        holder: None,
        token: None,
        reason: reason(args.reason.as_deref())?,
        at_once: false,
    };
    force::execute(&context, asked)
}
