//! A new session of a harness in the place of an old one: after `/clear`, a compaction, a resume.
//!
//! Owns what becomes of the claims of the old one, by what the harness said. Which session it is
//! decides `model::succession`. Never touches a session of another clone, and never acts on a mere
//! command.

use crate::app::background::Background;
use crate::app::claims::arbiter;
use crate::context::{Context, Upstream};
use crate::failure::Failure;
use crate::identity::Rule;
use crate::ledger::Outcome;
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::lock::Lock;
use crate::model::lock_request;
use crate::model::news::News;
use crate::model::resource::Resource;
use crate::model::session::{Request, Session};
use crate::model::succession::{Ending, Left, Succession, predecessor};
use crate::model::token::Token;

/// What became of the session before.
#[derive(Debug, Default)]
pub struct Before {
    /// The session, if it can be told which one it was.
    pub session: Option<SessionId>,
    /// What it held, if it held anything.
    pub held: Option<Succession>,
}

/// Records that a session starts in a clone that never wrote: it may claim before the next one
/// starts in its process.
pub fn begin(context: &Context) -> Result<(), Failure> {
    let me = &context.me;
    match me.process.as_ref().filter(|_| me.agent.is_some()) {
        Some(process) => Ok(context.ledger.starts().begin(process, &me.id)?),
        None => Ok(()),
    }
}

/// Records that the session `me` starts, and settles what the session before it held. `ending` is
/// what the harness said; `None` if it said nothing of one. Returns nothing if no session was
/// before it, or if it cannot be told which one it was. With `keeps_its_id`, the session before has
/// the id of `me`: the process stands for both.
pub fn succeed(
    context: &Context,
    me: &Actor,
    ending: Option<Ending>,
    keeps_its_id: bool,
) -> Result<Before, Failure> {
    let Some(process) = me.process.as_ref().filter(|_| me.agent.is_some()) else {
        return Ok(Before::default());
    };
    let starts = context.ledger.starts();
    let started = starts.of(process);
    if let Some(left) = ending.and_then(|ending| started.left_for(&me.id, ending)) {
        starts.go_on(process, &left.session);
    }
    starts.begin(process, &me.id)?;
    let Some(ending) = ending else {
        return Ok(Before::default());
    };
    // It was released when it ended.
    if let Some(left) = started.left_for(&me.id, ending)
        && ending == Ending::Cleared
    {
        let id = left.session.clone();
        supersede(context, me, &Actor { id, ..me.clone() })?;
        return Ok(Before {
            session: Some(left.session.clone()),
            held: told(context, left),
        });
    }
    // An id that the user chose says nothing of a harness session.
    let is_same = keeps_its_id && ending == Ending::Cleared && context.me.rule == Rule::Harness;
    let board = context.ledger.board()?;
    let holders = board.locks.iter().map(|lock| &lock.holder);
    let claiming = board.sessions.iter().filter(|s| !s.claims.is_empty());
    let holding = claiming.map(|session| &session.who).chain(holders);
    // It has a record of its own.
    let is_known = board.sessions.iter().any(|session| {
        let who = &session.who;
        who.id == me.id && who.node == me.node
    });
    let before = predecessor(me, ending, &started, holding).filter(|_| !is_known);
    let all = board.sessions.iter().map(|session| &session.who);
    let session = predecessor(me, ending, &started, all).filter(|_| !is_known);
    let session = session.map(|who| who.id.clone());
    let old = match before {
        Some(old) => old.clone(),
        None if is_same => me.clone(),
        None => {
            if let Some(id) = session.clone() {
                supersede(context, me, &Actor { id, ..me.clone() })?;
            }
            return Ok(Before {
                session,
                held: None,
            });
        }
    };
    starts.end(process, &old.id);
    starts.begin(process, &me.id)?;
    let settled = settle(context, me, &old, ending)?;
    context.ledger.keepalive(&old.id).end();
    let held = !settled.shared.is_empty() || !settled.exclusive.is_empty();
    Ok(Before {
        session: Some(old.id).filter(|id| *id != me.id),
        held: held.then_some(settled),
    })
}

/// Records that `me` goes on from `old`, if there is a record of that: what is said or offered to
/// the session before goes to this one.
fn supersede(context: &Context, me: &Actor, old: &Actor) -> Result<(), Failure> {
    let by = me.id.clone();
    let is_known = context.ledger.sessions().get(old)?.is_some();
    match is_known && old.id != me.id {
        true => apply(context, old, &Request::Supersede { by }),
        false => Ok(()),
    }
}

/// Returns what a session held that was released when it ended.
fn told(context: &Context, left: &Left) -> Option<Succession> {
    let held = !left.shared.is_empty() || !left.exclusive.is_empty();
    let is_decided_elsewhere = matches!(context.upstream, Upstream::Named(_));
    held.then(|| Succession {
        ending: left.ending,
        shared: left.shared.clone(),
        exclusive: left.exclusive.clone(),
        is_under_way: is_decided_elsewhere && !left.exclusive.is_empty(),
    })
}

/// Records that the process of `me` left it for a session that is about to start.
pub fn leave(context: &Context, me: &Actor, ending: Ending) -> Result<(), Failure> {
    let Some(process) = &me.process else {
        return Ok(());
    };
    let mut left = Left {
        session: me.id.clone(),
        ending,
        shared: Vec::new(),
        exclusive: Vec::new(),
    };
    if ending == Ending::Cleared {
        let session = context.ledger.sessions().get(me)?;
        let claims = session.map_or_else(Vec::new, |session| claims_of(context, &session));
        left.shared = claims.into_iter().map(|claim| claim.resource).collect();
        let leases = context.ledger.leases(&me.id).list().into_iter();
        left.exclusive = leases.map(|lease| (lease.resource, lease.token)).collect();
    }
    context.ledger.starts().leave(process, &left);
    Ok(())
}

/// Moves what the session `old` holds to `me`, which runs in its process under another id.
pub fn go_on(context: &Context, me: &Actor, old: &Actor) -> Result<(), Failure> {
    settle(context, me, old, Ending::Continued)?;
    context.ledger.keepalive(&old.id).end();
    Ok(())
}

fn settle(
    context: &Context,
    me: &Actor,
    old: &Actor,
    ending: Ending,
) -> Result<Succession, Failure> {
    let locks = arbiter::locks_of(context, old)?;
    let exclusive: Vec<_> = locks.iter().map(held).collect();
    let before = context.ledger.sessions().get(old)?;
    let shared = before.map_or_else(Vec::new, |before| claims_of(context, &before));
    if ending == Ending::Continued && !shared.is_empty() {
        // First: a crash between the two leaves a claim twice, and never gone.
        let claims = shared.clone();
        apply(context, me, &Request::Inherit(claims))?;
    }
    match old.id == me.id {
        true => apply(context, old, &Request::ReleaseAll)?,
        false => supersede(context, me, old)?,
    }
    let is_under_way = !exclusive.is_empty() && matches!(context.upstream, Upstream::Named(_));
    if !exclusive.is_empty() {
        match ending {
            Ending::Cleared => release_locks(context, old)?,
            Ending::Continued => {
                inherit_locks(context, me, old, &exclusive)?;
                note_moved(context, me, old, &exclusive);
            }
        }
    }
    Ok(Succession {
        ending,
        shared: shared.into_iter().map(|claim| claim.resource).collect(),
        exclusive,
        is_under_way,
    })
}

/// Notes for the session `old` which exclusive claims `me` took over: if it goes on beside that
/// one, in the same process, it is told once.
fn note_moved(context: &Context, me: &Actor, old: &Actor, moved: &[(Resource, Token)]) {
    let news = moved.iter().map(|(resource, _)| News::Superseded {
        resource: resource.clone(),
        by: me.id.clone(),
        at: context.now(),
    });
    // Without it, the session sees them as claims of another one.
    let _ = context
        .ledger
        .news(&old.id)
        .append(&news.collect::<Vec<_>>());
}

/// Moves the exclusive claims of the session `from` of this clone to this session, and waits for
/// the arbiter.
pub fn inherit(context: &Context, from: &SessionId) -> Result<(), Failure> {
    let me = context.actor()?;
    let board = context.ledger.board()?;
    let mut held_by = board.locks.iter().map(|lock| &lock.holder);
    let is_it = |who: &&Actor| who.id == *from && who.node == me.node;
    let Some(old) = held_by.find(is_it) else {
        return Ok(());
    };
    let locks: Vec<_> = arbiter::locks_of(context, old)?.iter().map(held).collect();
    submit(context, &me, old, locks)
}

/// Releases the exclusive claims of `old`. In the background, if a remote decides; what that does
/// not release expires.
pub fn release_locks(context: &Context, old: &Actor) -> Result<(), Failure> {
    match &context.upstream {
        Upstream::None => {
            let held = arbiter::locks_of(context, old)?.into_iter();
            let held: Vec<Resource> = held.map(|lock| lock.resource).collect();
            arbiter::submit(context, old, &lock_request::Request::Release(held))?;
            Ok(())
        }
        Upstream::Named(_) => {
            let session = old.id.clone();
            let ended_at = context.now();
            Background::ReleaseEnded { session, ended_at }.start(context);
            Ok(())
        }
        // There is no arbiter to submit to.
        Upstream::Missing(_) | Upstream::Several(_) => Ok(()),
    }
}

fn inherit_locks(
    context: &Context,
    me: &Actor,
    old: &Actor,
    held: &[(Resource, Token)],
) -> Result<(), Failure> {
    match &context.upstream {
        Upstream::None => submit(context, me, old, held.to_vec()),
        Upstream::Named(_) => {
            let session = me.id.clone();
            let from = old.id.clone();
            Background::Inherit { session, from }.start(context);
            Ok(())
        }
        Upstream::Missing(_) | Upstream::Several(_) => Ok(()),
    }
}

fn submit(
    context: &Context,
    me: &Actor,
    old: &Actor,
    held: Vec<(Resource, Token)>,
) -> Result<(), Failure> {
    if held.is_empty() {
        return Ok(());
    }
    let from = Box::new(old.clone());
    arbiter::submit(context, me, &lock_request::Request::Inherit { from, held })?;
    Ok(())
}

fn held(lock: &Lock) -> (Resource, Token) {
    (lock.resource.clone(), lock.token)
}

/// Returns the claims of a session that are in force.
fn claims_of(context: &Context, session: &Session) -> Vec<crate::model::claim::Claim> {
    let now = context.now();
    let claims = session.claims.iter();
    let live = claims.filter(|claim| claim.is_live(session.seen_at, now));
    live.cloned().collect()
}

fn apply(context: &Context, who: &Actor, request: &Request) -> Result<(), Failure> {
    let ttl = context.config.ttl;
    let sessions = context.ledger.sessions();
    match sessions.apply(&context.host, who, request, ttl)? {
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
        Outcome::Written(_) | Outcome::NothingToDo => Ok(()),
    }
}
