//! Errors in rules.
//!
//! Owns how an invalid entry is reported. Never reads one.

/// An invalid entry of `presence.guard`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is not a valid rule: {what}")]
pub struct RuleError {
    /// The entry as written.
    pub entry: String,
    /// What is wrong with it, as a fragment of a sentence.
    pub what: String,
}
