//! Hook locations: where this Git takes hooks from, as methods of [`Git`].
//!
//! Owns the questions about the folder of hooks under the user's settings, about hooks that stand
//! in settings, and about the folder in which hooks find programs first. Never reads or writes a
//! hook.

use std::path::PathBuf;

use super::porcelain::{GitVersion, parse_version};
use super::{Git, GitError, WALL_CLOCK_MAX, run_within};

/// The first version that runs the commands of `hook.<name>.command`; older ones ignore them.
const CONFIG_HOOKS: GitVersion = GitVersion {
    major: 2,
    minor: 54,
    patch: 0,
};

impl Git {
    /// Returns the folder of hooks, as `core.hooksPath` and the repository define it. A relative
    /// path starts at the top of the work tree, where Git runs hooks.
    ///
    /// # Errors
    ///
    /// Any [`GitError`] of `git rev-parse`.
    pub fn hooks_dir(&self) -> Result<PathBuf, GitError> {
        let mut command = self.command_with_hooks();
        command.args(["rev-parse", "--git-path", "hooks"]);
        let output = run_within(command, b"", &|| WALL_CLOCK_MAX)?.must_succeed()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(PathBuf::from(text.trim_end_matches(['\n', '\r'])))
    }

    /// Returns the folder that Git puts in front of the search path of a hook.
    ///
    /// # Errors
    ///
    /// Any [`GitError`] of `git --exec-path`.
    pub fn exec_path(&self) -> Result<PathBuf, GitError> {
        let output = self.run(&["--exec-path"], b"")?.must_succeed()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(PathBuf::from(text.trim_end_matches(['\n', '\r'])))
    }

    /// Returns true if this Git also runs hooks that stand in its settings (2.54 and later).
    ///
    /// # Errors
    ///
    /// Any [`GitError`] of `git --version`.
    pub fn takes_hooks_from_config(&self) -> Result<bool, GitError> {
        let output = self.run(&["--version"], b"")?.must_succeed()?;
        // A version that cannot be read counts as an old one: files work everywhere.
        Ok(parse_version(&output.stdout).is_ok_and(|version| version >= CONFIG_HOOKS))
    }
}
