//! Wishes to hold something alone, where they are on record for others to see.
//!
//! Owns the wish in a session's own record, the order among wishes, and what becomes of one that
//! could not be decided when it was made: it is decided at the next sync, as if it was made then.
//! Never takes anything by itself: it asks, as anybody does.

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::request::Wish;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Outcome;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::claim::{Claim, Mode};
use crate::model::holding::Holding;
use crate::model::lock;
use crate::model::lock_request::{Decided, Request as Asked};
use crate::model::resource::Resource;
use crate::model::session::{Request, Session};
use crate::model::time::Timestamp;

/// Ask for all of it.
pub fn submit(context: &Context, me: &Actor, wish: &Wish) -> Result<Decided, ArbiterError> {
    let wishes = wish.resources.iter().map(|resource| lock::Wish {
        resource: resource.clone(),
        purpose: wish.purpose.clone(),
        ttl: wish.ttl,
    });
    arbiter::submit(context, me, &Asked::Grant(wishes.collect()))
}

/// Put a wish on record.
pub fn enqueue(context: &Context, me: &Actor, wish: &Wish) -> Result<(), Failure> {
    let request = Request::Wait {
        wanted: wish.resources.clone(),
        purpose: wish.purpose.clone(),
        ttl: wish.ttl,
    };
    write(context, me, &request)
}

/// Take what is still wished for of these off the record; whether any was there.
pub fn cancel(context: &Context, me: &Actor, of: &[Resource]) -> Result<bool, Failure> {
    let session = context.ledger.sessions().get(me)?;
    let claims = session.map(|session| session.claims).unwrap_or_default();
    let wished: Vec<Resource> = claims
        .into_iter()
        .filter(|claim| claim.mode == Mode::Waiting && of.contains(&claim.resource))
        .map(|claim| claim.resource)
        .collect();
    if wished.is_empty() {
        return Ok(false);
    }
    let cancelled = write(context, me, &Request::Release(wished));
    match cancelled {
        // Another process of this session was faster.
        Err(failure) if failure.refusal.is_some() => Ok(false),
        cancelled => cancelled.map(|()| true),
    }
}

/// Write to the session of `me`.
pub fn write(context: &Context, me: &Actor, request: &Request) -> Result<(), Failure> {
    let ttl = context.config.ttl;
    let ledger = &context.ledger;
    match ledger.sessions().apply(&context.host, me, request, ttl)? {
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
        Outcome::Written(_) | Outcome::NothingToDo => Ok(()),
    }
}

/// What I wish for of these, as the board has it.
pub fn queued_by(board: &Board, me: &Actor, of: &[Resource], now: Timestamp) -> Vec<Holding> {
    let mut mine = board.live(now);
    mine.retain(|h| {
        h.mode == Mode::Waiting
            && h.session == me.id
            && h.node == me.node
            && of.contains(&h.resource)
    });
    mine
}

/// How many sessions wished for any of these before me and are still there.
pub fn position(board: &Board, me: &Actor, of: &[Resource], now: Timestamp) -> usize {
    let mut waiting: Vec<Holding> = board.live(now);
    let overlaps = |h: &Holding| of.iter().any(|r| r.overlaps(&h.resource));
    waiting.retain(|h| h.mode == Mode::Waiting && overlaps(h));
    let is_mine = |h: &&Holding| h.session == me.id && h.node == me.node;
    let mine = waiting
        .iter()
        .find(is_mine)
        .map(|h| (h.claimed_at, &h.session));
    let Some(mine) = mine else { return 0 };
    let mut before: Vec<_> = waiting
        .iter()
        .filter(|h| !is_mine(h) && (h.claimed_at, &h.session) < mine)
        .map(|h| (&h.session, h.node))
        .collect();
    before.sort();
    before.dedup();
    before.len()
}

/// Decide what the sessions of this clone wish for and whose turn it is; what was granted.
pub fn grant_pending(context: &Context) -> Result<Vec<Holding>, Failure> {
    let now = context.now();
    let mut waiting: Vec<(Actor, Vec<Wish>)> = Vec::new();
    for session in context.ledger.sessions().own()? {
        let wishes = pending_requests(&session, now);
        waiting.push((session.who, wishes));
    }
    waiting.retain(|(_, wishes)| !wishes.is_empty());
    if waiting.is_empty() {
        // The whole board is much to read.
        return Ok(Vec::new());
    }
    let board = context.ledger.board()?;
    let mut granted = Vec::new();
    for (who, wishes) in waiting {
        let is_gone = |me: &Actor| {
            let process = me.process.as_ref();
            process.is_some_and(|process| context.host.is_gone(process))
        };
        for wish in wishes {
            let is_next = position(&board, &who, &wish.resources, now) == 0;
            if is_next && !is_gone(&who) {
                granted.extend(grant_one(context, &who, &wish)?);
            }
        }
    }
    Ok(granted)
}

/// The wishes of a session: what was wished for at one moment was wished for together.
fn pending_requests(session: &Session, now: Timestamp) -> Vec<Wish> {
    let is_live =
        |claim: &&Claim| claim.mode == Mode::Waiting && claim.is_live(session.seen_at, now);
    let mut wishes: Vec<(Timestamp, Wish)> = Vec::new();
    for claim in session.claims.iter().filter(is_live) {
        match wishes.iter_mut().find(|(at, _)| *at == claim.claimed_at) {
            Some((_, wish)) => wish.resources.push(claim.resource.clone()),
            None => wishes.push((claim.claimed_at, Wish::alone(claim))),
        }
    }
    wishes.into_iter().map(|(_, wish)| wish).collect()
}

fn grant_one(context: &Context, me: &Actor, wish: &Wish) -> Result<Vec<Holding>, Failure> {
    // It stays on record, and is decided another time.
    let Ok(decided) = submit(context, me, wish) else {
        return Ok(Vec::new());
    };
    if cancel(context, me, &wish.resources)? {
        return Ok(decided.locks.iter().map(Holding::of_lock).collect());
    }
    // Nobody wants it any more.
    arbiter::submit(context, me, &Asked::Release(wish.resources.clone()))?;
    Ok(Vec::new())
}
