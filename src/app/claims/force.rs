//! The use case of `release --force`: ending a claim of another session.
//!
//! Owns what is named before anything is taken ([`Force`]): an exclusive claim is taken as exactly
//! the grant that was shown, and a shared one is cleared only if its program has ended. Without
//! [`Force::at_once`] it says the whole command and changes nothing.

use crate::app::claims::{arbiter, gone, refused, release::Released};
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell;
use crate::ledger::Outcome;
use crate::model::actor::Actor;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::lock::Lock;
use crate::model::lock_request;
use crate::model::offer::Offered;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::{Request, Session};
use crate::model::text::Purpose;
use crate::model::token::Token;
use crate::model::turn;

/// What is taken, as far as the caller named it.
pub struct Force {
    /// The resource.
    pub resource: Resource,
    /// The session that holds it.
    pub holder: Option<SessionId>,
    /// The token of the grant.
    pub token: Option<Token>,
    /// Why, for the holder and the history.
    pub reason: Option<Purpose>,
    /// Whether what the board shows now is taken, without naming it first.
    pub at_once: bool,
}

/// Takes the claim of another session, or says the command that does.
pub fn execute(context: &Context, force: Force) -> Result<Released, Failure> {
    let me = context.actor()?;
    let _ = refresh(context, Refresh::IF_STALE, short_deadline(context));
    if let (Some(holder), Some(token), Some(reason)) = (&force.holder, force.token, &force.reason) {
        let named = (holder.clone(), token);
        return take(context, &me, &force.resource, named, reason.clone());
    }
    let read = context.ledger.locks().get(&force.resource)?;
    if let Some(lock) = read.cell.lock_on(&force.resource) {
        if context.ledger.locks().is_mine(&me, lock) {
            return Err(own(&force.resource));
        }
        return exclusive(context, &me, lock, force);
    }
    let offer = read.cell.offer_of(&force.resource);
    if let Some(offered) = offer.filter(|one| one.is_open(context.now())) {
        return offer_to_others(context, &me, offered, force);
    }
    shared(context, &me, force)
}

/// Takes or names the grant that stands.
fn exclusive(
    context: &Context,
    me: &Actor,
    lock: &Lock,
    force: Force,
) -> Result<Released, Failure> {
    let holder = &lock.holder.id;
    let is_it = |named: Option<&SessionId>| named.is_none_or(|named| named == holder);
    if !is_it(force.holder.as_ref()) {
        return Err(not_of(force.resource, vec![Holding::of_lock(lock)]));
    }
    if let Some(token) = force.token.filter(|token| *token != lock.token) {
        return Err(Failure::refused(Refusal::OtherToken {
            asked: token,
            current: lock.token,
        }));
    }
    if let (true, Some(reason)) = (force.at_once, &force.reason) {
        let named = (holder.clone(), lock.token);
        return take(context, me, &force.resource, named, reason.clone());
    }
    let line = format!(
        "git presence release --force {} --holder {} --token {} --reason {}",
        shell::quote(force.resource.label()),
        shell::quote(holder.as_str()),
        lock.token,
        reason_word(force.reason.as_ref())
    );
    Err(unnamed(context, vec![Holding::of_lock(lock)], &line))
}

/// Ends an offer to another session, or says the command that does.
fn offer_to_others(
    context: &Context,
    me: &Actor,
    offered: &Offered,
    force: Force,
) -> Result<Released, Failure> {
    match (force.at_once, force.reason) {
        (true, Some(reason)) => {
            let named = (offered.to.clone(), offered.token);
            take(context, me, &force.resource, named, reason)
        }
        (_, reason) => {
            let line = format!(
                "git presence release --force {} --reason {} --yes",
                shell::quote(force.resource.label()),
                reason_word(reason.as_ref())
            );
            let offered = Box::new(offered.clone());
            let failure = Failure::refused(Refusal::Offered { offered });
            Err(failure.hint(format!("end the offer, if the user decides so: {line}")))
        }
    }
}

/// Takes exactly the grant that is named.
fn take(
    context: &Context,
    me: &Actor,
    resource: &Resource,
    (holder, token): (SessionId, Token),
    reason: Purpose,
) -> Result<Released, Failure> {
    let request = lock_request::Request::Override {
        resource: resource.clone(),
        holder,
        token,
        reason,
    };
    let until = short_deadline(context);
    let decided = arbiter::submit_until(context, me, &request, until.answer)?;
    let from = |lock: &Lock| {
        let holding = Holding::of_lock(lock);
        format!("{} was taken from {}", lock.resource, holding.holder())
    };
    let mut warnings: Vec<String> = decided.locks.iter().map(from).collect();
    if warnings.is_empty() {
        warnings.push(format!("the offer of {resource} is over"));
    }
    Ok(Released {
        withdrawn: Vec::new(),
        waiting: Vec::new(),
        me: me.id.clone(),
        released: vec![resource.clone()],
        expired: Vec::new(),
        confirmation: Some(arbiter::confirmation(context)),
        warnings,
    })
}

/// Clears shared claims of sessions of this clone whose program has ended.
fn shared(context: &Context, me: &Actor, force: Force) -> Result<Released, Failure> {
    let board = context
        .ledger
        .board_about(std::slice::from_ref(&force.resource))?;
    let now = context.now();
    let mut by = board.live(now);
    by.retain(|held| {
        let named = force.holder.as_ref();
        let is_named = named.is_none_or(|named| *named == held.session);
        held.resource == force.resource && held.token.is_none() && is_named
    });
    gone::mark(context, &mut by);
    let asker = context.asker();
    let (mine, others): (Vec<Holding>, Vec<Holding>) =
        by.into_iter().partition(|held| asker.owns(held));
    let dead = |session: &&Session| {
        let is_its = |held: &&Holding| {
            held.is_gone && held.session == session.who.id && held.node == session.who.node
        };
        session.who.node == me.node && others.iter().any(|held| is_its(&held))
    };
    let dead: Vec<&Session> = board.sessions.iter().filter(dead).collect();
    if others.is_empty() {
        return Err(match mine.is_empty() {
            false => own(&force.resource),
            true => not_of(force.resource, Vec::new()),
        });
    }
    if dead.is_empty() {
        return Err(still_shared(context, others, &force.resource));
    }
    let (true, Some(reason)) = (force.at_once, force.reason.clone()) else {
        let line = format!(
            "git presence release --force {} --reason {} --yes",
            shell::quote(force.resource.label()),
            reason_word(force.reason.as_ref())
        );
        return Err(unnamed(context, others, &line));
    };
    let mut warnings = Vec::new();
    for session in dead {
        let request = Request::Clear {
            which: vec![force.resource.clone()],
            by: me.id.clone(),
            reason: reason.clone(),
        };
        let sessions = context.ledger.sessions();
        let (who, ttl) = (&session.who, session.ttl);
        if let Outcome::Written(_) = sessions.apply(&context.host, who, &request, ttl)? {
            warnings.push(format!("the claim of {} was cleared", who.id));
        }
    }
    let publication = publish::publish(context, me, false, short_deadline(context));
    Ok(Released {
        withdrawn: Vec::new(),
        waiting: Vec::new(),
        me: me.id.clone(),
        released: vec![force.resource],
        expired: Vec::new(),
        confirmation: Some(publication.confirmation),
        warnings: [warnings, publication.warnings].concat(),
    })
}

/// Returns the failure for a claim that was not named whole, with the command that names it.
fn unnamed(context: &Context, mut by: Vec<Holding>, line: &str) -> Failure {
    gone::mark(context, &mut by);
    Failure::refused(Refusal::Held { by })
        .hint(format!("take it, if the user decides so: {line}"))
        .hint("add --yes to take what the board shows, without naming holder and token")
}

/// Returns the failure for shared claims of sessions that live, or that may.
fn still_shared(context: &Context, by: Vec<Holding>, resource: &Resource) -> Failure {
    let hints = refused::hints(context, &by, std::slice::from_ref(resource));
    let mut failure = Failure::refused(Refusal::Held { by });
    failure.error = anyhow::anyhow!("{}; a shared claim excludes no session", failure.error);
    hints.into_iter().fold(failure, Failure::hint)
}

fn own(resource: &Resource) -> Failure {
    let all = std::iter::once((resource, shell::quote(resource.label())));
    Failure::new(Kind::Refused, anyhow::anyhow!("{resource} is yours")).hint(format!(
        "end it, if you are done: {}",
        turn::release_line(all)
    ))
}

fn not_of(resource: Resource, by: Vec<Holding>) -> Failure {
    Failure::refused(Refusal::NotYours { resource, by })
        .hint("see who holds what: git presence list")
}

fn reason_word(reason: Option<&Purpose>) -> String {
    match reason {
        Some(reason) => shell::quote(reason.as_str()),
        None => "\"<why>\"".to_owned(),
    }
}
