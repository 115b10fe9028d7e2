//! The supervisor of a list: what it sees, and what it does next ([`tick()`]).
//!
//! Owns [`Seen`], the actions, and the limits. All of it is pure: what is recorded of an attempt
//! and what is seen of its process decide, and what is not known leads to no action. Never runs
//! anything, never reads a clock.

mod tick;

use super::id::SessionId;
use super::message::Text;
use super::message::address::Address;
use super::resource::Resource;
use super::task::{Attempt, AttemptState, Name, TaskId};
use super::time::Timestamp;

pub use tick::tick;

/// How a supervisor works.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many commands run at once.
    pub jobs_max: usize,
    /// How often a task is tried again after it failed.
    pub retries_max: u32,
    /// How often a check may fail to judge, in a row.
    pub unjudged_max: u32,
    /// How often attempts at a task may be interrupted.
    pub interrupted_max: u32,
    /// How long a session has to take what it was told to.
    pub accept_secs: u64,
    /// How long an attempt may take.
    pub attempt_secs: u64,
    /// How long a check may take.
    pub check_secs: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            jobs_max: 4,
            retries_max: 2,
            unjudged_max: 2,
            interrupted_max: 5,
            accept_secs: 5 * 60,
            attempt_secs: 45 * 60,
            check_secs: 15 * 60,
        }
    }
}

/// Which session has a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// None, or one that is certainly gone.
    Free,
    /// The supervisor.
    Mine,
    /// This one.
    Other(SessionId),
}

/// What is known of the command of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// None runs, and that is certain.
    None,
    /// It runs.
    Runs,
    /// The agent ended.
    AgentEnded(Outcome),
    /// The check ended.
    CheckEnded(Outcome),
    /// Whether one runs is not known.
    Unknown,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What that says.
    pub verdict: Verdict,
    /// The end of what it printed.
    pub said: Option<Text>,
    /// A digest of why it failed, by which the same failure is known again.
    pub failure: Option<String>,
}

/// What the end of a command says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It went well.
    Passed,
    /// It did not.
    Failed,
    /// It could not start, took too long, or gave no answer: that judges nothing.
    DidNotJudge,
}

/// Why the supervisor leaves a task alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It was made in another clone, and this one works on its own tasks only.
    NotAccepted,
    /// This clone has no such check.
    NoSuchCheck(Name),
    /// It is for other sessions alone, and none of them offers itself.
    ForOther(Address),
    /// There is neither an agent nor a session that could do it.
    NoWorker,
}

/// Why a person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// It failed as often as it may.
    FailedTooOften,
    /// It failed twice in the same way.
    SameFailure,
    /// The check did not judge.
    NotJudged(Name),
    /// Attempts were interrupted too often.
    InterruptedTooOften,
    /// The work tree changed while nothing of this task ran that may change it.
    Drift,
}

impl Ask {
    /// Returns the reason in words.
    pub fn words(&self) -> String {
        match self {
            Self::FailedTooOften => "it failed as often as it may".to_owned(),
            Self::SameFailure => "it failed twice in the same way".to_owned(),
            Self::NotJudged(check) => format!("the check {check} did not judge, twice"),
            Self::InterruptedTooOften => "it was interrupted too often".to_owned(),
            Self::Drift => "the work tree changed after the attempt had ended".to_owned(),
        }
    }
}

/// For whom alone a task is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only {
    /// As it was said.
    pub to: Address,
    /// Which of the supervisor and of the sessions that offer themselves that means.
    pub sessions: Vec<SessionId>,
}

/// A task as the supervisor sees it.
#[derive(Clone, Debug)]
pub struct SeenTask {
    /// The task.
    pub id: TaskId,
    /// Whether only a hold keeps it from being taken, and the list is not drained.
    pub is_ready: bool,
    /// Which session has it.
    pub hold: Hold,
    /// What is recorded of its attempts.
    pub attempt: Option<Attempt>,
    /// Its command.
    pub job: Job,
    /// Its checks, in their order.
    pub checks: Vec<Name>,
    /// What is claimed with it.
    pub claims: Vec<Resource>,
    /// What was granted with the attempt, the task included, and is not held any more.
    pub lost: Option<Resource>,
    /// Why it is left alone, if it is.
    pub skip: Option<Skip>,
    /// For whom alone it is; `None`: for any session. An agent works for the supervisor.
    pub only: Option<Only>,
    /// A digest of the work tree, if no command runs there; `None`: not known.
    pub tree: Option<String>,
}

/// A live session that offers itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The session.
    pub id: SessionId,
    /// Whether it is known to have nothing to do.
    pub is_idle: bool,
}

/// What the supervisor sees.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The supervisor.
    pub me: SessionId,
    /// When.
    pub now: Timestamp,
    /// The tasks that are not over, in the order in which they are given out.
    pub tasks: Vec<SeenTask>,
    /// The sessions that offer themselves.
    pub workers: Vec<Worker>,
    /// Whether there is an agent to start.
    pub has_agent: bool,
    /// How many commands of this supervisor run.
    pub running: usize,
}

impl Seen {
    /// Returns true if a session was told to take a task, or has one that it was told to take.
    pub fn awaits_a_session(&self) -> bool {
        self.tasks.iter().any(|task| {
            let state = task
                .attempt
                .as_ref()
                .filter(|attempt| attempt.session.is_some());
            state.is_some_and(|attempt| attempt.state == AttemptState::Assigned)
        })
    }
}

/// What is done about one task: first `record` is recorded, then `effect` happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The task.
    pub id: TaskId,
    /// What its attempt is from now on; `None`: nothing is recorded.
    pub record: Option<Attempt>,
    /// What happens then.
    pub effect: Effect,
}

/// What happens about a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing more.
    None,
    /// Tell this session to take it.
    Assign(SessionId),
    /// Start the agent.
    Spawn,
    /// Start this check.
    RunCheck(Name),
    /// End the command that runs.
    Stop,
    /// The task is done.
    Finish,
    /// The task waits for a person.
    AskPerson(Ask),
    /// It is left alone, and the user is told once.
    Leave(Skip),
}

#[cfg(test)]
mod tests;
