//! The end of an agent's session.
//!
//! Owns releasing what the session holds, at once on this machine; a background process publishes
//! it. Never waits for a remote.

use crate::app::claims::supersede::{Mode, release_locks};
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Outcome;
use crate::model::session::Request;

pub(crate) fn end(context: &Context) -> Result<(), Failure> {
    let Some(me) = context.known_actor() else {
        return Ok(());
    };
    let ttl = context.config.ttl;
    let outcome = context
        .ledger
        .sessions()
        .apply(&context.host, &me, &Request::ReleaseAll, ttl)?;
    let holds_locks = !context.ledger.leases(&me.id).list().is_empty();
    if holds_locks {
        release_locks(context, &me, Mode::Background)?;
    }
    context.ledger.notices().forget(&me.id);
    context.ledger.keepalive(&me.id).end();
    if matches!(outcome, Outcome::Written(_)) {
        publish::publish_in_background(context);
    }
    Ok(())
}
