//! What the Git hooks found.
//!
//! Owns their report ([`Hooked`]). Never decides what a hook checks.

use crate::integrations::git_hooks::affected_claims::AffectedClaim;
use crate::model::holding::Holding;
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// What a hook found when it lets the operation go on.
#[derive(Debug)]
pub struct Hooked {
    /// The name of the hook.
    pub hook: &'static str,
    /// When it ran.
    pub now: Timestamp,
    /// What other sessions hold of it.
    pub others: Vec<AffectedClaim>,
    /// What this session holds of it, where the hook says so.
    pub mine: Vec<Holding>,
    /// The reason for a bypass, if there was one.
    pub bypassed: Option<Purpose>,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

impl Hooked {
    /// Returns the report of a hook that found nothing.
    pub fn quiet(hook: &'static str, now: Timestamp) -> Self {
        Self {
            hook,
            now,
            others: Vec::new(),
            mine: Vec::new(),
            bypassed: None,
            warnings: Vec::new(),
        }
    }
}
