//! What is new in the history of the ledger since a reader looked last.
//!
//! Owns the look from where a reader is ([`Ledger::news_since`]), and when something is missing
//! there. A ref that is rewritten shows nothing twice. Never keeps a position, never writes.

mod after;
mod archived;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{BTreeMap, HashSet};

use gix::ObjectId;

use crate::ledger::error::LedgerError;
use crate::ledger::kind::Namespace;
use crate::ledger::position::{Batch, Landmarks, Position, Shown};
use crate::ledger::refs::RefValue;
use crate::ledger::remote::tracking::RefPair;
use crate::ledger::store::Ledger;
use crate::model::event::Entry;
use crate::model::stream::{Gap, merged};
use crate::model::time::Timestamp;
pub use after::After;
use archived::Missed;
use walk::{End, Room};

/// The most refs that are remembered although they are gone.
const GONE_MAX: usize = 4_096;

/// A history, and the newest commits that it has here.
struct Head {
    name: String,
    /// The values of its ref and of its tracking ref.
    raw: Vec<ObjectId>,
    broken: Option<String>,
    pair: RefPair,
}

/// The result of a look at the refs.
struct Look {
    histories: Vec<Vec<Entry>>,
    gap: Option<Gap>,
    unreadable: Vec<(String, String)>,
    next: Position,
    /// The commits that the reader knew and that are still here.
    met: HashSet<ObjectId>,
    /// The refs that have another history than the one that was shown.
    lost: Vec<String>,
}

impl Ledger {
    /// Returns the position of a reader that was shown all that is here.
    pub fn position_now(&self, now: Timestamp) -> Result<Position, LedgerError> {
        let heads = self.heads()?;
        let shown = heads.iter().map(|head| {
            let shown = Shown::of(self.landmarks(&head.raw), now);
            (head.name.clone(), shown)
        });
        Ok(Position {
            shown: shown.collect(),
            archives: self.archive_tips()?,
            looked_at: now,
        })
    }

    /// Returns what is new since `position`. A reader that did not look for a while is told if a
    /// ref is gone that it knew.
    pub fn news_since(
        &self,
        position: &Position,
        now: Timestamp,
        after_pause: bool,
    ) -> Result<Batch, LedgerError> {
        let known: HashSet<ObjectId> = { position.shown.values() }
            .flat_map(|shown| shown.known.iter().copied())
            .collect();
        let mut look = self.look_at_refs(position, &known, now)?;
        let gone = look.keep_gone(position);
        let missed = Missed {
            known: &known,
            since: position.looked_at,
            must_find: !look.lost.is_empty() || after_pause && !gone.is_empty(),
        };
        let archived = self.archived_since(&missed, &position.archives)?;
        look.met.extend(&archived.met);
        look.next.archives = archived.tips;
        look.next.shown.extend(archived.shown);
        look.histories.extend(archived.histories);
        look.judge_gaps(position, &gone, (now, after_pause));
        Ok(Batch {
            events: merged(look.histories),
            gap: look.gap,
            unreadable: look.unreadable,
            next: look.next,
        })
    }

    /// Returns all refs that have a history of the board.
    fn heads(&self) -> Result<Vec<Head>, LedgerError> {
        let mut pairs = Vec::new();
        for namespace in self.table.all() {
            pairs.extend(self.pairs(namespace)?);
        }
        let head = |pair: RefPair| {
            let values = [&pair.local, &pair.tracked];
            let mut raw: Vec<ObjectId> = values.into_iter().filter_map(RefValue::id).collect();
            raw.dedup();
            let broken = values.into_iter().find_map(|value| match value {
                RefValue::Broken(why) => Some(why.clone()),
                RefValue::Absent | RefValue::At(_) => None,
            });
            Head {
                name: pair.name.clone(),
                raw,
                broken,
                pair,
            }
        };
        Ok(pairs.into_iter().map(head).collect())
    }

    /// Returns the refs of a namespace. A register is where it is decided, or its copy.
    fn pairs(&self, namespace: &Namespace) -> Result<Vec<RefPair>, LedgerError> {
        if namespace.is_owned() {
            return Ok(self.places(namespace)?);
        }
        let cells = self.cell_refs_of(namespace)?.into_iter();
        let pair = |(name, local)| RefPair {
            name,
            local,
            tracked: RefValue::Absent,
        };
        Ok(cells.map(pair).collect())
    }

    fn look_at_refs(
        &self,
        position: &Position,
        known: &HashSet<ObjectId>,
        now: Timestamp,
    ) -> Result<Look, LedgerError> {
        let mut look = Look::new(now);
        let mut room = Room::new();
        for head in self.heads()? {
            let before = position.shown.get(&head.name);
            if let Some(why) = head.broken.clone() {
                look.unreadable.push((head.name.clone(), why));
            }
            if let Some(shown) = before
                && head.raw.iter().all(|id| known.contains(id))
            {
                look.met.extend(&shown.known);
                let shown = Shown {
                    is_gone: false,
                    ..shown.clone()
                };
                look.next.shown.insert(head.name, shown);
                continue;
            }
            let (mut has_met, mut histories) = (before.is_none(), Vec::new());
            for tip in self.tips(&head.pair) {
                let walked = self.walk((&head.name, tip), known, None, &mut room);
                match walked.end {
                    End::Unreadable => {
                        let why = "its newest commit cannot be read".to_owned();
                        look.unreadable.push((head.name.clone(), why));
                        has_met = true;
                    }
                    End::TooMuch => {
                        look.gap = Some(Gap::TooMuch);
                        has_met = true;
                    }
                    End::Met => has_met = true,
                    End::Beginning => {}
                }
                look.met.extend(walked.met);
                histories.push(walked.entries);
            }
            let marks = self.landmarks(&head.raw);
            look.add(head.name, before, marks, (has_met, histories));
        }
        Ok(look)
    }
}

impl Look {
    fn new(now: Timestamp) -> Self {
        Self {
            histories: Vec::new(),
            gap: None,
            unreadable: Vec::new(),
            next: Position {
                shown: BTreeMap::new(),
                archives: BTreeMap::new(),
                looked_at: now,
            },
            met: HashSet::new(),
            lost: Vec::new(),
        }
    }

    /// Adds what is new of a ref. Where nothing that was shown is met, only what is later is new.
    fn add(
        &mut self,
        name: String,
        before: Option<&Shown>,
        marks: Landmarks,
        (has_met, histories): (bool, Vec<Vec<Entry>>),
    ) {
        for mut history in histories {
            if let Some(shown) = before.filter(|_| !has_met) {
                history.retain(|entry| entry.at > shown.at);
            }
            history.reverse();
            self.histories.push(history);
        }
        if !has_met {
            self.lost.push(name.clone());
        }
        let mut shown = Shown::of(marks, self.next.looked_at);
        if let Some(before) = before {
            shown.remember(before);
        }
        self.next.shown.insert(name, shown);
    }

    /// Keeps in mind the refs that were there before, and returns those that are gone since.
    fn keep_gone(&mut self, position: &Position) -> Vec<String> {
        let is_here = |name: &String| self.next.shown.contains_key(name);
        let gone = position.shown.iter().filter(|(name, _)| !is_here(name));
        let mut gone: Vec<(&String, &Shown)> = gone.collect();
        gone.sort_by_key(|(_, shown)| std::cmp::Reverse(shown.at));
        gone.truncate(GONE_MAX);
        let mut newly = Vec::new();
        for (name, shown) in gone {
            if !shown.is_gone {
                newly.push(name.clone());
            }
            let shown = Shown {
                is_gone: true,
                ..shown.clone()
            };
            self.next.shown.insert(name.clone(), shown);
        }
        newly
    }

    /// Notes a gap if what was shown of a ref is not here any more.
    fn judge_gaps(
        &mut self,
        position: &Position,
        gone: &[String],
        (now, after_pause): (Timestamp, bool),
    ) {
        let is_met = |name: &String| {
            let shown = position.shown.get(name);
            shown.is_some_and(|shown| shown.known.iter().any(|id| self.met.contains(id)))
        };
        let is_lost = self.lost.iter().any(|name| !is_met(name));
        // What ended a day ago leaves the board. A reader that was away for less missed nothing.
        let may_have_left = |name: &String| {
            let shown = position.shown.get(name);
            let is_old = |at: Timestamp| now.secs_since(at) >= LEAVES_AFTER_SECS;
            shown.is_some_and(|shown| is_old(shown.at) && !is_old(position.looked_at))
        };
        let is_gone = after_pause
            && gone
                .iter()
                .any(|name| !is_met(name) && !may_have_left(name));
        if is_lost || is_gone {
            self.gap = Some(Gap::Gone);
        }
    }
}

/// After how long a session that ended leaves the board.
const LEAVES_AFTER_SECS: u64 = 24 * 60 * 60;
