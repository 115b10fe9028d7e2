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
use crate::model::lock::LockRegister;
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
    pub tree: &'v dyn Fn() -> Option<String>,
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
        let tree = (self.tree)();
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
            seen.tree = tree.as_ref().filter(is_comparable).cloned();
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
        SeenTask {
            id: task.spec.id.clone(),
            is_ready: task.is_ready() && !register.tasks.is_drained,
            hold: self.hold(register, task),
            attempt: task.attempt.clone(),
            job: self.job(task),
            checks: task.spec.checks.clone(),
            skip: self.skip(task),
            only: None,
            tree: None,
        }
    }

    fn hold(&self, register: &LockRegister, task: &Task) -> Hold {
        let resource = resource_of(self.list, &task.spec.id);
        let Some(lock) = register.lock_on(&resource) else {
            return Hold::Free;
        };
        let is_mine = self.context.ledger.locks().is_mine(self.me, lock);
        match (is_mine, lock.is_live(self.context.now())) {
            (true, true) => Hold::Mine,
            (true, false) => Hold::Free,
            _ if arbiter::can_be_taken_over(self.context, lock) => Hold::Free,
            _ => Hold::Other(lock.holder.id.clone()),
        }
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

/// Returns what a digest of the work tree may be compared by.
fn tag_of(tree: &str) -> &str {
    tree.split(' ').next().unwrap_or(tree)
}
