//! Locks that a killed fetch left behind.
//!
//! Owns which locks are abandoned: those on tracking refs whose owner is gone, or that are older
//! than any fetch, and those of the ref storage itself that a fetch of this process made. Git waits
//! for each lock that it meets, and moves no ref that is locked, so a fetch comes after this.
//! Never touches a lock while a process of Git that writes refs works in this repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::copies::TrackingCopies;
use crate::ledger::layout;
use crate::ledger::local::writers::GitAtWork;
use crate::ledger::store::Ledger;
use crate::model::time::Timestamp;

/// Locks of the ref storage as a whole, below the Git folder.
const STORAGE_LOCKS: [&str; 3] = [
    "packed-refs.lock",
    "packed-refs.new",
    "reftable/tables.list.lock",
];

impl TrackingCopies<'_> {
    /// Removes the locks of tracking refs whose owners are gone; returns how many. If the owner
    /// cannot be known, age tells.
    pub fn clear_abandoned_locks(&self, now: Timestamp) -> usize {
        let all = self.ledger.writers.locks_of_copies();
        if all.is_empty() {
            return 0;
        }
        let gone = match self.ledger.is_git_at_work() {
            Some(false) => all,
            Some(true) | None => self.ledger.writers.find_old_of_copies(now),
        };
        let removed = gone.into_iter().map(fs::remove_file);
        removed.filter(Result::is_ok).count()
    }

    /// Removes what a fetch left that this process ended: its locks on tracking refs, and those of
    /// the ref storage that are not older than the record of the attempt.
    ///
    /// The caller has waited until that fetch was gone.
    pub fn clear_locks_of_ended_fetch(&self, remote: &str, now: Timestamp) {
        self.clear_abandoned_locks(now);
        let common_dir = &self.ledger.common_dir;
        let made = STORAGE_LOCKS.map(|name| common_dir.join(name));
        let record = self.ledger.folder.join(&layout::remote_file(remote));
        let is_ours = |lock: &&PathBuf| is_not_older(lock, &record);
        let ours: Vec<&PathBuf> = made.iter().filter(is_ours).collect();
        if !ours.is_empty() && self.ledger.is_git_at_work() == Some(false) {
            for lock in ours {
                let _ = fs::remove_file(lock);
            }
        }
    }
}

impl Ledger {
    /// Sets how the owner of a ref lock is known.
    #[must_use]
    pub(crate) fn watching_git(mut self, git_at_work: GitAtWork) -> Self {
        self.git_at_work = git_at_work;
        self
    }

    pub(in crate::ledger) fn is_git_at_work(&self) -> Option<bool> {
        (self.git_at_work)(&self.places_of_work())
    }

    /// Returns the Git folder and the work trees of this repository.
    fn places_of_work(&self) -> Vec<PathBuf> {
        let common_dir = fs::canonicalize(&self.common_dir);
        let common_dir = common_dir.unwrap_or_else(|_| self.common_dir.clone());
        let mut places = Vec::new();
        if common_dir.ends_with(".git") {
            places.extend(common_dir.parent().map(Path::to_owned));
        }
        let linked = fs::read_dir(common_dir.join("worktrees"));
        for tree in linked.into_iter().flatten().flatten() {
            // The path of the `.git` file of a linked work tree.
            let file = fs::read_to_string(tree.path().join("gitdir"));
            let file = file.ok().map(|text| PathBuf::from(text.trim()));
            places.extend(file.as_deref().and_then(Path::parent).map(Path::to_owned));
        }
        places.push(common_dir);
        places
    }
}

/// Whether a file exists and was not written before another one.
fn is_not_older(path: &Path, than: &Path) -> bool {
    let at = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    match (at(path), at(than)) {
        (Some(made), Some(began)) => made >= began,
        _ => false,
    }
}
