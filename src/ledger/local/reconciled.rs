//! What `sessions reconcile` told already.
//!
//! Owns [`Reconciled`]: `<git>/presence/reconciled.toml`, a digest of each drift that was there
//! when it looked last. Never decides what is a drift.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};

/// How many digits of a digest are kept.
const DIGITS: usize = 16;
/// The most drifts that are remembered.
const DRIFTS_MAX: usize = 4096;

#[derive(Default, Deserialize, Serialize)]
struct Wire {
    told: BTreeSet<String>,
}

/// The drifts of this clone that were told.
pub struct Reconciled<'l> {
    folder: &'l Folder,
}

impl<'l> Reconciled<'l> {
    /// Returns the drifts that a folder remembers.
    pub(in crate::ledger) fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Returns the digest by which a drift is remembered.
    pub fn digest(key: &str) -> String {
        blake3::hash(key.as_bytes()).to_hex()[..DIGITS].to_owned()
    }

    /// Returns the digests of what was told; none if the file cannot be read.
    pub fn told(&self) -> BTreeSet<String> {
        let text = self.folder.text(layout::RECONCILED_FILE);
        let wire: Wire = toml::from_str(&text).unwrap_or_default();
        wire.told
    }

    /// Remembers these, and forgets all others. Fails if the folder cannot be written.
    pub fn keep(&self, told: BTreeSet<String>) -> Result<(), FolderError> {
        let told: BTreeSet<String> = told.into_iter().take(DRIFTS_MAX).collect();
        if told == self.told() {
            return Ok(());
        }
        self.folder
            .ensure()
            .map_err(|error| self.folder.error("the drifts of sessions", error))?;
        self.folder.replace(layout::RECONCILED_FILE, &Wire { told })
    }
}
