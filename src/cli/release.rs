//! The verb `release`.
//!
//! Owns its arguments, also those that take a claim by force. Never decides anything.

use super::args::{As, parse_recorded};
use super::env::Env;
use super::globals::Globals;
use crate::app::claims::place::Scope;
use crate::app::claims::release;
use crate::failure::Failure;
use crate::model::id::SessionId;
use crate::model::lock_request;
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::text::Purpose;
use crate::model::token::Token;

/// Release your claims, all or none of those named
#[derive(clap::Args, Debug)]
pub(crate) struct ReleaseArgs {
    #[arg(
        value_name = "RESOURCE",
        help = "What to release: <type>:<name> [default: all claims of this session]"
    )]
    resources: Vec<String>,
    /// Release all claims of this session
    #[arg(long, conflicts_with = "resources")]
    pub(super) all_mine: bool,
    /// Release also what you hold in another terminal or worktree
    #[arg(long)]
    here: bool,
    /// Take an exclusive claim from another session: exactly the grant that you name
    #[arg(long, requires_all = ["holder", "token", "reason"], conflicts_with = "all_mine")]
    force: bool,
    /// With --force: name the session that holds it
    #[arg(long, value_name = "ID", requires = "force")]
    holder: Option<String>,
    /// With --force: name the token of the grant
    #[arg(long, value_name = "NUMBER", requires = "force")]
    token: Option<u64>,
    /// With --force: give a reason, for the holder and the history
    #[arg(long, value_name = "TEXT", requires = "force")]
    reason: Option<String>,
    #[command(flatten)]
    pub(super) who: As,
}

pub(super) fn release(
    args: ReleaseArgs,
    globals: &Globals,
    env: &Env,
) -> Result<release::Released, Failure> {
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let resources = parse_recorded(&context, env, &args.resources)?;
    if args.force {
        let request = by_force(&args, resources)?;
        return release::take(&context, &request);
    }
    let request = match args.all_mine || resources.is_empty() {
        true => Request::ReleaseAll,
        false => Request::Release(resources),
    };
    let scope = match args.here {
        true => Scope::Everywhere,
        false => Scope::ThisPlace,
    };
    release::execute(&context, &request, scope)
}

/// Parses which grant to take from which session.
fn by_force(args: &ReleaseArgs, mut of: Vec<Resource>) -> Result<lock_request::Request, Failure> {
    let (Some(resource), true) = (of.pop(), of.is_empty()) else {
        return Err(Failure::usage("--force takes one resource"));
    };
    let holder = args.holder.as_deref().unwrap_or_default();
    let holder = SessionId::from_record(holder)
        .map_err(|error| Failure::usage(format!("the holder is not accepted: {error}")))?;
    let reason = Purpose::parse(args.reason.as_deref().unwrap_or_default())
        .map_err(|error| Failure::usage(format!("the reason is not accepted: {error}")))?;
    Ok(lock_request::Request::Override {
        resource,
        holder,
        token: Token::new(args.token.unwrap_or_default()),
        reason,
    })
}
