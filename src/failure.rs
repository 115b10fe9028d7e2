//! The failure of a verb: [`Failure`].
//!
//! Owns the kinds of failure, their exit codes (the same in help, docs and JSON) and the hints for
//! failures of the ledger. Never prints.

use crate::ledger::{FolderError, LedgerError, RefError, SwapError, removal_here};
use crate::model::refusal::Refusal;
use crate::model::unreadable::{Defect, UPGRADE};

/// The kind of a failure: a word in JSON and an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An unexpected failure, or a damaged record.
    Broken,
    /// Another session holds the resource, or the caller does not.
    Refused,
    /// The retries or the time to wait ran out; trying later may help.
    Contended,
    /// The remote is unreachable or refuses, and the verb needs it; local records are fine.
    Remote,
    /// There is no repository or ledger here.
    NoRepository,
    /// Bad arguments or configuration.
    Usage,
}

impl Kind {
    /// Returns the word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Refused => "refused",
            Self::Contended => "contended",
            Self::Remote => "remote",
            Self::NoRepository => "no_repository",
            Self::Usage => "usage",
        }
    }

    /// Returns after how many seconds trying again may help; `None` if it does not.
    pub const fn retry_after_secs(self) -> Option<u64> {
        match self {
            Self::Contended => Some(5),
            // A remote that failed is left alone for so long.
            Self::Remote => Some(30),
            Self::Broken | Self::Refused | Self::NoRepository | Self::Usage => None,
        }
    }

    /// Returns the exit code. It is never 2, which agent hooks read as "block".
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Broken => 1,
            Self::Refused => 3,
            Self::Contended => 4,
            Self::Remote => 5,
            Self::NoRepository => 128,
            Self::Usage => 129,
        }
    }
}

/// A failure of a verb, with what to do about it.
#[derive(Debug)]
pub struct Failure {
    /// Its kind, which decides the exit code.
    pub kind: Kind,
    /// What failed: a fragment that names the thing.
    pub error: anyhow::Error,
    /// What to do next, each beginning with a verb.
    pub hints: Vec<String>,
    /// The refusal as data, if the failure is one.
    pub refusal: Option<Box<Refusal>>,
    /// After how many seconds trying again helps, if that is known.
    retry_after_secs: Option<u64>,
}

impl Failure {
    /// Returns a failure without hints.
    pub fn new(kind: Kind, error: impl Into<anyhow::Error>) -> Self {
        Self {
            kind,
            error: error.into(),
            hints: Vec::new(),
            refusal: None,
            retry_after_secs: None,
        }
    }

    /// Returns a failure because of bad arguments or a bad setting.
    pub fn usage(message: impl std::fmt::Display) -> Self {
        Self::new(Kind::Usage, anyhow::anyhow!("{message}"))
    }

    /// Returns a failure because the model refused the request.
    pub fn refused(refusal: Refusal) -> Self {
        Self {
            refusal: Some(Box::new(refusal.clone())),
            ..Self::new(Kind::Refused, anyhow::anyhow!("{refusal}"))
        }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says after how many seconds trying again helps.
    #[must_use]
    pub const fn retry_after(mut self, secs: u64) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    /// Returns after how many seconds trying again may help; `None` if it does not.
    pub fn retry_after_secs(&self) -> Option<u64> {
        self.retry_after_secs.or(self.kind.retry_after_secs())
    }

    /// Removes the hints, for a caller that knows better ones.
    #[must_use]
    pub fn without_hints(mut self) -> Self {
        self.hints.clear();
        self
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        LedgerError::from(error).into()
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let (kind, hint) = match &error {
            LedgerError::Folder(FolderError::Held { .. }) => {
                (Kind::Contended, "try again".to_owned())
            }
            LedgerError::Contended { .. }
            | LedgerError::Swap(SwapError::Lost(_) | SwapError::Busy(_)) => (
                Kind::Contended,
                "try again; to remove a stale lock: git presence doctor --repair".to_owned(),
            ),
            LedgerError::Unreadable(unreadable) => (Kind::Broken, hint_for(&unreadable.defect)),
            LedgerError::Refs(RefError::Clash { with })
            | LedgerError::Swap(SwapError::Clash { with }) => (
                Kind::Broken,
                format!("remove it if nothing needs it: {}", removal_here(with)),
            ),
            LedgerError::Swap(SwapError::Broken { .. }) => (
                Kind::Broken,
                "repair it: git presence doctor --repair".to_owned(),
            ),
            LedgerError::Swap(SwapError::NotDurable { .. }) => (
                Kind::Broken,
                "check the disk, then whether the change is recorded: git presence list --mine"
                    .to_owned(),
            ),
            LedgerError::Quarantined => (
                Kind::Broken,
                "call it from another hook, or after the push".to_owned(),
            ),
            LedgerError::TooMany { .. } => (
                Kind::Contended,
                "release what is done, and ask the others to: git presence list".to_owned(),
            ),
            LedgerError::Folder(FolderError::Foreign(_)) => (
                Kind::Broken,
                "look at it, then move it aside: git presence doctor --repair".to_owned(),
            ),
            LedgerError::Refs(_)
            | LedgerError::Swap(_)
            | LedgerError::Write(_)
            | LedgerError::TooLarge { .. }
            | LedgerError::Folder(FolderError::Failed { .. }) => (
                Kind::Broken,
                "find the cause, as nothing was written: git presence doctor".to_owned(),
            ),
        };
        Self::new(kind, error).hint(hint)
    }
}

fn hint_for(defect: &Defect) -> String {
    match defect {
        Defect::Newer { .. } => format!("{UPGRADE}, then try again"),
        Defect::NotFetched { .. } => {
            "find what keeps it from being fetched: git presence doctor; then: git presence sync"
                .to_owned()
        }
        _ => "repair it: git presence doctor --repair".to_owned(),
    }
}
