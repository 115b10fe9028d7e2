//! The actuator of a supervisor: it records an attempt, and then acts.
//!
//! Owns the order of the two, and what each step is told as. Never decides what is done.

use super::commands::Commands;
use super::jobs::{For, Jobs};
use super::look::{self, View};
use super::losses::Losses;
use super::policies::Policies;
use super::tree::Tree;
use super::{Did, Step, Supervise, Supervised, question};
use crate::app::claims::arbiter;
use crate::app::messages::tell::{self, Telling};
use crate::app::tasks::ending::Ending;
use crate::app::tasks::take;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::lock::{Afterwards, Lock, LockRegister};
use crate::model::lock_request::TaskStep;
use crate::model::message::Text;
use crate::model::supervisor::{Action, Effect, Seen, Skip};
use crate::model::task::{ATTEMPT, AttemptMark, Task, TaskId, place_of, resource_of};
use crate::model::text::Purpose;

/// How many digits of the digest of a folder stand in a mark.
const PLACE_DIGITS: usize = 8;
/// How often commands that an earlier supervisor left behind are looked for.
const LEFTOVER_ROUNDS_MAX: u32 = 50;
const LEFTOVER_PAUSE_MILLIS: u64 = 20;

/// What a supervisor has in hand.
pub(super) struct Actuator<'a> {
    context: &'a Context,
    asked: &'a Supervise,
    me: Actor,
    commands: Commands,
    agent: Option<String>,
    jobs: Jobs,
    policies: Policies,
    tell: &'a dyn Fn(&Step) -> Result<(), Failure>,
    /// What the user was told to be left alone.
    left: Vec<(TaskId, Skip)>,
    /// What the user was told that other sessions were faster with.
    lost: Vec<(TaskId, Effect)>,
    /// The list, as it was read last.
    register: LockRegister,
    /// Whether commands of earlier supervisors are known to be over.
    knows_leftovers: bool,
    tree: Tree,
    losses: Losses,
    done: usize,
    asked_for: usize,
}

/// What came of an action.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Acted {
    /// Something changed.
    Changed,
    /// There was nothing to change.
    Nothing,
    /// It could not be recorded: another session was faster, or the arbiter did not answer.
    Lost,
}

impl<'a> Actuator<'a> {
    /// Makes one that has done nothing yet.
    pub(super) fn new(
        context: &'a Context,
        asked: &'a Supervise,
        (me, commands, agent): (&Actor, Commands, Option<String>),
        tell: &'a dyn Fn(&Step) -> Result<(), Failure>,
    ) -> Self {
        Self {
            context,
            asked,
            me: me.clone(),
            commands,
            agent,
            jobs: Jobs::default(),
            policies: Policies::default(),
            tell,
            left: Vec::new(),
            lost: Vec::new(),
            register: LockRegister::default(),
            knows_leftovers: false,
            tree: Tree::default(),
            losses: Losses::default(),
            done: 0,
            asked_for: 0,
        }
    }

    /// Ends what commands of an earlier supervisor of this list left running. Where processes
    /// cannot be listed, nothing is known of them.
    ///
    /// # Errors
    ///
    /// If this process is such a command itself.
    pub(super) fn end_leftovers(&mut self) -> Result<(), Failure> {
        let host = self.context.host;
        let mark = AttemptMark::prefix(&self.clone_name(), self.list_name());
        if host.env(ATTEMPT).is_some() {
            return Err(Failure::usage("a command of an attempt cannot supervise")
                .hint("start the supervisor from a terminal"));
        }
        for _ in 0..LEFTOVER_ROUNDS_MAX {
            let Some(left) = host.processes_with(ATTEMPT, &mark) else {
                return Ok(());
            };
            if left.is_empty() {
                self.context.ledger.policies().sweep(self.context.now());
                self.knows_leftovers = true;
                return Ok(());
            }
            left.into_iter().for_each(|pid| host.kill(pid));
            host.pause(LEFTOVER_PAUSE_MILLIS);
        }
        Ok(())
    }

    /// Returns what an attempt at a task is marked with. A copy of this clone has its id, and its
    /// folder tells it apart.
    fn mark(&self, id: &TaskId, number: u32) -> String {
        let (clone, list) = (self.clone_name(), self.list_name().to_owned());
        let id = id.clone();
        AttemptMark {
            clone,
            list,
            id,
            number,
        }
        .to_string()
    }

    fn clone_name(&self) -> String {
        let folder = self.context.ledger_dir.as_os_str().as_encoded_bytes();
        let digest = blake3::hash(folder).to_hex();
        AttemptMark::clone_at(&self.me.node, &digest[..PLACE_DIGITS])
    }

    fn list_name(&self) -> &str {
        place_of(&self.asked.list).map_or("main", |(name, _)| name)
    }

    /// Reads the list, and returns what is seen.
    ///
    /// # Errors
    ///
    /// Those of reading the list and the board.
    pub(super) fn look(&mut self) -> Result<Seen, Failure> {
        let read = self.context.ledger.locks().get_known(&self.asked.list)?;
        self.register = read.cell;
        let register = &self.register;
        self.jobs.retain(&|id| register.tasks.find(id).is_ok());
        // What runs may change it.
        let tree = match self.jobs.running() {
            0 => self.tree.digest(self.context, self.me.id.as_str()),
            _ => None,
        };
        let view = View {
            context: self.context,
            me: &self.me,
            list: &self.asked.list,
            commands: &self.commands,
            jobs: &self.jobs,
            has_agent: self.agent.is_some(),
            knows_leftovers: self.knows_leftovers || self.asked.dry_run,
            tree,
        };
        let mut seen = view.seen(register)?;
        self.losses.confirm(&mut seen, self.context.host.elapsed());
        Ok(seen)
    }

    /// Looks which commands have ended. Returns true if one has.
    pub(super) fn poll(&mut self) -> bool {
        self.jobs.poll()
    }

    /// Returns true if no command runs.
    pub(super) fn is_idle(&self) -> bool {
        self.jobs.running() == 0
    }

    /// Ends all commands.
    pub(super) fn end_all(&mut self) {
        self.jobs.end_all();
        self.policies.clear(self.context, None);
    }

    /// Tells a step.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn tell(&mut self, action: &Action, did: Did) -> Result<(), Failure> {
        let unseen = self.tree.not_known();
        (self.tell)(&Step {
            unseen,
            at: self.context.now(),
            list: self.asked.list.clone(),
            did,
            action: action.clone(),
        })
    }

    /// Returns what was done.
    ///
    /// # Errors
    ///
    /// Those of reading the list.
    pub(super) fn over(&self) -> Result<Supervised, Failure> {
        let read = self.context.ledger.locks().get(&self.asked.list)?;
        Ok(Supervised {
            now: self.context.now(),
            list: self.asked.list.clone(),
            done: self.done,
            asked: self.asked_for,
            left: read.cell.tasks.tasks.len(),
            dry_run: self.asked.dry_run,
        })
    }

    /// Records and acts.
    ///
    /// # Errors
    ///
    /// Those that are no refusal: then it is tried again by the next supervisor.
    pub(super) fn act(&mut self, action: Action) -> Result<Acted, Failure> {
        if let Effect::Leave(skip) = &action.effect {
            let left = (action.id.clone(), skip.clone());
            if !self.left.contains(&left) {
                self.left.push(left);
                self.tell(&action, Did::Done)?;
            }
            return Ok(Acted::Nothing);
        }
        if action.effect == Effect::Stop {
            self.jobs.stop(&action.id);
            self.tell(&action, Did::Done)?;
            return Ok(Acted::Nothing);
        }
        match self.record(&action) {
            Ok(task) => {
                self.jobs.forget(&action.id);
                self.lost.retain(|(id, _)| *id != action.id);
                self.policies.clear(self.context, Some(&action.id));
                self.effect(&action, &task)?;
                self.tell(&action, Did::Done)?;
                Ok(Acted::Changed)
            }
            // Another session was faster, or has it: what is seen next decides.
            Err(failure)
                if matches!(failure.kind, Kind::Refused | Kind::Contended | Kind::Remote) =>
            {
                let lost = (action.id.clone(), action.effect.clone());
                if !self.lost.contains(&lost) {
                    self.lost.push(lost);
                    self.tell(&action, Did::Lost)?;
                }
                Ok(Acted::Lost)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Records the attempt of an action, under the lock on its task, and returns the task.
    fn record(&self, action: &Action) -> Result<Task, Failure> {
        let list = &self.asked.list;
        let attempt = action
            .record
            .clone()
            .ok_or_else(|| Failure::usage("an action that records nothing changes nothing"))?;
        let resource = resource_of(list, &action.id);
        let lock = self.register.lock_on(&resource);
        let is_mine = |lock: &Lock| self.context.ledger.locks().is_mine(&self.me, lock);
        let task = self.register.tasks.find(&action.id).cloned();
        let is_held = lock.is_some_and(|lock| is_mine(lock) && lock.is_live(self.context.now()));
        let is_assigned = matches!(action.effect, Effect::Assign(_));
        // What is started works under all that is claimed with the task.
        let starts = matches!(action.effect, Effect::Spawn | Effect::RunCheck(_));
        let holds = |task: &Task| look::holds_claims(self.context, &self.me, task, &resource);
        let is_whole = !starts || task.as_ref().is_ok_and(holds);
        if !(is_held && is_whole || is_assigned) {
            let ttl = self.context.config.ttl;
            take::for_a_supervisor(self.context, list, &action.id, ttl)?;
        }
        let then = match &action.effect {
            Effect::Finish => Afterwards::Done,
            Effect::AskPerson(why) => Afterwards::Blocked(Purpose::from_record(&why.words())),
            _ => Afterwards::Held,
        };
        let ending = match &task {
            Ok(task) if starts => Ending::under(task, self.context.config.ttl),
            Ok(task) if then != Afterwards::Held || is_assigned => {
                Ending::of(self.context, &self.me, list, task)?
            }
            _ => Ending::default(),
        };
        let step = TaskStep::Supervise {
            id: action.id.clone(),
            attempt: Box::new(attempt),
            then,
        };
        arbiter::submit(self.context, &self.me, &ending.request(list, step))?;
        let task = task.map_err(|why| Failure::usage(why.to_string()))?;
        Ok(task)
    }

    fn effect(&mut self, action: &Action, task: &Task) -> Result<(), Failure> {
        let number = action.record.as_ref().map_or(1, |attempt| attempt.number);
        match &action.effect {
            Effect::Spawn => {
                self.tree.changes();
                let line = self.agent.clone().unwrap_or_default();
                let input = question::for_agent(task, self.list_name(), number);
                let env = self.environment(task, number);
                let attempt = self.mark(&action.id, number);
                let policy = (attempt, self.asked.limits.attempt_secs);
                self.policies.write(self.context, &action.id, policy);
                let what = (For::Agent, line.as_str());
                self.jobs
                    .start(self.context, &action.id, what, (&env, input));
            }
            Effect::RunCheck(name) => {
                let Some(check) = self.commands.check_named(name).cloned() else {
                    return Ok(());
                };
                let input = question::for_check(task, self.list_name(), check.answers);
                let env = self.environment(task, number);
                let line = check.line.clone();
                let what = (For::Check(check), line.as_str());
                self.jobs
                    .start(self.context, &action.id, what, (&env, input));
            }
            Effect::Assign(session) => self.assign(session, task)?,
            Effect::Finish => self.done += 1,
            Effect::AskPerson(_) => self.asked_for += 1,
            Effect::None | Effect::Stop | Effect::Leave(_) => {}
        }
        Ok(())
    }

    /// Returns what a command learns of its attempt.
    fn environment(&self, task: &Task, number: u32) -> Vec<(String, String)> {
        let id = &task.spec.id;
        let resource = resource_of(&self.asked.list, id);
        let lease = self.context.ledger.leases(&self.me.id).list().into_iter();
        let token = { lease }
            .find(|lease| lease.resource == resource)
            .map(|lease| lease.token);
        let mut env = vec![
            (ATTEMPT.to_owned(), self.mark(id, number)),
            (
                "GIT_PRESENCE_SESSION".to_owned(),
                self.me.id.as_str().to_owned(),
            ),
            (
                "GIT_PRESENCE_RESOURCES".to_owned(),
                resource.label().to_owned(),
            ),
        ];
        env.extend(token.map(|token| ("GIT_PRESENCE_TOKEN_1".to_owned(), token.to_string())));
        env
    }

    /// Tells a session to take a task. A message that is not sent is made up for: the session does
    /// not come, and another one is told.
    fn assign(&self, session: &SessionId, task: &Task) -> Result<(), Failure> {
        let list = self.list_name();
        let id = &task.spec.id;
        let text = format!(
            "Take task {id} of the list {list}\n\ngit presence task start {id} --list {list}\nWhen it \
             is done: git presence task done {id} --list {list}",
        );
        let text = Text::parse(&text).map_err(|error| Failure::usage(error.to_string()))?;
        let telling = Telling {
            to: vec![(session.as_str().to_owned(), None)],
            text,
            about: Some(resource_of(&self.asked.list, id)),
            asks: false,
            urgent: false,
            reply_to: None,
            lasts_secs: None,
        };
        let _ = tell::execute(self.context, &telling);
        Ok(())
    }
}
