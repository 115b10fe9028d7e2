//! The branches that have a commit, [`Branch`].
//!
//! Owns where they are looked for. Never fetches, never decides which one is to be merged.

use super::{Git, GitError};

/// What stands before the name of a branch here.
const HEADS: &str = "refs/heads/";
/// What stands before the name of a branch of a remote.
const REMOTES: &str = "refs/remotes/";

/// A branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its name: `topic`, and of one of a remote `origin/topic`.
    pub name: String,
    /// Whether it is one of a remote, as of the last fetch or push.
    pub is_tracking: bool,
}

impl Git {
    /// Returns a branch that has the commit `id`, one of a remote first: one of the name `named`,
    /// or any. `None` if there is none.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn branch_with(&self, id: &str, named: Option<&str>) -> Result<Option<Branch>, GitError> {
        let patterns = match named {
            Some(name) => [format!("{REMOTES}*/{name}"), format!("{HEADS}{name}")],
            None => [REMOTES.to_owned(), HEADS.to_owned()],
        };
        // References are listed by their names, in reverse `refs/remotes/` before `refs/heads/`.
        let mut args = vec!["for-each-ref", "--count=1", "--sort=-refname"];
        args.extend(["--format=%(refname)", "--contains", id]);
        args.extend(patterns.iter().map(String::as_str));
        let asked = self.run(&args, b"")?;
        let found = String::from_utf8_lossy(&asked.stdout);
        Ok(named_by(found.trim()).filter(|_| asked.exit == Some(0)))
    }

    /// Returns true if this repository has a branch `name`, and what is checked out lacks some of
    /// it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn lacks_branch(&self, name: &str) -> Result<bool, GitError> {
        let args = ["for-each-ref", "--count=1", "--format=%(refname)"];
        let branch = format!("{HEADS}{name}");
        let asked = self.run(
            &[&args[..], &["--no-merged", "HEAD", &branch]].concat(),
            b"",
        )?;
        let found = String::from_utf8_lossy(&asked.stdout);
        Ok(asked.exit == Some(0) && found.trim() == branch)
    }
}

fn named_by(full: &str) -> Option<Branch> {
    let tracking = full.strip_prefix(REMOTES);
    let name = tracking.or_else(|| full.strip_prefix(HEADS))?;
    Some(Branch {
        name: name.to_owned(),
        is_tracking: tracking.is_some(),
    })
}
