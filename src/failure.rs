//! How a verb ends when it does not end well.
//!
//! Owns the kinds of failure, their exit codes (the same in help, docs and JSON) and the hints
//! that say what to do next. Never prints.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

use crate::ledger::{FolderError, LedgerError, RefError, SwapError};
use crate::model::refusal::Refusal;
use crate::model::unreadable::Defect;

/// Why a verb failed, as a program sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unexpected failure, damaged record.
    Broken,
    /// Somebody else holds it, or it is not yours.
    Refused,
    /// Bounded retries ran out; try later.
    Contended,
    /// The remote could not be reached or refused, and the request needed it; all is well here.
    Remote,
    /// No repository or ledger here.
    NoRepository,
    /// Bad arguments or configuration.
    Usage,
}

impl Kind {
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

    /// Never 2: agent hooks read 2 as "block".
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

/// A failure with what to do about it.
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub error: anyhow::Error,
    pub hints: Vec<String>,
    /// The refusal as data, where the failure is one.
    pub refusal: Option<Box<Refusal>>,
}

impl Failure {
    pub fn new(kind: Kind, error: impl Into<anyhow::Error>) -> Self {
        Self {
            kind,
            error: error.into(),
            hints: Vec::new(),
            refusal: None,
        }
    }

    pub fn usage(message: impl std::fmt::Display) -> Self {
        Self::new(Kind::Usage, anyhow::anyhow!("{message}"))
    }

    pub fn refused(refusal: Refusal) -> Self {
        Self {
            refusal: Some(Box::new(refusal.clone())),
            ..Self::new(Kind::Refused, anyhow::anyhow!("{refusal}"))
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
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
                "try again; if a lock was left behind: git presence doctor --repair".to_owned(),
            ),
            LedgerError::Unreadable(unreadable) => (Kind::Broken, hint_for(&unreadable.defect)),
            LedgerError::Refs(RefError::Clash { with })
            | LedgerError::Swap(SwapError::Clash { with }) => (
                Kind::Broken,
                format!("if nothing needs it: git update-ref -d {with}"),
            ),
            LedgerError::Swap(SwapError::Broken { .. }) => (
                Kind::Broken,
                "repair it: git presence doctor --repair".to_owned(),
            ),
            LedgerError::Swap(SwapError::NotDurable { .. }) => (
                Kind::Broken,
                "it is there now; check the disk, then: git presence list --mine".to_owned(),
            ),
            LedgerError::Quarantined => (
                Kind::Broken,
                "call git presence from another hook, or after the push".to_owned(),
            ),
            LedgerError::Refs(_)
            | LedgerError::Swap(_)
            | LedgerError::Write(_)
            | LedgerError::Folder(FolderError::Failed { .. }) => (
                Kind::Broken,
                "nothing was written; see what is wrong: git presence doctor".to_owned(),
            ),
        };
        Self::new(kind, error).hint(hint)
    }
}

fn hint_for(defect: &Defect) -> String {
    match defect {
        Defect::Newer { .. } => "upgrade git-presence, then try again".to_owned(),
        _ => "repair it: git presence doctor --repair".to_owned(),
    }
}
