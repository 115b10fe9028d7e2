//! The history of the ledger, read from the commits of its refs.
//!
//! Owns the walk along first parents and the merge of several histories, newest first, behind
//! [`Ledger::events`]. A history that was cut off (a shallow clone, a lost object) ends there.
//! Never writes.

use std::collections::BTreeSet;

use gix::ObjectId;

use crate::ledger::error::LedgerError;
use crate::ledger::records::event;
use crate::ledger::refs::RefValue;
use crate::ledger::remote::tracking::RefPair;
use crate::ledger::store::Ledger;
use crate::model::event::{Entry, Event};
use crate::model::time::Timestamp;

/// The most commits of one ref that are read.
const COMMITS_MAX: usize = 200_000;
/// The most bytes of messages that are read for one question: other clones write them, too.
const BYTES_MAX: usize = 32 * 1024 * 1024;

impl Ledger {
    /// Returns the newest `count` events at or after `since` that `wanted` accepts, newest first.
    pub fn events(
        &self,
        count: usize,
        since: Option<Timestamp>,
        wanted: &dyn Fn(&Event) -> bool,
    ) -> Result<Vec<Entry>, LedgerError> {
        let mut all = Vec::new();
        let mut room = BYTES_MAX;
        for namespace in self.table.owned() {
            for place in self.places(namespace)? {
                for tip in self.tips(&place) {
                    let at = (place.name.as_str(), tip);
                    self.events_of(at, (count, since), wanted, &mut room, &mut all);
                }
            }
        }
        for (name, value) in self.cell_refs()? {
            if let RefValue::At(tip) = value {
                let at = (name.as_str(), tip);
                self.events_of(at, (count, since), wanted, &mut room, &mut all);
            }
        }
        newest_of_each(&mut all);
        self.archived_events((count, since), wanted, &mut all)?;
        newest_of_each(&mut all);
        all.truncate(count);
        Ok(all)
    }

    /// Returns the newest event of one history that `wanted` accepts.
    pub(in crate::ledger) fn last_event_of(
        &self,
        tip: ObjectId,
        wanted: &dyn Fn(&Event) -> bool,
    ) -> Option<Entry> {
        let (mut found, mut room) = (Vec::new(), BYTES_MAX);
        self.events_of(("", tip), (1, None), wanted, &mut room, &mut found);
        found.pop()
    }

    /// Returns the tips of the histories of a session: one, unless the ref and its tracking ref
    /// have diverged.
    pub(in crate::ledger) fn tips(&self, place: &RefPair) -> Vec<ObjectId> {
        match (&place.local, &place.tracked) {
            (RefValue::At(here), RefValue::At(there)) if self.descends_from(*here, *there) => {
                vec![*here]
            }
            (here, there) => [here, there].into_iter().filter_map(RefValue::id).collect(),
        }
    }

    /// Adds the newest events of one history, as [`Self::events`] does of all. Ends where its
    /// messages need more than `room` bytes, which it takes what it read from.
    fn events_of(
        &self,
        (name, tip): (&str, ObjectId),
        (count, since): (usize, Option<Timestamp>),
        wanted: &dyn Fn(&Event) -> bool,
        room: &mut usize,
        all: &mut Vec<Entry>,
    ) {
        let mut found = 0;
        let mut next = Some(tip);
        for _ in 0..COMMITS_MAX {
            let Some(id) = next.filter(|_| found < count) else {
                return;
            };
            let Ok(commit) = self.objects.read_commit(id) else {
                return;
            };
            match room.checked_sub(commit.message.len()) {
                Some(rest) => *room = rest,
                None => return,
            }
            let committed_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
            if let Some((event, at)) = event::read(&commit.message, committed_at) {
                // Time never runs backwards within a session: all that follows is older.
                if since.is_some_and(|since| at < since) {
                    return;
                }
                if wanted(&event) {
                    found += 1;
                    all.push(Entry {
                        at,
                        commit: commit_of(&commit.message, id),
                        ref_name: Some(name.to_owned()),
                        event,
                    });
                }
            }
            next = commit.parents.first().copied();
        }
    }
}

/// Returns the id of the commit that recorded the event of this message first: where `id` replaced
/// it, the archive that has the rest of the history names it, too.
pub(in crate::ledger) fn commit_of(message: &str, id: ObjectId) -> String {
    let first = event::first_commit(message).map(str::to_owned);
    first.unwrap_or_else(|| id.to_string())
}

/// Sorts events, newest first, and keeps one of each commit: a session's ref and its tracking ref
/// have most of their history in common.
fn newest_of_each(all: &mut Vec<Entry>) {
    let mut seen = BTreeSet::new();
    all.retain(|entry| seen.insert(entry.commit.clone()));
    // Stable: events of one history at the same instant stay in the order of their commits.
    all.sort_by_key(|entry| std::cmp::Reverse(entry.at));
}
