//! Attempts at a task that a supervisor makes.
//!
//! Owns [`Attempt`]: what is stored of one beside its task, from before it begins until the task is
//! over. Never decides what comes next: that is `model::supervisor`.

use super::super::id::SessionId;
use super::super::message::Text;
use super::super::time::Timestamp;
use super::Name;

/// Which state an attempt is in. One that is done, or was cancelled, is over with its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// A live session was told to take it.
    Assigned,
    /// An agent runs.
    Running,
    /// What came of it is judged.
    Checking,
    /// It failed, and the next attempt may begin.
    Retrying,
    /// It waits for a person.
    NeedsPerson,
}

impl AttemptState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Assigned,
        Self::Running,
        Self::Checking,
        Self::Retrying,
        Self::NeedsPerson,
    ];

    /// Returns the stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Running => "running",
            Self::Checking => "checking",
            Self::Retrying => "retrying",
            Self::NeedsPerson => "needs_person",
        }
    }

    /// Returns the state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What is stored of the attempts at a task: the last one, and what counts over all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its state.
    pub state: AttemptState,
    /// Which attempt it is, from 1 on.
    pub number: u32,
    /// The supervisor.
    pub by: SessionId,
    /// The live session that was told to take it; `None`: a command of the supervisor runs.
    pub session: Option<SessionId>,
    /// The check that runs, or comes next.
    pub check: Option<Name>,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// How many attempts failed.
    pub failed: u32,
    /// How often a check did not judge, in a row.
    pub unjudged: u32,
    /// How often it was interrupted, because its supervisor was gone.
    pub interrupted: u32,
    /// A digest of the last failure.
    pub failure: Option<String>,
    /// A digest of the work tree when the agent had ended.
    pub tree: Option<String>,
    /// The end of what the last attempt, or its check, said.
    pub said: Option<Text>,
}

impl Attempt {
    /// Makes the first attempt.
    pub fn first(state: AttemptState, by: &SessionId, now: Timestamp) -> Self {
        Self {
            state,
            number: 1,
            by: by.clone(),
            session: None,
            check: None,
            since: now,
            failed: 0,
            unjudged: 0,
            interrupted: 0,
            failure: None,
            tree: None,
            said: None,
        }
    }

    /// Returns the same attempt in another state.
    #[must_use]
    pub fn moved(&self, state: AttemptState, now: Timestamp) -> Self {
        Self {
            state,
            since: now,
            ..self.clone()
        }
    }
}
