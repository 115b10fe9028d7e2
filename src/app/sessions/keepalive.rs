//! The keepalive of a session: renewing its claims for as long as its harness runs.
//!
//! Owns when it ends: with the process it is bound to, with the session, or because another one
//! runs. Never claims, never starts a session.

use std::cell::Cell;
use std::time::Duration;

use crate::app::background::Background;
use crate::app::claims::heartbeat::due_at;
use crate::app::claims::lease;
use crate::app::remote::publish;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::ledger::KeeperLock;
use crate::model::actor::{Actor, Process};
use crate::model::session::{Request, Session, step};
use crate::model::time::Timestamp;

/// How often it checks that the process still runs.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// The longest time that it runs.
const KEPT_SECS_MAX: u64 = 7 * 24 * 60 * 60;

/// Why it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The process is gone.
    ProcessGone,
    /// Another process keeps the session alive.
    KeptAlready,
    /// It is no longer needed.
    Dismissed,
    /// The longest time is over.
    TimeUp,
}

/// What it did.
#[derive(Debug)]
pub struct Kept {
    /// Why it ended.
    pub ended: Ended,
    /// How many times claims were renewed.
    pub beats: u64,
}

/// Returns the process that it is bound to.
pub fn process(host: Host, pid: u32) -> Result<Process, Failure> {
    host.process(pid).ok_or_else(|| {
        let error = format!("there is no process {pid}");
        Failure::new(Kind::Usage, anyhow::anyhow!(error)).hint("give the one of the harness")
    })
}

/// Renews the claims of the session until it ends.
pub fn execute(context: &Context, process: &Process) -> Result<Kept, Failure> {
    let host = context.host;
    let me = context.actor()?;
    let mut kept = Kept {
        ended: Ended::KeptAlready,
        beats: 0,
    };
    let Some(lock) = context.ledger.keepalive(&me.id).lock(host.pid())? else {
        return Ok(kept);
    };
    let until = host.elapsed() + Duration::from_secs(KEPT_SECS_MAX);
    let seen_at = Cell::new(host.now());
    let is_gone = || {
        let is_gone = host.is_dead(process, seen_at.get());
        seen_at.set(host.now());
        is_gone
    };
    kept.ended = loop {
        // What fails now may succeed next time; there is no caller to report it to.
        kept.beats += u64::from(renew(context, &me).unwrap_or_default());
        if let Some(ended) = sleep_until_due(context, &me, &lock, &is_gone) {
            break ended;
        }
        if host.elapsed() >= until {
            break Ended::TimeUp;
        }
    };
    Ok(kept)
}

/// Renews what is due, as the session itself, whose process and agent stay the same. Returns true
/// if something was written.
fn renew(context: &Context, me: &Actor) -> Result<bool, Failure> {
    let Some(session) = context.ledger.sessions().get(me)? else {
        lease::renew_due(context, me)?;
        return Ok(false);
    };
    let who = session.who;
    let throttle_secs = context.config.heartbeat_secs;
    let mut decide = |before: Option<&Session>, now: Timestamp| match before {
        Some(session) if !session.claims.is_empty() && due_at(session, throttle_secs) <= now => {
            step(before, &who, &Request::Heartbeat, now, session.ttl)
        }
        _ => Ok(None),
    };
    let outcome = context
        .ledger
        .sessions()
        .update(&context.host, &who, &mut decide)?;
    lease::renew_due(context, &who)?;
    let crate::ledger::Outcome::Written(step) = outcome else {
        return Ok(false);
    };
    let ttls = step.session.claims.iter().map(|claim| claim.ttl);
    publish::publish_heartbeat(context, ttls.min());
    Ok(true)
}

/// Waits until the next renewal may be due, and checks the process meanwhile. Returns why it ends,
/// if it does.
fn sleep_until_due(
    context: &Context,
    me: &Actor,
    lock: &KeeperLock,
    is_gone: &dyn Fn() -> bool,
) -> Option<Ended> {
    let session = context.ledger.sessions().get(me).ok().flatten();
    let claims = session.map(|session| session.claims).unwrap_or_default();
    let shortest = claims.iter().map(|claim| claim.ttl).min();
    // A claim that comes meanwhile is recent, and its harness sends heartbeats.
    let secs = shortest.map_or(60, |ttl| ttl.renewal_interval().as_secs().clamp(1, 60));
    for _ in 0..secs {
        if is_gone() {
            return Some(Ended::ProcessGone);
        }
        if !lock.is_wanted() {
            return Some(Ended::Dismissed);
        }
        context.host.sleep_for(CHECK_EVERY);
    }
    None
}

/// Returns true if there is a process that the session ends with.
pub fn can_begin(context: &Context) -> bool {
    bound_to(context).is_some()
}

fn bound_to(context: &Context) -> Option<&Process> {
    let process = context.me.process.as_ref();
    process.filter(|process| process.ends_its_session())
}

/// Starts a process that keeps the session alive, if none does.
pub fn begin(context: &Context) {
    let Some(process) = bound_to(context) else {
        return;
    };
    let job = Background::Keepalive {
        session: context.me.id.clone(),
        pid: process.pid,
    };
    job.start(context);
}
