//! The finding of an examination: [`Finding`].
//!
//! Owns how bad it is and what a repair made of it. Never examines anything.

use super::text::without_codes;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Something is wrong.
    Problem,
}

/// One thing that an examination found, and what a repair made of it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was found: a fragment that names the thing.
    pub what: String,
    /// What a repair does, or what the user can do.
    pub advice: Option<String>,
    /// Whether `--repair` repairs it.
    pub repairable: bool,
    /// What a repair came to; `None` if none was tried.
    pub repaired: Option<Result<String, String>>,
}

impl Finding {
    /// Returns a finding that is no problem.
    pub fn note(what: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            what: without_codes(&what.into()).into_owned(),
            advice: None,
            repairable: false,
            repaired: None,
        }
    }

    /// Returns a problem with advice.
    pub fn problem(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            severity: Severity::Problem,
            advice: Some(advice.into()),
            ..Self::note(what)
        }
    }

    /// Returns true if it is a note with something to do that no repair has done.
    pub fn is_open_note(&self) -> bool {
        let is_settled = matches!(self.repaired, Some(Ok(_)));
        self.severity == Severity::Note && self.advice.is_some() && !is_settled
    }

    /// Returns true if it is a problem that no repair has solved.
    pub fn is_open(&self) -> bool {
        self.severity == Severity::Problem && !matches!(self.repaired, Some(Ok(_)))
    }
}

/// What a repair came to: what was done, or why it failed.
pub type Repaired = Result<String, String>;

/// Returns a problem that `fix` repairs, and runs that if `repair` is set.
pub fn repairable(
    what: String,
    advice: &str,
    repair: bool,
    fix: impl FnOnce() -> Repaired,
) -> Finding {
    Finding {
        repairable: true,
        repaired: repair.then(fix),
        ..Finding::problem(what, advice)
    }
}
