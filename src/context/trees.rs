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
use crate::ledger::layout;
use crate::ledger::repository::{OpenError, Repository};
use crate::ledger::worktree;

const GIT_FOLDER: &str = ".git";
/// How many repositories around another one are looked at, and how far below a folder.
const DEPTH_MAX: usize = 3;
/// At most this many folders below a folder are looked at.
const FOLDERS_MAX: usize = 512;

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

    /// Returns the tops of other repositories that are below an absolute folder and may have a
    /// board, as far as a short look finds them.
    pub fn repositories_below(&self, folder: &str) -> Vec<PathBuf> {
        let place = itself(Path::new(folder)).filter(|place| place.is_dir() && !place.is_symlink());
        let mut level: Vec<PathBuf> = place.into_iter().collect();
        let mut left = FOLDERS_MAX;
        let mut found = Vec::new();
        for _ in 0..DEPTH_MAX {
            let mut next = Vec::new();
            let entries = level.iter().filter_map(|dir| dir.read_dir().ok());
            for entry in entries.flatten().flatten() {
                if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                if left == 0 {
                    return found;
                }
                left -= 1;
                let path = entry.path();
                let git = path.join(GIT_FOLDER);
                match git.symlink_metadata() {
                    // A file leads to a folder elsewhere.
                    Ok(meta) if !meta.is_dir() || git.join(layout::FOLDER).is_dir() => {
                        found.push(path);
                    }
                    Ok(_) => {}
                    Err(_) => next.push(path),
                }
            }
            level = next;
        }
        found
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

    /// Opens the repository around the one at `top` of which a board was ever kept, unless that is
    /// this one.
    pub fn around(&self, top: &Path) -> Option<Self> {
        let there = visit_with_board(self.host, &self.options, top.parent()?)?;
        let code = |context: &Self| context.code.as_ref().map(|code| code.common_dir.clone());
        (code(&there) != code(self)).then_some(there)
    }

    /// Opens the repository around this one, if no board was ever kept for this one, and one for
    /// that.
    pub fn around_here(&self) -> Option<Self> {
        let top = self.worktree().filter(|_| !self.has_board())?;
        let mut above = top.ancestors().skip(1);
        let is_inside = above.any(|dir| dir.join(GIT_FOLDER).symlink_metadata().is_ok());
        is_inside.then(|| self.around(top)).flatten()
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

/// Opens the repository that has `place`, or the next one around it of which a board was ever kept:
/// what is in the folder of the inner one may be claimed there. `None` if there is none.
pub fn visit_with_board(host: Host, options: &OpenOptions, place: &Path) -> Option<Context> {
    let mut place = place.to_owned();
    for _ in 0..DEPTH_MAX {
        let there = visit(host, options, &place).ok()?;
        if there.has_board() {
            return Some(there);
        }
        place = there.worktree()?.parent()?.to_owned();
    }
    None
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
