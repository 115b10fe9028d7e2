//! What a session is told once: the claims that it lost, and requests that were granted.
//!
//! Owns where that is known from: what was noted when it happened, the leases of the session, and
//! claims that expired and stand in its record. A verb that only reads tells it as long as it
//! stands; a hook or a verb that writes tells it and forgets it. Never words it for a model.

use crate::app::claims::{lease, waiters, wants};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::claim::Mode;
use crate::model::id::SessionId;
use crate::model::news::News;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Request;

/// Returns what the acting session was not told yet, and forgets nothing.
pub fn list(context: &Context) -> Result<Vec<News>, Failure> {
    let Some(me) = context.known_actor() else {
        return Ok(Vec::new());
    };
    let mut news = context.ledger.news(&me.id).list();
    waiters::still_waiting(context, &me, &mut news)?;
    let lost = lease::lost(context, &me).into_iter();
    news.extend(lost.map(|(_, lost)| News::Lost(lost)));
    news.extend(wants::freed(context, &me).unwrap_or_default());
    let now = context.now();
    // A record that cannot be read is among the problems of the board.
    if let Ok(Some(session)) = context.ledger.sessions().get(&me) {
        for claim in session.claims {
            let at = claim.expires_at(session.seen_at);
            let resource = claim.resource;
            match claim.mode {
                _ if now < at || claim.place_until.is_some() => {}
                Mode::Waiting => news.push(News::RequestExpired { resource, at }),
                Mode::Shared | Mode::Exclusive | Mode::Frozen => {
                    news.push(News::Expired { resource, at });
                }
            }
        }
    }
    Ok(news)
}

/// Returns true if there may be something that the session `me` was not told.
pub fn is_any(context: &Context, me: &Actor) -> bool {
    !context.ledger.news(&me.id).list().is_empty()
}

/// Drops what expired in the record of `me`, so that it is noted, for a verb that does not write
/// the record. The session stays as it was otherwise.
pub fn drop_expired(context: &Context, me: &Actor) -> Result<(), Failure> {
    let Some(session) = context.ledger.sessions().get(me)? else {
        return Ok(());
    };
    let now = context.now();
    let mut claims = session.claims.iter();
    if claims.any(|claim| !claim.is_live(session.seen_at, now)) {
        let (sessions, host) = (context.ledger.sessions(), &context.host);
        sessions.apply(host, &session.who, &Request::Heartbeat, session.ttl)?;
    }
    Ok(())
}

/// Returns what was noted for a session, as told.
pub fn take_noted(context: &Context, me: &SessionId) -> Vec<News> {
    let news = context.ledger.news(me).list();
    if !news.is_empty() {
        context.ledger.news(me).forget();
    }
    news
}

/// Returns what the session `me` was not told yet, as told: it is not told again.
pub fn take(context: &Context, me: &Actor) -> Result<Vec<News>, Failure> {
    let mut news = context.ledger.news(&me.id).list();
    let was_noted = !news.is_empty();
    waiters::still_waiting(context, me, &mut news)?;
    let lost = lease::lost(context, me);
    let freed = take_freed(context, me).unwrap_or_default();
    // Nothing is forgotten before all of it is known.
    for (lease, lost) in lost {
        let leases = context.ledger.leases(&me.id);
        // What cannot be noted as told is told again.
        let _ = leases.relinquish(&context.host, &lease);
        news.push(News::Lost(lost));
    }
    if was_noted {
        context.ledger.news(&me.id).forget();
    }
    news.extend(freed);
    Ok(news)
}

/// Returns what `me` wanted and was not told to be free, as told.
pub fn take_freed(context: &Context, me: &Actor) -> Result<Vec<News>, Failure> {
    let freed = wants::freed(context, me)?;
    let resources: Vec<Resource> = freed.iter().filter_map(News::resource).cloned().collect();
    wants::forget(context, &me.id, &resources);
    Ok(freed)
}

/// Returns the claims that another session took from `me` and that it was not told of.
pub fn take_revoked(context: &Context, me: &Actor) -> Result<Vec<Refusal>, Failure> {
    let mut revoked = Vec::new();
    for (lease, lost) in lease::lost(context, me) {
        if let Refusal::TakenOver { .. } = lost {
            let leases = context.ledger.leases(&me.id);
            leases.relinquish(&context.host, &lease)?;
            revoked.push(lost);
        }
    }
    Ok(revoked)
}

/// Adds to a failure what the session is told with it.
pub fn told_beside(failure: Failure, news: &[News]) -> Failure {
    news.iter().fold(failure, |failure, news| {
        failure.hint(format!("note that {news}"))
    })
}

/// Returns the leases of `me` that expired: a new grant replaces them.
pub fn expired_leases(context: &Context, me: &Actor) -> Result<Vec<News>, Failure> {
    let lost = lease::lost(context, me).into_iter();
    let expired = lost.filter(|(_, lost)| matches!(lost, Refusal::Expired { .. }));
    Ok(expired.map(|(_, lost)| News::Lost(lost)).collect())
}
