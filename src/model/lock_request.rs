//! A request for exclusive claims, decided over several lock registers: all of it, or nothing.
//!
//! Owns [`decide`], the pure step from registers, request and time to registers and events. The
//! rules of one register are those of [`LockRegister`]. Never reads a clock or a ref.

use super::actor::Actor;
use super::event::{Event, EventKind};
use super::handoff::Parting;
use super::id::SessionId;
use super::lock::{
    Denied, FormerHolder, GrantRequest, Granted, Lock, LockRegister, TakeoverPolicy,
};
use super::offer::Offer;
use super::resource::Resource;
use super::text::Purpose;
use super::{time::Timestamp, token::Token};

mod ending;
mod force;
mod repeated;
mod tasks;
use force::by_force;
pub use tasks::{Needed, TaskRequest, TaskStep};

/// What a session asks of the arbiter.
#[derive(Clone, Debug)]
pub enum Request {
    /// Grant all of these, or none.
    Grant(Vec<GrantRequest>),
    /// Renew the leases that have not expired; the others are reported as lost.
    Renew(Vec<(Resource, Token)>),
    /// Release all of these, or none.
    Release(Vec<Resource>),
    /// Release all of these, or none, as [`Request::Release`] does, and leave something for the
    /// next holder of each.
    Pass {
        /// What is released.
        resources: Vec<Resource>,
        /// To which session it is offered; `None`: the queue goes on.
        to: Option<Offer>,
        /// What is left.
        parting: Option<Box<Parting>>,
    },
    /// Release those of these that the session still has as it ended, and did not claim or renew
    /// since.
    ReleaseEnded {
        /// What it held.
        resources: Vec<Resource>,
        /// When it ended.
        ended_at: Timestamp,
    },
    /// Move these locks, or none, from another session, which this one replaces.
    Inherit {
        /// The session that holds them.
        from: Box<Actor>,
        /// What it holds, and under which token.
        held: Vec<(Resource, Token)>,
    },
    /// Take a lock from its holder.
    Override {
        /// What is held.
        resource: Resource,
        /// The session that is expected to hold it.
        holder: SessionId,
        /// The token under which it is expected to be held.
        token: Token,
        /// Why it is taken.
        reason: Purpose,
    },
    /// Take a lock from its holder, or end the offer of what is free, and grant it, in one swap.
    Seize {
        /// What is granted.
        wanted: GrantRequest,
        /// The session that is expected to hold it, or that it is expected to be offered to.
        holder: SessionId,
        /// The token of the last grant.
        token: Token,
        /// Why it is taken.
        reason: Purpose,
    },
    /// A step about the tasks of a list.
    Tasks(Box<TaskRequest>),
}

impl Request {
    /// Returns the resources that the request is about.
    pub fn resources(&self) -> Vec<&Resource> {
        match self {
            Self::Tasks(request) => request.resources(),
            Self::Grant(wanted) => wanted.iter().map(|one| &one.resource).collect(),
            Self::Renew(held) | Self::Inherit { held, .. } => {
                held.iter().map(|(resource, _)| resource).collect()
            }
            Self::Release(resources)
            | Self::Pass { resources, .. }
            | Self::ReleaseEnded { resources, .. } => resources.iter().collect(),
            Self::Override { resource, .. } => vec![resource],
            Self::Seize { wanted, .. } => vec![&wanted.resource],
        }
    }
}

/// A register under the name of its ref.
pub type Named = (String, LockRegister);

/// The outcome of a request: what changes, and what was granted or lost.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// The registers that change, each under its name with what happened in it.
    pub changed: Vec<(String, LockRegister, Event)>,
    /// The locks that were granted or renewed, or those that were released or taken.
    pub locks: Vec<Lock>,
    /// The sessions whose locks were taken over.
    pub taken_from: Vec<FormerHolder>,
    /// The leases that could not be renewed, and why.
    pub lost: Vec<(Resource, Denied)>,
    /// What was to end and goes on: the session had it before, or needs it for another task.
    pub kept: Vec<Resource>,
    /// The tasks that it was about.
    pub tasks: Vec<super::task::TaskId>,
}

/// Decides `request` over all of `registers`. `register_of` returns the name of the register in
/// which a resource is decided.
///
/// # Errors
///
/// The first reason for which a part of the request is denied. Then nothing of it takes effect.
pub fn decide(
    registers: &[Named],
    who: &Actor,
    request: &Request,
    policy: &TakeoverPolicy<'_>,
    register_of: &dyn Fn(&Resource) -> String,
) -> Result<Decision, Denied> {
    let mut decision = Decision::default();
    let needed = request.needed(registers, who, policy.now, register_of);
    for (name, register) in registers {
        let mut register = register.clone();
        let here = |resource: &Resource| register_of(resource) == *name;
        let event = match request {
            Request::Grant(requests) => {
                let requests = requests.iter().filter(|request| here(&request.resource));
                grant(&mut register, who, requests, policy, &mut decision)?
            }
            Request::Renew(held) => {
                let held = held.iter().filter(|(resource, _)| here(resource));
                renew(&mut register, who, held, policy, &mut decision)
            }
            Request::Release(resources) => {
                let resources = resources.iter().filter(|resource| here(resource));
                release(&mut register, who, resources, &mut decision)?
            }
            Request::Pass {
                resources,
                to,
                parting,
            } => {
                let resources = resources.iter().filter(|resource| here(resource));
                let how = (to.as_ref(), parting.as_deref());
                pass(
                    &mut register,
                    who,
                    resources,
                    (how, policy.now),
                    &mut decision,
                )?
            }
            Request::ReleaseEnded {
                resources,
                ended_at,
            } => {
                let is_as_it_was = |resource: &&Resource| {
                    let lock = register.lock_on(resource);
                    lock.is_some_and(|lock| lock.is_of(who) && lock.renewed_at <= *ended_at)
                };
                let here = resources.iter().filter(|resource| here(resource));
                let old: Vec<&Resource> = here.filter(is_as_it_was).collect();
                release(&mut register, who, old.into_iter(), &mut decision)?
            }
            Request::Inherit { from, held } => {
                let held = held.iter().filter(|(resource, _)| here(resource));
                inherit(&mut register, who, from, held, policy, &mut decision)?
            }
            Request::Tasks(asked) => {
                asked.decide(&mut register, who, (&here, policy), &needed, &mut decision)?
            }
            Request::Override { .. } | Request::Seize { .. } => {
                by_force(&mut register, who, request, policy, &mut decision)?
            }
        };
        if let Some(event) = event {
            decision.changed.push((name.clone(), register, event));
        }
    }
    Ok(decision)
}

fn grant<'r>(
    register: &mut LockRegister,
    who: &Actor,
    requests: impl Iterator<Item = &'r GrantRequest>,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let (mut resources, mut from) = (Vec::new(), Vec::new());
    let mut is_renewal = true;
    let mut last = None;
    for request in requests {
        let (granted, token) = register.grant(who, request, policy)?;
        match granted {
            Granted::Renewed => {}
            Granted::Free => is_renewal = false,
            Granted::TakenOver { from: former } => {
                from.extend(former.iter().map(|former| former.holder.clone()));
                decision.taken_from.extend(former);
            }
        }
        resources.push(request.resource.clone());
        last = Some((request.purpose.clone(), token));
        decision
            .locks
            .extend(register.lock_on(&request.resource).cloned());
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
    register: &mut LockRegister,
    who: &Actor,
    held: impl Iterator<Item = &'h (Resource, Token)>,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Option<Event> {
    let (mut resources, mut last) = (Vec::new(), None);
    for (resource, token) in held {
        let who = match register.lock_on(resource) {
            Some(lock) => policy.heard_of(lock, who),
            None => who.clone(),
        };
        match register.renew(&who, resource, *token, policy.now) {
            Ok(()) => {
                resources.push(resource.clone());
                last = Some(*token);
                decision.locks.extend(register.lock_on(resource).cloned());
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

fn inherit<'h>(
    register: &mut LockRegister,
    who: &Actor,
    from: &Actor,
    held: impl Iterator<Item = &'h (Resource, Token)>,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let mut resources = Vec::new();
    for (resource, token) in held {
        register.transfer(from, who, resource, *token, policy.now)?;
        resources.push(resource.clone());
        decision.locks.extend(register.lock_on(resource).cloned());
    }
    let kind = EventKind::Superseded { by: who.id.clone() };
    Ok((!resources.is_empty()).then(|| event(from, resources, kind)))
}

fn release<'r>(
    register: &mut LockRegister,
    who: &Actor,
    resources: impl Iterator<Item = &'r Resource>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let (mut released, mut last) = (Vec::new(), None);
    for resource in resources {
        let lock = register.release(who, resource)?;
        released.push(resource.clone());
        last = Some(lock.token);
        decision.locks.push(lock);
    }
    let to = None;
    let kind = EventKind::Released { token: last, to };
    Ok((!released.is_empty()).then(|| event(who, released, kind)))
}

/// What is offered to whom, and what is left for the next holder.
type Passing<'p> = (Option<&'p Offer>, Option<&'p Parting>);

fn pass<'r>(
    register: &mut LockRegister,
    who: &Actor,
    resources: impl Iterator<Item = &'r Resource>,
    (how, now): (Passing<'_>, Timestamp),
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let (mut passed, mut last) = (Vec::new(), None);
    for resource in resources {
        let lock = register.pass(who, resource, how, now)?;
        passed.push(resource.clone());
        last = Some(lock.token);
        decision.locks.push(lock);
    }
    let to = how.0.map(|offer| offer.to.clone());
    let kind = EventKind::Released { token: last, to };
    Ok((!passed.is_empty()).then(|| event(who, passed, kind)))
}

fn event(who: &Actor, resources: Vec<Resource>, kind: EventKind) -> Event {
    Event {
        session: who.id.clone(),
        resources,
        expired: Vec::new(),
        kind,
    }
}

#[cfg(test)]
mod tests;
