//! That a message waits for the sessions of this clone.
//!
//! Owns [`Bell`]: `<git>/presence/bell-<key>`, an empty file that exists while a message waits that
//! the hook after a tool hands over, so that the hook need not read the board; and `mail.toml`, the
//! digest of all messages when this clone last rang; and [`Handing`], the lock under which one hook
//! of a session at a time hands messages over. Never knows a message.

use std::fs::{File, TryLockError};

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::file_locks::open_lock;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::ledger::plain::Access;
use crate::model::id::SessionId;

/// The bell of one session of this clone.
pub struct Bell<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

/// The lock for handing messages over to a session, held until it is dropped.
#[derive(Debug)]
#[must_use = "the lock ends when it is dropped"]
pub struct Handing {
    _file: Option<File>,
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

    /// Stops it, before a look at what waits: what comes meanwhile rings again.
    pub fn stop(&self) {
        let _ = self.folder.remove(&layout::bell_file(self.session));
    }

    /// Returns the lock for handing messages over to the session; `None` while another process has
    /// it. Where files cannot be locked, two may hand the same message over.
    pub fn handing(&self) -> Option<Handing> {
        let name = layout::handing_lock(self.session);
        let opened = self.folder.ensure().and_then(|()| self.folder.open());
        let opened = opened.and_then(|dir| open_lock(&dir, &name, self.folder.sharing()));
        let Ok(file) = opened else {
            return Some(Handing { _file: None });
        };
        match file.try_lock() {
            Ok(()) => Some(Handing { _file: Some(file) }),
            Err(TryLockError::Error(_)) => Some(Handing { _file: None }),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Removes both, once the session has ended.
    pub fn forget(&self) {
        self.stop();
        let _ = self.folder.remove(&layout::handing_lock(self.session));
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
