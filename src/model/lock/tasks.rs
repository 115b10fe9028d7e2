//! The tasks of a list in its lock register.
//!
//! Owns the steps: a grant of a task that is ready, and its end. That two sessions never have one
//! task follows from the locks; that no need is passed over, from here. Never reads a clock.

use std::sync::Arc;

use super::{Denied, GrantRequest, Granted, Lock, LockRegister, TakeoverPolicy};
use crate::model::actor::Actor;
use crate::model::handoff::Parting;
use crate::model::resource::Resource;
use crate::model::task::{
    Attempt, AttemptState, LastWords, Recipient, Task, TaskDenied, TaskId, place_of, resource_of,
};
use crate::model::text::Purpose;
use crate::model::time::{Timestamp, Ttl};
use crate::model::token::Token;
use crate::model::transition::TaskState;

/// What becomes of a task of a supervisor after a step is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// The supervisor has it, or gives it away.
    Held,
    /// It waits for a person, for this reason.
    Blocked(Purpose),
    /// It is done.
    Done,
}

/// A task that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The task, as it is now.
    pub task: Task,
    /// How its lock was granted.
    pub granted: Granted,
    /// The token of the grant.
    pub token: Token,
}

impl From<TaskDenied> for Denied {
    fn from(denied: TaskDenied) -> Self {
        Self::Task(Box::new(denied))
    }
}

impl LockRegister {
    /// Refuses a task that is not ready, unless it is held by the session that asks. Where there is
    /// no list, the name of a task is one like any other.
    pub(super) fn refuse_what_is_not_ready(
        &self,
        who: &Actor,
        resource: &Resource,
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(), Denied> {
        let Some((_, Some(id))) = place_of(resource).filter(|_| self.tasks.is_there()) else {
            return Ok(());
        };
        if !self.has_it(resource, policy) {
            let task = self.tasks.ready(&id)?;
            if let Some(to) = task.spec.to.clone()
                && task.is_addressed_to(&Recipient::by_name(who)) == Some(false)
            {
                return Err(TaskDenied::ForOther { id, to }.into());
            }
        }
        Ok(())
    }

    /// Refuses a task that a list would not give out, or not without what is claimed with it,
    /// unless it is held by the session that asks.
    pub(super) fn refuse_what_is_not_taken_alone(
        &self,
        resource: &Resource,
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(), Denied> {
        let Some((_, Some(id))) = place_of(resource).filter(|_| self.tasks.is_there()) else {
            return Ok(());
        };
        if self.has_it(resource, policy) {
            return Ok(());
        }
        if self.tasks.is_drained {
            return Err(TaskDenied::Drained.into());
        }
        let claims = self.tasks.ready(&id)?.spec.claims.clone();
        match claims.is_empty() {
            true => Ok(()),
            false => Err(TaskDenied::Claims { id, claims }.into()),
        }
    }

    /// Notes that a lock was granted together with a task, and ends with it.
    pub(in crate::model) fn bind(&mut self, resource: &Resource, task: &Resource) {
        let mut locks = self.locks.iter_mut();
        if let Some(lock) = locks.find(|lock| lock.resource == *resource) {
            lock.with = Some(task.clone());
        }
    }

    /// Returns another task of the list than `besides` that `who` holds, and that claims
    /// `resource`.
    pub(in crate::model) fn needs_it_too(
        &self,
        who: &Actor,
        (list, besides): (&Resource, &Resource),
        resource: &Resource,
        now: Timestamp,
    ) -> Option<Resource> {
        let tasks = self.tasks.tasks.iter();
        let tasks = tasks.filter(|task| task.spec.claims.contains(resource));
        let mut tasks = tasks.map(|task| resource_of(list, &task.spec.id));
        tasks.find(|task| task != besides && self.check(who, task, None, now).is_ok())
    }

    /// Whether the session that asks has the lock, and its lease has not expired.
    pub(in crate::model) fn has_it(
        &self,
        resource: &Resource,
        policy: &TakeoverPolicy<'_>,
    ) -> bool {
        let lock = self.lock_on(resource);
        lock.is_some_and(|lock| (policy.is_mine)(lock) && lock.is_live(policy.now))
    }

    /// Counts that a task was taken, if it is one.
    pub(super) fn count_attempt(&mut self, resource: &Resource) {
        if let Some((_, Some(id))) = place_of(resource)
            && let Ok(task) = self.tasks.find_mut(&id)
        {
            task.attempts = task.attempts.saturating_add(1);
        }
    }

    /// Takes a task of `list` for `who`: this one, or the first that is ready. A session that has
    /// one already gets that one again if it names none.
    ///
    /// # Errors
    ///
    /// [`Denied::Task`] if it is not ready, if none is, if the list is drained, or if it is taken
    /// together with other `claims` than these; those of [`grant`](Self::grant).
    pub fn take_task(
        &mut self,
        who: &Actor,
        (list, which, who_asks): (&Resource, Option<&TaskId>, &Recipient),
        (ttl, claims): (Ttl, &[Resource]),
        policy: &TakeoverPolicy<'_>,
    ) -> Result<Taken, Denied> {
        let id = match which {
            Some(id) => id.clone(),
            None => self.next_task(who, (list, who_asks), policy)?,
        };
        let resource = resource_of(list, &id);
        let has_it = self.has_it(&resource, policy);
        if self.tasks.is_drained && !has_it {
            return Err(TaskDenied::Drained.into());
        }
        let task = match has_it {
            true => self.tasks.find(&id)?,
            false => self.tasks.ready(&id)?,
        };
        let is_for = has_it || task.is_for(who_asks) == Some(true);
        if let (Some(to), false) = (task.recipient(), is_for) {
            return Err(TaskDenied::ForOther { id, to }.into());
        }
        if task.spec.claims != claims {
            let claims = task.spec.claims.clone();
            return Err(TaskDenied::Claims { id, claims }.into());
        }
        let purpose = task.spec.title.clone();
        let wanted = GrantRequest {
            resource,
            purpose,
            ttl,
        };
        let (granted, token) = self.put(who, &wanted, policy)?;
        Ok(Taken {
            task: self.tasks.find(&id)?.clone(),
            granted,
            token,
        })
    }

    /// Returns the task that comes next for the session that asks.
    fn next_task(
        &self,
        who: &Actor,
        (list, who_asks): (&Resource, &Recipient),
        policy: &TakeoverPolicy<'_>,
    ) -> Result<TaskId, TaskDenied> {
        if !self.tasks.is_there() {
            return Err(TaskDenied::NoTasks);
        }
        let lock = |task: &Task| self.lock_on(&resource_of(list, &task.spec.id));
        let is_mine = |task: &&Arc<Task>| self.has_it(&resource_of(list, &task.spec.id), policy);
        if let Some(task) = self.tasks.tasks.iter().find(is_mine) {
            return Ok(task.spec.id.clone());
        }
        // What is offered to another session is not for this one yet.
        let is_held = |task: &Task| {
            let resource = resource_of(list, &task.spec.id);
            lock(task).is_some_and(|lock| !(policy.is_mine)(lock) && !policy.can_take_over(lock))
                || self.refuse_what_is_offered(who, &resource, policy).is_err()
        };
        let mut ready = self.tasks.in_order();
        ready.retain(|task| !who_asks.passes.contains(&task.spec.id));
        // What may be for the session is named: it is asked for again when that is known.
        let mut free = ready.iter().filter(|task| !is_held(task));
        if let Some(task) = free.find(|task| task.is_for(who_asks) != Some(false)) {
            return Ok(task.spec.id.clone());
        }
        let count = |wants: &dyn Fn(&Task) -> bool| {
            let tasks = self.tasks.tasks.iter();
            tasks.filter(|task| wants(task)).count()
        };
        let none = TaskDenied::NoneReady {
            held: count(&is_held),
            waiting: count(&|task| task.blocked.is_none() && !task.spec.needs.is_empty()),
            blocked: count(&|task| task.blocked.is_some()),
            others: count(&|task| task.is_ready() && !is_held(task)),
        };
        Err(match self.tasks.is_drained && !none.is_all_over() {
            // What becomes ready is not given out either.
            true => TaskDenied::Drained,
            false => none,
        })
    }

    /// Ends the hold of `who` on a task: it is done, handed back, or waits for a person; and says
    /// why. A task that no session holds, or whose hold could be taken over, can be dropped or
    /// blocked as well, unless it is offered to another session; so can one whose hold by `who` has
    /// expired. Returns the task as it was, and the lock that it was held by.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) for a session that does not hold it, and [`Denied::Task`].
    /// Then the register is as before.
    pub fn end_task(
        &mut self,
        who: &Actor,
        (list, id): (&Resource, &TaskId),
        (to, words, parting): (TaskState, Option<&Purpose>, Option<&Parting>),
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(Task, Option<Lock>), Denied> {
        let now = policy.now;
        let before = self.tasks.find(id)?.clone();
        if to == TaskState::Done && before.is_judged_by_checks(who) {
            return Err(TaskDenied::Judged(id.clone()).into());
        }
        let resource = resource_of(list, id);
        let needs_no_hold = matches!(to, TaskState::Dropped | TaskState::Blocked);
        // Its holder may still work by a clock that is behind.
        let lock = self.lock_on(&resource);
        let is_own = |lock: &Lock| lock.is_of(who) && !lock.is_live(now);
        let is_free = lock.is_none_or(|lock| policy.can_take_over(lock) || is_own(lock));
        if needs_no_hold && lock.is_none() {
            self.refuse_what_is_offered(who, &resource, policy)?;
        }
        let lock = match needs_no_hold && is_free {
            true => None,
            false => Some(self.check(who, &resource, None, now)?.clone()),
        };
        self.locks.retain(|lock| lock.resource != resource);
        if let Some(parting) = parting {
            self.handoffs.retain(|left| left.resource != resource);
            self.handoffs.push(parting.by(who, &resource, now));
            self.drop_old_handoffs();
        }
        let last = words.map(|words| LastWords {
            by: who.id.clone(),
            at: now,
            words: words.clone(),
        });
        match to {
            TaskState::Done if before.is_handed_in_by(who) => {
                // It is done once its checks say so.
                let task = self.tasks.find_mut(id)?;
                let attempt = task.attempt.as_ref();
                task.attempt = attempt.map(|one| one.moved(AttemptState::Checking, now));
                task.last = last.or(task.last.take());
            }
            TaskState::Done | TaskState::Dropped => {
                self.tasks.finish(id, to == TaskState::Done)?;
            }
            TaskState::Open | TaskState::Held | TaskState::Blocked => {
                let task = self.tasks.find_mut(id)?;
                if to == TaskState::Blocked {
                    let why = words.cloned();
                    task.blocked = Some(why.unwrap_or_else(|| Purpose::from_record("blocked")));
                }
                task.last = last.or(task.last.take());
            }
        }
        Ok((before, lock))
    }

    /// Records what a supervisor does about a task that it holds, or that it gives to another
    /// session: no third one may hold it then. Ends its hold if that is over, or if it gives the
    /// task away. Returns the task as it was, and the lock that it is or was held by.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) for a supervisor that does not hold it, [`Denied::Held`] for
    /// a task that is to be given away and is held, and [`Denied::Task`].
    pub fn supervise(
        &mut self,
        who: &Actor,
        (list, id): (&Resource, &TaskId),
        (attempt, then): (&Attempt, &Afterwards),
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(Task, Option<Lock>), Denied> {
        let before = self.tasks.find(id)?.clone();
        let resource = resource_of(list, id);
        let lock = match attempt.state {
            AttemptState::Assigned => {
                self.tasks.ready(id)?;
                self.refuse_what_others_hold(&resource, policy)?;
                self.locks.retain(|lock| lock.resource != resource);
                None
            }
            _ => Some(self.check(who, &resource, None, policy.now)?.clone()),
        };
        if *then != Afterwards::Held {
            self.locks.retain(|lock| lock.resource != resource);
        }
        if *then == Afterwards::Done {
            self.tasks.finish(id, true)?;
            return Ok((before, lock));
        }
        let task = self.tasks.find_mut(id)?;
        task.attempt = Some(attempt.clone());
        if let Afterwards::Blocked(why) = then {
            task.blocked = Some(why.clone());
            task.last = Some(LastWords {
                by: who.id.clone(),
                at: policy.now,
                words: why.clone(),
            });
        }
        Ok((before, lock))
    }

    /// Fails if another session holds it that cannot be taken over from.
    fn refuse_what_others_hold(
        &self,
        resource: &Resource,
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(), Denied> {
        match self.lock_on(resource) {
            Some(lock) if !(policy.is_mine)(lock) && !policy.can_take_over(lock) => {
                Err(Denied::Held(Box::new(lock.clone())))
            }
            _ => Ok(()),
        }
    }
}
