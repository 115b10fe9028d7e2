//! The end of an agent's session.
//!
//! Owns releasing what the session holds, at once on this machine; a background process publishes
//! it, and does what a lock of another process keeps this one from. Never waits for a remote.

use crate::app::background::Background;
use crate::app::claims::arbiter::locks_on;
use crate::app::claims::succession::{self, release_locks};
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Outcome;
use crate::model::actor::{Actor, Process};
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::succession::Ending;

/// Ends the session for the reason that the harness names. If that says that it goes on under
/// another id, nothing is released: it moves when the other one starts, or expires.
pub(crate) fn end(context: &Context, reason: Option<&str>) -> Result<(), Failure> {
    let ending = reason.and_then(Ending::read);
    let me = context.known_actor();
    if let (Some(me), Some(ending)) = (&me, ending) {
        // What cannot be noted is not told, and not moved.
        let _ = succession::leave(context, me, ending);
    }
    if ending == Some(Ending::Continued) {
        return Ok(());
    }
    context.leave_chosen_id();
    let Some(me) = me else {
        return Ok(());
    };
    if let Some(process) = &me.process {
        context.ledger.starts().end(process, &me.id);
    }
    if is_at_work_elsewhere(context, &me) {
        return Ok(());
    }
    let released = release_all(context, &me);
    context.ledger.notices().forget(&me.id);
    context.ledger.news(&me.id).forget();
    context.ledger.bell(&me.id).forget();
    context.ledger.mail_seen(&me.id).forget();
    context.ledger.wants(&me.id).forget_all();
    context.ledger.keepalive(&me.id).end();
    match &released {
        Ok(true) => publish::publish_in_background(context),
        Ok(false) => {}
        Err(_) => {
            let session = me.id;
            let ended_at = context.now();
            Background::ReleaseEnded { session, ended_at }.start(context);
        }
    }
    released.map(drop)
}

/// Returns true if the session was taken up in another process, or began in one, that is still
/// there: then only the one here ends. Its record and its locks say where it is at work.
fn is_at_work_elsewhere(context: &Context, me: &Actor) -> bool {
    let session = context.ledger.sessions().get(me).ok().flatten();
    let session = session.and_then(|session| Some((session.who.process?, session.seen_at)));
    let leases = context.ledger.leases(&me.id).list();
    let held: Vec<Resource> = leases.into_iter().map(|lease| lease.resource).collect();
    let locks = locks_on(context, me, &held).unwrap_or_default().into_iter();
    let locks = locks.filter_map(|lock| Some((lock.holder.process?, lock.renewed_at)));
    locks.chain(session).any(|(recorded, seen_at)| {
        let is_another = |mine: &Process| !mine.is_same(&recorded);
        recorded.ends_its_session()
            && me.process.as_ref().is_some_and(is_another)
            && context.host.is_running(&recorded, seen_at)
    })
}

/// Releases all claims of a session. Returns true if its record was written.
fn release_all(context: &Context, me: &Actor) -> Result<bool, Failure> {
    let ttl = context.config.ttl;
    let sessions = context.ledger.sessions();
    let outcome = sessions.apply(&context.host, me, &Request::ReleaseAll, ttl)?;
    if !context.ledger.leases(&me.id).list().is_empty() {
        release_locks(context, me)?;
    }
    Ok(matches!(outcome, Outcome::Written(_)))
}
