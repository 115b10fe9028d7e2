//! What is claimed together with a task, and ends together with it: [`Ending`].
//!
//! Owns which claims are asked to end, and what the session needs of them for tasks of other lists.
//! Never decides what ends: that is the request, on the state of the arbiter.

use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::LedgerError;
use crate::model::actor::Actor;
use crate::model::lock::GrantRequest;
use crate::model::lock_request::{Needed, Request, TaskRequest, TaskStep};
use crate::model::resource::Resource;
use crate::model::task::{Task, place_of};
use crate::model::time::Ttl;

/// What ends together with a task.
#[derive(Default)]
pub(super) struct Ending {
    claims: Vec<GrantRequest>,
    needed: Needed,
    /// One sentence for each claim that cannot be read.
    pub(super) told: Vec<String>,
}

impl Ending {
    /// Returns what ends with a task of `me`. A claim whose register cannot be read keeps no task
    /// from being finished: what is not known is not released.
    pub(super) fn of(
        context: &Context,
        me: &Actor,
        list: &Resource,
        task: &Task,
    ) -> Result<Self, Failure> {
        let mut ending = Self::default();
        for claim in grants(task, context.config.ttl) {
            match context.ledger.locks().get(&claim.resource) {
                Ok(_) => ending.claims.push(claim),
                Err(LedgerError::Unreadable(why)) => {
                    let what = &claim.resource;
                    ending.told.push(format!("{what} is not released: {why}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if !ending.claims.is_empty() {
            ending.needed = ending.needed_elsewhere(context, me, list);
        }
        Ok(ending)
    }

    /// Returns what a step that ends nothing is decided under: all that is claimed with the task.
    pub(super) fn under(task: &Task, ttl: Ttl) -> Self {
        Self {
            claims: grants(task, ttl),
            ..Self::default()
        }
    }

    /// Returns which of the claims the session needs for tasks that it holds of other lists. A list
    /// that cannot be read may need any.
    fn needed_elsewhere(&self, context: &Context, me: &Actor, list: &Resource) -> Needed {
        let is_elsewhere = |held: &Resource| {
            let place = place_of(held);
            let here = place_of(list).map(|(name, _)| name);
            place.is_some_and(|(name, id)| id.is_some() && Some(name) != here)
        };
        let held = context.ledger.leases(&me.id).list().into_iter();
        let held = held.map(|lease| lease.resource).filter(is_elsewhere);
        let mut needed = Needed::new();
        for other in held {
            let read = context.ledger.locks().get(&other).ok();
            let needs = |claim: &GrantRequest| {
                let Some(read) = &read else { return true };
                let id = place_of(&other).and_then(|(_, id)| id);
                let task = id.and_then(|id| read.cell.tasks.find(&id).ok());
                let has_it = read.cell.check(me, &other, None, context.now()).is_ok();
                has_it && task.is_some_and(|task| task.spec.claims.contains(&claim.resource))
            };
            let claims = self.claims.iter().filter(|claim| needs(claim));
            needed.extend(claims.map(|claim| (claim.resource.clone(), other.clone())));
        }
        needed
    }

    /// Returns what is claimed with the task, as far as it can be read.
    pub(super) fn resources(&self) -> Vec<&Resource> {
        self.claims.iter().map(|claim| &claim.resource).collect()
    }

    /// Returns the request for a step that ends a task.
    pub(super) fn request(&self, list: &Resource, step: TaskStep) -> Request {
        let claims = self.claims.clone();
        let mut request = TaskRequest::new(list.clone(), step, claims);
        request.needed_elsewhere.clone_from(&self.needed);
        Request::Tasks(Box::new(request))
    }
}

/// Returns the requests for what is claimed together with a task.
pub(super) fn grants(task: &Task, ttl: Ttl) -> Vec<GrantRequest> {
    let claims = task.spec.claims.iter();
    claims
        .map(|resource| GrantRequest {
            resource: resource.clone(),
            purpose: task.spec.title.clone(),
            ttl,
        })
        .collect()
}
