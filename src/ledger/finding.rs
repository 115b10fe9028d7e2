//! Findings of an examination.
//!
//! Owns [`Finding`], how bad it is, and what a repair made of it. Never examines anything.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Not in order.
    Problem,
}

/// One thing that was found, and what was done about it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub severity: Severity,
    pub what: String,
    /// What a repair does, or what the user can do.
    pub advice: Option<String>,
    /// Whether `--repair` would mend it.
    pub repairable: bool,
    pub repaired: Option<Result<String, String>>,
}

impl Finding {
    pub fn note(what: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            what: what.into(),
            advice: None,
            repairable: false,
            repaired: None,
        }
    }

    pub fn problem(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            severity: Severity::Problem,
            advice: Some(advice.into()),
            ..Self::note(what)
        }
    }

    /// Whether it is still not in order.
    pub fn is_open(&self) -> bool {
        self.severity == Severity::Problem && !matches!(self.repaired, Some(Ok(_)))
    }
}

/// What a repair came to.
pub type Repaired = Result<String, String>;

pub fn repairable(
    what: String,
    advice: &str,
    repair: bool,
    mend: impl FnOnce() -> Repaired,
) -> Finding {
    Finding {
        repairable: true,
        repaired: repair.then(mend),
        ..Finding::problem(what, advice)
    }
}
