//! How a remote answered, kept between processes.
//!
//! Owns `<git>/presence/remote-<key>.toml`: when we last looked, what went wrong, whether it
//! refuses us, when we pushed. All of it can be lost without harm, so a file that cannot be read
//! counts as none. Nothing that was claimed depends on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::local::folder::Folder;
use crate::ledger::store::Ledger;
use crate::model::time::Timestamp;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoteState {
    /// Syncs that came to an end, well or not.
    pub syncs: u64,
    /// Those of them that sent everything and looked after that.
    pub whole: u64,
    /// When the tracking refs were last known to be what the remote has, in milliseconds UTC.
    looked_at_millis: Option<i64>,
    attempted_at_millis: Option<i64>,
    odd_at_millis: Option<i64>,
    /// Attempts that failed since the last that did not.
    pub failures: u32,
    pub error: Option<String>,
    /// Pushes within the last minute.
    pushed_at_millis: Vec<i64>,
    /// Refs of the remote that are none of ours, when they were last counted.
    pub foreign_refs: usize,
    /// What was odd lately.
    pub odd: Vec<String>,
    /// It takes nothing from us.
    refused: Option<Refusal>,
    /// It does not take these refs.
    refused_refs: BTreeMap<String, Refusal>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refusal {
    said: String,
    at_millis: i64,
}

impl Refusal {
    fn is_recent(&self, now: Timestamp) -> bool {
        let at = Timestamp::from_millis(self.at_millis);
        at <= now && now < at.plus_secs(REFUSED_FOR_SECS)
    }
}

/// A remote that refuses something is asked again after this long.
const REFUSED_FOR_SECS: u64 = 24 * 60 * 60;
/// What is odd is remembered for this long after it was last seen, so that somebody sees it who
/// was not there when a sync behind the scenes did.
const ODD_FOR_SECS: u64 = 60 * 60;
/// The first few are enough.
const ODD_MAX: usize = 3;

const MINUTE_MILLIS: i64 = 60_000;

impl RemoteState {
    pub fn fetched_at(&self) -> Option<Timestamp> {
        self.looked_at_millis.map(Timestamp::from_millis)
    }

    pub fn attempted_at(&self) -> Option<Timestamp> {
        self.attempted_at_millis.map(Timestamp::from_millis)
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

    pub fn record_fetch(&mut self, now: Timestamp) {
        self.looked_at_millis = Some(now.as_millis());
    }

    pub fn record_anomalies(&mut self, odd: &[String], now: Timestamp) {
        let at = self.odd_at_millis.map(Timestamp::from_millis);
        let is_old = at.is_none_or(|at| at.plus_secs(ODD_FOR_SECS) <= now);
        if !odd.is_empty() {
            self.odd = odd.iter().take(ODD_MAX).cloned().collect();
            self.odd_at_millis = Some(now.as_millis());
        } else if is_old {
            self.odd.clear();
        }
    }

    /// It takes nothing from us; whether that is news.
    pub fn record_refusal(&mut self, said: &str, now: Timestamp) -> bool {
        let was_known = self.refused.is_some();
        self.refused = Some(refusal(said, now));
        !was_known
    }

    pub fn record_refusal_of(&mut self, name: &str, said: &str, now: Timestamp) {
        self.refused_refs
            .insert(name.to_owned(), refusal(said, now));
    }

    pub fn accepts(&mut self) {
        self.refused = None;
        self.refused_refs.clear();
    }

    pub fn accepts_ref(&mut self, name: &str) {
        self.refused = None;
        self.refused_refs.remove(name);
    }

    /// Its words, if it is known to take nothing from us, and it is too early to ask again.
    pub fn refused(&self, now: Timestamp) -> Option<&str> {
        let refusal = self.refused.as_ref().filter(|r| r.is_recent(now));
        refusal.map(|refusal| refusal.said.as_str())
    }

    /// The refs that it is known not to take, with its words.
    pub fn refused_refs(&self, now: Timestamp) -> BTreeMap<String, String> {
        let recent = self.refused_refs.iter().filter(|(_, r)| r.is_recent(now));
        recent
            .map(|(name, refusal)| (name.clone(), refusal.said.clone()))
            .collect()
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

fn refusal(said: &str, now: Timestamp) -> Refusal {
    Refusal {
        said: said.to_owned(),
        at_millis: now.as_millis(),
    }
}

/// How one remote answered, kept between processes.
pub struct RemoteHandle<'l> {
    folder: &'l Folder,
    name: &'l str,
}

impl Ledger {
    /// How the remote `name` answered.
    pub fn remote<'l>(&'l self, name: &'l str) -> RemoteHandle<'l> {
        RemoteHandle {
            folder: &self.folder,
            name,
        }
    }

    /// From now on heartbeats are appended and not replaced.
    pub(in crate::ledger) fn set_forward_only(&self) -> Result<(), LedgerError> {
        let path = self.folder.join(layout::FORWARD_ONLY);
        let made = std::fs::write(&path, "").and_then(|()| self.folder.sharing().apply(&path));
        made.map_err(|error| self.folder.error("what a remote answered", error).into())
    }

    pub(in crate::ledger) fn is_forward_only(&self) -> bool {
        self.folder.join(layout::FORWARD_ONLY).exists()
    }
}

impl RemoteHandle<'_> {
    /// Returns how it answered last; nothing is known where that cannot be read.
    pub fn state(&self) -> RemoteState {
        let text = self.folder.text(&layout::remote_file(self.name));
        toml::from_str(&text).unwrap_or_default()
    }

    /// Replaces what is known. It is not synced: a power cut costs a fetch.
    pub fn save(&self, state: &RemoteState) -> Result<(), LedgerError> {
        Ok(self
            .folder
            .replace(&layout::remote_file(self.name), state)?)
    }
}
