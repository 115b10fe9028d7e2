//! What a clone has of the board, removed: [`Ledger::remove_refs`], [`Ledger::remove_folder`].
//!
//! Owns the order: refs first, the folder last, so that a removal that was cut off is repeated.
//! Never removes an object (`git gc` does), and never touches a remote.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::local::folder::FolderError;
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;

/// The folder with the reflogs of a repository.
const LOGS: &str = "logs";

impl Ledger {
    /// Removes every ref of the board here: sessions, registers, tracking refs and archives.
    /// Returns how many there were.
    ///
    /// # Errors
    ///
    /// A ref that cannot be removed, or that another process moves meanwhile.
    pub fn remove_refs(&self) -> Result<usize, LedgerError> {
        self.may_write()?;
        let mut count = 0;
        for prefix in [layout::ROOT, layout::TRACKING, layout::ARCHIVE] {
            let found = self.refs.list(prefix)?;
            count += found.len();
            let mut whole = Vec::new();
            for (name, value) in found {
                match value {
                    RefValue::At(id) => whole.push((name, id)),
                    RefValue::Absent => {}
                    broken => self.refs.repair(&name, &broken, None)?,
                }
            }
            for removed in self.refs.remove_all(&whole) {
                removed?;
            }
            for above in [self.common_dir.clone(), self.common_dir.join(LOGS)] {
                remove_empty(&above.join(prefix));
            }
        }
        Ok(count)
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
