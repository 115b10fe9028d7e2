//! The use case of `task run`: a supervisor that works a list off.
//!
//! Owns the loop: look, decide ([`model::supervisor`](crate::model::supervisor)), act, wait; and
//! that a list has one supervisor, by the exclusive claim `supervisor:<list>`, which ends with this
//! process. Never decides what comes next.

mod act;
mod commands;
mod jobs;
mod look;
mod losses;
mod policies;
mod question;
mod step;
mod tree;
mod workers;

use std::time::Duration;

pub use step::{Did, Step};

use crate::app::claims::{arbiter, lease};
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::{Signals, Watch};
use crate::model::actor::Actor;
use crate::model::lock::GrantRequest;
use crate::model::lock_request::Request as LockRequest;
use crate::model::resource::Resource;
use crate::model::supervisor::{Limits, tick};
use crate::model::task::{SUPERVISOR, place_of};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;
use act::{Acted, Actuator};
use commands::Commands;

const PURPOSE: &str = "supervises a list of tasks";
/// How soon a command that ended is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often a list is read although no change was noticed.
const READ_EVERY: Duration = Duration::from_secs(5);
/// How long a run that ends by itself tries what could not be recorded.
const LOST_FOR: Duration = Duration::from_secs(2);

/// What a supervisor does.
pub struct Supervise {
    /// The list.
    pub list: Resource,
    /// The name of an agent, or its command line; `None`: only live sessions do the tasks.
    pub agent: Option<String>,
    /// Its limits.
    pub limits: Limits,
    /// Whether it ends when there is nothing left that it can do.
    pub once: bool,
    /// Whether it only says what it would do.
    pub dry_run: bool,
}

/// What a supervisor did.
#[derive(Debug)]
pub struct Supervised {
    /// When it ended.
    pub now: Timestamp,
    /// The list.
    pub list: Resource,
    /// How many tasks it finished.
    pub done: usize,
    /// How many wait for a person because of it.
    pub asked: usize,
    /// How many tasks are left.
    pub left: usize,
    /// Whether it was only said what would be done.
    pub dry_run: bool,
}

/// Works a list off, and tells each step.
///
/// # Errors
///
/// A refusal, if another supervisor works on the list, and the failures of a list.
pub fn execute(
    context: &Context,
    asked: &Supervise,
    tell: &dyn Fn(&Step) -> Result<(), Failure>,
) -> Result<Supervised, Failure> {
    let commands = Commands::of(context)?;
    let agent = asked
        .agent
        .as_deref()
        .map(|agent| commands.agent_line(agent));
    let me = context.actor()?;
    let mut actuator = Actuator::new(context, asked, (&me, commands, agent), tell);
    if asked.dry_run {
        let seen = actuator.look()?;
        for action in tick(&seen, &asked.limits) {
            actuator.tell(&action, Did::Would)?;
        }
        return actuator.over();
    }
    let claim = supervisor_of(&asked.list)?;
    take(context, &me, &claim)?;
    let ended = actuator
        .end_leftovers()
        .and_then(|()| attend(context, asked, &me, &mut actuator));
    actuator.end_all();
    // What cannot be released now expires.
    let held = arbiter::locks_of(context, &me).unwrap_or_default();
    let held = held.into_iter().map(|lock| lock.resource).collect();
    let _ = arbiter::submit(context, &me, &LockRequest::Release(held));
    ended?;
    actuator.over()
}

/// Returns the claim that the supervisor of a list has.
fn supervisor_of(list: &Resource) -> Result<Resource, Failure> {
    let name = place_of(list).map_or("main", |(name, _)| name);
    Resource::parse(&format!("{SUPERVISOR}:{name}")).map_err(Failure::usage)
}

fn take(context: &Context, me: &Actor, claim: &Resource) -> Result<(), Failure> {
    let wanted = GrantRequest {
        resource: claim.clone(),
        purpose: Purpose::parse(PURPOSE).map_err(Failure::usage)?,
        ttl: context.config.ttl,
    };
    arbiter::submit(context, me, &LockRequest::Grant(vec![wanted]))?;
    Ok(())
}

/// Looks and acts until it is interrupted, or there is nothing left to do.
fn attend(
    context: &Context,
    asked: &Supervise,
    me: &Actor,
    actuator: &mut Actuator<'_>,
) -> Result<(), Failure> {
    crate::ledger::survive_signals();
    let host = context.host;
    let signals = Signals::watch();
    let mut watch = Watch::on(&context.ledger.tracking().watched());
    let renew_every = context.config.ttl.renewal_interval();
    let mut renew_at = host.elapsed() + renew_every;
    let mut read_at = Duration::ZERO;
    let mut lost_at: Option<Duration> = None;
    let heard = || context.ledger.audit_log().length();
    let mut heard_before = heard();
    loop {
        if signals.received() {
            return Ok(());
        }
        if host.elapsed() >= renew_at {
            renew_at = host.elapsed() + renew_every;
            // What is lost is seen in the list, and what runs for it is ended.
            let _ = lease::renew_all(context, me, short_deadline(context).answer);
        }
        let has_ended = actuator.poll();
        if has_ended || host.elapsed() >= read_at {
            read_at = host.elapsed() + READ_EVERY;
            if context.upstream.name().is_some() {
                let _ = refresh(context, Refresh::IF_STALE, short_deadline(context));
            }
            let seen = actuator.look()?;
            let actions = tick(&seen, &asked.limits);
            let (mut has_acted, mut has_lost) = (false, false);
            for action in actions {
                let acted = actuator.act(action)?;
                has_acted |= acted == Acted::Changed;
                has_lost |= acted == Acted::Lost;
            }
            if has_acted {
                (read_at, lost_at) = (Duration::ZERO, None);
                continue;
            }
            // What another session did, or a lock that a killed process left, is over in a moment.
            let now = host.elapsed();
            let tries_again =
                asked.once && has_lost && now < *lost_at.get_or_insert(now) + LOST_FOR;
            if tries_again {
                read_at = Duration::ZERO;
            }
            if asked.once && actuator.is_idle() && !seen.awaits_a_session() && !tries_again {
                return Ok(());
            }
        }
        // A hook that was called says that something may have happened, and nothing more.
        let heard_now = heard();
        let has_heard = std::mem::replace(&mut heard_before, heard_now) != heard_now;
        if watch.wait(LOOK_EVERY) || has_heard {
            read_at = Duration::ZERO;
        }
    }
}
