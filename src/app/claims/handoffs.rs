//! What the last holder of a resource left for the next one, as a grant shows it.
//!
//! Owns [`Left`], and the question whether the code here has the commit that was left at. Never
//! fetches.

use crate::context::Context;
use crate::model::handoff::Handoff;
use crate::model::resource::Resource;

/// The most handoffs that one answer shows.
const SHOWN_MAX: usize = 8;

/// A handoff, and how it looks from here.
#[derive(Clone, Debug)]
pub struct Left {
    /// The handoff.
    pub handoff: Handoff,
    /// Whether the code here has its commit; `None` if that cannot be told.
    pub have_commit: Option<bool>,
}

/// Returns what was left at exactly these resources. One that cannot be read is none.
pub fn left_at(context: &Context, resources: &[Resource]) -> Vec<Left> {
    let mut all = Vec::new();
    for resource in resources {
        let read = context.ledger.locks().get(resource).ok();
        let handoff = read.and_then(|read| read.cell.handoff_of(resource).cloned());
        all.extend(handoff.map(|handoff| Left {
            have_commit: has_commit(context, &handoff),
            handoff,
        }));
        if all.len() == SHOWN_MAX {
            break;
        }
    }
    all
}

fn has_commit(context: &Context, handoff: &Handoff) -> Option<bool> {
    let code = context.code.as_ref()?;
    let commit = handoff.code.commit.as_ref()?;
    let here = context.keeps_its_own_board;
    here.then(|| code.git.has_commit(commit).ok()).flatten()
}
