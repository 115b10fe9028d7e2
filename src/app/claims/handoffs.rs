//! What the last holder of a resource left for the next one, as a grant shows it.
//!
//! Owns [`Left`], and the question whether the code here has the commit that was left at. Never
//! fetches.

use crate::context::Context;
use crate::model::handoff::{Handoff, Words};
use crate::model::resource::Resource;
use crate::model::text::{WORDS_BYTES_MAX, quote};

/// How many digits of a commit are shown.
const SHORT: usize = 7;
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

impl Left {
    /// Returns it in one line, the words of the other session in quotes.
    pub fn in_a_line(&self) -> String {
        let Handoff {
            resource,
            from,
            said,
            code,
            ..
        } = &self.handoff;
        let fetch_first = match (&code.commit, self.have_commit) {
            (Some(commit), Some(false)) => {
                let short = commit.get(..SHORT).unwrap_or(commit);
                format!("; fetch first: it was left at {short}, which is not here")
            }
            _ => String::new(),
        };
        let words = |words: &Words| quote(words.as_str(), WORDS_BYTES_MAX).to_string();
        format!(
            "handoff for {resource}, left by {from}: status {}, next {}{fetch_first}",
            words(&said.status),
            words(&said.next)
        )
    }
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
