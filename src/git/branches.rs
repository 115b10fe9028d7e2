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

    /// Returns the upstream of a branch, `origin/main`, and how many commits the branch is behind
    /// it, as of the last fetch. `None` without one.
    ///
    /// # Errors
    ///
    /// Any [`GitError`].
    pub fn behind(
        &self,
        branch: &str,
        left: super::remote::Left<'_>,
    ) -> Result<Option<(String, usize)>, GitError> {
        let branch = format!("{HEADS}{branch}");
        let format = "--format=%(upstream:short)%00%(upstream:track,nobracket)";
        let printed = self.ask(&["for-each-ref", "--count=1", format, &branch], b"", left)?;
        Ok(read_behind(&String::from_utf8_lossy(&printed)))
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

/// Reads `origin/main`, a NUL, and `ahead 1, behind 2`.
fn read_behind(printed: &str) -> Option<(String, usize)> {
    let (upstream, track) = printed.trim().split_once('\0')?;
    let mut parts = track.split(", ");
    let behind = parts.find_map(|part| part.strip_prefix("behind "));
    let behind = behind.map_or(Ok(0), str::parse).ok()?;
    (!upstream.is_empty()).then(|| (upstream.to_owned(), behind))
}

fn named_by(full: &str) -> Option<Branch> {
    let tracking = full.strip_prefix(REMOTES);
    let name = tracking.or_else(|| full.strip_prefix(HEADS))?;
    Some(Branch {
        name: name.to_owned(),
        is_tracking: tracking.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_branch_is_behind() {
        let behind = |count| Some(("origin/main".to_owned(), count));
        for (printed, read) in [
            ("origin/main\0behind 2\n", behind(2)),
            ("origin/main\0ahead 1, behind 12\n", behind(12)),
            ("origin/main\0ahead 1\n", behind(0)),
            ("origin/main\0\n", behind(0)),
            ("origin/main\0gone\n", behind(0)),
            ("\0\n", None),
            ("", None),
        ] {
            assert_eq!(read_behind(printed), read, "{printed:?}");
        }
    }
}
