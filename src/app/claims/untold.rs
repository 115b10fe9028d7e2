//! What a session is told once: the claims that it lost, and requests that were granted.
//!
//! Owns where that is known from: what was noted when it happened, the leases of the session, and
//! claims that expired and stand in its record. A verb that only reads tells it as long as it
//! stands; a hook or a verb that writes tells it and forgets it. Never words it for a model.

use crate::app::claims::lease::{self, Lost};
use crate::app::claims::{waiters, wants};
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
        let ended = session.ended_freezes(now).into_iter();
        news.extend(ended.map(|(resource, at)| News::FreezeEnded { resource, at }));
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
    let has_expired = claims.any(|claim| !claim.is_live(session.seen_at, now));
    if has_expired || !session.ended_freezes(now).is_empty() {
        let (sessions, host) = (context.ledger.sessions(), &context.host);
        sessions.apply(host, &session.who, &Request::Heartbeat, session.ttl)?;
    }
    Ok(())
}

/// Returns what was noted for a session. The first of it are told, as many as `tells` says.
pub fn take_noted(context: &Context, me: &SessionId, tells: &dyn Fn(&[News]) -> usize) {
    let news = context.ledger.news(me).list();
    let told = tells(&news);
    forget_noted(context, me, news, told);
}

/// Returns what the session `me` was not told yet, as told: it is not told again.
pub fn take(context: &Context, me: &Actor) -> Result<Vec<News>, Failure> {
    take_with(context, me, lease::lost(context, me))
}

/// Returns the same, with the leases that were found to be lost.
pub fn take_with(context: &Context, me: &Actor, lost: Vec<Lost>) -> Result<Vec<News>, Failure> {
    let all = std::cell::RefCell::new(Vec::new());
    tell(context, me, lost, &|news| {
        all.replace(news.to_vec());
        news.len()
    })?;
    Ok(all.into_inner())
}

/// Passes what the session `me` was not told yet to `tells`, the claims that it lost first. As many
/// of the first as that returns were told, and are not told again.
pub fn take_first(
    context: &Context,
    me: &Actor,
    tells: &dyn Fn(&[News]) -> usize,
) -> Result<(), Failure> {
    tell(context, me, lease::lost(context, me), tells)
}

fn tell(
    context: &Context,
    me: &Actor,
    lost: Vec<Lost>,
    tells: &dyn Fn(&[News]) -> usize,
) -> Result<(), Failure> {
    let mut noted = context.ledger.news(&me.id).list();
    let was_noted = !noted.is_empty();
    waiters::still_waiting(context, me, &mut noted)?;
    let freed = wants::freed(context, me).unwrap_or_default();
    // Nothing is forgotten before all of it is known.
    let lost_news = lost.iter().map(|(_, lost)| News::Lost(lost.clone()));
    let news: Vec<News> = lost_news
        .chain(noted.iter().cloned())
        .chain(freed.iter().cloned())
        .collect();
    let told = tells(&news);
    let of_lost = told.min(lost.len());
    for (lease, _) in lost.into_iter().take(of_lost) {
        let leases = context.ledger.leases(&me.id);
        // What cannot be noted as told is told again.
        let _ = leases.relinquish(&context.host, &lease);
    }
    let of_noted = (told - of_lost).min(noted.len());
    let of_freed = told - of_lost - of_noted;
    if was_noted {
        forget_noted(context, &me.id, noted, of_noted);
    }
    forget_freed(context, me, freed.get(..of_freed).unwrap_or_default());
    Ok(())
}

/// Forgets what was noted for a session, and notes what was not told again.
fn forget_noted(context: &Context, me: &SessionId, noted: Vec<News>, told: usize) {
    let log = context.ledger.news(me);
    if told == 0 && !noted.is_empty() {
        return;
    }
    log.forget();
    let rest = noted.get(told..).unwrap_or_default();
    // What cannot be noted stands in the history.
    let _ = log.append(rest);
}

/// Passes what `me` wanted and was not told to be free to `tells`, as [`take_first`] does.
pub fn take_freed(
    context: &Context,
    me: &Actor,
    tells: &dyn Fn(&[News]) -> usize,
) -> Result<(), Failure> {
    let freed = wants::freed(context, me)?;
    let told = tells(&freed);
    forget_freed(context, me, freed.get(..told).unwrap_or_default());
    Ok(())
}

fn forget_freed(context: &Context, me: &Actor, freed: &[News]) {
    let resources: Vec<Resource> = freed.iter().filter_map(News::resource).cloned().collect();
    wants::forget(context, &me.id, &resources);
}

/// Returns the claims among `lost` that another session took from `me`, as told.
pub fn take_revoked(context: &Context, me: &Actor, lost: &[Lost]) -> Result<Vec<Refusal>, Failure> {
    let mut revoked = Vec::new();
    for (lease, why) in lost {
        if let Refusal::TakenOver { .. } = why {
            let leases = context.ledger.leases(&me.id);
            leases.relinquish(&context.host, lease)?;
            revoked.push(why.clone());
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

/// Returns the leases among `lost` that expired: a new grant replaces them.
pub fn expired_leases(lost: &[Lost]) -> Vec<News> {
    let expired = lost
        .iter()
        .filter(|(_, why)| matches!(why, Refusal::Expired { .. }));
    expired.map(|(_, why)| News::Lost(why.clone())).collect()
}
