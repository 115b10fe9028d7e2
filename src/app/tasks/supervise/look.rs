//! What a supervisor sees of a list: tasks, holds, attempts and commands.
//!
//! Owns what counts as certain. Never decides what is done.

use super::commands::Commands;
use super::jobs::Jobs;
use super::workers::Workers;
use crate::app::claims::arbiter;
use crate::config::AcceptWork;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::lock::{Lock, LockRegister};
use crate::model::resource::Resource;
use crate::model::supervisor::{Hold, Job, Seen, SeenTask, Skip};
use crate::model::task::{AttemptState, Task, resource_of};

/// Where a supervisor looks from.
pub(super) struct View<'v> {
    /// The context of the verb.
    pub context: &'v Context,
    /// The supervisor.
    pub me: &'v Actor,
    /// The list.
    pub list: &'v Resource,
    /// The commands that this clone has.
    pub commands: &'v Commands,
    /// The commands that run.
    pub jobs: &'v Jobs,
    /// Whether there is an agent.
    pub has_agent: bool,
    /// Whether commands of earlier supervisors are known to be over.
    pub knows_leftovers: bool,
    /// The digest of the work tree, with what it may be compared to.
    pub tree: Option<String>,
}

impl View<'_> {
    /// Returns what is seen of the register of the list.
    ///
    /// # Errors
    ///
    /// Those of reading the board.
    pub(super) fn seen(&self, register: &LockRegister) -> Result<Seen, Failure> {
        let ready = register.tasks.in_order();
        let tasks = register.tasks.tasks.iter().map(|task| &**task);
        let waits = tasks.filter(|task| !task.is_ready());
        let tree = self.tree.as_ref();
        let workers = Workers::seen(self.context, self.me, register)?;
        let tasks = ready.into_iter().chain(waits).map(|task| {
            let mut seen = self.task(register, task);
            let recorded = task
                .attempt
                .as_ref()
                .and_then(|attempt| attempt.tree.as_ref());
            // Only what was recorded since the last agent began can be compared.
            let is_comparable =
                |now: &&String| recorded.is_none_or(|then| tag_of(then) == tag_of(now));
            seen.only = workers.only(task);
            seen.tree = tree.filter(is_comparable).cloned();
            seen
        });
        Ok(Seen {
            me: self.me.id.clone(),
            now: self.context.now(),
            tasks: tasks.collect(),
            workers: workers.all.clone(),
            has_agent: self.has_agent,
            running: self.jobs.running(),
        })
    }

    fn task(&self, register: &LockRegister, task: &Task) -> SeenTask {
        let resource = resource_of(self.list, &task.spec.id);
        let lock = register.lock_on(&resource);
        SeenTask {
            claims: task.spec.claims.clone(),
            lost: self.lost(task, lock),
            id: task.spec.id.clone(),
            is_ready: task.is_ready() && !register.tasks.is_drained,
            hold: hold_of(self.context, self.me, lock),
            attempt: task.attempt.clone(),
            job: self.job(task),
            checks: task.spec.checks.clone(),
            skip: self.skip(task),
            only: None,
            tree: None,
        }
    }

    /// Returns what the attempt at a task relies on and is not the supervisor's any more. What has
    /// only expired was granted to no other session.
    fn lost(&self, task: &Task, lock: Option<&Lock>) -> Option<Resource> {
        task.attempt.as_ref()?;
        let locks = self.context.ledger.locks();
        if !lock.is_some_and(|lock| locks.is_mine(self.me, lock)) {
            return Some(resource_of(self.list, &task.spec.id));
        }
        first_not(self.context, self.me, task, &|_| true)
    }

    fn job(&self, task: &Task) -> Job {
        let job = self.jobs.of(&task.spec.id);
        let attempt = task.attempt.as_ref().filter(|attempt| {
            let runs = matches!(
                attempt.state,
                AttemptState::Running | AttemptState::Checking
            );
            runs && attempt.by != self.me.id
        });
        match (job, attempt) {
            (Job::None, Some(_)) if !self.knows_leftovers => Job::Unknown,
            (job, _) => job,
        }
    }

    fn skip(&self, task: &Task) -> Option<Skip> {
        if self.context.config.agents.accept_work == AcceptWork::Mine && task.node != self.me.node {
            return Some(Skip::NotAccepted);
        }
        let mut checks = task.spec.checks.iter();
        let missing = checks.find(|name| self.commands.check_named(name).is_none());
        missing.cloned().map(Skip::NoSuchCheck)
    }
}

/// Returns which session has a lock, as far as it is known here.
fn hold_of(context: &Context, me: &Actor, lock: Option<&Lock>) -> Hold {
    let Some(lock) = lock else {
        return Hold::Free;
    };
    match context.ledger.locks().is_mine(me, lock) {
        true if lock.is_live(context.now()) => Hold::Mine,
        true => Hold::Free,
        false if arbiter::can_be_taken_over(context, lock) => Hold::Free,
        false => Hold::Other(lock.holder.id.clone()),
    }
}

/// Returns true if the supervisor holds all that is claimed with a task, and for no other task than
/// `own`, which is its resource.
pub(super) fn holds_claims(context: &Context, me: &Actor, task: &Task, own: &Resource) -> bool {
    let now = context.now();
    let is_right =
        |lock: &Lock| lock.is_live(now) && lock.with.as_ref().is_none_or(|with| with == own);
    first_not(context, me, task, &is_right).is_none()
}

/// Returns the first claim of a task that is not one of the supervisor, or not as it should be.
/// What cannot be read is not known to be its own.
fn first_not(
    context: &Context,
    me: &Actor,
    task: &Task,
    is_right: &dyn Fn(&Lock) -> bool,
) -> Option<Resource> {
    let locks = context.ledger.locks();
    let is_held = |claim: &&Resource| {
        let read = locks.get(claim).ok();
        let lock = read.as_ref().and_then(|read| read.cell.lock_on(claim));
        lock.is_some_and(|lock| locks.is_mine(me, lock) && is_right(lock))
    };
    let mut claims = task.spec.claims.iter();
    claims.find(|claim| !is_held(claim)).cloned()
}

/// Returns what a digest of the work tree may be compared by.
fn tag_of(tree: &str) -> &str {
    tree.split(' ').next().unwrap_or(tree)
}
