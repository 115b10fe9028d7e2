//! Notices that hooks gave to sessions.
//!
//! Owns [`Notices`]: `<git>/presence/told-<key>.toml`, a hash of the last notice to a session
//! about each topic. Never keeps the text itself.

use std::collections::BTreeMap;

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The claims of other sessions.
    Claims,
    /// What is not known of other clones.
    Unknown,
    /// Records that cannot be read.
    Unreadable,
    /// That edits claim files.
    OnEdit,
    /// That there are claims of other sessions.
    Others,
}

impl Topic {
    const fn key(self) -> &'static str {
        match self {
            Self::Claims => "told",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
            Self::OnEdit => "on-edit",
            Self::Others => "others",
        }
    }
}

/// The last notices to the sessions of this clone.
pub struct Notices<'l> {
    folder: &'l Folder,
}

impl<'l> Notices<'l> {
    /// Returns the notices in a folder.
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Whether `text` differs from the last notice to the session about `topic`; records it as the
    /// last one. Fails if the folder cannot be written.
    pub fn is_news(
        &self,
        session: &SessionId,
        topic: Topic,
        text: &str,
    ) -> Result<bool, FolderError> {
        let name = layout::told_file(session);
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        let told = self.folder.text(&name);
        let mut told: BTreeMap<String, String> = toml::from_str(&told).unwrap_or_default();
        if told.get(topic.key()) == Some(&hash) {
            return Ok(false);
        }
        told.insert(topic.key().to_owned(), hash);
        self.folder
            .ensure()
            .map_err(|error| self.folder.error("what was told", error))?;
        self.folder.replace(&name, &told)?;
        Ok(true)
    }

    /// Forgets the last notice to the session about `topic`. Returns true if there was one.
    pub fn take(&self, session: &SessionId, topic: Topic) -> bool {
        let name = layout::told_file(session);
        let told = self.folder.text(&name);
        let mut told: BTreeMap<String, String> = toml::from_str(&told).unwrap_or_default();
        // One that cannot be forgotten would be followed up each time.
        told.remove(topic.key()).is_some() && self.folder.replace(&name, &told).is_ok()
    }

    /// Forgets the last notice to a session that has ended.
    pub fn forget(&self, session: &SessionId) {
        let _ = self.folder.remove(&layout::told_file(session));
    }
}
