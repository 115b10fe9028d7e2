//! The use case of `heartbeat`: renewing all claims of a session.
//!
//! Owns when a heartbeat is due. Hooks call it hundreds of times an hour, and it mostly does
//! nothing.

use std::time::Duration;

use crate::app::claims::lease;
use crate::app::claims::untold;
use crate::app::remote::publish::{self, BACKGROUND_SECS_MAX};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::{Decision, Outcome};
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::news::News;
use crate::model::session::{Request, Session, step};
use crate::model::time::Timestamp;

/// What came of a heartbeat.
#[derive(Debug)]
pub struct Beat {
    /// When the session was looked at.
    pub now: Timestamp,
    /// The session.
    pub me: SessionId,
    /// Whether a heartbeat was written; otherwise the last one is recent enough.
    pub written: bool,
    /// Its last heartbeat.
    pub seen_at: Timestamp,
    /// How many claims it has.
    pub claims: usize,
    /// How many of them other sessions can take from it.
    pub leases: usize,
    /// What the session was not told before.
    pub news: Vec<News>,
}

/// Returns the report if no heartbeat of `me` is due and no lease needs renewal.
pub fn at_rest(
    context: &Context,
    me: &Actor,
    throttle: Option<u64>,
) -> Result<Option<Beat>, Failure> {
    let Some(session) = context.ledger.sessions().get(me)? else {
        return Ok(None);
    };
    let now = context.now();
    let throttle_secs = throttle.unwrap_or(context.config.heartbeat_secs);
    let leases = context.ledger.leases(&me.id).list();
    let rests = !is_due(&session, throttle_secs, now)
        && !goes_on(context, me, &session)
        && lease::nothing_due(context, me, &leases);
    if !rests || untold::is_any(context, me) {
        return Ok(None);
    }
    Ok(Some(Beat {
        now,
        written: false,
        seen_at: session.seen_at,
        claims: session.claims.len() + leases.len(),
        leases: leases.len(),
        news: Vec::new(),
        me: me.id.clone(),
    }))
}

/// Renews the leases of this session, and waits for the remote. A lost lease is reported by the
/// next command that a user sees.
pub fn renew(context: &Context) -> Result<Beat, Failure> {
    let me = context.actor()?;
    let until = context.host.elapsed() + Duration::from_secs(BACKGROUND_SECS_MAX);
    lease::renew_all(context, &me, until)?;
    Ok(Beat {
        now: context.now(),
        written: false,
        seen_at: context.now(),
        claims: 0,
        leases: 0,
        news: Vec::new(),
        me: me.id,
    })
}

/// Renews the claims if that is due, and fails if a lease is lost.
pub fn execute(context: &Context, throttle_secs: u64) -> Result<Beat, Failure> {
    let beat = beat(context, throttle_secs)?;
    let mut news = untold::take(context, &context.actor()?)?;
    let is_loss = |news: &News| matches!(news, News::Lost(_));
    let Some(at) = news.iter().position(is_loss) else {
        return Ok(Beat { news, ..beat });
    };
    let News::Lost(lost) = news.remove(at) else {
        return Ok(beat);
    };
    let failure = Failure::refused(lost).hint("stop: another session may hold it now");
    Err(untold::told_beside(failure, &news))
}

/// Renews the claims if that is due. What the session was not told is left for the caller to
/// report.
pub fn beat(context: &Context, throttle_secs: u64) -> Result<Beat, Failure> {
    let me = context.actor()?;
    let ttl = context.config.ttl;
    let mut seen_before: Option<Session> = None;
    let mut decide = |before: Option<&Session>, now: Timestamp| -> Decision {
        seen_before = before.cloned();
        let rests = |session: &Session| {
            !is_due(session, throttle_secs, now) && !goes_on(context, &me, session)
        };
        if before.is_some_and(rests) {
            return Ok(None);
        }
        step(before, &me, &Request::Heartbeat, now, ttl)
    };
    let outcome = context
        .ledger
        .sessions()
        .update(&context.host, &me, &mut decide)?;
    let (written, session) = match outcome {
        Outcome::Written(step) => (true, Some(step.session)),
        Outcome::NothingToDo => (false, seen_before.clone()),
        Outcome::Refused(refusal) => return Err(Failure::refused(refusal)),
    };
    if let (true, Some(session)) = (written, &session) {
        let ttls = session.claims.iter().map(|claim| claim.ttl);
        let shortest = ttls.chain([session.ttl]).min();
        publish::publish_heartbeat(context, shortest);
    }
    lease::renew_due(context, &me)?;
    let now = context.now();
    let leases = context.ledger.leases(&me.id).list().len();
    Ok(Beat {
        now,
        written,
        seen_at: session.as_ref().map_or(now, |session| session.seen_at),
        claims: session.map_or(0, |session| session.claims.len()) + leases,
        leases,
        news: Vec::new(),
        me: me.id,
    })
}

/// Returns true if the process that is recorded for the session has ended, and the one of `me` goes
/// on with it: until that is recorded, others take the session for one that is gone.
pub fn goes_on(context: &Context, me: &Actor, session: &Session) -> bool {
    let recorded = session.who.process.as_ref();
    recorded.is_some_and(|recorded| context.replaces(me, recorded, session.seen_at))
}

/// Returns true if the session is to beat, also where its last heartbeat has an impossible time.
fn is_due(session: &Session, throttle_secs: u64, now: Timestamp) -> bool {
    now >= due_at(session, throttle_secs) || session.is_impossible(now)
}

/// Returns when the next heartbeat of a session is due.
pub fn due_at(session: &Session, throttle_secs: u64) -> Timestamp {
    let shortest = session.claims.iter().map(|claim| claim.ttl).min();
    let interval_secs = shortest.map_or(throttle_secs, |ttl| ttl.renewal_interval().as_secs());
    session.seen_at.plus_secs(interval_secs.min(throttle_secs))
}
