//! The queue of requests for exclusive claims.
//!
//! Owns the queued request in a session's own record, the order of the queue, and what becomes of a
//! request that could not be decided when it was made: it is submitted again after the next sync.
//! Never grants anything by itself.

use std::time::Duration;

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::conflicts::{hidden, of_others};
use crate::app::claims::request::{ClaimRequest, Heeds};
use crate::app::claims::{gone, waiters};
use crate::app::remote::knowledge::known;
use crate::app::remote::refresh::short_deadline;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Outcome;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::claim::{Claim, Mode};
use crate::model::holding::Holding;
use crate::model::lock;
use crate::model::lock_request::{Decision, Request as Asked};
use crate::model::news::News;
use crate::model::resource::Resource;
use crate::model::session::{Request, Session};
use crate::model::time::Timestamp;

/// Submits a request to the arbiter, which answers at `until` at the latest.
pub fn submit(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    until: Duration,
) -> Result<Decision, ArbiterError> {
    let requests = wanted.resources.iter().map(|resource| lock::GrantRequest {
        resource: resource.clone(),
        purpose: wanted.purpose.clone(),
        ttl: wanted.ttl,
    });
    let request = Asked::Grant(requests.collect());
    arbiter::submit_until(context, me, &request, until)
}

/// Adds a request to the queue: a place that ends at `place_until`, or a request that a later sync
/// decides.
pub fn enqueue(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    place_until: Option<Timestamp>,
) -> Result<(), Failure> {
    let request = Request::Enqueue {
        wanted: wanted.resources.clone(),
        purpose: wanted.purpose.clone(),
        ttl: wanted.ttl,
        place_until,
    };
    write(context, me, &request)?;
    // The claim stands in line all the same.
    if let Ok(board) = context.ledger.board_about(&wanted.resources) {
        waiters::tell_holders(context, &board);
    }
    Ok(())
}

/// Returns the sessions of this clone that wait for any of these resources, before `me` if that
/// waits, too: their processes look all the time, and it is their turn first. What a later sync
/// decides is no place in the queue.
pub fn ahead(context: &Context, board: &Board, me: &Actor, of: &[Resource]) -> Vec<Holding> {
    let now = context.now();
    let mine = queued_by(board, me, of, now);
    let mine = mine.iter().map(|h| (h.claimed_at, &h.session)).min();
    let has_place = |held: &Holding| {
        let mut sessions = board.sessions.iter();
        let session = sessions.find(|s| s.who.id == held.session && s.who.node == held.node);
        let mut claims = session.iter().flat_map(|session| &session.claims);
        claims.any(|one| one.resource == held.resource && one.place_until.is_some())
    };
    let mut before = waiters::waiters(board, &me.id, of, now);
    before.retain(|held| {
        let is_before = mine.is_none_or(|mine| (held.claimed_at, &held.session) < mine);
        held.node == me.node && is_before && has_place(held)
    });
    gone::mark(context, &mut before);
    before.retain(|held| !held.is_gone);
    before
}

/// Removes the queued requests for these resources, and returns true if there were any.
pub fn cancel(context: &Context, me: &Actor, of: &[Resource]) -> Result<bool, Failure> {
    let session = context.ledger.sessions().get(me)?;
    let claims = session.map(|session| session.claims).unwrap_or_default();
    let queued: Vec<Resource> = claims
        .into_iter()
        .filter(|claim| claim.mode == Mode::Waiting && of.contains(&claim.resource))
        .map(|claim| claim.resource)
        .collect();
    if queued.is_empty() {
        return Ok(false);
    }
    let cancelled = write(context, me, &Request::Release(queued));
    match cancelled {
        // Another process of this session was faster.
        Err(failure) if failure.refusal.is_some() => Ok(false),
        cancelled => cancelled.map(|()| true),
    }
}

/// Applies a request to the session of `me`.
pub fn write(context: &Context, me: &Actor, request: &Request) -> Result<(), Failure> {
    let ttl = context.config.ttl;
    let ledger = &context.ledger;
    match ledger.sessions().apply(&context.host, me, request, ttl)? {
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
        Outcome::Written(_) | Outcome::NothingToDo => Ok(()),
    }
}

/// Returns the queued requests of `me` for these resources.
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

/// Returns how many live sessions queued for any of these resources before `me`.
pub fn position(board: &Board, me: &Actor, of: &[Resource], now: Timestamp) -> usize {
    match queued_by(board, me, of, now).is_empty() {
        true => 0,
        false => in_line(board, me, of, now).len(),
    }
}

/// Returns the live sessions that queued for any of these resources before `me`, in their order;
/// all of them if `me` is not queued.
pub fn in_line(board: &Board, me: &Actor, of: &[Resource], now: Timestamp) -> Vec<Holding> {
    let mut waiting: Vec<Holding> = board.live(now);
    let overlaps = |h: &Holding| of.iter().any(|r| r.overlaps(&h.resource));
    waiting.retain(|h| h.mode == Mode::Waiting && overlaps(h));
    let is_mine = |h: &&Holding| h.session == me.id && h.node == me.node;
    let mine = waiting
        .iter()
        .find(is_mine)
        .map(|h| (h.claimed_at, &h.session));
    let is_before = |h: &&Holding| {
        let its = (h.claimed_at, &h.session);
        !is_mine(h) && mine.is_none_or(|mine| its < mine)
    };
    let mut before: Vec<Holding> = waiting.iter().filter(is_before).cloned().collect();
    before.sort_by(|a, b| (a.claimed_at, &a.session).cmp(&(b.claimed_at, &b.session)));
    let mut seen = Vec::new();
    before.retain(|h| {
        let it = (h.session.clone(), h.node);
        let is_new = !seen.contains(&it);
        seen.push(it);
        is_new
    });
    before
}

/// Returns the words for a place in the queue.
pub fn ordinal(position: usize) -> String {
    match position {
        0 => "first".to_owned(),
        1 => "second".to_owned(),
        n => format!("number {}", n + 1),
    }
}

/// Submits the queued requests of this clone that are first in line, and returns what was granted.
pub fn grant_pending(context: &Context) -> Result<Vec<Holding>, Failure> {
    let now = context.now();
    let mut waiting: Vec<(Actor, Vec<ClaimRequest>)> = Vec::new();
    for session in context.ledger.sessions().own()? {
        let requests = pending_requests(&session, now);
        waiting.push((session.who, requests));
    }
    waiting.retain(|(_, requests)| !requests.is_empty());
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    // Who shares it has to be known, as it is for a request that is decided at once.
    if known(context).problem().is_some() {
        return Ok(Vec::new());
    }
    let board = context.ledger.board()?;
    let mut granted = Vec::new();
    for (who, requests) in waiting {
        let is_gone = |me: &Actor| {
            let process = me.process.as_ref();
            let process = process.filter(|process| process.ends_its_session());
            process.is_some_and(|process| context.host.is_dead(process, process.started_at))
        };
        for wanted in requests {
            let is_next = position(&board, &who, &wanted.resources, now) == 0;
            if is_next && !is_gone(&who) && !is_shared(context, &who, &wanted, &board) {
                granted.extend(grant_one(context, &who, &wanted)?);
            }
        }
    }
    Ok(granted)
}

/// Returns true if another session shares what is wanted, may do so, or has frozen it.
fn is_shared(context: &Context, me: &Actor, wanted: &ClaimRequest, board: &Board) -> bool {
    let mut others = of_others(board, &wanted.resources, me, context.now());
    others.retain(|held| Heeds::ALL.is_one(held));
    !others.is_empty() || !hidden(board, &wanted.resources).is_empty()
}

/// Returns the queued requests of a session. Resources that were queued at one instant are one
/// request.
fn pending_requests(session: &Session, now: Timestamp) -> Vec<ClaimRequest> {
    // What a process waits for is not granted while it does not look.
    let is_live = |claim: &&Claim| {
        claim.mode == Mode::Waiting
            && claim.place_until.is_none()
            && claim.is_live(session.seen_at, now)
    };
    let mut requests: Vec<(Timestamp, ClaimRequest)> = Vec::new();
    for claim in session.claims.iter().filter(is_live) {
        match requests.iter_mut().find(|(at, _)| *at == claim.claimed_at) {
            Some((_, wanted)) => wanted.resources.push(claim.resource.clone()),
            None => requests.push((claim.claimed_at, ClaimRequest::exclusive(claim))),
        }
    }
    requests.into_iter().map(|(_, request)| request).collect()
}

fn grant_one(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
) -> Result<Vec<Holding>, Failure> {
    // The request stays queued.
    let Ok(decided) = submit(context, me, wanted, short_deadline(context).answer) else {
        return Ok(Vec::new());
    };
    if cancel(context, me, &wanted.resources)? {
        let at = context.now();
        let granted = decided.locks.iter().map(|lock| News::Granted {
            resource: lock.resource.clone(),
            token: lock.token,
            at,
        });
        let granted: Vec<News> = granted.collect();
        // The grant stands, and the board shows it.
        let _ = context.ledger.news(&me.id).append(&granted);
        return Ok(decided.locks.iter().map(Holding::of_lock).collect());
    }
    // The request was cancelled meanwhile.
    arbiter::submit(context, me, &Asked::Release(wanted.resources.clone()))?;
    Ok(Vec::new())
}
