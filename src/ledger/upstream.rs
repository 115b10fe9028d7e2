//! The upstream of a branch, as the settings name it.
//!
//! Owns which remote that is. Never looks whether the remote is there.

use crate::ledger::repository::Repository;

/// How Git names a repository as a remote of itself.
const HERE: &str = ".";

impl Repository {
    /// Returns the remote of the upstream of a branch; `None` if it has none, or one of this
    /// repository.
    pub fn upstream_of(&self, branch: &str) -> Option<String> {
        let snapshot = self.gix.config_snapshot();
        let set = |key: &str| {
            let config = snapshot.plumbing();
            let value = config.string_by("branch", Some(branch.into()), key);
            value.map(|value| value.to_string())
        };
        set("merge")?;
        set("remote").filter(|remote| remote != HERE)
    }
}
