//! What is claimed together with a task, as the task ends.
//!
//! Owns which of its claims end: those that were granted with it, and that the session needs for no
//! other task. Never decides whether the task may end.

use super::super::actor::Actor;
use super::super::event::{Event, EventKind};
use super::super::lock::{Denied, LockRegister};
use super::super::resource::Resource;
use super::super::time::Timestamp;
use super::{Decision, Named, Needed, Request, TaskRequest, event};

impl TaskRequest {
    /// Releases what was granted with the task. What the session had before stays, and so does what
    /// it needs for another task, with which it ends then.
    pub(super) fn end_claims(
        &self,
        register: &mut LockRegister,
        who: &Actor,
        (claims, needed): (Vec<&Resource>, &[(Resource, Resource)]),
        decision: &mut Decision,
    ) -> Result<Option<Event>, Denied> {
        let (mut over, mut handed) = (Vec::new(), Vec::new());
        for claim in claims {
            // What was lost or released meanwhile is not to be ended.
            let Some(lock) = register.lock_on(claim).filter(|lock| lock.is_of(who)) else {
                continue;
            };
            let is_own = lock.with.is_none();
            let is_its = lock.with.as_ref() == Some(&self.about);
            let other = needed.iter().find(|(resource, _)| resource == claim);
            match other {
                None if !is_own => over.push(claim),
                Some((_, task)) if is_its => {
                    register.bind(claim, task);
                    handed.push(claim.clone());
                    decision.kept.push(claim.clone());
                }
                _ => decision.kept.push(claim.clone()),
            }
        }
        let ended = super::release(register, who, over.into_iter(), decision)?;
        let kind = EventKind::Renewed {
            purpose: None,
            token: None,
        };
        Ok(ended.or_else(|| (!handed.is_empty()).then(|| event(who, handed, kind))))
    }
}

impl Request {
    /// Returns what of that which is to end with a task `who` needs for other tasks that it holds.
    pub(super) fn needed(
        &self,
        registers: &[Named],
        who: &Actor,
        now: Timestamp,
        register_of: &dyn Fn(&Resource) -> String,
    ) -> Needed {
        let Self::Tasks(asked) = self else {
            return Vec::new();
        };
        let name = register_of(&asked.list);
        let list = registers.iter().find(|(other, _)| *other == name);
        let about = (&asked.list, &asked.about);
        let here = asked.claims.iter().filter_map(|one| {
            let (_, register) = list?;
            let task = register.needs_it_too(who, about, &one.resource, now)?;
            Some((one.resource.clone(), task))
        });
        here.chain(asked.needed_elsewhere.iter().cloned()).collect()
    }
}
