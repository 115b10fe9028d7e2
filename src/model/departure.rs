//! The end of a claim of another session, and where the code was then.
//!
//! Owns [`Departure`] and [`Moved`]. Never knows whether a commit is here.

use super::id::SessionId;
use super::resource::Resource;
use super::text::{as_argument, quote_name};
use super::time::Timestamp;

/// How many digits of a commit are shown.
const SHORT: usize = 7;
/// How much of the name of a branch is shown.
const BRANCH_BYTES_MAX: usize = 80;

/// A session that claimed a resource and does not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// What it claimed, as it is asked about.
    pub resource: Resource,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The commit is not in this repository.
    Absent,
    /// The commit is on this branch here, and not on the one that is checked out.
    OnBranch(String),
    /// The commit is on this branch of a remote, as of the last fetch.
    OnTracking(String),
    /// The commit is here and on no branch: the branch of its name, this one, was changed since.
    Rewritten(String),
}

/// What the code here lacks of the last holder of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The last holder, and its commit.
    pub last: Departure,
    /// How it is lacking.
    pub lack: Lack,
}

impl Moved {
    /// Returns the commit, short.
    pub fn short(&self) -> &str {
        self.last.commit.get(..SHORT).unwrap_or(&self.last.commit)
    }

    /// Returns what to do first, as a sentence without its end. A commit is named only where it is
    /// in what is to be fetched or merged.
    pub fn advice(&self) -> String {
        let short = self.short();
        let branch = |name: &str| quote_name(name, BRANCH_BYTES_MAX).to_string();
        // A name that a shell or Git reads otherwise stands in no command.
        let merge = |before: &str, there: &str| {
            let there = as_argument(there).map(|there| format!(" ({before}git merge {there})"));
            format!("merge first{}", there.unwrap_or_default())
        };
        match &self.lack {
            Lack::Absent => match self.last.branch.as_deref() {
                Some(its) => format!("fetch first: {short} of {} is not here", branch(its)),
                None => format!("fetch first: {short} is not here"),
            },
            // What came after the commit is there, too.
            Lack::OnBranch(there) => format!(
                "{}: your branch lacks {short}, which is on {} here",
                merge("", there),
                branch(there)
            ),
            Lack::OnTracking(there) => format!(
                "{}: your branch lacks {short}, which is on {}",
                merge("git fetch, then ", there),
                branch(there)
            ),
            Lack::Rewritten(there) => format!(
                "{}: {} was rewritten since",
                merge("", there),
                branch(there)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_names_a_commit_where_it_is() {
        let advice = |lack| {
            let last = Departure {
                resource: Resource::parse("path:src").unwrap(),
                session: SessionId::parse("ann").unwrap(),
                at: Timestamp::from_millis(0),
                commit: "3c6dc0123456789".to_owned(),
                branch: Some("topic".to_owned()),
            };
            Moved { last, lack }.advice()
        };
        let on = |name: &str| name.to_owned();
        assert_eq!(
            advice(Lack::Absent),
            "fetch first: 3c6dc01 of \"topic\" is not here"
        );
        assert_eq!(
            advice(Lack::OnBranch(on("topic"))),
            "merge first (git merge topic): your branch lacks 3c6dc01, which is on \"topic\" here"
        );
        assert_eq!(
            advice(Lack::OnTracking(on("origin/topic"))),
            "merge first (git fetch, then git merge origin/topic): your branch lacks 3c6dc01, which \
             is on \"origin/topic\""
        );
        assert_eq!(
            advice(Lack::Rewritten(on("topic"))),
            "merge first (git merge topic): \"topic\" was rewritten since"
        );
        assert_eq!(
            advice(Lack::Rewritten(on("-x"))),
            "merge first: \"-x\" was rewritten since"
        );
    }
}
