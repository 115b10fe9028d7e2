//! What a session has read.
//!
//! Owns [`Marks`]: the messages that were handed over to a session and when, and the sessions whose
//! messages it takes over. Each message is marked by its id: a mark by time would lose what arrives
//! late. Never knows the messages themselves.

use super::super::id::SessionId;
use super::super::time::Timestamp;
use super::MessageId;

/// How long a mark outlasts its message, for a clock that is wrong and a copy that comes late.
const OUTLASTS_SECS: u64 = 2 * 24 * 60 * 60;
/// The most marks that a session keeps, and so the most live messages that it gets. The mark of a
/// message that may still come is never dropped for another.
pub const MARKS_MAX: usize = 1400;
/// The most sessions whose messages a session takes over; the first ones go first.
pub const HEIR_MAX: usize = 16;

/// The mark of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The message.
    pub id: MessageId,
    /// When it was handed over.
    pub at: Timestamp,
    /// When the message expires.
    pub until: Timestamp,
}

/// All marks of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The marks, in the order in which they were made.
    pub read: Vec<Mark>,
    /// The sessions of the same clone that this one replaced, the first one first.
    pub heir_of: Vec<SessionId>,
}

impl Marks {
    /// Returns when the message was handed over; `None` if it was not.
    pub fn of(&self, id: &MessageId) -> Option<Timestamp> {
        let mark = self.read.iter().find(|mark| mark.id == *id);
        mark.map(|mark| mark.at)
    }

    /// Returns how many more messages can be marked.
    pub fn spare(&self, now: Timestamp) -> usize {
        let live = self.read.iter().filter(|mark| now < mark.until).count();
        MARKS_MAX.saturating_sub(live)
    }

    /// Marks a message, and drops what no message needs any more. Returns true if it was not
    /// marked and is now; it is not if no mark is to spare.
    pub fn mark(&mut self, id: &MessageId, until: Timestamp, now: Timestamp) -> bool {
        if self.of(id).is_some() {
            return false;
        }
        self.read
            .retain(|mark| now < mark.until.plus_secs(OUTLASTS_SECS));
        while self.read.len() >= MARKS_MAX {
            // Those of messages that are over go first, the oldest one before the others.
            let over = (0..self.read.len()).filter(|at| self.read[*at].until <= now);
            let Some(first) = over.min_by_key(|at| self.read[*at].until) else {
                return false;
            };
            self.read.remove(first);
        }
        self.read.push(Mark {
            id: id.clone(),
            at: now,
            until,
        });
        true
    }

    /// Takes over the messages of a session that this one, `me`, replaced, with what it had read.
    /// Returns true if that is new.
    pub fn succeed(&mut self, me: &SessionId, before: &SessionId, its: &Self) -> bool {
        let mut is_new = false;
        for id in its.heir_of.iter().chain([before]) {
            if id != me && !self.heir_of.contains(id) {
                self.heir_of.push(id.clone());
                is_new = true;
            }
        }
        let extra = self.heir_of.len().saturating_sub(HEIR_MAX);
        self.heir_of.drain(..extra);
        for mark in &its.read {
            if self.of(&mark.id).is_none() {
                self.read.push(mark.clone());
                is_new = true;
            }
        }
        // Of too many, those stay whose messages end last.
        let extra = self.read.len().saturating_sub(MARKS_MAX);
        if extra > 0 {
            self.read.sort_by_key(|mark| mark.until);
            self.read.drain(..extra);
        }
        is_new
    }
}
