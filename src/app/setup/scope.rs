//! The scope of a hook: the repository, the user, the project.
//!
//! Owns [`Scope`] and its words. Never looks at a file.

/// Whose settings call us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Repository,
    User,
    Project,
}

impl Scope {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::User => "user",
            Self::Project => "project",
        }
    }
}
