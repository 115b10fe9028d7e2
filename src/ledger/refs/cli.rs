//! Ref store that runs the `git` executable.
//!
//! Owns [`CliRefs`], for repositories that store refs in another format than files (reftable
//! today): gix would write refs that Git does not read. It runs `for-each-ref` and
//! `update-ref --stdin` and parses their output strictly. Never touches a file below `refs/`.

use gix::ObjectId;

use super::{RefError, RefStore, RefValue, SwapError, remove_each};
use crate::git::{Git, GitError, Output};
use crate::model::time::Timestamp;

/// A [`RefStore`] that runs `git` for each call.
pub(crate) struct CliRefs {
    git: Git,
    durable: bool,
}

impl CliRefs {
    /// Makes a store that runs `git`; with `durable`, Git syncs refs to disk.
    pub(crate) fn new(git: Git, durable: bool) -> Self {
        Self { git, durable }
    }

    fn for_each_ref(&self, pattern: &str) -> Result<Vec<(String, RefValue)>, RefError> {
        let args = ["for-each-ref", "--format=%(objectname) %(refname)", pattern];
        let output = self
            .git
            .run(&args, b"")
            .and_then(Output::must_succeed)
            .map_err(|error| RefError::Failed(error.to_string()))?;
        parse_refs(&output.stdout).map_err(RefError::Failed)
    }

    fn update(&self, name: &str, command: String) -> Result<(), SwapError> {
        // Refs in one table share one lock, for which `git` waits 100 ms by default.
        let fsync = if self.durable {
            "core.fsync=reference"
        } else {
            "core.fsync=none"
        };
        let wait = "reftable.lockTimeout=1000";
        let args = ["-c", fsync, "-c", wait, "update-ref", "--stdin", "-z"];
        let failed = |error: GitError| SwapError::Failed {
            name: name.to_owned(),
            source: std::io::Error::other(error.to_string()),
        };
        let output = self.git.run(&args, command.as_bytes()).map_err(failed)?;
        let Err(error) = output.must_succeed() else {
            return Ok(());
        };
        Err(classify(name, error))
    }
}

impl RefStore for CliRefs {
    fn read(&self, name: &str) -> Result<RefValue, RefError> {
        let found = self.for_each_ref(name)?;
        let exact = found.into_iter().find(|(found, _)| found == name);
        Ok(exact.map_or(RefValue::Absent, |(_, value)| value))
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, RefValue)>, RefError> {
        let folder = prefix.trim_end_matches('/');
        let found = self.for_each_ref(folder)?;
        match found.iter().any(|(name, _)| name == folder) {
            true => Err(RefError::Clash {
                with: folder.to_owned(),
            }),
            false => Ok(found),
        }
    }

    fn swap(&self, name: &str, expected: Option<ObjectId>, new: ObjectId) -> Result<(), SwapError> {
        let old = expected.unwrap_or_else(|| ObjectId::null(new.kind()));
        self.update(name, format!("update {name}\0{new}\0{old}\0"))
    }

    /// Returns false: each call starts a process.
    fn reads_one_cheaply(&self) -> bool {
        false
    }

    /// Returns false: `git` handles its locks itself.
    fn is_locked(&self, _name: &str, _now: Timestamp) -> bool {
        false
    }

    fn repair(&self, name: &str, found: &RefValue, to: Option<ObjectId>) -> Result<(), SwapError> {
        let old = match found {
            RefValue::At(id) => id.to_string(),
            RefValue::Absent | RefValue::Broken(_) => String::new(),
        };
        let command = match to {
            Some(id) => format!("update {name}\0{id}\0{old}\0"),
            None => format!("delete {name}\0{old}\0"),
        };
        self.update(name, command)
    }

    /// Removes all at once, with one process; one by one where that fails.
    fn remove_all(&self, refs: &[(String, ObjectId)]) -> Vec<Result<(), SwapError>> {
        let Some((first, _)) = refs.first() else {
            return Vec::new();
        };
        let delete = |(name, id): &(String, ObjectId)| format!("delete {name}\0{id}\0");
        match self.update(first, refs.iter().map(delete).collect()) {
            Ok(()) => refs.iter().map(|_| Ok(())).collect(),
            Err(_) => remove_each(self, refs),
        }
    }
}

/// Parses `for-each-ref` lines: an object id, one space, a name.
fn parse_refs(stdout: &[u8]) -> Result<Vec<(String, RefValue)>, String> {
    let text = std::str::from_utf8(stdout).map_err(|_| "git printed no UTF-8".to_owned())?;
    let line = |line: &str| {
        let odd = || format!("git printed a line that is not \"<id> <ref>\": {line:?}");
        let (id, name) = line.split_once(' ').ok_or_else(odd)?;
        if !name.starts_with("refs/") || name.contains(' ') {
            return Err(odd());
        }
        let id = ObjectId::from_hex(id.as_bytes()).map_err(|_| odd())?;
        Ok((name.to_owned(), RefValue::At(id)))
    };
    text.lines().map(line).collect()
}

/// Maps an error text of `LC_ALL=C git` to a lost race, a busy lock, a clash or a failure.
fn classify(name: &str, error: GitError) -> SwapError {
    let text = error.to_string();
    if text.contains("reference broken") {
        return SwapError::Broken {
            name: name.to_owned(),
            detail: "git calls it broken".to_owned(),
        };
    }
    let lost = [
        "but expected",
        "reference already exists",
        "unable to resolve reference",
    ];
    if lost.iter().any(|word| text.contains(word)) {
        return SwapError::Lost(name.to_owned());
    }
    if let Some(rest) = text.split("' exists; cannot create").next()
        && rest.len() < text.len()
    {
        let with = rest.rsplit('\'').next().unwrap_or(name);
        return SwapError::Clash {
            with: with.to_owned(),
        };
    }
    let busy = [
        "Unable to create",
        "File exists",
        "data is locked",
        "cannot lock ref",
    ];
    if busy.iter().any(|word| text.contains(word)) {
        return SwapError::Busy(name.to_owned());
    }
    SwapError::Failed {
        name: name.to_owned(),
        source: std::io::Error::other(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8ab686eafeb1f44702738c8b0f24f2567c36da6d";

    #[test]
    fn lines_of_for_each_ref() {
        let good = format!("{ID} refs/presence/sessions/a\n{ID} refs/presence/sessions/b\n");
        let refs = parse_refs(good.as_bytes()).unwrap();
        assert_eq!(refs.len(), 2);
        assert_eq!(refs[1].0, "refs/presence/sessions/b");
        assert_eq!(parse_refs(b"").unwrap(), []);
        for bad in [
            "nonsense\n",
            "123 refs/x\n",
            &format!("{ID}refs/x\n"),
            &format!("{ID} HEAD\n"),
            &format!("{ID} refs/a b\n"),
        ] {
            assert!(parse_refs(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(parse_refs(b"\xff\n").is_err());
    }

    #[test]
    fn words_of_update_ref() {
        let is = |text: &str| classify("refs/presence/sessions/a", GitError::Failed(text.into()));
        for lost in [
            "fatal: cannot lock ref 'refs/presence/sessions/a': is at 8ab6 but expected 0000",
            "fatal: cannot lock ref 'refs/presence/sessions/a': reference already exists",
            "fatal: cannot lock ref 'x': unable to resolve reference 'x'",
        ] {
            assert!(matches!(is(lost), SwapError::Lost(_)), "{lost}");
        }
        for busy in [
            "fatal: Unable to create '/r/.git/reftable/tables.list.lock': File exists.",
            "fatal: update_ref failed for ref 'x': reftable: transaction prepare: data is locked",
        ] {
            assert!(matches!(is(busy), SwapError::Busy(_)), "{busy}");
        }
        let clash = "fatal: cannot lock ref 'refs/presence/sessions/a': 'refs/presence/sessions' exists; cannot create 'refs/presence/sessions/a'";
        match is(clash) {
            SwapError::Clash { with } => assert_eq!(with, "refs/presence/sessions"),
            other => panic!("{other:?}"),
        }
        assert!(matches!(is("fatal: disk full"), SwapError::Failed { .. }));
    }
}
