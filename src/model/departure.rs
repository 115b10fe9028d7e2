//! The end of a claim of another session, and where the code was then.
//!
//! Owns [`Departure`] and [`Moved`]. Never knows whether a commit is here.

use super::id::SessionId;
use super::text::{as_argument, quote_name};
use super::time::Timestamp;

/// How many digits of a commit are shown.
const SHORT: usize = 7;
/// How much of the name of a branch is shown.
const BRANCH_BYTES_MAX: usize = 80;

/// A session that claimed a resource and does not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The session.
    pub session: SessionId,
    /// When it left.
    pub at: Timestamp,
    /// The commit of the code that it had checked out, in hex digits.
    pub commit: String,
    /// The branch that it was on, if it was on one.
    pub branch: Option<String>,
}

/// How the code here lacks what the last holder had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The commit is not in this repository.
    Absent,
    /// The commit is here, and the branch of the same name does not have it.
    NotMerged,
    /// The commit is here on another branch, as in a linked worktree, and not in this one.
    OnOtherBranch,
}

/// What the code here lacks of the last holder of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The last holder, and its commit.
    pub last: Departure,
    /// How it is lacking.
    pub lack: Lack,
    /// The branch of a remote, as of the last fetch, of that name that has the commit.
    pub tracked_by: Option<String>,
}

impl Moved {
    /// Returns the commit, short.
    pub fn short(&self) -> &str {
        self.last.commit.get(..SHORT).unwrap_or(&self.last.commit)
    }

    /// Returns what to do first, as a sentence without its end.
    pub fn advice(&self) -> String {
        let short = self.short();
        let branch = self.last.branch.as_deref().unwrap_or("a detached HEAD");
        let branch = quote_name(branch, BRANCH_BYTES_MAX);
        // What came after the commit is there, too.
        let tracked = self.tracked_by.as_deref().and_then(as_argument);
        match self.lack {
            Lack::Absent => format!("fetch first: {short} is not here"),
            Lack::NotMerged | Lack::OnOtherBranch => match tracked {
                Some(there) => format!(
                    "merge first (git fetch, then git merge {there}): {branch} moved, and your branch \
                     lacks {short}"
                ),
                None => format!(
                    "merge first (git merge {short}): {short} of {branch} is not in your branch"
                ),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_names_the_commit_shortly() {
        let moved = |lack| Moved {
            last: Departure {
                session: SessionId::parse("ann").unwrap(),
                at: Timestamp::from_millis(0),
                commit: "3c6dc0123456789".to_owned(),
                branch: Some("topic".to_owned()),
            },
            lack,
            tracked_by: None,
        };
        assert_eq!(
            moved(Lack::Absent).advice(),
            "fetch first: 3c6dc01 is not here"
        );
        assert_eq!(
            moved(Lack::OnOtherBranch).advice(),
            "merge first (git merge 3c6dc01): 3c6dc01 of \"topic\" is not in your branch"
        );
        let tracked = |by: &str| Moved {
            tracked_by: Some(by.to_owned()),
            ..moved(Lack::NotMerged)
        };
        assert_eq!(
            tracked("origin/topic").advice(),
            "merge first (git fetch, then git merge origin/topic): \"topic\" moved, and your branch \
             lacks 3c6dc01"
        );
        for odd in ["origin/a b", "-x"] {
            assert_eq!(
                tracked(odd).advice(),
                moved(Lack::OnOtherBranch).advice(),
                "{odd}"
            );
        }
    }
}
