//! Offers, as far as sessions and processes decide about them.
//!
//! Owns which session goes on from the one that something is offered to, when that one has ended,
//! and the words for a resource that is offered to another one. Never decides who holds what.

use crate::app::claims::refused;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Named;
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::offer::Offered;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::turn::{self, is_turn};

/// The most successions that are followed from one session.
const SUCCESSIONS_MAX: usize = 16;

/// An offer that is open, as the session that asks sees it.
#[derive(Clone, Debug)]
pub struct Open {
    /// The offer.
    pub offered: Offered,
    /// Whether it is for the session that asks.
    pub is_mine: bool,
}

/// Returns those of `offers` that are open and that a session can still take.
pub fn open(context: &Context, offers: Vec<Offered>) -> Vec<Open> {
    let now = context.now();
    let me = context.known_actor();
    let open = offers.into_iter().filter(|one| one.is_open(now));
    let open = open.filter(|one| !is_void(context, one));
    open.map(|offered| Open {
        is_mine: offered.to == context.me.id
            || me.as_ref().is_some_and(|me| is_for(context, me, &offered)),
        offered,
    })
    .collect()
}

/// Returns the open offer to another session of something that overlaps one of `wanted`.
pub fn to_another(
    context: &Context,
    offers: &[Offered],
    wanted: &[Resource],
) -> Option<Box<Offered>> {
    let is_wanted = |one: &&Offered| wanted.iter().any(|wanted| one.resource.overlaps(wanted));
    let about: Vec<Offered> = offers.iter().filter(is_wanted).cloned().collect();
    let mut open = open(context, about).into_iter();
    let other = open.find(|one| !one.is_mine)?;
    Some(Box::new(other.offered))
}

/// Returns true if `me` goes on from the session that it is offered to, or is one of a command that
/// this one runs.
pub fn is_for(context: &Context, me: &Actor, offered: &Offered) -> bool {
    let runs_it = |id: &SessionId| me.id.runs_for() == Some(id.as_str());
    if offered.to == me.id || runs_it(&offered.to) {
        return true;
    }
    let last = last_of(context, &offered.to).0;
    last == me.id || runs_it(&last)
}

/// Returns true if the session that it is offered to has certainly ended, and no other goes on from
/// it. A session that this clone does not know may still come.
pub fn is_void(context: &Context, offered: &Offered) -> bool {
    let (_, named) = last_of(context, &offered.to);
    !named.is_empty() && named.iter().all(|one| has_ended(context, &one.session))
}

/// Returns the session that goes on from `id` in the end, and what is recorded of it.
pub fn last_of(context: &Context, id: &SessionId) -> (SessionId, Vec<Named>) {
    let mut id = id.clone();
    for _ in 0..SUCCESSIONS_MAX {
        let named = context.ledger.sessions_named(&id).unwrap_or_default();
        let heir = record_of(context, &named).and_then(|one| one.superseded_by.clone());
        match heir.filter(|heir| *heir != id) {
            Some(heir) => id = heir,
            None => return (id, named),
        }
    }
    (id, Vec::new())
}

/// Returns the record that says what became of a session: the one of this clone, or else the one
/// that was heard of last. Another clone can have a session of the same id, which is another one.
fn record_of<'n>(context: &Context, named: &'n [Named]) -> Option<&'n Named> {
    let here = context.ledger.node();
    let is_own = |one: &&Named| Some(one.session.who.node) == here;
    let last = || named.iter().max_by_key(|one| one.session.seen_at);
    named.iter().find(is_own).or_else(last)
}

/// Returns true if the session ends with a process of this machine that is gone.
pub fn has_ended(context: &Context, session: &Session) -> bool {
    let process = session.who.process.as_ref();
    let program = process.filter(|process| process.ends_its_session());
    let is_of_this_clone = context.ledger.node() == Some(session.who.node);
    program.is_some_and(|program| match is_of_this_clone {
        true => context.host.is_dead(program, session.seen_at),
        false => context.host.has_ended(program, session.seen_at),
    })
}

/// Returns the failure for what is offered to another session.
pub fn refused(context: &Context, offered: Box<Offered>) -> Failure {
    let resource = offered.resource.clone();
    let secs = offered.until.secs_since(context.now());
    let failure = Failure::refused(Refusal::Offered { offered });
    let (word, minutes) = (refused::word(&resource), secs.div_ceil(60));
    let (wait, force) = match is_turn(&resource) {
        true => (
            turn::take(&resource, &word, "--wait"),
            refused::seize(&resource),
        ),
        false => (
            format!("git presence wait {word}"),
            refused::force(&resource, true),
        ),
    };
    failure
        .hint(format!(
            "wait; without the other session it is open in {minutes} min: {wait}"
        ))
        .hint(format!("end the offer, if the user decides so: {force}"))
}
