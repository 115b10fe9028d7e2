//! `heartbeat`: I am still here.
//!
//! Owns when a sign of life is due. Called by hooks hundreds of times an hour, and mostly has
//! nothing to do.

use crate::app::claims::lease;
use crate::app::claims::supersede::{Mode, supersede};
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::{Decision, Outcome};
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::session::{Request, Session, step};
use crate::model::time::Timestamp;

#[derive(Debug)]
pub struct Beat {
    pub now: Timestamp,
    pub me: SessionId,
    /// Whether something was written; otherwise the last heartbeat is young enough.
    pub written: bool,
    pub seen_at: Timestamp,
    pub claims: usize,
    pub lapsed: Vec<Resource>,
}

/// A session that has nothing to do now.
pub fn at_rest(context: &Context, throttle: Option<u64>) -> Result<Option<Beat>, Failure> {
    let Some(me) = context.known_actor() else {
        return Ok(None);
    };
    let Some(session) = context.ledger.sessions().get(&me)? else {
        return Ok(None);
    };
    let now = context.now();
    let throttle_secs = throttle.unwrap_or(context.config.heartbeat_secs);
    let beliefs = context.ledger.leases(&me.id).list();
    if now >= due_at(&session, throttle_secs) || !lease::nothing_due(context, &me, &beliefs) {
        return Ok(None);
    }
    Ok(Some(Beat {
        now,
        written: false,
        seen_at: session.seen_at,
        claims: session.claims.len() + beliefs.len(),
        lapsed: Vec::new(),
        me: me.id,
    }))
}

/// Renews the exclusive claims of this session, and waits for the remote. What is lost is told by
/// the next command that a user sees.
pub fn renew(context: &Context) -> Result<Beat, Failure> {
    let me = context.actor()?;
    lease::renew_all(context, &me)?;
    Ok(Beat {
        now: context.now(),
        written: false,
        seen_at: context.now(),
        claims: 0,
        lapsed: Vec::new(),
        me: me.id,
    })
}

pub fn execute(context: &Context, throttle_secs: u64) -> Result<Beat, Failure> {
    let beat = beat(context, throttle_secs)?;
    if let Some(lost) = lease::take_lost_lease(context, &context.actor()?)? {
        return Err(Failure::refused(lost).hint("stop: another session may hold it now"));
    }
    Ok(beat)
}

/// A sign of life alone. What was lost is still to be told, by whoever is heard.
pub fn beat(context: &Context, throttle_secs: u64) -> Result<Beat, Failure> {
    let me = context.actor()?;
    let ttl = context.config.ttl;
    supersede(context, &me, Mode::Background)?;
    let mut seen_before: Option<Session> = None;
    let mut decide = |before: Option<&Session>, now: Timestamp| -> Decision {
        seen_before = before.cloned();
        if before.is_some_and(|session| now < due_at(session, throttle_secs)) {
            return Ok(None);
        }
        step(before, &me, &Request::Heartbeat, now, ttl)
    };
    let outcome = context
        .ledger
        .sessions()
        .update(&context.host, &me, &mut decide)?;
    let (written, session, lapsed) = match outcome {
        Outcome::Written(step) => (true, Some(step.session), step.event.expired),
        Outcome::NothingToDo => (false, seen_before.clone(), Vec::new()),
        Outcome::Refused(refusal) => return Err(Failure::refused(refusal)),
    };
    if let (true, Some(session)) = (written, &session) {
        let ttls = session.claims.iter().map(|claim| claim.ttl);
        let shortest = ttls.chain([session.ttl]).min();
        publish::publish_heartbeat(context, shortest);
    }
    lease::renew_due(context, &me)?;
    let now = context.now();
    Ok(Beat {
        now,
        written,
        seen_at: session.as_ref().map_or(now, |session| session.seen_at),
        claims: session.map_or(0, |session| session.claims.len())
            + context.ledger.leases(&me.id).list().len(),
        lapsed,
        me: me.id,
    })
}

/// When a session is to show its next sign of life.
pub fn due_at(session: &Session, throttle_secs: u64) -> Timestamp {
    let shortest = session.claims.iter().map(|claim| claim.ttl).min();
    let interval_secs = shortest.map_or(throttle_secs, |ttl| ttl.renewal_interval().as_secs());
    session.seen_at.plus_secs(interval_secs.min(throttle_secs))
}
