//! The version of Git that the remote commands need.
//!
//! Owns that version, and the failure of a Git that is older. Never talks to a remote.

use super::Git;
use super::porcelain::{GitVersion, RemoteFailure, parse_version};

/// The first version of Git that has all the options of the remote commands.
const VERSION_MIN: GitVersion = GitVersion {
    major: 2,
    minor: 31,
    patch: 0,
};

/// The exit code of `git` for an unknown option.
pub(super) const EXIT_USAGE: i32 = 129;

/// Returns the failure of a Git that did not know an option, with the version that is needed.
pub(super) fn too_old(git: &Git, stderr: &[u8]) -> RemoteFailure {
    let output = git.run(&["--version"], b"");
    let version = output.ok().and_then(|o| parse_version(&o.stdout).ok());
    match version.filter(|version| *version < VERSION_MIN) {
        Some(GitVersion {
            major,
            minor,
            patch,
        }) => RemoteFailure::local(&format!(
            "git {major}.{minor}.{patch} is too old: sync needs git {}.{} or later",
            VERSION_MIN.major, VERSION_MIN.minor
        )),
        None => RemoteFailure::read(Some(EXIT_USAGE), stderr),
    }
}
