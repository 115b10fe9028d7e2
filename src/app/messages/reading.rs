//! The acting session as a reader of messages.
//!
//! Owns [`reader`], [`Liveness`], and how what was read is marked ([`mark`]). Never decides when a
//! session reads.

use crate::app::claims::gone;
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::heirs::Heirs;
use crate::model::holding::Asker;
use crate::model::id::SessionId;
use crate::model::message::MessageId;
use crate::model::message::address::Reader;
use crate::model::message::marks::Marks;
use crate::model::message::post::Post;
use crate::model::resource::Resource;
use crate::model::session::{Request, Session, step};
use crate::model::time::Timestamp;

/// The most successions that are followed at once.
const HEIRS_MAX: usize = 256;

/// What is known of the life of a session that a message names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It was heard of within its time to live.
    Live,
    /// It was heard of last at this time.
    Silent(Timestamp),
    /// Its program has certainly ended.
    Ended,
    /// It is not on the board.
    Unknown,
}

/// Returns the session of `who` as a reader. `heirs` are those of [`heirs`].
pub fn reader(who: &Actor, board: &Board, mail: (&Post, &Heirs), now: Timestamp) -> Reader {
    reader_of(who, held_by(who, board, now), mail)
}

/// Returns the session of `who` as a reader that holds this.
pub fn reader_of(who: &Actor, holds: Vec<Resource>, (post, heirs): (&Post, &Heirs)) -> Reader {
    let mut heir_of = post.heir_of(&who.id, Some(who.node)).to_vec();
    for id in heirs.before(&who.id) {
        if !heir_of.contains(id) {
            heir_of.push(id.clone());
        }
    }
    Reader {
        id: who.id.clone(),
        user: who.user.clone(),
        host: who.host.clone(),
        heir_of,
        holds,
    }
}

/// Returns which sessions of this clone go on from those that messages name: a sender may use the
/// name of one long after it was cleared.
pub fn heirs(context: &Context, post: &Post, now: Timestamp) -> Heirs {
    let Some(node) = context.ledger.node() else {
        return Heirs::default();
    };
    let addressed = post.addressed(now).into_iter().cloned();
    Heirs::from(addressed, HEIRS_MAX, &|id| {
        context.ledger.superseded_by(id, node)
    })
}

/// Returns what the session of `who` holds.
pub fn held_by(who: &Actor, board: &Board, now: Timestamp) -> Vec<Resource> {
    let asker = Asker {
        id: who.id.clone(),
        node: Some(who.node),
        attempt: None,
    };
    let held = board.held(now).into_iter();
    held.filter(|held| asker.owns(held))
        .map(|held| held.resource)
        .collect()
}

/// Returns the acting session, which need not have a record yet.
pub fn acting(context: &Context) -> Result<Actor, Failure> {
    match context.known_actor() {
        Some(me) => Ok(me),
        None => context.actor(),
    }
}

/// Returns what is known of the life of a session.
pub fn liveness(context: &Context, session: Option<&Session>, now: Timestamp) -> Liveness {
    let Some(session) = session else {
        return Liveness::Unknown;
    };
    let program = session.who.process.as_ref();
    match program {
        Some(program) if gone::has_ended(context, program, session.seen_at) => Liveness::Ended,
        _ if session.is_live(now) => Liveness::Live,
        _ => Liveness::Silent(session.seen_at),
    }
}

/// Marks messages as handed over to `me`, each with when it expires, and notes that `me` goes on
/// from `heir_of`: a sender knows by that who got what it said to one of them. Does not wait for
/// the remote.
pub fn mark(
    context: &Context,
    me: &Actor,
    read: &[(MessageId, Timestamp)],
    heir_of: &[SessionId],
) -> Result<(), Failure> {
    if read.is_empty() {
        return Ok(());
    }
    change(context, me, &mut |marks, now| {
        let mut is_new = false;
        for (id, until) in read {
            is_new |= marks.mark(id, *until, now);
        }
        for id in heir_of {
            is_new |= marks.succeed(&me.id, id, &Marks::default());
        }
        is_new
    })?;
    publish::publish_in_background(context);
    Ok(())
}

/// Lets `me` take over the messages of the session `before` of this clone, if there are any: a
/// session that only starts has no record.
pub fn succeed(context: &Context, me: &Actor, before: &SessionId) -> Result<(), Failure> {
    let board = context.ledger.board()?;
    if board.mail.is_empty() {
        return Ok(());
    }
    let post = context.ledger.mail()?.post;
    let its = Marks {
        read: post.read_by(before, Some(me.node)).to_vec(),
        heir_of: post.heir_of(before, Some(me.node)).to_vec(),
    };
    let old = Actor {
        id: before.clone(),
        ..me.clone()
    };
    let old = reader(&old, &board, (&post, &Heirs::default()), context.now());
    let has_none = post.letters(&old, Some(me.node), context.now()).is_empty();
    if has_none && its == Marks::default() {
        return Ok(());
    }
    change(context, me, &mut |marks, _| {
        marks.succeed(&me.id, before, &its)
    })
}

fn change(
    context: &Context,
    me: &Actor,
    apply: &mut dyn FnMut(&mut Marks, Timestamp) -> bool,
) -> Result<(), Failure> {
    let ttl = context.config.ttl;
    let mut decide = |before: Option<&Session>, marks: &[Marks], now: Timestamp| {
        let mut marks = marks.first().cloned().unwrap_or_default();
        if !apply(&mut marks, now) {
            return Ok(None);
        }
        let step = step(before, me, &Request::Heartbeat, now, ttl)?;
        Ok(step.map(|step| (step, vec![marks])))
    };
    let marks = context.ledger.marks();
    marks.update(&context.host, me, &mut decide)?;
    Ok(())
}
