//! Waiting until a task can be taken: `task next --wait`.
//!
//! Owns when it is tried again: after a change of what is stored here, and at growing intervals,
//! since leases expire without one and a remote tells nothing. Never decides who gets a task.

use std::time::Duration;

use crate::app::claims::arbiter::ArbiterError;
use crate::app::claims::refused::list_option;
use crate::app::claims::wait::{POLL_THERE_FIRST, POLL_THERE_MAX};
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::app::tasks::look::Tasks;
use crate::app::tasks::take;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::{Signals, Watch};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::task::TaskId;
use crate::model::time::Ttl;

/// Changes of files wake it; this is for systems that do not report them, and for signals.
const POLL_HERE: Duration = Duration::from_millis(400);
const JITTER_MILLIS_MAX: u64 = 500;

/// Takes a task as `next` does, and waits up to `wait` until one can be taken.
///
/// # Errors
///
/// Those of [`take::execute`], at once for what no wait changes; [`Kind::Contended`] if the time is
/// over.
pub fn execute(
    context: &Context,
    list: &Resource,
    (named, ttl): (Option<&TaskId>, Ttl),
    wait: Duration,
    notify: fn(&str),
) -> Result<Tasks, Failure> {
    if wait.is_zero() {
        return take::execute(context, list, named, ttl);
    }
    crate::ledger::survive_signals();
    let host = context.host;
    let signals = Signals::watch();
    let mut watch = Watch::on(&context.ledger.tracking().watched());
    let until = host.elapsed() + wait;
    let mut every = POLL_THERE_FIRST;
    let mut told = String::new();
    loop {
        let undecided = match take::attempt(context, list, named, ttl) {
            Ok(tasks) => return Ok(tasks),
            Err(ArbiterError::Unavailable(failure)) => failure,
            Err(ArbiterError::Failed(failure)) if may_pass(&failure) => failure,
            Err(ArbiterError::Failed(failure)) => return Err(failure),
        };
        let why = undecided.error.to_string();
        if why != told {
            notify(&format!("waiting: {why}"));
            told = why;
        }
        let tip = tip_of(context, list)?;
        let next_at = host.elapsed() + every;
        every = POLL_THERE_MAX.min(every * 3 / 2);
        loop {
            if signals.received() {
                return Err(Failure::new(
                    Kind::Contended,
                    anyhow::anyhow!("interrupted"),
                ));
            }
            if host.elapsed() >= until {
                return Err(time_is_over(undecided, list, named));
            }
            watch.wait(POLL_HERE);
            if tip_of(context, list)? != tip {
                break;
            }
            if host.elapsed() >= next_at {
                look_there(context);
                break;
            }
        }
    }
}

/// Returns the state of the list, as far as it is known here.
fn tip_of(context: &Context, list: &Resource) -> Result<Option<String>, Failure> {
    let read = context.ledger.locks().get(list)?;
    Ok(read.tip.map(|tip| tip.to_string()))
}

/// Fetches if a remote decides. Waiting sessions must not all fetch at the same moment.
fn look_there(context: &Context) {
    if context.upstream.name().is_some() {
        context.host.pause(JITTER_MILLIS_MAX);
        let _ = refresh(context, Refresh::NOW, short_deadline(context));
    }
}

/// Returns true if it may be granted later.
fn may_pass(failure: &Failure) -> bool {
    match failure.refusal.as_deref() {
        Some(Refusal::Task { why }) => why.may_pass(),
        Some(Refusal::Held { .. } | Refusal::Offered { .. } | Refusal::Queued { .. }) => true,
        _ => failure.kind == Kind::Contended,
    }
}

fn time_is_over(undecided: Failure, list: &Resource, named: Option<&TaskId>) -> Failure {
    if undecided.kind == Kind::Remote {
        return undecided;
    }
    let which = named.map_or_else(|| "next".to_owned(), |id| format!("start {id}"));
    let again = format!(
        "wait again: git presence task {which} --wait{}",
        list_option(list)
    );
    // What else the caller can do; to wait is said already.
    let others = undecided.hints.into_iter();
    let mut others = others.filter(|hint| !hint.starts_with("wait"));
    let over = Failure::new(Kind::Contended, undecided.error).hint(again);
    match others.next() {
        Some(hint) => over.hint(hint),
        None => over,
    }
}
