//! How the branch that is checked out stands to its upstream.
//!
//! Owns the look ([`Level`]), of local refs only, and how long it may take. Never fetches.

use std::fmt;
use std::time::Duration;

use crate::clock::Clock as _;
use crate::context::{Context, Upstream};
use crate::model::text::name;

/// How long the refs are looked at.
const LOOK_MAX: Duration = Duration::from_millis(300);

/// A branch and its upstream, as of the last fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The branch.
    pub branch: String,
    /// Its upstream.
    pub upstream: String,
    /// How many commits of that it lacks.
    pub behind: usize,
}

/// Returns how the branch stands; `None` if it has no upstream, or that cannot be told at once.
pub fn of_the_branch(context: &Context) -> Option<Level> {
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
    Some(Level {
        branch: branch.to_owned(),
        upstream,
        behind,
    })
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (branch, upstream) = (name(&self.branch), name(&self.upstream));
        match self.behind {
            0 => write!(f, "{branch} has all of {upstream}, as of the last fetch"),
            1 => write!(
                f,
                "{branch} lacks 1 commit of {upstream}, as of the last fetch: git pull"
            ),
            n => write!(
                f,
                "{branch} lacks {n} commits of {upstream}, as of the last fetch: git pull"
            ),
        }
    }
}
