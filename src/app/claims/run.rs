//! The use case of `run`: a command under a claim.
//!
//! Owns the order: claim, start, renew while the command runs, release however it ends; and what
//! happens when the claim is lost meanwhile. The claim of a session of its own is bound to this
//! process, so that other sessions know when it is gone. Never decides about the claim.

use std::ffi::OsString;
use std::time::Duration;

use crate::app::background::{Background, Halves};
use crate::app::claims::level;
use crate::app::claims::report::Claimed;
use crate::app::claims::request::{ClaimRequest, Kind};
use crate::app::claims::run_claims::{self, RunClaims};
use crate::app::claims::wait::{POLL_THERE_FIRST, POLL_THERE_MAX};
use crate::app::claims::{heartbeat, lease};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::refresh::short_deadline;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::{Child, Host};
use crate::model::holding::Holding;
use crate::model::resource::Resource;
use crate::model::text::{list, name};

/// How long a command has between the request to end and being killed.
const GRACE: Duration = Duration::from_secs(10);
/// How often a command looks whether this clone knows of a loss.
const LOOK_HERE: Duration = Duration::from_secs(1);
/// The longest time until a renewal that failed is tried again.
const RENEW_AGAIN: Duration = Duration::from_secs(10);

/// How the command ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code of the command.
    pub code: u8,
    /// Why the claim was lost while the command ran.
    pub lost: Option<String>,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// What happens to a command whose exclusive claim is lost while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLoss {
    /// The user is warned, and the command goes on.
    Warn,
    /// The command is ended.
    Kill,
}

/// A command, and the claim it runs under.
pub struct Job {
    /// The claim.
    pub wanted: ClaimRequest,
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// What happens if the exclusive claim is lost.
    pub on_loss: OnLoss,
    /// Whether the session is of this command alone.
    pub is_own_session: bool,
    /// Whether it is not said that the command has its exclusive claim, and that this is released.
    pub is_quiet: bool,
}

/// What is done around the command, while it has its claims.
pub struct Around<'a> {
    /// Before it starts; if that fails, it does not.
    pub before: &'a dyn Fn() -> Result<(), Failure>,
    /// After it ended with this exit code.
    pub after: &'a dyn Fn(u8) -> Result<(), Failure>,
}

/// Claims, runs the command, and releases what was claimed for it, however it ends.
pub fn execute(
    context: &Context,
    job: &Job,
    around: Option<&Around<'_>>,
    notify: fn(&str),
) -> Result<Ran, Failure> {
    crate::ledger::survive_signals();
    let (mut claims, claimed) =
        run_claims::claim(context, &job.wanted, job.is_own_session, notify)?;
    if let Some(claimed) = &claimed {
        tell(claimed, notify);
    }
    let says = job.wanted.kind != Kind::Shared && !job.is_quiet;
    if says {
        notify(&holds(&claims.held, claimed.as_ref()));
        let lacks = claimed.as_ref().is_some_and(|one| one.moved.is_some());
        let level = level::of_the_branch(context).filter(|_| !lacks);
        level.iter().for_each(|level| notify(&level.to_string()));
    }
    if let Some(Err(failure)) = around.map(|around| (around.before)()) {
        // What cannot be released now expires.
        let _ = claims.end();
        return Err(failure);
    }
    let started = Child::start(&job.command, &environment(context, job, &claims));
    let ended = match &started {
        Ok(child) => Ok(attend(context, job, &mut claims, child, notify)),
        Err(error) => Err((error.code, error.to_string())),
    };
    let mut warnings = Vec::new();
    if let Some(around) = around {
        let code = ended
            .as_ref()
            .map_or_else(|(code, _)| *code, |(code, _)| *code);
        let done = (around.after)(code);
        warnings.extend(done.err().map(|failure| failure.error.to_string()));
    }
    let released = claims.end();
    let (code, lost) = match ended {
        Ok(ended) => ended,
        Err((code, said)) => {
            warnings.push(said);
            (code, None)
        }
    };
    match (&released, &lost) {
        (Err(failure), None) => warnings.push(format!("not released: {}", failure.error)),
        (Ok(released), None) if says => notify(&match released.is_empty() {
            true => "not released: it was claimed before this command".to_owned(),
            false => format!("released {}", list(released.iter())),
        }),
        _ => {}
    }
    Ok(Ran {
        code,
        lost,
        warnings,
    })
}

/// Becomes the command, which ends with the process `parent`. Returns only if that failed.
pub fn become_bound(host: Host, parent: u32, command: &[OsString]) -> Ran {
    let failed = host.become_bound(parent, command);
    Ran {
        code: failed.code,
        lost: None,
        warnings: vec![failed.to_string()],
    }
}

/// Returns what is said of the exclusive claims that a command has before it starts.
fn holds(held: &[Holding], claimed: Option<&Claimed>) -> String {
    let each = held.iter().map(|held| match held.token {
        Some(_) if held.agent.is_some() => format!("{} exclusively", held.resource),
        Some(token) => format!("{} exclusively, token {token}", held.resource),
        None => held.resource.to_string(),
    });
    let backing = match claimed.map(|claimed| &claimed.confirmation) {
        None => " (claimed before)".to_owned(),
        Some(Confirmation::Local) => String::new(),
        Some(Confirmation::Confirmed { remote }) => format!(" (confirmed by {})", name(remote)),
        Some(Confirmation::Unconfirmed { remote, .. }) => format!(" (not yet at {})", name(remote)),
    };
    format!("holds {}{backing} while the command runs", list(each))
}

fn tell(claimed: &Claimed, notify: fn(&str)) {
    for other in &claimed.others {
        notify(&format!(
            "also claimed by {}: {}",
            other.session, other.resource
        ));
    }
    claimed.warnings.iter().for_each(|warning| notify(warning));
    if let Some(moved) = &claimed.moved {
        notify(&format!(
            "{}, where {} was",
            moved.advice(),
            moved.last.session
        ));
    }
    for left in &claimed.left {
        notify(&left.in_a_line());
    }
    for news in &claimed.news {
        notify(&news.to_string());
    }
}

/// Returns what the command learns of its claim.
fn environment(context: &Context, job: &Job, claims: &RunClaims<'_>) -> Vec<(String, String)> {
    let me = context.me.id.as_str().to_owned();
    let mut env = vec![
        ("GIT_PRESENCE_SESSION".to_owned(), me),
        (
            "GIT_PRESENCE_RESOURCES".to_owned(),
            labels(&job.wanted.resources),
        ),
    ];
    let held = claims.held.iter();
    let tokens = held.filter_map(|holding| Some((&holding.resource, holding.token?)));
    let tokens: Vec<_> = tokens.collect();
    let order = job.wanted.resources.iter();
    let tokens = order.filter_map(|wanted| tokens.iter().find(|(held, _)| *held == wanted));
    for (n, (_, token)) in tokens.enumerate() {
        env.push((format!("GIT_PRESENCE_TOKEN_{}", n + 1), token.to_string()));
    }
    env
}

/// Variables hold lines; labels hold none.
fn labels(resources: &[Resource]) -> String {
    let labels: Vec<&str> = resources.iter().map(Resource::label).collect();
    labels.join("\n")
}

/// Renews the claim while the command runs, and looks whether it is lost. Returns the exit code,
/// and why the claim was lost if it was.
fn attend(
    context: &Context,
    job: &Job,
    claims: &mut RunClaims<'_>,
    child: &Child,
    notify: fn(&str),
) -> (u8, Option<String>) {
    let host = context.host;
    let every = claims.ttl.renewal_interval();
    let mut renew_at = host.elapsed() + every;
    let mut looks = Looks::begin(context);
    loop {
        let ended = child.wait(LOOK_HERE);
        if ended.is_none() && host.elapsed() >= renew_at {
            renew_at = host.elapsed() + every;
            // The next renewal may succeed; until the lease ends, no other session can hold it.
            if let Err(failure) = renew(context, job) {
                notify(&format!("not renewed: {}", failure.error));
                renew_at = host.elapsed() + every.min(RENEW_AGAIN);
            }
        }
        looks.fetch_if_due(context, job);
        // A register that cannot be read is no loss yet, and a renewal says so.
        let lost = claims.take_loss().unwrap_or_default();
        let lost = lost.map(|lost| lost.to_string());
        if let Some(lost) = &lost {
            notify(&format!("the claim is lost: {lost}"));
        }
        let code = match (ended, &lost, job.on_loss) {
            (Some(code), ..) => code,
            (None, None, _) => continue,
            (None, Some(_), OnLoss::Kill) => end(child),
            (None, Some(_), OnLoss::Warn) => child.wait_for_end(),
        };
        return (code, lost);
    }
}

/// When a command that a remote decides about looks there again.
struct Looks {
    at: Duration,
    every: Duration,
}

impl Looks {
    fn begin(context: &Context) -> Self {
        Self {
            at: context.host.elapsed() + POLL_THERE_FIRST,
            every: POLL_THERE_FIRST,
        }
    }

    /// Fetches in the background at growing intervals, as one that waits does: a claim may be taken
    /// from another clone.
    fn fetch_if_due(&mut self, context: &Context, job: &Job) {
        let now = context.host.elapsed();
        let is_exclusive = job.wanted.kind != Kind::Shared;
        if !is_exclusive || context.upstream.name().is_none() || now < self.at {
            return;
        }
        Background::Sync(Halves::Both).start(context);
        self.every = POLL_THERE_MAX.min(self.every * 3 / 2);
        self.at = now + self.every;
    }
}

fn renew(context: &Context, job: &Job) -> Result<(), Failure> {
    if job.wanted.kind == Kind::Shared {
        return heartbeat::beat(context, 0).map(drop);
    }
    let renewed = lease::renew_all(context, &context.actor()?, short_deadline(context).answer);
    if renewed.is_err() && context.upstream.name().is_some() {
        // A slow remote may need longer than this command can go without looking.
        let session = context.me.id.clone();
        Background::RenewLeases { session }.start(context);
    }
    renewed
}

fn end(child: &Child) -> u8 {
    child.end(false);
    child.wait(GRACE).unwrap_or_else(|| {
        child.end(true);
        child.wait(GRACE).unwrap_or(1)
    })
}
