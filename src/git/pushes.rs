//! Pushes of this clone, [`Push`], as the logs of the tracking refs have them.
//!
//! Owns the reading of these logs, and which files such a push brought. Never decides who made it:
//! the work trees of a repository share the logs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Git, GitError};

/// The most entries of the logs that are read, newest first.
const ENTRIES_MAX: &str = "--max-count=64";
/// The most commits of one push that are read, newest first.
const COMMITS_MAX: &str = "--max-count=500";
/// What Git writes into the log of a tracking ref that a push moved.
const BY_PUSH: &str = "update by push";
/// What stands before the name of a remote.
const REMOTES: &str = "refs/remotes/";

/// A push of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The tracking ref, whole.
    pub tracking: String,
    /// When it was accepted, as the clock of this machine said, in seconds since 1970.
    pub at_secs: i64,
    /// What the branch had before, as far as the log tells.
    pub old: Option<String>,
    /// What it has since.
    pub new: String,
}

impl Push {
    /// Returns the branch at the remote: what stands behind the name of the remote, which has no
    /// `/` in all but a few repositories.
    pub fn branch(&self) -> Option<&str> {
        let name = self.tracking.strip_prefix(REMOTES)?;
        name.split_once('/').map(|(_, branch)| branch)
    }
}

impl Git {
    /// Returns the last pushes of this clone that are not older than `since_secs`, newest first.
    ///
    /// # Errors
    ///
    /// Any [`GitError`], also if there is no log to read.
    pub fn pushes_since(
        &self,
        since_secs: i64,
        left: super::remote::Left<'_>,
    ) -> Result<Vec<Push>, GitError> {
        let logs = ["log", "--walk-reflogs", "--remotes", "--date=unix"];
        let mut args = logs.to_vec();
        args.extend([ENTRIES_MAX, "--format=%gD%x09%H%x09%gs"]);
        let printed = self.ask(&args, b"", left)?;
        let mut pushes = entries(&String::from_utf8_lossy(&printed));
        pushes.retain(|push| push.at_secs >= since_secs);
        Ok(pushes)
    }

    /// Returns the files of the commits that a push brought: of a new branch, of those that no
    /// other branch of a remote has. Files of merges do not count.
    ///
    /// # Errors
    ///
    /// Any [`GitError`].
    pub fn files_of(
        &self,
        push: &Push,
        left: super::remote::Left<'_>,
    ) -> Result<BTreeSet<String>, GitError> {
        let mut args = vec!["-c", "core.quotePath=false", "log", "--format="];
        args.extend(["--name-only", "-z", "--no-renames", COMMITS_MAX, &push.new]);
        let exclude = format!("--exclude={}", push.tracking);
        match &push.old {
            Some(old) => args.extend(["--not", old]),
            None => args.extend(["--not", &exclude, "--remotes"]),
        }
        let names = self.ask(&args, b"", left)?;
        let names = names.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let names = names.map(|name| name.trim_start_matches('\n').to_owned());
        Ok(names.filter(|name| !name.is_empty()).collect())
    }
}

/// Reads the entries of logs, newest first: the value before a push is that of the entry below it.
fn entries(printed: &str) -> Vec<Push> {
    let mut pushes: Vec<Push> = Vec::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for line in printed.lines() {
        let mut words = line.splitn(3, '\t');
        let (Some(place), Some(id), Some(why)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let Some((tracking, at)) = place
            .strip_suffix('}')
            .and_then(|place| place.rsplit_once("@{"))
        else {
            continue;
        };
        if let Some(above) = open.remove(tracking) {
            pushes[above].old = Some(id.to_owned());
        }
        if let (BY_PUSH, Ok(at_secs)) = (why, at.parse()) {
            open.insert(tracking, pushes.len());
            pushes.push(Push {
                tracking: tracking.to_owned(),
                at_secs,
                old: None,
                new: id.to_owned(),
            });
        }
    }
    pushes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_branch_had_before_a_push_is_the_entry_below() {
        let printed = "refs/remotes/origin/main@{30}\tcc\tupdate by push\n\
                       refs/remotes/origin/a/b@{25}\tbb\tupdate by push\n\
                       refs/remotes/origin/main@{20}\tbb\tfetch: fast-forward\n\
                       refs/remotes/origin/main@{10}\taa\tupdate by push\nodd\n";
        let found = entries(printed);
        let found: Vec<_> = found
            .iter()
            .map(|push| (push.branch(), push.at_secs, push.old.as_deref(), &*push.new))
            .collect();
        let all = [
            (Some("main"), 30, Some("bb"), "cc"),
            (Some("a/b"), 25, None, "bb"),
            (Some("main"), 10, None, "aa"),
        ];
        assert_eq!(found, all);
    }
}
