//! Where a reader of the history is.
//!
//! Owns [`Position`]: of each ref the newest commits that the reader was shown, because one id says
//! nothing of other refs; and [`Batch`], what is new from there. Never reads a ref.

use std::collections::BTreeMap;

use gix::ObjectId;

use crate::model::event::Entry;
use crate::model::stream::Gap;
use crate::model::time::Timestamp;

/// By what a reader knows a history again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::ledger) struct Landmarks {
    /// Its newest commits. The last one may be replaced, but not those before it.
    pub(in crate::ledger) ids: Vec<ObjectId>,
    /// The time of the newest.
    pub(in crate::ledger) at: Option<Timestamp>,
}

/// The most commits by which a history is known again.
const KNOWN_MAX: usize = 12;

/// Where a reader of the history is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// What was shown of each ref, by its name at the remote.
    pub(in crate::ledger) shown: BTreeMap<String, Shown>,
    /// The archives that were looked at.
    pub(in crate::ledger) archives: BTreeMap<String, ObjectId>,
    /// When the reader looked last.
    pub(in crate::ledger) looked_at: Timestamp,
}

impl Position {
    /// Returns true if a reader here was shown the same as at `other`, whenever it looked.
    pub fn is_at(&self, other: &Self) -> bool {
        self.shown == other.shown && self.archives == other.archives
    }
}

/// What a reader was shown of a ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Shown {
    /// The newest commits: a walk that meets one has met what was shown.
    pub(in crate::ledger) known: Vec<ObjectId>,
    /// The time of the newest event.
    pub(in crate::ledger) at: Timestamp,
    /// Whether the ref was gone at the last look.
    pub(in crate::ledger) is_gone: bool,
}

/// What is new.
#[derive(Debug)]
pub struct Batch {
    /// The events, oldest first.
    pub events: Vec<Entry>,
    /// Why something is missing before them, if something is.
    pub gap: Option<Gap>,
    /// Refs that cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// Where the reader is once it was shown all of it.
    pub next: Position,
}

impl Shown {
    /// Returns what a reader was shown that was shown all of a history.
    pub(in crate::ledger) fn of(marks: Landmarks, now: Timestamp) -> Self {
        Self {
            known: marks.ids,
            at: marks.at.unwrap_or(now),
            is_gone: false,
        }
    }

    /// Remembers what was known before, too: a ref that is set back shows nothing twice.
    pub(in crate::ledger) fn remember(&mut self, before: &Self) {
        for id in &before.known {
            if self.known.len() < KNOWN_MAX && !self.known.contains(id) {
                self.known.push(*id);
            }
        }
        self.at = self.at.max(before.at);
    }
}
