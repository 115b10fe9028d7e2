//! The remote of the board.
//!
//! Owns [`Upstream`]: which of the remotes of a repository it is. Never talks to one.

/// Git's name for the remote that a clone came from.
const ORIGIN: &str = "origin";

/// The remote that the board is synced through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// There is none.
    None,
    /// The remote with this name.
    Named(String),
    /// A flag or a setting names this remote, but the repository has none of that name.
    Missing(String),
    /// There are these, and none of them is chosen.
    Several(Vec<String>),
}

impl Upstream {
    /// Returns the name of the remote, if it exists.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::None | Self::Missing(_) | Self::Several(_) => None,
        }
    }
}

/// Returns the remote that is asked for, or else `origin`, or else the only one.
pub(super) fn upstream(asked: Option<&str>, names: &[String]) -> Upstream {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    match (asked, names) {
        (Some(asked), _) if has(asked) => Upstream::Named(asked.to_owned()),
        (Some(asked), _) => Upstream::Missing(asked.to_owned()),
        (None, _) if has(ORIGIN) => Upstream::Named(ORIGIN.to_owned()),
        (None, [only]) => Upstream::Named(only.clone()),
        (None, []) => Upstream::None,
        (None, several) => Upstream::Several(several.to_vec()),
    }
}
