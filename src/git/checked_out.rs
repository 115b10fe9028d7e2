//! What is checked out: files of the commit, and what differs from it.
//!
//! Owns which commands of Git say so. Never changes the index or the work tree.

use std::time::Duration;

use super::{Git, GitError, run_within};

/// The most bytes of a tracked file that is read.
const TRACKED_BYTES_MAX: usize = 256 * 1024;
/// What stands before a path in the status of Git.
const STATUS_COLUMNS: usize = 3;

/// How the work tree differs from the commit that is checked out.
#[derive(Debug)]
pub struct TreeState {
    /// That commit, and the words of Git for what differs.
    pub words: Vec<u8>,
    /// The paths that differ, from the top of the work tree.
    pub changed: Vec<String>,
}

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

    /// Returns how the work tree differs from the commit that is checked out. `None` where there is
    /// no work tree. A look that takes longer than `within` is ended.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub fn tree_state(&self, within: Duration) -> Result<Option<TreeState>, GitError> {
        let args = [
            "-c",
            "core.fsmonitor=false",
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=all",
        ];
        let mut command = self.local_command();
        command.args(args);
        let status = run_within(command, b"", &|| within)?;
        if status.exit != Some(0) {
            return Ok(None);
        }
        let entries = status.stdout.split(|byte| *byte == 0);
        let paths = entries.filter_map(|entry| entry.get(STATUS_COLUMNS..));
        let paths = paths.map(|path| String::from_utf8_lossy(path).into_owned());
        let changed = paths.collect();
        let mut words = self.head_commit()?.unwrap_or_default().into_bytes();
        words.extend(status.stdout);
        Ok(Some(TreeState { words, changed }))
    }
}
