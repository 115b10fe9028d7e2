//! Commits of this clone that a remote has not, [`Unpushed`], as the tracking refs say.
//!
//! Owns the one look at local refs. Never fetches, never decides whether they are to be pushed.

use std::collections::BTreeSet;

use super::{Git, GitError};

/// The most commits that are read, newest first.
const COMMITS_MAX: &str = "--max-count=500";
/// What the entry of a commit begins with, which no path does.
const COMMIT: char = '\u{1}';

/// What is checked out and on no branch of a remote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpushed {
    /// The commits, newest first.
    pub commits: Vec<String>,
    /// Their files, from the top of the work tree; those of merges do not count.
    pub files: BTreeSet<String>,
}

impl Git {
    /// Returns the commits of what is checked out that no branch of `remote` has, as of the last
    /// fetch or push, and that are not older than `since_secs`.
    ///
    /// # Errors
    ///
    /// Any [`GitError`].
    pub fn unpushed(
        &self,
        remote: &str,
        since_secs: Option<i64>,
        left: super::remote::Left<'_>,
    ) -> Result<Unpushed, GitError> {
        let since = since_secs.map(|secs| format!("--since=@{secs}"));
        let branches = format!("--remotes={remote}");
        let mut args = vec![
            "log",
            "--format=%x01%H",
            "--name-only",
            "-z",
            "--no-renames",
        ];
        // What the settings may add: a program that checks signatures, other names, left out files.
        args.extend(["--no-show-signature", "--no-relative", "--no-ext-diff"]);
        args.extend(["--ignore-submodules=none", COMMITS_MAX]);
        args.extend(since.as_deref());
        args.extend(["HEAD", "--not", &branches]);
        let printed = self.ask(&args, b"", left)?;
        Ok(read(&String::from_utf8_lossy(&printed)))
    }
}

fn read(printed: &str) -> Unpushed {
    let mut found = Unpushed::default();
    let entries = printed.split('\0').map(|entry| entry.trim_matches('\n'));
    for entry in entries.filter(|entry| !entry.is_empty()) {
        match entry.strip_prefix(COMMIT) {
            Some(id) => found.commits.push(id.to_owned()),
            None => _ = found.files.insert(entry.to_owned()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_and_files_are_told_apart() {
        let found = read("\u{1}bb\0\nsrc/a\0src/b\0\0\u{1}aa\0");
        assert_eq!(found.commits, ["bb", "aa"]);
        assert_eq!(found.files.iter().collect::<Vec<_>>(), ["src/a", "src/b"]);
        assert_eq!(read(""), Unpushed::default());
    }
}
