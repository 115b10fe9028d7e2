//! The next actions of a supervisor: [`tick()`].
//!
//! Owns the table from what is recorded and seen of a task to what is done about it. An attempt is
//! recorded before it acts, so that one that takes over knows of everything that may run.

use super::{
    Action, Ask, Effect, Hold, Job, Limits, Outcome, Seen, SeenTask, Skip, Verdict, Worker,
};
use crate::model::id::SessionId;
use crate::model::message::Text;
use crate::model::resource::Resource;
use crate::model::task::{Attempt, AttemptState, Name, TaskId};
use crate::model::time::Timestamp;

/// Returns what is done next, in the order of the tasks.
pub fn tick(seen: &Seen, limits: &Limits) -> Vec<Action> {
    let mut round = Round {
        seen,
        limits,
        free: limits.jobs_max.saturating_sub(seen.running),
        idle: seen
            .workers
            .iter()
            .filter(|worker| worker.is_idle)
            .collect(),
        claimed: seen.tasks.iter().flat_map(claimed_with).collect(),
    };
    let actions = seen.tasks.iter().filter_map(|task| round.next(task));
    actions.collect()
}

/// What is left to give out in one tick.
struct Round<'s> {
    seen: &'s Seen,
    limits: &'s Limits,
    free: usize,
    idle: Vec<&'s Worker>,
    /// What attempts work under that go on, each with its task.
    claimed: Vec<(TaskId, Resource)>,
}

/// Returns what the attempt at a task works under, if the supervisor makes one.
fn claimed_with(task: &SeenTask) -> impl Iterator<Item = (TaskId, Resource)> {
    let attempt = task.attempt.as_ref().filter(|_| task.hold == Hold::Mine);
    let acts = attempt.is_some_and(acts);
    let claims = task.claims.iter().filter(move |_| acts);
    claims.map(|claim| (task.id.clone(), claim.clone()))
}

/// Returns true if an agent or a check may run for an attempt.
fn acts(attempt: &Attempt) -> bool {
    matches!(
        attempt.state,
        AttemptState::Running | AttemptState::Checking
    )
}

fn act(task: &SeenTask, record: Option<Attempt>, effect: Effect) -> Option<Action> {
    let id = task.id.clone();
    Some(Action { id, record, effect })
}

impl Round<'_> {
    fn next(&mut self, task: &SeenTask) -> Option<Action> {
        // What is not known is no reason for anything.
        if task.job == Job::Unknown {
            return None;
        }
        let Some(attempt) = &task.attempt else {
            return self.begin(task);
        };
        if attempt.session.is_some() && attempt.state == AttemptState::Assigned {
            return self.assigned(task, attempt);
        }
        if let Hold::Other(_) = task.hold {
            // Another session has it: what runs here must not go on.
            return match task.job {
                Job::Runs => act(task, None, Effect::Stop),
                _ => None,
            };
        }
        if let Some(skip) = self.is_barred(task, attempt) {
            let effect = match task.job {
                Job::Runs => Effect::Stop,
                _ => Effect::Leave(skip),
            };
            return act(task, None, effect);
        }
        if let (true, Some(lost)) = (acts(attempt), &task.lost) {
            match task.job {
                Job::Runs => return act(task, None, Effect::Stop),
                Job::AgentEnded(_) | Job::CheckEnded(_) => return self.lost(task, attempt, lost),
                Job::None | Job::Unknown => {}
            }
        }
        match attempt.state {
            AttemptState::Assigned | AttemptState::Running => self.running(task, attempt),
            AttemptState::Checking => self.checking(task, attempt),
            AttemptState::Retrying => self.retrying(task, attempt),
            // A person that lets it go on takes the attempt away.
            AttemptState::NeedsPerson => None,
        }
    }

    fn begin(&mut self, task: &SeenTask) -> Option<Action> {
        if !task.is_ready || matches!(task.hold, Hold::Other(_)) || task.job != Job::None {
            return None;
        }
        if let Some(skip) = &task.skip {
            return act(task, None, Effect::Leave(skip.clone()));
        }
        let first = Attempt::first(AttemptState::Running, &self.seen.me, self.seen.now);
        self.give(task, first)
    }

    /// Returns why no agent and no check may go on with an attempt, if they may not: its words are
    /// another clone's by now, or it is for other sessions by now.
    fn is_barred(&self, task: &SeenTask, attempt: &Attempt) -> Option<Skip> {
        match (&task.skip, attempt.state) {
            (_, AttemptState::NeedsPerson) => None,
            (Some(Skip::NotAccepted), _) => task.skip.clone(),
            // The next attempt may be that of another session.
            (_, AttemptState::Retrying) => None,
            _ if attempt.session.is_some() => None,
            _ => self.for_other(task),
        }
    }

    /// Returns that a task is for other sessions than the supervisor, for which an agent works.
    fn for_other(&self, task: &SeenTask) -> Option<Skip> {
        let only = task.only.as_ref()?;
        let is_for_me = only.sessions.contains(&self.seen.me);
        (!is_for_me).then(|| Skip::ForOther(only.to.clone()))
    }

    /// Gives an attempt to a session that has nothing to do, or else to the agent.
    fn give(&mut self, task: &SeenTask, mut attempt: Attempt) -> Option<Action> {
        attempt.by = self.seen.me.clone();
        attempt.session = None;
        attempt.check = None;
        attempt.tree = None;
        let barred = self.for_other(task);
        let has_agent = self.seen.has_agent && barred.is_none();
        let is_meant = |one: &Worker| is_for(task, &one.id);
        // What the supervisor has is given to another session only if no agent may go on with it.
        if (task.hold == Hold::Free || !has_agent)
            && let Some(at) = self.idle.iter().position(|one| is_meant(one))
        {
            let worker = self.idle.remove(at).id.clone();
            attempt.state = AttemptState::Assigned;
            attempt.session = Some(worker.clone());
            return act(task, Some(attempt), Effect::Assign(worker));
        }
        if !has_agent {
            let skip = barred.unwrap_or(Skip::NoWorker);
            return match self.seen.workers.iter().any(is_meant) {
                true => None,
                false => act(task, None, Effect::Leave(skip)),
            };
        }
        if self.free == 0 || self.meets_another(task) {
            return None;
        }
        self.free -= 1;
        let claims = task.claims.iter().cloned();
        self.claimed
            .extend(claims.map(|one| (task.id.clone(), one)));
        act(task, Some(attempt), Effect::Spawn)
    }

    /// Returns true if what is claimed with a task overlaps what another one works under: to the
    /// arbiter both are the supervisor.
    fn meets_another(&self, task: &SeenTask) -> bool {
        let mut others = self.claimed.iter().filter(|(id, _)| *id != task.id);
        others.any(|(_, other)| task.claims.iter().any(|own| own.overlaps(other)))
    }

    fn has_taken(&self, since: Timestamp, secs_max: u64) -> bool {
        self.seen.now.secs_since(since) > secs_max
    }

    fn assigned(&mut self, task: &SeenTask, attempt: &Attempt) -> Option<Action> {
        let has_it = match &task.hold {
            Hold::Other(holder) => attempt.session.as_ref() == Some(holder),
            Hold::Free | Hold::Mine => false,
        };
        if has_it || task.hold != Hold::Free {
            return None;
        }
        let session = attempt.session.as_ref();
        let mut workers = self.seen.workers.iter();
        let lives = workers.any(|one| Some(&one.id) == session && is_for(task, &one.id));
        if lives && !self.has_taken(attempt.since, self.limits.accept_secs) {
            return None;
        }
        // It did not come: that is no failure of the task.
        let mut next = attempt.moved(AttemptState::Retrying, self.seen.now);
        next.session = None;
        self.interrupt(task, next)
    }

    fn running(&mut self, task: &SeenTask, attempt: &Attempt) -> Option<Action> {
        match &task.job {
            Job::Runs if self.has_taken(attempt.since, self.limits.attempt_secs) => {
                act(task, None, Effect::Stop)
            }
            Job::Runs | Job::Unknown => None,
            Job::AgentEnded(outcome) if outcome.verdict == Verdict::Passed => {
                self.judge(task, attempt, task.checks.first())
            }
            Job::AgentEnded(outcome) | Job::CheckEnded(outcome) => {
                self.failed(task, attempt, outcome)
            }
            Job::None => {
                let next = attempt.moved(AttemptState::Retrying, self.seen.now);
                self.interrupt(task, next)
            }
        }
    }

    /// Runs this check, or finishes the task if there is none.
    fn judge(
        &mut self,
        task: &SeenTask,
        attempt: &Attempt,
        check: Option<&Name>,
    ) -> Option<Action> {
        let mut next = attempt.moved(AttemptState::Checking, self.seen.now);
        next.tree = attempt.tree.clone().or_else(|| task.tree.clone());
        next.check = check.cloned();
        let effect = match check {
            Some(check) => Effect::RunCheck(check.clone()),
            None => Effect::Finish,
        };
        act(task, Some(next), effect)
    }

    fn checking(&mut self, task: &SeenTask, attempt: &Attempt) -> Option<Action> {
        match &task.job {
            Job::Runs if self.has_taken(attempt.since, self.limits.check_secs) => {
                act(task, None, Effect::Stop)
            }
            Job::Runs | Job::Unknown => None,
            Job::None | Job::AgentEnded(_) => match &attempt.check {
                // It was recorded and did not end: it is judged again.
                Some(check) => self.judge_again(task, attempt, check),
                None if self.meets_another(task) => None,
                None if attempt.session.is_some() => self.judge(task, attempt, task.checks.first()),
                None => act(task, None, Effect::Finish),
            },
            Job::CheckEnded(_) if drifted(task, attempt) => self.ask(task, attempt, Ask::Drift),
            Job::CheckEnded(outcome) => match (outcome.verdict, &attempt.check) {
                (Verdict::Passed, check) => {
                    let mut passed = attempt.clone();
                    passed.unjudged = 0;
                    let mut rest = task
                        .checks
                        .iter()
                        .skip_while(|one| Some(*one) != check.as_ref());
                    rest.next();
                    self.judge(task, &passed, rest.next())
                }
                (Verdict::DidNotJudge, Some(check)) => {
                    let mut next = attempt.clone();
                    next.unjudged += 1;
                    next.said = outcome.said.clone();
                    match next.unjudged >= self.limits.unjudged_max {
                        true => self.ask(task, &next, Ask::NotJudged(check.clone())),
                        false => self.judge(task, &next, Some(check)),
                    }
                }
                _ => self.failed(task, attempt, outcome),
            },
        }
    }

    fn judge_again(&mut self, task: &SeenTask, attempt: &Attempt, check: &Name) -> Option<Action> {
        let mut next = attempt.clone();
        next.interrupted += 1;
        match next.interrupted > self.limits.interrupted_max {
            true => self.ask(task, &next, Ask::InterruptedTooOften),
            false => self.judge(task, &next, Some(check)),
        }
    }

    fn retrying(&mut self, task: &SeenTask, attempt: &Attempt) -> Option<Action> {
        if task.job != Job::None {
            return None;
        }
        if drifted(task, attempt) {
            return self.ask(task, attempt, Ask::Drift);
        }
        let mut next = attempt.moved(AttemptState::Running, self.seen.now);
        next.number += 1;
        self.give(task, next)
    }

    fn failed(&mut self, task: &SeenTask, attempt: &Attempt, outcome: &Outcome) -> Option<Action> {
        let is_same = outcome.failure.is_some() && outcome.failure == attempt.failure;
        let mut next = attempt.moved(AttemptState::Retrying, self.seen.now);
        next.failed += 1;
        next.unjudged = 0;
        next.failure = outcome.failure.clone();
        next.said = outcome.said.clone();
        next.tree = next.tree.or_else(|| task.tree.clone());
        if next.failed > self.limits.retries_max {
            return self.ask(task, &next, Ask::FailedTooOften);
        }
        if is_same {
            return self.ask(task, &next, Ask::SameFailure);
        }
        act(task, Some(next), Effect::None)
    }

    fn interrupt(&mut self, task: &SeenTask, mut next: Attempt) -> Option<Action> {
        next.interrupted += 1;
        // What it left of the work tree is not judged by what was there before.
        next.tree = None;
        match next.interrupted > self.limits.interrupted_max {
            true => self.ask(task, &next, Ask::InterruptedTooOften),
            false => act(task, Some(next), Effect::None),
        }
    }

    /// Ends an attempt that lost what was granted with it: that is no failure of the task.
    fn lost(&mut self, task: &SeenTask, attempt: &Attempt, lost: &Resource) -> Option<Action> {
        let mut next = attempt.moved(AttemptState::Retrying, self.seen.now);
        next.said = Text::parse(&format!("{lost} was lost while it ran")).ok();
        self.interrupt(task, next)
    }

    fn ask(&self, task: &SeenTask, attempt: &Attempt, why: Ask) -> Option<Action> {
        let mut next = attempt.moved(AttemptState::NeedsPerson, self.seen.now);
        if next.said.is_none() {
            next.said = Text::parse(&why.words()).ok();
        }
        act(task, Some(next), Effect::AskPerson(why))
    }
}

/// Returns true if a task may be given to a session that offers itself.
fn is_for(task: &SeenTask, id: &SessionId) -> bool {
    let only = task.only.as_ref();
    only.is_none_or(|only| only.sessions.contains(id))
}

/// Returns true if the work tree is not the one that the agent left.
fn drifted(task: &SeenTask, attempt: &Attempt) -> bool {
    match (&task.tree, &attempt.tree) {
        (Some(now), Some(then)) => now != then,
        _ => false,
    }
}
