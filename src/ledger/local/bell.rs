//! That a message waits for the sessions of this clone.
//!
//! Owns [`Bell`]: `<git>/presence/bell-<key>`, an empty file that exists while a message waits that
//! the hook after a tool hands over, so that the hook need not read the board; and `mail.toml`, the
//! digest of all messages when this clone last rang. Never knows a message.

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::ledger::plain::Access;
use crate::model::id::SessionId;

/// The bell of one session of this clone.
pub struct Bell<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    digest: String,
}

impl<'l> Bell<'l> {
    /// Returns the bell of `session`, in a folder.
    pub fn new(folder: &'l Folder, session: &'l SessionId) -> Self {
        Self { folder, session }
    }

    /// Rings until it is stopped. Fails if the file cannot be made.
    pub fn ring(&self) -> Result<(), FolderError> {
        let ring = || {
            self.folder.ensure()?;
            let name = layout::bell_file(self.session);
            let file = self.folder.open()?.file(&name, Access::Append)?;
            self.folder.sharing().apply_to(&file)
        };
        ring().map_err(|error| self.folder.error("that a message waits", error))
    }

    /// Returns true while it rings.
    pub fn rings(&self) -> bool {
        let name = layout::bell_file(self.session);
        self.folder.join(&name).symlink_metadata().is_ok()
    }

    /// Stops it: the session was told, or has ended.
    pub fn stop(&self) {
        let _ = self.folder.remove(&layout::bell_file(self.session));
    }
}

/// Returns true if `digest` of all messages is not the one that was noted last; notes it.
pub(in crate::ledger) fn is_new_mail(folder: &Folder, digest: u64) -> bool {
    let digest = format!("{digest:016x}");
    let text = folder.text(layout::MAIL_FILE);
    let wire: Wire = toml::from_str(&text).unwrap_or_default();
    if wire.digest == digest {
        return false;
    }
    // What cannot be noted is looked at again.
    let _ = folder.ensure().map_err(|_| ());
    let _ = folder.replace(layout::MAIL_FILE, &Wire { digest });
    true
}
