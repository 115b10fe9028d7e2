//! Changed files of a push: [`Changed`], from the commits that the push brings.
//!
//! Owns the calls of `rev-list` and `diff-tree`, their bounds, and the parsing of their output. A
//! plain commit counts with every file that it changes, under the old name and the new one. A merge
//! counts with the content that is in none of its parents, as `--cc` shows it: a list of names
//! would include files that Git merged without help. Never decides who claims a file.

use std::collections::BTreeSet;
use std::time::Duration;

use super::remote::Left;
use super::{Git, GitError, run_within};

/// The most commits of one push that are read, newest first.
const COMMITS_MAX: usize = 5_000;
/// The most merges among them; each one costs a patch.
const MERGES_MAX: usize = 500;
/// The beginning of a line that names a file of a merge.
const MERGED: &[u8] = b"diff --cc ";

/// A ref update that a push requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The object id that the remote has; `None` if the ref is new there.
    pub old: Option<String>,
    /// The object id that the ref is to have.
    pub new: String,
}

/// The files that the commits of a push change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Paths from the top of the repository, with `/`.
    pub files: BTreeSet<String>,
    /// True if `files` is complete: false if the push has more commits than the bounds allow, or
    /// the merges could not be read in time.
    pub is_whole: bool,
}

#[derive(Default)]
struct Commits {
    seen: BTreeSet<String>,
    plain: Vec<String>,
    merges: Vec<String>,
    is_cut: bool,
}

impl Git {
    /// Returns the files that `updates` change: those of commits that `remote` lacks (or all
    /// remotes, with `None`), as far as the tracking refs tell, those of the commits by which a
    /// branch moves forward along its first parents, wherever these come from, and those of the
    /// commits that a forced update takes away.
    ///
    /// # Errors
    ///
    /// Any [`GitError`]. Only merges that time out are reported as an incomplete result.
    pub fn changed(
        &self,
        updates: &[Update],
        remote: Option<&str>,
        left: Left<'_>,
    ) -> Result<Changed, GitError> {
        let known = match remote {
            Some(name) => format!("--remotes={name}"),
            None => "--remotes".to_owned(),
        };
        let mut commits = Commits::default();
        let revisions = revisions(updates.iter());
        // The objects that the remote has need not exist in this clone.
        let lacked = ["--ignore-missing", "--not", &known, "--not"];
        self.commits(&lacked, &revisions, left, &mut commits)?;
        self.own_lines(updates, left, &mut commits)?;
        commits.is_cut |= commits.merges.len() > MERGES_MAX;
        commits.merges.truncate(MERGES_MAX);
        let mut files = BTreeSet::new();
        let ids = |ids: &[String]| ids.join("\n") + "\n";
        if !commits.plain.is_empty() {
            let names = ["--root", "--name-only", "-z", "--no-renames"];
            let listed = self.diffs(&names, &ids(&commits.plain), left)?;
            files.extend(listed.split(|byte| *byte == 0).filter_map(name));
        }
        if !commits.merges.is_empty() {
            let patch = ["--cc", "-p", "-U0", "--no-ext-diff", "--no-textconv"];
            let patches = match self.diffs(&patch, &ids(&commits.merges), left) {
                // The plain commits are read already; their files count all the same.
                Err(GitError::TimedOut) => {
                    commits.is_cut = true;
                    Vec::new()
                }
                patches => patches?,
            };
            let lines = patches.split(|byte| *byte == b'\n');
            let named = lines.filter_map(|line| line.strip_prefix(MERGED));
            files.extend(named.filter_map(|quoted| name(&unquoted(quoted))));
        }
        Ok(Changed {
            files,
            is_whole: !commits.is_cut,
        })
    }

    /// Returns the files that a commit of the index would change; of the file `index` if that is
    /// not the usual one.
    ///
    /// # Errors
    ///
    /// Any [`GitError`].
    pub fn staged(
        &self,
        index: Option<&str>,
        left: Left<'_>,
    ) -> Result<BTreeSet<String>, GitError> {
        let mut command = self.local_command();
        command.args(["diff", "--cached", "--name-only", "-z", "--no-renames"]);
        command.args(["--no-ext-diff", "--no-relative", "--ignore-submodules=none"]);
        command.env("GIT_NO_LAZY_FETCH", "1");
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let listed = run_within(command, b"", left)?.must_succeed()?.stdout;
        let names = listed.split(|byte| *byte == 0).filter_map(name);
        Ok(names.collect())
    }

    /// Returns the object id that `name` stands for.
    ///
    /// # Errors
    ///
    /// [`GitError::Failed`] if there is none, besides [`GitError::TimedOut`] and
    /// [`GitError::NotRun`].
    pub fn resolve(&self, name: &str, left: Left<'_>) -> Result<String, GitError> {
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        let output = self.ask(&verify, b"", left)?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }

    /// Collects the commits by which refs move forward along their first parents, wherever these
    /// come from, and those that a forced update takes from its ref. What a forced update adds is
    /// new only if the remote lacks it: a rebase brings the commits below it along.
    fn own_lines(
        &self,
        updates: &[Update],
        left: Left<'_>,
        commits: &mut Commits,
    ) -> Result<(), GitError> {
        let moves: Vec<&Update> = updates.iter().filter(|u| u.old.is_some()).collect();
        if moves.is_empty() {
            return Ok(());
        }
        let mut forward = Vec::new();
        match self.commits(&[], &taken(moves.iter().copied()), left, commits) {
            Ok(0) => forward = moves,
            // One of them is forced, or this clone lacks an old value.
            Ok(_) | Err(GitError::Failed(_)) => {
                for update in moves {
                    let own = taken(std::iter::once(update));
                    match self.commits(&[], &own, left, commits) {
                        Ok(0) => forward.push(update),
                        Ok(_) | Err(GitError::Failed(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error) => return Err(error),
        }
        if !forward.is_empty() {
            let all = revisions(forward.into_iter());
            self.commits(&["--first-parent"], &all, left, commits)?;
        }
        Ok(())
    }

    /// Adds the commits that `rev-list` prints to `found`, each once. Returns how many it printed.
    fn commits(
        &self,
        which: &[&str],
        revisions: &str,
        left: Left<'_>,
        found: &mut Commits,
    ) -> Result<usize, GitError> {
        let count = format!("--max-count={}", COMMITS_MAX + 1);
        let mut args = vec!["rev-list", "--parents", &count];
        args.extend(which);
        args.push("--stdin");
        let output = self.ask(&args, revisions.as_bytes(), left)?;
        let text = String::from_utf8_lossy(&output);
        let printed = text.lines().count();
        found.is_cut |= printed > COMMITS_MAX;
        for line in text.lines().take(COMMITS_MAX) {
            let mut ids = line.split(' ');
            let id = ids.next().unwrap_or_default().to_owned();
            if !found.seen.insert(id.clone()) {
                continue;
            }
            let kind = match ids.count() {
                0 | 1 => &mut found.plain,
                _ => &mut found.merges,
            };
            kind.push(id);
        }
        Ok(printed)
    }

    /// Returns the output of `diff-tree` for the commits `ids`, one id a line.
    fn diffs(&self, how: &[&str], ids: &str, left: Left<'_>) -> Result<Vec<u8>, GitError> {
        let mut args = vec!["-c", "core.quotePath=false", "diff-tree", "--stdin", "-r"];
        // A tracked `.gitmodules` may ask to leave out submodules.
        args.extend(["--no-commit-id", "--ignore-submodules=none"]);
        args.extend(how);
        self.ask(&args, ids.as_bytes(), left)
    }

    /// Runs a local command within the time that is left. It never fetches a missing object.
    pub(super) fn ask(
        &self,
        args: &[&str],
        input: &[u8],
        left: Left<'_>,
    ) -> Result<Vec<u8>, GitError> {
        if left() == Duration::ZERO {
            return Err(GitError::TimedOut);
        }
        let mut command = self.local_command();
        command.env("GIT_NO_LAZY_FETCH", "1").args(args);
        Ok(run_within(command, input, left)?.must_succeed()?.stdout)
    }
}

/// Writes `updates` as revisions for `--stdin`: each old value without the history of all new ones.
fn taken<'u>(updates: impl Iterator<Item = &'u Update>) -> String {
    let mut text = String::new();
    for update in updates {
        if let Some(old) = &update.old {
            text.push_str(&format!("{old}\n^{}\n", update.new));
        }
    }
    text
}

/// Writes `updates` as revisions for `--stdin`: each new value without the history of the old one.
fn revisions<'u>(updates: impl Iterator<Item = &'u Update>) -> String {
    let mut text = String::new();
    for update in updates {
        text.push_str(&format!("{}\n", update.new));
        if let Some(old) = &update.old {
            text.push_str(&format!("^{old}\n"));
        }
    }
    text
}

/// Reads a file name. One that is not UTF-8 is kept with replacement characters: its folders still
/// tell which claims cover it.
fn name(bytes: &[u8]) -> Option<String> {
    let name = String::from_utf8_lossy(bytes).into_owned();
    (!name.is_empty()).then_some(name)
}

/// Undoes Git's quoting of a name that holds a quote, a backslash or a control character.
fn unquoted(bytes: &[u8]) -> Vec<u8> {
    let inner = bytes
        .strip_prefix(b"\"")
        .and_then(|b| b.strip_suffix(b"\""));
    let Some(inner) = inner else {
        return bytes.to_owned();
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (
                b'\\',
                [
                    a @ b'0'..=b'3',
                    b @ b'0'..=b'7',
                    c @ b'0'..=b'7',
                    after @ ..,
                ],
            ) => {
                out.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                rest = after;
            }
            (b'\\', [letter, after @ ..]) => {
                out.push(escaped(*letter));
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    out
}

fn escaped(letter: u8) -> u8 {
    match letter {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_names_are_read() {
        for (quoted, name) in [
            (&b"plain name"[..], &b"plain name"[..]),
            (b"\"a\\tb\\\\c\\\"d\"", b"a\tb\\c\"d"),
            (b"\"\\303\\244\\001x\"", "ä\u{1}x".as_bytes()),
            (b"\"open", b"\"open"),
            (b"\"end\\\\\"", b"end\\"),
            (b"\"\\400\"", b"400"),
        ] {
            assert_eq!(unquoted(quoted), name, "{}", quoted.escape_ascii());
        }
    }

    #[test]
    fn what_the_remote_has_is_left_out() {
        let update = |old: Option<&str>, new: &str| Update {
            old: old.map(str::to_owned),
            new: new.to_owned(),
        };
        let updates = [update(None, "aa"), update(Some("cc"), "bb")];
        assert_eq!(revisions(updates.iter()), "aa\nbb\n^cc\n");
    }
}
