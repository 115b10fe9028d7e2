//! `fence`: may I still act on what I hold alone?
//!
//! Owns the answer for one resource: the token is the one in force, it is mine, and I may still
//! count on it. Exit 0 is the answer; anything else is a refusal.

use crate::app::claims::{arbiter, lease};
use crate::app::remote::refresh::{Refresh, deadline, refresh};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::ledger::Belief;
use crate::model::holding::Holding;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::token::Token;

#[derive(Debug)]
pub struct Fenced {
    pub now: Timestamp,
    pub held: Holding,
}

pub fn execute(
    context: &Context,
    resource: &Resource,
    token: Option<Token>,
    ask: bool,
) -> Result<Fenced, Failure> {
    let me = context.actor()?;
    if ask {
        fetch(context)?;
    }
    let now = context.now();
    let read = context.ledger.locks().get(resource)?;
    let lock = match read.cell.check(&me, resource, token, now) {
        Ok(lock) => lock.clone(),
        Err(denied) => {
            // What I counted on is told as lost, and only once.
            return Err(match lease::take_lost_lease_on(context, &me, resource)? {
                Some(lost @ Refusal::TakenOver { .. }) => Failure::refused(lost),
                _ => arbiter::refusal_for(denied, resource),
            });
        }
    };
    let counted = context.ledger.leases(&me.id).list().into_iter();
    let counts = |belief: &Belief| {
        belief.resource == *resource
            && belief.token == lock.token
            && belief.is_in_force(&context.host)
    };
    // What others may take over at any moment is not counted on, whoever asks in its name.
    if arbiter::holder_is_dead(context, &lock) || !counted.into_iter().any(|belief| counts(&belief))
    {
        let resource = resource.clone();
        return Err(Failure::refused(Refusal::NotCountedOn { resource })
            .hint("claim it again: that renews it"));
    }
    Ok(Fenced {
        now,
        held: Holding::of_lock(&lock),
    })
}

/// Fetches, because the caller asks for the answer of the remote.
fn fetch(context: &Context) -> Result<(), Failure> {
    match refresh(context, Refresh::NOW, deadline(context))?.problem() {
        None => Ok(()),
        Some(why) => Err(Failure::new(Kind::Remote, anyhow::anyhow!(why))
            .hint("nothing is known about it right now: do not act on it")),
    }
}
