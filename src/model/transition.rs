//! The transition of a task, as its history says it.
//!
//! Owns [`TaskState`], [`Transition`] and the words of its [`Cause`]. Never decides one.

/// The stored states of a task, and `held`, which follows from the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It is to be done.
    Open,
    /// A session has it.
    Held,
    /// A session did it.
    Done,
    /// It is not to be done any more.
    Dropped,
    /// It waits for a person.
    Blocked,
}

impl TaskState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Held,
        Self::Done,
        Self::Dropped,
        Self::Blocked,
    ];

    /// Returns the stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
            Self::Done => "done",
            Self::Dropped => "dropped",
            Self::Blocked => "blocked",
        }
    }

    /// Returns the state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Returns the name of the protocol of tasks.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Open => "pending",
            Self::Held => "in_progress",
            Self::Done => "completed",
            Self::Dropped => "cancelled",
            Self::Blocked => "blocked",
        }
    }
}

/// Why a task moved, or its list changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It was added.
    Add,
    /// It was taken.
    Take,
    /// It was taken over from a session whose lease had expired, or whose process was dead.
    Takeover,
    /// It was done.
    Done,
    /// It was handed back.
    Back,
    /// It waits for a person.
    Block,
    /// It is not to be done any more.
    Drop,
    /// It was changed.
    Edit,
    /// Nothing new is given out of its list.
    Drain,
    /// Tasks of its list are given out again.
    Undrain,
    /// A supervisor told a session to take it.
    Assign,
    /// An attempt of a supervisor begins.
    Run,
    /// What came of it is judged.
    Check,
    /// An attempt failed, or was interrupted.
    Retry,
    /// An attempt asks for a person.
    Person,
}

impl Cause {
    const ALL: [Self; 15] = [
        Self::Add,
        Self::Take,
        Self::Takeover,
        Self::Done,
        Self::Back,
        Self::Block,
        Self::Drop,
        Self::Edit,
        Self::Drain,
        Self::Undrain,
        Self::Assign,
        Self::Run,
        Self::Check,
        Self::Retry,
        Self::Person,
    ];

    /// Returns the word in the history.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Take => "take",
            Self::Takeover => "takeover",
            Self::Done => "done",
            Self::Back => "back",
            Self::Block => "block",
            Self::Drop => "drop",
            Self::Edit => "edit",
            Self::Drain => "drain",
            Self::Undrain => "undrain",
            Self::Assign => "assign",
            Self::Run => "run",
            Self::Check => "check",
            Self::Retry => "retry",
            Self::Person => "person",
        }
    }

    /// Returns the cause of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }
}

/// From which state to which a task moved, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state before; `None` for a task that is new, and for a list.
    pub from: Option<TaskState>,
    /// The state after; `None` for a list.
    pub to: Option<TaskState>,
    /// Why.
    pub cause: Cause,
}
