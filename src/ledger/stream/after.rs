//! What came after one commit, or after an instant.
//!
//! Owns the search for a commit by its id or the first digits of it ([`After`]). What came after it
//! is what follows it in its own history, and what is later in the others; at the same instant, the
//! id decides, so that a reader that goes from id to id misses none. Never keeps a position.

use std::collections::HashSet;

use gix::ObjectId;

use crate::ledger::archive::entry;
use crate::ledger::error::LedgerError;
use crate::ledger::position::{Batch, Position, Shown};
use crate::ledger::records::event;
use crate::ledger::store::Ledger;
use crate::ledger::stream::walk::{End, Room};
use crate::model::event::Entry;
use crate::model::month::Month;
use crate::model::stream::{Gap, is_news, merged};
use crate::model::time::Timestamp;

/// What came after a commit.
#[derive(Debug)]
pub enum After {
    /// What is new since it.
    Found(Batch),
    /// It is not here.
    Gone,
    /// Several commits have an id that begins so.
    Ambiguous,
}

/// An entry, and its place among those of all histories.
struct Placed {
    /// The time and the id; of a history, never less than those before.
    place: (Timestamp, String),
    entry: Entry,
}

/// Returns a history, which is newest first, oldest first and with places.
fn placed(history: Vec<Entry>) -> Vec<Placed> {
    let mut last = None;
    let mut all = Vec::with_capacity(history.len());
    for entry in history.into_iter().rev() {
        let place = Some((entry.at, entry.commit.clone()));
        last = last.max(place);
        all.extend(last.clone().map(|place| Placed { place, entry }));
    }
    all
}

impl Ledger {
    /// Returns what came after the commit whose id begins with `id`.
    pub fn news_after(&self, id: &str, now: Timestamp) -> Result<After, LedgerError> {
        let (mut batch, histories) = self.histories_from(self.time_of(id), now)?;
        let histories: Vec<Vec<Placed>> = histories.into_iter().map(placed).collect();
        let is_it = |placed: &&Placed| placed.entry.commit.starts_with(id);
        let found: Vec<&Placed> = histories.iter().flatten().filter(is_it).collect();
        let Some(from) = found.first().map(|placed| placed.place.clone()) else {
            return Ok(After::Gone);
        };
        let commit = found[0].entry.commit.clone();
        if found.iter().any(|placed| placed.entry.commit != commit) {
            return Ok(After::Ambiguous);
        }
        let later = |mut history: Vec<Placed>| {
            match history
                .iter()
                .position(|placed| placed.entry.commit == commit)
            {
                Some(at) => drop(history.drain(..=at)),
                None => history.retain(|placed| placed.place > from),
            }
            history.into_iter().map(|placed| placed.entry).collect()
        };
        batch.events = merged(histories.into_iter().map(later).collect());
        Ok(After::Found(batch))
    }

    /// Returns what happened from `since` on.
    pub fn news_from(&self, since: Timestamp, now: Timestamp) -> Result<Batch, LedgerError> {
        let (mut batch, mut histories) = self.histories_from(Some(since), now)?;
        histories.iter_mut().for_each(|history| history.reverse());
        batch.events = merged(histories);
        Ok(batch)
    }

    /// Returns when the commit with this id was made, if it is a whole id of one that is here.
    fn time_of(&self, id: &str) -> Option<Timestamp> {
        let id = ObjectId::from_hex(id.as_bytes()).ok()?;
        let commit = self.objects.read_commit(id).ok()?;
        let committed_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
        event::read(&commit.message, committed_at).map(|(_, at)| at)
    }

    /// Returns all histories, each newest first, back to `floor`; and the batch without events.
    fn histories_from(
        &self,
        floor: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(Batch, Vec<Vec<Entry>>), LedgerError> {
        let none = HashSet::new();
        let mut room = Room::new();
        let mut next = Position {
            shown: [].into(),
            archives: self.archive_tips()?,
            looked_at: now,
        };
        let (mut gap, mut unreadable, mut histories) = (None, Vec::new(), Vec::new());
        for head in self.heads()? {
            for tip in self.tips(&head.pair) {
                let walked = self.walk((&head.name, tip), &none, floor, &mut room);
                match walked.end {
                    End::TooMuch => gap = Some(Gap::TooMuch),
                    End::Unreadable => {
                        let why = "its newest commit cannot be read".to_owned();
                        unreadable.push((head.name.clone(), why));
                    }
                    End::Met | End::Beginning => {}
                }
                histories.push(walked.entries);
            }
            unreadable.extend(head.broken.clone().map(|why| (head.name.clone(), why)));
            let shown = Shown::of(self.landmarks(&head.raw), now);
            next.shown.insert(head.name, shown);
        }
        let from = floor.map(Month::of);
        for archive in self.archives().list()? {
            if from.is_some_and(|from| archive.month < from) {
                break;
            }
            for past in self.archived_pasts(&archive) {
                let entries = past.events.into_iter().filter_map(entry);
                let is_asked = |entry: &Entry| {
                    is_news(&entry.event.kind) && floor.is_none_or(|floor| entry.at >= floor)
                };
                histories.push(entries.filter(is_asked).collect());
            }
        }
        let batch = Batch {
            events: Vec::new(),
            gap,
            unreadable,
            next,
        };
        Ok((batch, histories))
    }
}
