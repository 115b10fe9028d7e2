//! The steps in the life of a session.
//!
//! Owns [`LifeStep`] and its words. Never decides which one it is.

/// A step in the life of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeStep {
    /// It began.
    Start,
    /// It goes on: after an end, or in another process.
    Resume,
    /// It ended, and released what it had.
    End,
}

impl LifeStep {
    /// Returns the word in the history.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Resume => "resume",
            Self::End => "end",
        }
    }
}
