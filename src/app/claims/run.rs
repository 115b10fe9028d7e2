//! The use case of `run`: a command under a claim.
//!
//! Owns the order: claim, start, renew while the command runs, release however it ends. The claim
//! is bound to this process, so that other sessions know when it is gone. Never decides about the
//! claim.

use std::ffi::OsString;
use std::time::Duration;

use crate::app::claims::heartbeat;
use crate::app::claims::request::{ClaimRequest, Kind};
use crate::app::claims::shared;
use crate::app::claims::{lease, release};
use crate::context::Context;
use crate::failure::{self, Failure};
use crate::host::Child;
use crate::model::resource::Resource;
use crate::model::session::Request;

/// How long a command has between the request to end and being killed.
const GRACE: Duration = Duration::from_secs(10);

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
}

/// Claims, runs the command, and releases however it ends.
pub fn execute(context: &Context, job: &Job, notify: fn(&str)) -> Result<Ran, Failure> {
    crate::ledger::survive_signals();
    let claimed = shared::execute(context, &job.wanted, notify)?;
    for other in &claimed.others {
        notify(&format!(
            "also claimed by {}: {}",
            other.session, other.resource
        ));
    }
    claimed.warnings.iter().for_each(|warning| notify(warning));
    let tokens = claimed.mine.iter().filter_map(|holding| holding.token);
    let mut env = vec![
        (
            "GIT_PRESENCE_SESSION".to_owned(),
            claimed.me.as_str().to_owned(),
        ),
        (
            "GIT_PRESENCE_RESOURCES".to_owned(),
            labels(&job.wanted.resources),
        ),
    ];
    for (n, token) in tokens.enumerate() {
        env.push((format!("GIT_PRESENCE_TOKEN_{}", n + 1), token.to_string()));
    }
    let started = Child::start(&job.command, &env);
    let ended = match &started {
        Ok(child) => Ok(attend(context, job, child, notify)),
        Err(error) => Err((error.code, error.to_string())),
    };
    let released = release::execute(context, &Request::Release(job.wanted.resources.clone()));
    let mut warnings = Vec::new();
    let (code, lost) = match ended {
        Ok(ended) => ended,
        Err((code, said)) => {
            warnings.push(said);
            (code, None)
        }
    };
    if let (Err(failure), None) = (&released, &lost) {
        warnings.push(format!("not released: {}", failure.error));
    }
    Ok(Ran {
        code,
        lost,
        warnings,
    })
}

/// Variables hold lines; labels hold none.
fn labels(resources: &[Resource]) -> String {
    let labels: Vec<&str> = resources.iter().map(Resource::label).collect();
    labels.join("\n")
}

/// Renews the claim while the command runs. Returns the exit code, and why the claim was lost if it
/// was.
fn attend(context: &Context, job: &Job, child: &Child, notify: fn(&str)) -> (u8, Option<String>) {
    let every = job.wanted.ttl.renewal_interval();
    let mut lost: Option<String> = None;
    loop {
        if let Some(code) = child.wait(every) {
            return (code, lost);
        }
        if lost.is_some() {
            continue;
        }
        match beat(context, job) {
            Ok(()) => {}
            Err(failure) if failure.kind == failure::Kind::Refused => {
                let said = failure.error.to_string();
                notify(&format!("the claim is lost: {said}"));
                lost = Some(said);
                if job.on_loss == OnLoss::Kill {
                    return (end(child), lost);
                }
            }
            // The next renewal may succeed; until the lease ends, no other session can hold it.
            Err(failure) => notify(&format!("not renewed: {}", failure.error)),
        }
    }
}

fn beat(context: &Context, job: &Job) -> Result<(), Failure> {
    if job.wanted.kind == Kind::Shared {
        return heartbeat::execute(context, 0).map(drop);
    }
    let me = context.actor()?;
    let renewed = lease::renew_all(context, &me);
    match lease::take_lost_lease(context, &me)? {
        Some(lost) => Err(Failure::refused(lost)),
        None => renewed,
    }
}

fn end(child: &Child) -> u8 {
    child.end(false);
    child.wait(GRACE).unwrap_or_else(|| {
        child.end(true);
        child.wait(GRACE).unwrap_or(1)
    })
}
