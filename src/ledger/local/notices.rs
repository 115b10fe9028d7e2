//! Notices that hooks gave to sessions.
//!
//! Owns [`Notices`]: `<git>/presence/told-<key>.toml`, a hash of the last notice to a session.
//! Never keeps the text itself.

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;

/// The last notices to the sessions of this clone.
pub struct Notices<'l> {
    folder: &'l Folder,
}

impl<'l> Notices<'l> {
    /// Returns the notices in a folder.
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Whether `text` differs from the last notice to the session; records it as the last one.
    /// Fails if the folder cannot be written.
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

    /// Forgets the last notice to a session that has ended.
    pub fn forget(&self, session: &SessionId) {
        let _ = self.folder.remove(&layout::told_file(session));
    }
}
