//! The scope of a hook: the repository, the user, the project.
//!
//! Owns [`Scope`] and its words. Never looks at a file.

/// Whose settings have a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The repository.
    Repository,
    /// The user.
    User,
    /// All who work with the repository.
    Project,
}

impl Scope {
    /// Returns the word for the scope.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::User => "user",
            Self::Project => "project",
        }
    }
}
