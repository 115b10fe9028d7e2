//! What a clone has of the board, and its removal.
//!
//! Owns what stands here and not at a remote ([`Ledger::kept_here`]), and which refs go: those that
//! did not move since they were looked at. Never removes an object (`git gc` does), never decides
//! whether something may go, and never touches a remote.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::local::folder::FolderError;
use crate::ledger::records::SESSIONS;
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::remote::tracking::RefPair;
use crate::ledger::sessions::cache::SessionCache;
use crate::ledger::store::Ledger;
use crate::model::board::Board;

/// The folder with the reflogs of a repository.
const LOGS: &str = "logs";

/// The refs of sessions and registers here, as they were at one instant.
#[derive(Debug)]
pub struct RefsToLeave(Vec<(String, RefValue)>);

impl Ledger {
    /// Returns the refs of sessions and registers that are here. To be asked before what is in
    /// force is looked at: what moves afterwards is not removed.
    ///
    /// # Errors
    ///
    /// Refs that cannot be listed.
    pub fn refs_to_leave(&self) -> Result<RefsToLeave, LedgerError> {
        Ok(RefsToLeave(self.refs.list(layout::ROOT)?))
    }

    /// Returns what stands in this repository itself, by whichever clone: what this clone wrote,
    /// and what others pushed here or decide here. No copies of what a remote has.
    ///
    /// # Errors
    ///
    /// Refs that cannot be listed.
    pub fn kept_here(&self) -> Result<Board, LedgerError> {
        let mut board = Board {
            margin_secs: self.margin_secs,
            ..Board::default()
        };
        for place in self.places(&SESSIONS)? {
            if place.local != RefValue::Absent {
                let here = RefPair {
                    tracked: RefValue::Absent,
                    ..place
                };
                let mut unused = SessionCache::default();
                self.read_place(&here, &|_| true, &mut unused, &mut board)?;
            }
        }
        let mut registers = Vec::new();
        for namespace in self.table.contended() {
            for (name, value) in self.refs.list(&namespace.prefix())? {
                registers.push(self.read_cell(&name, &name, &value));
            }
        }
        Ok(self.with_cells(board, registers))
    }

    /// Removes these refs, and the tracking refs and archives. Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`SwapError::Lost`] if one of these refs moved, or another one was made meanwhile: it stays.
    pub fn remove_refs(&self, RefsToLeave(refs): &RefsToLeave) -> Result<usize, LedgerError> {
        self.may_write()?;
        self.remove_listed(refs)?;
        let mut count = refs.len();
        if let Some((name, _)) = self.refs.list(layout::ROOT)?.first() {
            return Err(SwapError::Lost(name.clone()).into());
        }
        for copies in [layout::TRACKING, layout::ARCHIVE] {
            let copies = self.refs.list(copies)?;
            self.remove_listed(&copies)?;
            count += copies.len();
        }
        for prefix in [layout::ROOT, layout::TRACKING, layout::ARCHIVE] {
            for above in [self.common_dir.clone(), self.common_dir.join(LOGS)] {
                remove_empty(&above.join(prefix));
            }
        }
        Ok(count)
    }

    /// Removes each of these refs, if it still has its value.
    fn remove_listed(&self, refs: &[(String, RefValue)]) -> Result<(), LedgerError> {
        let mut whole = Vec::new();
        for (name, value) in refs {
            match value {
                RefValue::At(id) => whole.push((name.clone(), *id)),
                RefValue::Absent => {}
                broken => self.refs.repair(name, broken, None)?,
            }
        }
        for removed in self.refs.remove_all(&whole) {
            removed?;
        }
        Ok(())
    }

    /// Removes the folder of this clone: its id, caches and locks. Returns true if there was one.
    ///
    /// # Errors
    ///
    /// A file that cannot be removed.
    pub fn remove_folder(&self) -> Result<bool, LedgerError> {
        self.may_write()?;
        let path = self.folder();
        let removed = match path.symlink_metadata() {
            // What a link leads to is not ours.
            Ok(meta) if !meta.is_dir() => fs::remove_file(path),
            Ok(_) => fs::remove_dir_all(path),
            Err(error) => Err(error),
        };
        match removed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(source) => Err(FolderError::Failed {
                path: path.to_owned(),
                source,
            }
            .into()),
        }
    }
}

/// Removes a folder that has nothing but folders in it. One with a file stays, and so does what is
/// above that.
fn remove_empty(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    // It may not be there, or not be empty.
    let _ = fs::remove_dir(folder);
}
