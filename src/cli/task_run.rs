//! The verb `task run`: the supervisor of a list.
//!
//! Owns how its arguments become a request, and where its steps go. Never decides what is done.

use super::Report;
use super::env::Env;
use super::globals::Globals;
use super::task_args::RunArgs;
use super::task_typed::list_of;
use crate::app::tasks::supervise::{self, Step, Supervise};
use crate::context::OpenOptions;
use crate::failure::Failure;
use crate::model::supervisor::Limits;
use crate::output::Headless;

pub(super) fn run(args: &RunArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let list = list_of(&args.place.list)?;
    let named = args.place.act.session.as_deref();
    // What it holds ends with this process.
    let options = OpenOptions {
        has_own_session: named.is_none() && !args.dry_run,
        ..globals.options(named, true)
    };
    let context = env.open(&options)?;
    let asked = Supervise {
        list,
        agent: args.agent.clone(),
        limits: Limits {
            jobs_max: usize::from(args.jobs),
            ..Limits::default()
        },
        once: args.once,
        dry_run: args.dry_run,
    };
    let tell = |step: &Step| match args.headless {
        true => env.shown(&Headless(step)).map(drop),
        false => env.shown(step).map(drop),
    };
    Ok(Box::new(supervise::execute(&context, &asked, &tell)?))
}
