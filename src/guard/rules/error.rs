//! The error of a rule.
//!
//! Owns how an entry that means nothing is named. Never reads one.

/// An entry of `presence.guard` that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is no rule: {what}")]
pub struct RuleError {
    pub entry: String,
    pub what: String,
}
