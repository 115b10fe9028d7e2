//! Notices: what a hook told a session last.
//!
//! Owns `<git>/presence/told-<key>.toml`, a hash of that text. Never keeps the text itself.

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;

/// What sessions of this clone were told last.
pub struct Notices<'l> {
    folder: &'l Folder,
}

impl<'l> Notices<'l> {
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Whether this differs from what the session was told last; from now on it is what it was
    /// told last.
    pub fn is_news(&self, session: &SessionId, text: &str) -> Result<bool, FolderError> {
        let name = layout::told_file(session);
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        let told = self.folder.text(&name);
        if told.contains(&hash) {
            return Ok(false);
        }
        self.folder
            .ensure()
            .map_err(|error| self.folder.error("what was told", error))?;
        let what = std::collections::BTreeMap::from([("told", hash)]);
        self.folder.replace(&name, &what)?;
        Ok(true)
    }

    /// Forget what a session was told: it is over.
    pub fn forget(&self, session: &SessionId) {
        let _ = std::fs::remove_file(self.folder.join(&layout::told_file(session)));
    }
}
