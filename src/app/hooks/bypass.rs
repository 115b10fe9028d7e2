//! `hook`: what Git, whoever applies something, and an agent's harness ask before they go on.
//!
//! Owns the list of hooks and what they have in common: the report, and going on although others
//! hold something, which is recorded. Never decides what a hook looks at.

use std::ffi::{OsStr, OsString};

use crate::app::Report;
use crate::app::hooks::{agent, pre_apply, pre_push};
use crate::app::remote::publish;
use crate::cli::args::As;
use crate::cli::env::Env;
use crate::cli::globals::Globals;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::Host;
use crate::integrations::git_hooks::BYPASS;
use crate::integrations::git_hooks::touched::Touched;
use crate::integrations::harness::Harness;
use crate::model::board::Holding;
use crate::model::event::Around;
use crate::model::resource::Resource;
use crate::model::session::{Bypass, Request, Session, step};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// More claims that were gone around are not recorded one by one: a message has a limit.
const AROUND_MAX: usize = 64;

/// Answer a hook: is what is about to happen in somebody's way
///
/// The files that `git presence install` puts in place call this; so can a job, a wrapper or
/// another manager of hooks. Exit 0: go on; 3: somebody else holds it.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    which: Which,
}

#[derive(clap::Subcommand, Debug)]
enum Which {
    PrePush(PrePushArgs),
    PreApply(PreApplyArgs),
    /// A hook of Claude Code: the event as it spells it; the payload is read from standard input
    Claude(agent::Args),
    /// A hook of Codex
    Codex(agent::Args),
    /// A hook of Gemini CLI
    Gemini(agent::Args),
    /// A hook of Cursor
    Cursor(agent::Args),
    /// A hook of GitHub Copilot CLI
    Copilot(agent::Args),
}

/// Before a push: does it move a branch, or change files, that somebody else holds
///
/// Takes the arguments and the input that Git gives to its hook of this name. What goes wrong here
/// never stops a push.
#[derive(clap::Args, Debug)]
struct PrePushArgs {
    #[arg(
        value_name = "REMOTE",
        help = "The remote, then its URL: what Git says to its hook",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    words: Vec<OsString>,
}

/// Before something is applied: does somebody else hold it
///
/// With presence.requireClaim also: do you hold it. The remote is asked first, within
/// presence.syncDeadline.
#[derive(clap::Args, Debug)]
pub struct PreApplyArgs {
    #[arg(
        value_name = "RESOURCE",
        required = true,
        help = "What is about to be changed: <type>:<name>"
    )]
    pub resources: Vec<String>,
    #[command(flatten)]
    pub who: As,
}

/// What a hook found, where it lets things go on.
#[derive(Debug)]
pub struct Hooked {
    pub hook: &'static str,
    pub now: Timestamp,
    /// What others hold of it.
    pub others: Vec<Touched>,
    /// Why it goes on although it would have been stopped.
    pub bypassed: Option<Purpose>,
    pub warnings: Vec<String>,
}

impl Hooked {
    pub fn quiet(hook: &'static str, now: Timestamp) -> Self {
        Self {
            hook,
            now,
            others: Vec::new(),
            bypassed: None,
            warnings: Vec::new(),
        }
    }
}

impl Args {
    /// The hook of a harness, as harnesses call it.
    pub fn of_harness(word: &OsStr, event: &OsStr) -> Option<Self> {
        let harness = Harness::ALL.into_iter().find(|one| word == one.word())?;
        let event = event.to_str().filter(|event| !event.starts_with('-'))?;
        let args = agent::Args::of(event);
        Some(Self {
            which: match harness {
                Harness::Claude => Which::Claude(args),
                Harness::Codex => Which::Codex(args),
                Harness::Gemini => Which::Gemini(args),
                Harness::Cursor => Which::Cursor(args),
                Harness::Copilot => Which::Copilot(args),
            },
        })
    }
}

pub fn run(args: Args, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let (args, harness) = match args.which {
        Which::PrePush(args) => return hooked(pre_push::run(&args.words, globals, env)?),
        Which::PreApply(args) => return hooked(pre_apply::run(&args, globals, env)?),
        Which::Claude(args) => (args, Harness::Claude),
        Which::Codex(args) => (args, Harness::Codex),
        Which::Gemini(args) => (args, Harness::Gemini),
        Which::Cursor(args) => (args, Harness::Cursor),
        Which::Copilot(args) => (args, Harness::Copilot),
    };
    Ok(Report::Told(agent::run(&args, harness, globals, env)))
}

fn hooked(hooked: Hooked) -> Result<Report, Failure> {
    Ok(Report::Hooked(Box::new(hooked)))
}

/// The reason for which the user goes on whatever others hold.
pub fn bypass(host: Host) -> Option<Purpose> {
    let reason = Purpose::from_record(&host.env(BYPASS)?);
    (!reason.as_str().is_empty()).then_some(reason)
}

/// What is claimed, and by whom.
fn around(held: &Holding) -> Around {
    Around {
        session: held.session.clone(),
        resource: held.resource.clone(),
    }
}

/// Record that this goes on although others hold it. Where that cannot be recorded, it goes on all
/// the same, and says so: there are other ways round, and none of them says anything.
pub fn record(
    context: &Context,
    about: &[Resource],
    by: &[Holding],
    reason: &Purpose,
) -> Option<String> {
    let mut bypass = Bypass {
        about: about.to_vec(),
        holders: Vec::new(),
        around: by.iter().take(AROUND_MAX).map(around).collect(),
        reason: reason.clone(),
    };
    for holding in by {
        if !bypass.holders.contains(&holding.session) {
            bypass.holders.push(holding.session.clone());
        }
    }
    let written = context.actor().and_then(|me| {
        let request = Request::Bypass(bypass);
        let ttl = context.config.ttl;
        let mut decide =
            |before: Option<&Session>, now: Timestamp| step(before, &me, &request, now, ttl);
        context
            .ledger
            .sessions()
            .update(&context.host, &me, &mut decide)?;
        Ok(publish::after_write(
            context,
            &me,
            false,
            publish::deadline(context),
        ))
    });
    match written {
        Ok(carried) => carried.warnings.into_iter().next(),
        Err(failure) => Some(format!("it could not be recorded: {}", failure.error)),
    }
}
