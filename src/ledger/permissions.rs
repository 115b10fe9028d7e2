//! Permissions of new files, by `core.sharedRepository`.
//!
//! Owns [`Sharing`], the permission bits of new files and directories in a repository that several
//! users share. Never changes a file that was there before.

use std::path::Path;

/// Git's sharing policy in the encoding that gix uses; 0 leaves all permissions to the umask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sharing(i32);

impl Sharing {
    /// Parses the value of `core.sharedRepository`. `None`, or a value that Git would refuse,
    /// leaves all permissions to the umask.
    pub fn from_config(value: Option<&str>) -> Self {
        let key = &gix::config::tree::Core::SHARED_REPOSITORY;
        let parsed = value.map(|value| key.try_into_shared_repository(Some(value)));
        Self(parsed.and_then(Result::ok).unwrap_or_default())
    }

    /// Returns the policy in the encoding that gix uses.
    pub const fn bits(self) -> i32 {
        self.0
    }

    /// Sets the permissions of an open file or directory that was just created by the policy.
    pub fn apply_to(self, file: &std::fs::File) -> std::io::Result<()> {
        if self.0 == 0 {
            return Ok(());
        }
        let now = file.metadata()?.permissions();
        let wanted = gix::fs::adjust_shared_repository_permissions(now.clone(), self.0);
        match wanted == now {
            true => Ok(()),
            false => file.set_permissions(wanted),
        }
    }

    /// Sets the permissions of a file or directory that was just created by the policy.
    pub fn apply(self, path: &Path) -> std::io::Result<()> {
        if self.0 == 0 {
            return Ok(());
        }
        gix::fs::set_shared_repository_permissions(path, self.0)
            .map_err(|error| std::io::Error::other(error.to_string()))
    }
}
