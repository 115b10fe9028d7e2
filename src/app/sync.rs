//! `sync`: send what is recorded here, and see what others do.
//!
//! Owns the flags, and which ends of a sync are failures. Never decides what goes where.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::app::claims::waitlist;
use crate::app::remote::guarantee::no_such_remote;
use crate::app::remote::publish::{BACKGROUND_SECS_MAX, RENAMED, why};
use crate::cli::args::parse_span;
use crate::cli::env::Env;
use crate::cli::globals::Globals;
use crate::context::{Context, Upstream};
use crate::failure::{Failure, Kind};
use crate::model::board::Holding;
use crate::sync::{self, FailureKind, Wish};

/// The most that is told of one kind.
const WARNINGS_MAX: usize = 3;

/// Send what is recorded here to the remote, and see what others do
#[derive(clap::Args, Debug)]
pub struct Args {
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

#[derive(Debug)]
pub struct Synced {
    pub remote: String,
    pub received: usize,
    pub sent: usize,
    pub refused: usize,
    pub pending: usize,
    /// Wishes that could not be decided when they were made, and were granted now.
    pub granted: Vec<Holding>,
    /// Whether nobody is waiting for the answer.
    pub in_background: bool,
    pub warnings: Vec<String>,
}

pub fn run(args: Args, globals: &Globals, env: &Env) -> Result<Synced, Failure> {
    let deadline_secs = match args.background {
        true => BACKGROUND_SECS_MAX,
        false => parse_span("--deadline", &args.deadline)?,
    };
    let mut wanted = globals.wanted(None, false);
    wanted.remote = args.remote;
    let context = env.open(&wanted)?;
    let request = sync::Request {
        wish: Wish {
            push: !args.fetch_only,
            look: !args.push_only,
            first: None,
            leave: BTreeSet::new(),
        },
        deadline: Duration::from_secs(deadline_secs),
        in_background: args.background,
        retry: args.retry,
        pushes_per_minute: context.config.sync.pushes_per_minute,
    };
    execute(&context, &request)
}

pub fn execute(context: &Context, request: &sync::Request) -> Result<Synced, Failure> {
    let remote = match (&context.upstream, context.remote()) {
        (Upstream::Named(_), Some(remote)) => remote,
        (Upstream::Missing(name), _) => return Err(no_such_remote(name)),
        _ => return Err(no_remote()),
    };
    let report = sync::sync(&context.ledger, &remote, &context.host, request)?;
    let synced = &report.synced;
    if !request.in_background && (report.busy || synced.failure.is_some() || synced.gave_up) {
        return Err(failed(&report, remote.name()));
    }
    let takes_nothing = report.refuses.is_some() || !report.refused.is_empty();
    if !request.in_background && request.wish.push && takes_nothing && synced.sent.is_empty() {
        return Err(refused(&report, remote.name()));
    }
    let mut warnings: Vec<String> = synced.odd.iter().take(WARNINGS_MAX).cloned().collect();
    if synced.odd.len() > WARNINGS_MAX {
        warnings.push(format!(
            "and {} more like these",
            synced.odd.len() - WARNINGS_MAX
        ));
    }
    if synced.renamed {
        warnings.push(RENAMED.to_owned());
    }
    let words = report.refused.iter().take(WARNINGS_MAX);
    warnings.extend(words.map(|(name, said)| format!("{name} was refused: {said}")));
    Ok(Synced {
        remote: remote.name().to_owned(),
        received: synced.received,
        sent: synced.sent.len(),
        refused: report.refused.len(),
        pending: synced.pending.len(),
        granted: match context.upstream.name() == Some(remote.name()) && !report.busy {
            true => waitlist::decide(context)?,
            false => Vec::new(),
        },
        in_background: request.in_background,
        warnings,
    })
}

fn no_remote() -> Failure {
    Failure::usage("there is no remote to sync with, or several and none is chosen")
        .hint("add one: git remote add origin <url>; choose: git config presence.remote <name>")
}

fn failed(report: &sync::Report, remote: &str) -> Failure {
    let done = match (report.synced.received, report.synced.sent.len()) {
        (0, 0) => String::new(),
        (received, sent) => format!(" (received {received}, sent {sent} before)"),
    };
    let text = format!("{}{done}", why(report, remote));
    let others_won = report.synced.gave_up && report.synced.failure.is_none();
    let kind = match report.busy || others_won {
        true => Kind::Contended,
        false => Kind::Remote,
    };
    let failure = Failure::new(kind, anyhow::anyhow!(text));
    let kind = report.synced.failure.as_ref().map(|failure| failure.kind);
    failure.hint(match kind {
        None => "try again in a moment".to_owned(),
        Some(FailureKind::NoCredentials) => format!(
            "log in so that this works without a question: git ls-remote {remote}; an ssh \
             connection that is shared lasts for a minute: presence.sshMultiplex"
        ),
        Some(FailureKind::HashMismatch) => {
            "one side has SHA-1 ids and the other SHA-256; they cannot share a board".to_owned()
        }
        Some(FailureKind::Local) => "see which git runs here: git --version".to_owned(),
        Some(_) => "nothing is lost: what is recorded here is sent by the next sync".to_owned(),
    })
}

fn refused(report: &sync::Report, remote: &str) -> Failure {
    Failure::new(Kind::Remote, anyhow::anyhow!(why(report, remote)))
        .hint("see what it would have to allow: git presence doctor --remote")
        .hint(
            "ask it again: git presence sync --retry; or keep the board elsewhere: presence.ledger",
        )
}
