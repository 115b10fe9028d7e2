//! How far the branch of a new session is behind its upstream.
//!
//! Owns when that is told. Never fetches, never words it.

use crate::app::claims::level;
use crate::context::Context;
use crate::integrations::harness;

/// Returns what a session is told at its start about the code that it begins with; `None` if its
/// branch is not behind, has no upstream, or that cannot be told at once.
pub(super) fn of_the_branch(context: &Context) -> Option<String> {
    let level = level::of_the_branch(context).filter(|level| level.behind > 0)?;
    Some(harness::behind_briefing(
        &level.branch,
        &level.upstream,
        level.behind,
    ))
}
