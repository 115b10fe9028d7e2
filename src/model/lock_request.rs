//! What a request makes of several cells at once: all of it, or nothing.
//!
//! Owns the pure step `cells + request + now → cells + events` for exclusive claims, and the words
//! of the events. The rules of one cell are those of `lock`. Never reads a clock, never knows
//! where a cell is kept.

use super::actor::Actor;
use super::event::{Event, EventKind};
use super::id::SessionId;
use super::lock::{
    Denied, FormerHolder, GrantRequest, Granted, Lock, LockRegister, TakeoverPolicy,
};
use super::resource::Resource;
use super::text::Purpose;
use super::token::Token;

/// What a session asks of cells.
#[derive(Clone, Debug)]
pub enum Request {
    Grant(Vec<GrantRequest>),
    /// Renew what is held, as far as it is in force; the rest is told.
    Renew(Vec<(Resource, Token)>),
    Release(Vec<Resource>),
    Override {
        resource: Resource,
        holder: SessionId,
        token: Token,
        reason: Purpose,
    },
}

impl Request {
    /// The resources that it is about.
    pub fn resources(&self) -> Vec<&Resource> {
        match self {
            Self::Grant(wishes) => wishes.iter().map(|wish| &wish.resource).collect(),
            Self::Renew(held) => held.iter().map(|(resource, _)| resource).collect(),
            Self::Release(resources) => resources.iter().collect(),
            Self::Override { resource, .. } => vec![resource],
        }
    }
}

/// A cell under its name.
pub type Named = (String, LockRegister);

/// The outcome of a request: what changes, and what was granted or lost.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// Cells that change, each with what happened in it.
    pub changed: Vec<(String, LockRegister, Event)>,
    /// The locks as they are now, or as they were when they were given up.
    pub locks: Vec<Lock>,
    /// Whose locks were taken over.
    pub taken_from: Vec<FormerHolder>,
    /// What was to be renewed and is not mine any more.
    pub lost: Vec<(Resource, Denied)>,
}

/// Decide `request` over all of `cells`. `register_of` tells in which one a resource is decided.
pub fn decide(
    cells: &[Named],
    who: &Actor,
    request: &Request,
    policy: &TakeoverPolicy<'_>,
    register_of: &dyn Fn(&Resource) -> String,
) -> Result<Decision, Denied> {
    let mut decision = Decision::default();
    for (name, cell) in cells {
        let mut cell = cell.clone();
        let here = |resource: &Resource| register_of(resource) == *name;
        let event = match request {
            Request::Grant(wishes) => {
                let wishes = wishes.iter().filter(|wish| here(&wish.resource));
                grant(&mut cell, who, wishes, policy, &mut decision)?
            }
            Request::Renew(held) => {
                let held = held.iter().filter(|(resource, _)| here(resource));
                renew(&mut cell, who, held, policy, &mut decision)
            }
            Request::Release(resources) => {
                let resources = resources.iter().filter(|resource| here(resource));
                release(&mut cell, who, resources, &mut decision)?
            }
            Request::Override {
                resource,
                holder,
                token,
                reason,
            } => {
                let lock = cell.override_lock(resource, holder, *token)?;
                let kind = EventKind::Overridden {
                    holder: holder.clone(),
                    reason: reason.clone(),
                    token: lock.token,
                };
                decision.locks.push(lock);
                Some(event(who, vec![resource.clone()], kind))
            }
        };
        if let Some(event) = event {
            decision.changed.push((name.clone(), cell, event));
        }
    }
    Ok(decision)
}

fn grant<'w>(
    cell: &mut LockRegister,
    who: &Actor,
    wishes: impl Iterator<Item = &'w GrantRequest>,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let (mut resources, mut from) = (Vec::new(), Vec::new());
    let mut is_renewal = true;
    let mut last = None;
    for wish in wishes {
        let (granted, token) = cell.grant(who, wish, policy)?;
        match granted {
            Granted::Renewed => {}
            Granted::Free => is_renewal = false,
            Granted::TakenOver { from: former } => {
                from.extend(former.iter().map(|former| former.holder.clone()));
                decision.taken_from.extend(former);
            }
        }
        resources.push(wish.resource.clone());
        last = Some((wish.purpose.clone(), token));
        decision.locks.extend(cell.lock_on(&wish.resource).cloned());
    }
    let Some((purpose, token)) = last else {
        return Ok(None);
    };
    let kind = if !from.is_empty() {
        EventKind::TakenOver {
            from,
            purpose,
            token,
        }
    } else if is_renewal {
        EventKind::Renewed {
            purpose: Some(purpose),
            token: Some(token),
        }
    } else {
        EventKind::Claimed {
            purpose,
            token: Some(token),
        }
    };
    Ok(Some(event(who, resources, kind)))
}

fn renew<'h>(
    cell: &mut LockRegister,
    who: &Actor,
    held: impl Iterator<Item = &'h (Resource, Token)>,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Option<Event> {
    let (mut resources, mut last) = (Vec::new(), None);
    for (resource, token) in held {
        match cell.renew(who, resource, *token, policy.now) {
            Ok(()) => {
                resources.push(resource.clone());
                last = Some(*token);
                decision.locks.extend(cell.lock_on(resource).cloned());
            }
            Err(denied) => decision.lost.push((resource.clone(), denied)),
        }
    }
    let kind = EventKind::Renewed {
        purpose: None,
        token: last,
    };
    (!resources.is_empty()).then(|| event(who, resources, kind))
}

fn release<'r>(
    cell: &mut LockRegister,
    who: &Actor,
    resources: impl Iterator<Item = &'r Resource>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let (mut released, mut last) = (Vec::new(), None);
    for resource in resources {
        let lock = cell.release(who, resource)?;
        released.push(resource.clone());
        last = Some(lock.token);
        decision.locks.push(lock);
    }
    let kind = EventKind::Released { token: last };
    Ok((!released.is_empty()).then(|| event(who, released, kind)))
}

fn event(who: &Actor, resources: Vec<Resource>, kind: EventKind) -> Event {
    Event {
        session: who.id.clone(),
        resources,
        expired: Vec::new(),
        kind,
    }
}
