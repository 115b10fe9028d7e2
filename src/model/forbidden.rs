//! Updates of refs that a rule of the remote forbids: [`Forbidden`].
//!
//! Owns which kind of update was forbidden, since a host may allow one and forbid another. Never
//! decides whether to try again.

/// The kind of a ref update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefChange {
    /// The remote does not have the ref.
    Create,
    /// The remote has it, with another value.
    Move,
}

impl RefChange {
    /// Returns the kind of an update of a ref that the remote has or lacks.
    pub const fn of(is_there: bool) -> Self {
        match is_there {
            true => Self::Move,
            false => Self::Create,
        }
    }

    /// Returns what the remote does not do: `cannot create its ref`.
    pub const fn cannot(self) -> &'static str {
        match self {
            Self::Create => "cannot create its ref",
            Self::Move => "cannot change its ref",
        }
    }
}

/// An update of one ref that a rule of the remote forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// What was tried.
    pub change: RefChange,
    /// The words of the remote, not quoted yet.
    pub said: String,
}
