//! How a remote answered, kept between processes.
//!
//! Owns `<git>/presence/remote-<key>.toml`: when we last looked, what went wrong, whether it
//! refuses us, when we pushed. All of it can be lost without harm, so a file that cannot be read
//! counts as none. Nothing that was claimed depends on it.

use std::io::Write as _;

use serde::{Deserialize, Serialize};

use super::{Ledger, LedgerError, layout};
use crate::model::time::Timestamp;

/// Why a remote takes nothing from us, in its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// Syncs that came to an end, well or not.
    pub syncs: u64,
    /// When the tracking refs were last known to be what the remote has, in milliseconds UTC.
    looked_at_millis: Option<i64>,
    attempted_at_millis: Option<i64>,
    refused_at_millis: Option<i64>,
    /// Attempts that failed since the last that did not.
    pub failures: u32,
    pub error: Option<String>,
    pub refused: Option<String>,
    /// Pushes within the last minute.
    pushed_at_millis: Vec<i64>,
    /// Refs of the remote that are none of ours, when they were last counted.
    pub foreign_refs: usize,
    /// What was odd in the last look.
    pub odd: Vec<String>,
}

const MINUTE_MILLIS: i64 = 60_000;

impl Remembered {
    pub fn looked_at(&self) -> Option<Timestamp> {
        self.looked_at_millis.map(Timestamp::from_millis)
    }

    pub fn attempted_at(&self) -> Option<Timestamp> {
        self.attempted_at_millis.map(Timestamp::from_millis)
    }

    pub fn refused_at(&self) -> Option<Timestamp> {
        self.refused_at_millis.map(Timestamp::from_millis)
    }

    pub fn last_push_at(&self) -> Option<Timestamp> {
        self.pushed_at_millis
            .last()
            .copied()
            .map(Timestamp::from_millis)
    }

    pub fn attempted(&mut self, now: Timestamp) {
        self.attempted_at_millis = Some(now.as_millis());
    }

    pub fn looked(&mut self, now: Timestamp) {
        self.looked_at_millis = Some(now.as_millis());
    }

    pub fn refuses(&mut self, said: &str, now: Timestamp) {
        self.refused = Some(said.to_owned());
        self.refused_at_millis = Some(now.as_millis());
    }

    pub fn accepts(&mut self) {
        self.refused = None;
        self.refused_at_millis = None;
    }

    pub fn pushed(&mut self, now: Timestamp) {
        let now = now.as_millis();
        let last = self.pushed_at_millis.last().copied();
        self.pushed_at_millis
            .retain(|at| now - at < MINUTE_MILLIS && *at <= now || Some(*at) == last);
        self.pushed_at_millis.push(now);
    }

    pub fn pushes_within_a_minute(&self, now: Timestamp) -> usize {
        let recent = |at: &&i64| (0..MINUTE_MILLIS).contains(&(now.as_millis() - **at));
        self.pushed_at_millis.iter().filter(recent).count()
    }
}

impl Ledger {
    pub fn remembered(&self, remote: &str) -> Remembered {
        let path = self.folder.join(layout::remote_file(remote));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    /// Replace what is remembered. Not synced: a power cut costs a look at the remote.
    pub fn remember(&self, remote: &str, what: &Remembered) -> Result<(), LedgerError> {
        let write = || {
            let text = toml::to_string(what).map_err(std::io::Error::other)?;
            let mut file = tempfile::Builder::new().tempfile_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            self.sharing.apply(file.path())?;
            let path = self.folder.join(layout::remote_file(remote));
            file.persist(path).map_err(|error| error.error).map(drop)
        };
        write().map_err(|error| self.folder_error("what a remote answered", error))
    }

    /// From now on heartbeats are appended and not replaced.
    pub(super) fn keep_every_beat(&self) -> Result<(), LedgerError> {
        let path = self.folder.join(layout::FORWARD_ONLY);
        let made = std::fs::write(&path, "").and_then(|()| self.sharing.apply(&path));
        made.map_err(|error| self.folder_error("what a remote answered", error))
    }

    pub(super) fn keeps_every_beat(&self) -> bool {
        self.folder.join(layout::FORWARD_ONLY).exists()
    }
}
