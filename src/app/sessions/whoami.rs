//! `whoami`: which session am I, and why.
//!
//! Owns what is told about oneself; the choice itself is `identity`. Changes nothing.

use crate::cli::args::As;
use crate::cli::env::Env;
use crate::cli::globals::Globals;
use crate::context::Context;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// Show which session you are; with --explain, by which rule and why
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Say which rules were tried, which one won, and why
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    who: As,
}

#[derive(Debug)]
pub struct Who {
    pub now: Timestamp,
    pub me: Identity,
    pub explain: bool,
    pub session: Option<Session>,
    pub ledger: String,
}

pub fn run(args: Args, globals: &Globals, env: &Env) -> Result<Who, Failure> {
    // The process is part of the answer, so it is looked for as for a write.
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    execute(context, args.explain)
}

pub fn execute(context: Context, explain: bool) -> Result<Who, Failure> {
    let session = match context.known_actor() {
        Some(actor) => context.ledger.sessions().get(&actor)?,
        None => None,
    };
    Ok(Who {
        now: context.now(),
        explain,
        session,
        ledger: context.ledger_dir.display().to_string(),
        me: context.me,
    })
}
