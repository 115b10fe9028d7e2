//! Work trees that a path leads to, and contexts of other repositories.
//!
//! Owns which tree a path is in ([`TreeOf`]), and how another repository is visited: it is read by
//! us alone, no command of it is run, and nothing is written or synced there.

use std::path::{Path, PathBuf};

use super::files::{is_of_another, itself};
use super::opening::Opener;
use super::{Context, OpenOptions};
use crate::failure::Failure;
use crate::host::Host;
use crate::ledger::repository::{OpenError, Repository};
use crate::ledger::worktree;

/// The work tree that a path is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeOf {
    /// Its top, without links.
    pub top: PathBuf,
    /// The branch that is checked out there.
    pub branch: Option<String>,
    /// Whose it is.
    pub whose: Whose,
}

/// Why a repository cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It belongs to another user, and this is where it is.
    Foreign(PathBuf),
    /// It is damaged, of a newer format, or its `.git` is no plain file or folder.
    Damaged,
}

/// Whose work tree a path is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The work tree of the working directory.
    Here,
    /// Another one of the same repository.
    Sibling,
    /// That of another repository.
    Other,
}

impl Context {
    /// Returns the work tree that an absolute path is in, which need not exist; `None` if it is in
    /// none that may be read.
    pub fn tree_of(&self, path: &str) -> Option<TreeOf> {
        let place = itself(Path::new(path))?;
        let place = place.canonicalize().unwrap_or(place);
        let own = self.worktree().filter(|top| {
            // The place itself may be the top of another one.
            let rest = place.strip_prefix(top);
            rest.is_ok_and(|rest| !is_of_another(top, &rest.join("file")))
        });
        let (top, branch, whose) = match own {
            Some(top) => (top.to_owned(), self.branch.clone(), Whose::Here),
            None => {
                let (top, git_dir, branch) = found(self.host, &place)?;
                let is_same = self
                    .code
                    .as_ref()
                    .is_some_and(|code| code.common_dir == git_dir);
                let whose = if is_same {
                    Whose::Sibling
                } else {
                    Whose::Other
                };
                (top, branch, whose)
            }
        };
        Some(TreeOf { top, branch, whose })
    }

    /// Returns the tops of the work trees of this repository that are an absolute folder, or below
    /// it.
    pub fn trees_below(&self, folder: &str) -> Vec<PathBuf> {
        let place = itself(Path::new(folder)).filter(|place| place.is_dir());
        let (Some(code), Some(place)) = (&self.code, place) else {
            return Vec::new();
        };
        let all = worktree::all_of(&code.common_dir).into_iter();
        all.filter(|top| top.starts_with(&place)).collect()
    }

    /// Returns why the repository around an absolute path cannot be used, though it is there.
    pub fn unusable_at(&self, path: &str) -> Option<Unusable> {
        let place = itself(Path::new(path))?;
        let folder = place.ancestors().find(|dir| dir.is_dir())?;
        let open = Opener::new(self.host).by_place();
        match Repository::discover(folder, &open.surroundings) {
            Err(OpenError::Foreign { path }) => Some(Unusable::Foreign(path)),
            Err(OpenError::Failed { .. }) => Some(Unusable::Damaged),
            Err(OpenError::NotFound { .. } | OpenError::FoundBare { .. }) | Ok(_) => None,
        }
    }

    /// Opens the repository at `top` for a look at its board.
    ///
    /// # Errors
    ///
    /// As [`Context::open`].
    pub fn visit(&self, top: &Path) -> Result<Self, Failure> {
        visit(self.host, &self.options, top)
    }

    /// Returns true if the repository was not chosen by the user, and is only looked at.
    pub fn is_visit(&self) -> bool {
        self.options.visits.is_some()
    }

    /// Returns true if a board was ever kept for this repository, here or elsewhere.
    pub fn has_board(&self) -> bool {
        !self.keeps_its_own_board
            || self.ledger.node().is_some()
            || self
                .ledger
                .board()
                .is_ok_and(|board| !board.sessions.is_empty() || !board.locks.is_empty())
    }
}

/// Opens the repository that has `place` for a look at its board.
pub fn visit(host: Host, options: &OpenOptions, place: &Path) -> Result<Context, Failure> {
    let place = place.ancestors().find(|dir| dir.is_dir()).unwrap_or(place);
    let options = OpenOptions {
        writes: false,
        visits: Some(place.to_owned()),
        ..options.clone()
    };
    Context::open(host, &options)
}

/// Returns top, shared Git folder and branch of the repository that has `place`.
fn found(host: Host, place: &Path) -> Option<(PathBuf, PathBuf, Option<String>)> {
    let open = Opener::new(host).by_place();
    let folder = place.ancestors().find(|dir| dir.is_dir())?;
    let outside = Repository::outside_embedded(folder);
    let there =
        Repository::discover(outside.as_deref().unwrap_or(folder), &open.surroundings).ok()?;
    let top = there.worktree()?;
    Some((top, there.git_dir(), there.branch()))
}
