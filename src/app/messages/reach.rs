//! The sessions that a message reaches, as far as this clone knows.
//!
//! Owns [`Recipient`], and what is known of the life of each. Never sends a message.

use super::reading::{Liveness, liveness};
use crate::context::Context;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::heirs::Heirs;
use crate::model::id::SessionId;
use crate::model::message::Message;
use crate::model::message::address::{Address, Means, Reader};
use crate::model::time::Timestamp;

/// The most successions that are followed from the sessions that a message names.
const SUCCESSIONS_MAX: usize = 16;

/// A session that a message reaches.
#[derive(Debug)]
pub struct Recipient {
    /// The session.
    pub session: SessionId,
    /// What is known of its life.
    pub liveness: Liveness,
    /// The session that the message names, if this one goes on from it.
    pub instead_of: Option<SessionId>,
    /// Whether hooks of an agent hand the message over, or a person has to look; `None` if it is
    /// not on the board.
    pub is_agent: Option<bool>,
    /// Whether it is a session of this clone, for which the message need not be published.
    pub is_here: bool,
}

/// Returns every session on the board with what is known of its life: those with a record, those
/// that only hold something exclusively, and those that only go on from one.
pub(super) fn everyone(
    context: &Context,
    board: &Board,
    heirs: &Heirs,
    now: Timestamp,
) -> Vec<(Actor, Liveness)> {
    let recorded = board.sessions.iter();
    let recorded = recorded.map(|one| (one.who.clone(), liveness(context, Some(one), now)));
    let mut all: Vec<(Actor, Liveness)> = recorded.collect();
    for lock in &board.locks {
        let who = &lock.holder;
        let life = match lock.is_live(now) {
            true => Liveness::Live,
            false => Liveness::Silent(lock.renewed_at),
        };
        let is_it =
            |(other, _): &&mut (Actor, Liveness)| other.id == who.id && other.node == who.node;
        match all.iter_mut().find(is_it) {
            Some((_, Liveness::Live | Liveness::Ended)) => {}
            Some((_, known)) => *known = life,
            None => all.push((who.clone(), life)),
        }
    }
    let replaced = all.iter().map(|(who, _)| (who, heirs.last(&who.id)));
    let unseen = replaced.filter(|(_, heir)| !all.iter().any(|(who, _)| who.id == **heir));
    let unseen = unseen.map(|(who, heir)| {
        let id = heir.clone();
        (Actor { id, ..who.clone() }, Liveness::Unknown)
    });
    let unseen: Vec<_> = unseen.collect();
    all.extend(unseen);
    all
}

/// Returns the other sessions on the board that the message means, those that live first. A session
/// that another one replaced is named beside that one.
pub(super) fn reaches(
    everyone: &[(Actor, Liveness)],
    heirs: &Heirs,
    me: &Actor,
    message: &Message,
) -> Vec<Recipient> {
    let known = |id: &SessionId| everyone.iter().find(|(who, _)| who.id == *id);
    let mut all: Vec<Recipient> = Vec::new();
    let mut add = |session: &SessionId, liveness, instead_of: Option<&SessionId>| {
        if *session != me.id && !all.iter().any(|one| one.session == *session) {
            let its = known(session).filter(|(_, life)| *life != Liveness::Unknown);
            all.push(Recipient {
                session: session.clone(),
                liveness,
                instead_of: instead_of.cloned(),
                is_agent: its.map(|(who, _)| who.agent.is_some()),
                is_here: its.is_some_and(|(who, _)| who.node == me.node),
            });
        }
    };
    for to in &message.draft.to {
        if let Address::Session(id) = to
            && heirs.last(id) != id
        {
            let heir = heirs.last(id);
            add(
                heir,
                known(heir).map_or(Liveness::Unknown, |(_, life)| *life),
                Some(id),
            );
        }
    }
    for (who, liveness) in everyone {
        let to_it = Address::Session(who.id.clone());
        let is_here = *liveness == Liveness::Live || message.draft.to.contains(&to_it);
        let is_replaced = heirs.last(&who.id) != &who.id;
        if is_here && !is_replaced && meant(message, heirs, who).is_some() {
            add(&who.id, *liveness, None);
        }
    }
    all.sort_by_key(|one| one.liveness != Liveness::Live);
    all
}

/// Returns which sessions go on from those that the message names, as far as this clone knows.
pub(super) fn heirs(context: &Context, board: &Board, message: &Message) -> Heirs {
    let named = message.draft.to.iter().filter_map(|to| match to {
        Address::Session(id) => Some(id.clone()),
        Address::All | Address::Person { .. } | Address::Resource(_) => None,
    });
    Heirs::from(named, SUCCESSIONS_MAX, &|id| {
        let mut of_id = board.sessions.iter().filter(|one| one.who.id == *id);
        of_id.find_map(|one| context.ledger.superseded_by(id, one.who.node))
    })
}

/// Returns why a message means a session, by what was recorded when it was sent.
pub(super) fn meant(message: &Message, heirs: &Heirs, who: &Actor) -> Option<Means> {
    let reader = Reader {
        id: who.id.clone(),
        user: who.user.clone(),
        host: who.host.clone(),
        heir_of: heirs.before(&who.id).cloned().collect(),
        holds: Vec::new(),
    };
    let draft = &message.draft;
    let mut means = draft.to.iter();
    means.find_map(|to| reader.is_meant(to, &draft.reached, false))
}
