//! Where Git looks for hooks.
//!
//! Owns the questions about it: the folder, with what the user's settings say, whether this
//! Git takes hooks from its settings too, and where they find programs first. Never reads or
//! writes a hook.

use std::path::PathBuf;

use super::porcelain::{GitVersion, parse_version};
use super::{Git, GitError, WALL_CLOCK_MAX, run_within};

/// The first that runs the commands of `hook.<name>.command`; those before ignore them.
const CONFIG_HOOKS: GitVersion = GitVersion {
    major: 2,
    minor: 54,
    patch: 0,
};

impl Git {
    /// The folder of hooks; one that is relative starts where the hooks of a repository are run,
    /// at the top of its work tree.
    pub fn hooks_dir(&self) -> Result<PathBuf, GitError> {
        let mut command = self.command_with_hooks();
        command.args(["rev-parse", "--git-path", "hooks"]);
        let output = run_within(command, b"", &|| WALL_CLOCK_MAX)?.must_succeed()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(PathBuf::from(text.trim_end_matches(['\n', '\r'])))
    }

    /// The folder that Git puts in front of the search path of a hook.
    pub fn exec_path(&self) -> Result<PathBuf, GitError> {
        let output = self.run(&["--exec-path"], b"")?.must_succeed()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(PathBuf::from(text.trim_end_matches(['\n', '\r'])))
    }

    pub fn takes_hooks_from_config(&self) -> Result<bool, GitError> {
        let output = self.run(&["--version"], b"")?.must_succeed()?;
        // A version that cannot be read is an old one: files work everywhere.
        Ok(parse_version(&output.stdout).is_ok_and(|version| version >= CONFIG_HOOKS))
    }
}
