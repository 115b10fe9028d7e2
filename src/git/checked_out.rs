//! What is checked out: files of the commit, and whether the work tree changed.
//!
//! Owns which commands of Git say so. Never changes the index or the work tree.

use super::{Git, GitError};

/// The most bytes of a tracked file that is read.
const TRACKED_BYTES_MAX: usize = 256 * 1024;
/// The most files whose content is part of a digest of the work tree.
const CHANGED_MAX: usize = 64;
/// What stands before a path in the status of Git.
const STATUS_COLUMNS: usize = 3;
/// How many digits a digest of the work tree has.
const DIGEST_DIGITS: usize = 32;

impl Git {
    /// Returns a file as the commit that is checked out has it; `None` if it has none of this path,
    /// or one that is no text or too large.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn file_at_head(&self, path: &str) -> Result<Option<String>, GitError> {
        let asked = self.run(&["cat-file", "blob", &format!("HEAD:{path}")], b"")?;
        let text = String::from_utf8(asked.stdout).ok();
        Ok(text.filter(|text| asked.exit == Some(0) && text.len() <= TRACKED_BYTES_MAX))
    }

    /// Returns a digest of the work tree: the commit that is checked out, which files differ from
    /// it, and what is in those. `None` where there is no work tree, or too much differs.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn tree_digest(&self) -> Result<Option<String>, GitError> {
        let args = [
            "-c",
            "core.fsmonitor=false",
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
        ];
        let changed = self.run(&args, b"")?;
        if changed.exit != Some(0) {
            return Ok(None);
        }
        let head = self.head_commit()?.unwrap_or_default();
        let entries = changed.stdout.split(|byte| *byte == 0);
        let paths = entries.filter_map(|entry| entry.get(STATUS_COLUMNS..));
        let mut named: Vec<&[u8]> = paths.filter(|path| !path.contains(&b'\n')).collect();
        if named.len() > CHANGED_MAX {
            return Ok(None);
        }
        named.retain(|path| !path.is_empty());
        let mut digest = blake3::Hasher::new();
        digest.update(head.as_bytes()).update(&changed.stdout);
        for path in named {
            let path = String::from_utf8_lossy(path);
            // A file that is gone has no content, and says so.
            let hashed = self.run(&["hash-object", "--no-filters", "--", &path], b"")?;
            digest.update(&hashed.stdout);
        }
        Ok(Some(digest.finalize().to_hex()[..DIGEST_DIGITS].to_owned()))
    }
}
