//! `release`: I am done with it.
//!
//! Owns the refusal to release what somebody else holds.

use crate::app::claims::arbiter;
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, deadline, refresh};
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Outcome;
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::lock::Lock;
use crate::model::lock_request;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Request;

#[derive(Debug)]
pub struct Released {
    pub me: SessionId,
    pub released: Vec<Resource>,
    /// Mine that had lapsed already.
    pub lapsed: Vec<Resource>,
    /// `None` where there was nothing to release.
    pub confirmation: Option<Confirmation>,
    pub warnings: Vec<String>,
}

pub fn take(context: &Context, request: &lock_request::Request) -> Result<Released, Failure> {
    let me = context.actor()?;
    let _ = refresh(context, Refresh::IF_STALE, deadline(context));
    let decided = arbiter::submit(context, &me, request)?;
    let from = |lock: &Lock| format!("{} was taken from {}", lock.resource, lock.holder.id);
    Ok(Released {
        me: me.id,
        released: decided
            .locks
            .iter()
            .map(|lock| lock.resource.clone())
            .collect(),
        lapsed: Vec::new(),
        confirmation: Some(arbiter::confirmation(context)),
        warnings: decided.locks.iter().map(from).collect(),
    })
}

pub fn execute(context: &Context, request: &Request) -> Result<Released, Failure> {
    let me = context.actor()?;
    let ttl = context.config.ttl;
    let (alone, request) = release_locks(context, &me, request)?;
    let Some(request) = &request else {
        return Ok(alone);
    };
    match context
        .ledger
        .sessions()
        .apply(&context.host, &me, request, ttl)?
    {
        Outcome::Written(step) => {
            let publication = publish::publish(context, &me, false, deadline(context));
            let mut released = alone.released;
            let shared = step.event.resources.into_iter();
            let also = shared.filter(|resource| !released.contains(resource));
            let also: Vec<Resource> = also.collect();
            released.extend(also);
            Ok(Released {
                me: me.id,
                released,
                lapsed: step.event.expired,
                confirmation: Some(publication.confirmation),
                warnings: [alone.warnings, publication.warnings].concat(),
            })
        }
        Outcome::NothingToDo => Ok(alone),
        Outcome::Refused(Refusal::NotYours { resource, .. }) => {
            let board = context.ledger.board()?;
            let mut by = board.live(context.now());
            by.retain(|holding| holding.resource == resource);
            let elsewhere = by.iter().any(|holding| holding.session == me.id);
            let refused = Failure::refused(Refusal::NotYours { resource, by });
            Err(refused.hint(match elsewhere {
                true => "it was claimed from another clone: release it there",
                false => "see what is yours: git presence list --mine",
            }))
        }
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
    }
}

/// Give back what is held alone, and what is left to release of the session.
fn release_locks(
    context: &Context,
    me: &Actor,
    request: &Request,
) -> Result<(Released, Option<Request>), Failure> {
    let held = arbiter::locks_of(context, me)?;
    // What stands in my name and was asked for by a copy of this clone is given back by name only.
    let is_wanted = |lock: &Lock| match request {
        Request::Release(which) => which.contains(&lock.resource),
        _ => context.ledger.locks().is_mine(me, lock),
    };
    let released = held.into_iter().filter(is_wanted);
    let released: Vec<Resource> = released.map(|lock| lock.resource).collect();
    let session = context.ledger.sessions().get(me)?;
    let claims = session.map(|session| session.claims).unwrap_or_default();
    let is_mine = |resource: &Resource| claims.iter().any(|c| c.resource == *resource);
    let rest = match request {
        Request::Release(which) => {
            // One may hold it in both ways.
            let is_left = |resource: &&Resource| is_mine(resource) || !released.contains(resource);
            let rest: Vec<Resource> = which.iter().filter(is_left).cloned().collect();
            (!rest.is_empty()).then_some(Request::Release(rest))
        }
        other => Some(other.clone()),
    };
    // All or none: what is not mine at all is refused before anything is given back.
    if let Some(Request::Release(which)) = &rest
        && let Some(other) = which.iter().find(|resource| !is_mine(resource))
    {
        // Where the cell cannot be read, nobody knows that it is not mine.
        context.ledger.locks().get(other)?;
        let nothing = Released {
            me: me.id.clone(),
            released: Vec::new(),
            lapsed: Vec::new(),
            confirmation: None,
            warnings: Vec::new(),
        };
        return Ok((nothing, rest));
    }
    if !released.is_empty() {
        arbiter::submit(
            context,
            me,
            &lock_request::Request::Release(released.clone()),
        )?;
    }
    // What cannot be read may be mine too.
    let hidden = match request {
        Request::ReleaseAll => context.ledger.locks().list()?,
        _ => Vec::new(),
    };
    let hidden = hidden.into_iter().filter_map(Result::err);
    let report = Released {
        me: me.id.clone(),
        confirmation: (!released.is_empty()).then(|| arbiter::confirmation(context)),
        released,
        lapsed: Vec::new(),
        warnings: hidden
            .map(|unreadable| format!("not released, if you hold it: {unreadable}"))
            .collect(),
    };
    Ok((report, rest))
}
