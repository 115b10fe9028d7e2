//! Packing of loose tracking refs.
//!
//! Owns when they are packed: each fetch leaves a file for a ref that moved, and a Git that lists
//! refs opens every one. Git itself packs them, and only where it can leave all others out. Never
//! packs while a process of Git that writes refs works in this repository.

use std::fs;
use std::path::Path;

use super::copies::TrackingCopies;
use crate::git::Git;
use crate::ledger::layout;

/// So many tracking refs may lie loose.
const LOOSE_MAX: usize = 200;

impl TrackingCopies<'_> {
    /// Packs the tracking refs if many lie loose; returns whether it did. A Git before 2.42 cannot
    /// pack these alone, and a repository with another ref storage has no loose refs.
    pub fn pack_loose(&self) -> bool {
        let common_dir = &self.ledger.common_dir;
        let mut left = LOOSE_MAX;
        let is_full = is_more(&common_dir.join(layout::TRACKING), &mut left);
        if !is_full || self.ledger.is_git_at_work() != Some(false) {
            return false;
        }
        let pattern = format!("{}*", layout::TRACKING);
        let packed = Git::at(common_dir).run(&["pack-refs", "--include", &pattern], b"");
        packed.is_ok_and(|output| output.must_succeed().is_ok())
    }
}

/// Checks whether a folder has more files than are `left`, and counts them off.
fn is_more(dir: &Path, left: &mut usize) -> bool {
    let Ok(entries) = fs::read_dir(dir) else {
        return false;
    };
    for entry in entries.flatten() {
        // A link is no folder here: what it leads to is not of this repository.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if is_more(&entry.path(), left) {
                return true;
            }
        } else if *left == 0 {
            return true;
        } else {
            *left -= 1;
        }
    }
    false
}
