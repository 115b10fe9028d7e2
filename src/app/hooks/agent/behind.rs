//! How far the branch of a new session is behind its upstream.
//!
//! Owns the look, of local refs only, and how long it may take. Never fetches, never words it.

use std::time::Duration;

use crate::clock::Clock as _;
use crate::context::{Context, Upstream};
use crate::integrations::harness;

/// How long the refs are looked at.
const LOOK_MAX: Duration = Duration::from_millis(300);

/// Returns what a session is told at its start about the code that it begins with; `None` if its
/// branch is not behind, has no upstream, or that cannot be told at once.
pub(super) fn of_the_branch(context: &Context) -> Option<String> {
    let code = context.code.as_ref()?;
    // Without any remote no branch has an upstream, which need not be looked up.
    if context.keeps_its_own_board && context.upstream == Upstream::None {
        return None;
    }
    let branch = context.branch()?;
    // Without an upstream, no process is started.
    context.upstream_remote()?;
    let host = context.host;
    let until = host.elapsed() + LOOK_MAX;
    let left = move || until.saturating_sub(host.elapsed());
    let (upstream, behind) = code.git.behind(branch, &left).ok()??;
    (behind > 0).then(|| harness::behind_briefing(branch, &upstream, behind))
}
