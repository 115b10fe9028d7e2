//! What a session asks about the tasks of a list.
//!
//! Owns [`TaskRequest`], and the event that each step is recorded as. The rules are those of the
//! register. Never reads a clock.

use super::super::actor::Actor;
use super::super::event::{Event, EventKind};
use super::super::handoff::Parting;
use super::super::lock::{Afterwards, Denied, GrantRequest, Granted, LockRegister, TakeoverPolicy};
use super::super::message::address::Address;
use super::super::resource::Resource;
use super::super::task::{Addition, Attempt, AttemptState, Recipient, TaskId, resource_of};
use super::super::text::Purpose;
use super::super::time::Ttl;
use super::super::token::Token;
use super::super::transition::{Cause, TaskState, Transition};
use super::{Decision, Request, event};

/// A step about tasks of one list.
#[derive(Clone, Debug)]
pub struct TaskRequest {
    /// The list: `task:<name>`.
    pub list: Resource,
    /// What is asked.
    pub step: TaskStep,
    /// The task that is named, or the list.
    pub(super) about: Resource,
    /// What is claimed, or released, together with the task.
    pub claims: Vec<GrantRequest>,
    /// What of that the session needs for tasks of other lists that it holds, with those tasks.
    pub needed_elsewhere: Needed,
}

/// Claims that are needed for another task, with that task.
pub type Needed = Vec<(Resource, Resource)>;

/// What is asked about the tasks of a list.
#[derive(Clone, Debug)]
pub enum TaskStep {
    /// Add these, all or none.
    Add(Box<Addition>),
    /// Take a task, with what is claimed with it: all or none.
    Take {
        /// Which; `None`: the first that is ready.
        which: Option<TaskId>,
        /// How long its lease lasts.
        ttl: Ttl,
        /// The session that asks, as far as it matters for whom a task is.
        asks: Box<Recipient>,
    },
    /// End a hold, or what is to be done.
    End {
        /// Which.
        id: TaskId,
        /// What it is then; `Open` gives it back.
        to: TaskState,
        /// What is left to say.
        words: Option<Purpose>,
        /// What is left for those who come after.
        parting: Option<Box<Parting>>,
    },
    /// Change what it says, or let it go on after a person looked at it.
    Edit {
        /// Which.
        id: TaskId,
        /// Its title.
        title: Option<Purpose>,
        /// Its priority.
        priority: Option<u8>,
        /// For whom it is; the inner `None`: for any session.
        to: Option<Option<Address>>,
        /// Whether it waits for a person no more.
        unblock: bool,
    },
    /// Give nothing new out, or do so again.
    Drain(bool),
    /// Record what a supervisor does about a task.
    Supervise {
        /// Which.
        id: TaskId,
        /// What its attempt is from now on.
        attempt: Box<Attempt>,
        /// What becomes of the task.
        then: Afterwards,
    },
}

impl TaskRequest {
    /// Makes a request about a list, or about one of its tasks, with what is claimed with that.
    pub fn new(list: Resource, step: TaskStep, claims: Vec<GrantRequest>) -> Self {
        let id = match &step {
            TaskStep::Take { which, .. } => which.as_ref(),
            TaskStep::End { id, .. }
            | TaskStep::Edit { id, .. }
            | TaskStep::Supervise { id, .. } => Some(id),
            TaskStep::Add(_) | TaskStep::Drain(_) => None,
        };
        let about = id.map_or_else(|| list.clone(), |id| resource_of(&list, id));
        Self {
            list,
            step,
            about,
            claims,
            needed_elsewhere: Vec::new(),
        }
    }

    /// Returns the resources that the request is about: the list, or the task that it names, and
    /// what is claimed with it.
    pub(super) fn resources(&self) -> Vec<&Resource> {
        let claims = self.claims.iter().map(|claim| &claim.resource);
        std::iter::once(&self.about).chain(claims).collect()
    }

    /// Decides the part of a request that is about one register: that of the list, or one in which
    /// something is claimed with a task.
    pub(super) fn decide(
        &self,
        register: &mut LockRegister,
        who: &Actor,
        (here, policy): (&dyn Fn(&Resource) -> bool, &TakeoverPolicy<'_>),
        needed: &[(Resource, Resource)],
        decision: &mut Decision,
    ) -> Result<Option<Event>, Denied> {
        if here(&self.list) {
            return in_the_list(register, who, self, policy, decision);
        }
        let claims = self.claims.iter().filter(|claim| here(&claim.resource));
        match &self.step {
            TaskStep::Take { asks, .. } => {
                let claims: Vec<&GrantRequest> = claims.collect();
                // What a supervisor had for another task is for this one from now on.
                let is_new = |one: &&&GrantRequest| {
                    let with = register.lock_on(&one.resource).map(|lock| &lock.with);
                    let is_of_a_task = with.is_some_and(Option::is_some);
                    asks.supervises && is_of_a_task || !register.has_it(&one.resource, policy)
                };
                let new: Vec<&GrantRequest> = claims.iter().filter(is_new).copied().collect();
                let event = super::grant(register, who, claims.into_iter(), policy, decision)?;
                for one in new {
                    register.bind(&one.resource, &self.about);
                }
                Ok(event)
            }
            TaskStep::Supervise { attempt, then, .. } if relies_on_claims(attempt, then) => {
                for claim in claims {
                    register.check(who, &claim.resource, None, policy.now)?;
                }
                Ok(None)
            }
            TaskStep::End { .. } | TaskStep::Supervise { .. } => {
                let claims = claims.map(|one| &one.resource);
                self.end_claims(register, who, (claims.collect(), needed), decision)
            }
            TaskStep::Add(_) | TaskStep::Edit { .. } | TaskStep::Drain(_) => Ok(None),
        }
    }
}

impl Request {
    /// Returns true if the request ends what the session holds, so that leases are given up first.
    pub fn ends(&self) -> bool {
        match self {
            Self::Release(_) | Self::Pass { .. } => true,
            Self::Tasks(asked) => match &asked.step {
                TaskStep::End { .. } => true,
                TaskStep::Supervise { attempt, then, .. } => !relies_on_claims(attempt, then),
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns true if the request grants something.
    pub fn grants(&self) -> bool {
        match self {
            Self::Grant(_) | Self::Seize { .. } => true,
            Self::Tasks(asked) => matches!(asked.step, TaskStep::Take { .. }),
            _ => false,
        }
    }
}

/// Returns true if a supervisor acts under what is claimed with the task, and does not end that.
fn relies_on_claims(attempt: &Attempt, then: &Afterwards) -> bool {
    *then == Afterwards::Held && attempt.state != AttemptState::Assigned
}

fn in_the_list(
    register: &mut LockRegister,
    who: &Actor,
    request: &TaskRequest,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let list = &request.list;
    match &request.step {
        TaskStep::Add(new) => {
            let (ids, added) = register.tasks.add(new, policy.now)?;
            decision.tasks = ids;
            let resources: Vec<Resource> = added.iter().map(|id| resource_of(list, id)).collect();
            let words = new.tasks.iter().find(|one| added.contains(&one.id));
            let words = words.map(|one| one.title.clone());
            let moved = moved(None, Some(TaskState::Open), Cause::Add);
            let kind = task_event(moved, words, None);
            Ok((!resources.is_empty()).then(|| event(who, resources, kind)))
        }
        TaskStep::Take { which, ttl, asks } => {
            let claims = request.claims.iter().map(|claim| claim.resource.clone());
            let claims: Vec<Resource> = claims.collect();
            let how = (*ttl, claims.as_slice());
            let taken = register.take_task(who, (list, which.as_ref(), asks), how, policy)?;
            let resource = resource_of(list, &taken.task.spec.id);
            decision.locks.extend(register.lock_on(&resource).cloned());
            decision.tasks = vec![taken.task.spec.id.clone()];
            let (from, cause) = match &taken.granted {
                Granted::Renewed => {
                    let kind = EventKind::Renewed {
                        purpose: None,
                        token: Some(taken.token),
                    };
                    return Ok(Some(event(who, vec![resource], kind)));
                }
                Granted::Free => (TaskState::Open, Cause::Take),
                Granted::TakenOver { from } => {
                    decision.taken_from.extend(from.iter().cloned());
                    (TaskState::Held, Cause::Takeover)
                }
            };
            let words = Some(taken.task.spec.title.clone());
            let moved = moved(Some(from), Some(TaskState::Held), cause);
            let kind = task_event(moved, words, Some(taken.token));
            Ok(Some(event(who, vec![resource], kind)))
        }
        TaskStep::End { .. } => end(register, who, request, policy, decision),
        TaskStep::Edit { .. } => edit(register, who, request, decision),
        TaskStep::Supervise { .. } => supervise(register, who, request, policy, decision),
        TaskStep::Drain(is_drained) => {
            if register.tasks.is_drained == *is_drained {
                return Ok(None);
            }
            register.tasks.is_drained = *is_drained;
            let cause = match is_drained {
                true => Cause::Drain,
                false => Cause::Undrain,
            };
            let kind = task_event(moved(None, None, cause), None, None);
            Ok(Some(event(who, vec![list.clone()], kind)))
        }
    }
}

fn end(
    register: &mut LockRegister,
    who: &Actor,
    request: &TaskRequest,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let TaskStep::End {
        id,
        to,
        words,
        parting,
    } = &request.step
    else {
        return Ok(None);
    };
    let list = &request.list;
    let how = (*to, words.as_ref(), parting.as_deref());
    let (before, lock) = register.end_task(who, (list, id), how, policy)?;
    let from = match &lock {
        Some(_) => TaskState::Held,
        None => before.state(),
    };
    // What checks judge is not done yet, and is still there.
    let is_handed_in = *to == TaskState::Done && register.tasks.find(id).is_ok();
    let to = if is_handed_in { &TaskState::Open } else { to };
    let cause = match to {
        _ if is_handed_in => Cause::Check,
        TaskState::Done => Cause::Done,
        TaskState::Dropped => Cause::Drop,
        TaskState::Blocked => Cause::Block,
        TaskState::Open | TaskState::Held => Cause::Back,
    };
    let token = lock.as_ref().map(|lock| lock.token);
    decision.locks.extend(lock);
    decision.tasks = vec![id.clone()];
    let moved = moved(Some(from), Some(*to), cause);
    let kind = task_event(moved, words.clone(), token);
    Ok(Some(event(who, vec![resource_of(list, id)], kind)))
}

fn edit(
    register: &mut LockRegister,
    who: &Actor,
    request: &TaskRequest,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let TaskStep::Edit {
        id,
        title,
        priority,
        to,
        unblock,
    } = &request.step
    else {
        return Ok(None);
    };
    let task = register.tasks.find_mut(id)?;
    let before = task.clone();
    if let Some(title) = title {
        task.spec.title = title.clone();
        // Whose words they are decides where they are worked on.
        task.node = who.node;
    }
    task.spec.priority = priority.unwrap_or(task.spec.priority);
    task.spec.to = to.clone().unwrap_or(task.spec.to.take());
    if *unblock {
        task.blocked = None;
        // It is tried anew.
        task.attempt = None;
    }
    decision.tasks = vec![id.clone()];
    if *task == before {
        return Ok(None);
    }
    let moved = moved(Some(before.state()), Some(task.state()), Cause::Edit);
    let kind = task_event(moved, Some(task.spec.title.clone()), None);
    let resource = resource_of(&request.list, id);
    Ok(Some(event(who, vec![resource], kind)))
}

fn supervise(
    register: &mut LockRegister,
    who: &Actor,
    request: &TaskRequest,
    policy: &TakeoverPolicy<'_>,
    decision: &mut Decision,
) -> Result<Option<Event>, Denied> {
    let TaskStep::Supervise { id, attempt, then } = &request.step else {
        return Ok(None);
    };
    let list = &request.list;
    let (before, lock) = register.supervise(who, (list, id), (attempt, then), policy)?;
    let from = lock.as_ref().map_or(before.state(), |_| TaskState::Held);
    let (to, cause) = match (then, attempt.state) {
        (Afterwards::Done, _) => (TaskState::Done, Cause::Done),
        (Afterwards::Blocked(_), _) => (TaskState::Blocked, Cause::Person),
        (_, AttemptState::Assigned) => (TaskState::Open, Cause::Assign),
        (_, AttemptState::Running) => (TaskState::Held, Cause::Run),
        (_, AttemptState::Checking) => (TaskState::Held, Cause::Check),
        (_, AttemptState::Retrying) => (TaskState::Held, Cause::Retry),
        (_, AttemptState::NeedsPerson) => (TaskState::Held, Cause::Person),
    };
    let token = lock.as_ref().map(|lock| lock.token);
    decision.locks.extend(lock);
    decision.tasks = vec![id.clone()];
    let words = Some(Purpose::from_record(&told(attempt, then)));
    let kind = task_event(moved(Some(from), Some(to), cause), words, token);
    Ok(Some(event(who, vec![resource_of(list, id)], kind)))
}

/// Returns what the history says of an attempt.
fn told(attempt: &Attempt, then: &Afterwards) -> String {
    let number = attempt.number;
    let said = attempt.said.as_ref().map_or("", |said| said.subject());
    match (then, attempt.state, &attempt.check) {
        (Afterwards::Blocked(why), ..) => format!("attempt {number}: {}", why.as_str()),
        (_, AttemptState::Checking, Some(check)) => format!("attempt {number}: check {check}"),
        (Afterwards::Done, ..) => format!("attempt {number} passed"),
        (_, AttemptState::Assigned, _) => match &attempt.session {
            Some(session) => format!("attempt {number}: for {session}"),
            None => format!("attempt {number}"),
        },
        (_, AttemptState::Retrying, _) if !said.is_empty() => {
            format!("attempt {number} failed: {said}")
        }
        (_, AttemptState::Retrying, _) => format!("attempt {number} was interrupted"),
        _ => format!("attempt {number}"),
    }
}

const fn moved(from: Option<TaskState>, to: Option<TaskState>, cause: Cause) -> Transition {
    Transition { from, to, cause }
}

const fn task_event(
    transition: Transition,
    words: Option<Purpose>,
    token: Option<Token>,
) -> EventKind {
    EventKind::Task {
        transition,
        words,
        token,
    }
}
