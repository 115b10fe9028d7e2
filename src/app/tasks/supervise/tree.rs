//! What a supervisor knows of the work tree: a digest of it, or why there is none.
//!
//! Owns how much is read for that, and for how long: an agent can leave anything there, and the
//! supervisor has leases to renew. Never decides what a change means.

use std::path::PathBuf;
use std::time::Duration;

use crate::context::Context;
use crate::host::Bound;

/// The longest that Git may look for what changed.
const LOOK_WITHIN: Duration = Duration::from_secs(5);
/// The most files whose content is part of a digest.
const CHANGED_MAX: usize = 64;
/// How much of them is read, and for how long.
const READ: Bound = Bound {
    bytes_max: 64 * 1024 * 1024,
    within: Duration::from_secs(5),
};
/// How many digits a digest has.
const DIGITS: usize = 32;

/// What is known of the work tree.
#[derive(Default)]
pub(super) struct Tree {
    /// The digests are compared only between two starts of agents.
    agents: u32,
    /// Why there is no digest; it is tried again after the next start of an agent.
    unknown: Option<String>,
    is_told: bool,
}

impl Tree {
    /// Notes that an agent begins: what it changes is its work.
    pub(super) fn changes(&mut self) {
        *self = Self {
            agents: self.agents + 1,
            ..Self::default()
        };
    }

    /// Returns the digest of the work tree, after the mark of what it may be compared with. `None`
    /// before an agent began, and where it is not known.
    pub(super) fn digest(&mut self, context: &Context, me: &str) -> Option<String> {
        if self.agents == 0 || self.unknown.is_some() {
            return None;
        }
        match digest(context) {
            Ok(digest) => digest.map(|digest| format!("{me}+{} {digest}", self.agents)),
            Err(why) => {
                self.unknown = Some(why);
                None
            }
        }
    }

    /// Returns why it is not known, once.
    pub(super) fn not_known(&mut self) -> Option<String> {
        let is_new = !std::mem::replace(&mut self.is_told, self.unknown.is_some());
        self.unknown.clone().filter(|_| is_new)
    }
}

/// Returns a digest of the commit that is checked out, of which files differ from it, and of what
/// is in those. `None` where there is no work tree; fails with the reason if it cannot be made.
fn digest(context: &Context) -> Result<Option<String>, String> {
    let Some(code) = &context.code else {
        return Ok(None);
    };
    let git = code.git.clone().running_in(&code.top);
    let state = git.tree_state(LOOK_WITHIN);
    let state = state.map_err(|error| error.to_string())?;
    let Some(state) = state else {
        return Ok(None);
    };
    if state.changed.len() > CHANGED_MAX {
        return Err(format!("more than {CHANGED_MAX} files differ"));
    }
    let paths: Vec<PathBuf> = state
        .changed
        .iter()
        .map(|path| code.top.join(path))
        .collect();
    let digest = context.host.digest_of(&state.words, paths, READ);
    let digest = digest.map_err(|why| why.to_string())?;
    Ok(Some(digest[..DIGITS].to_owned()))
}
