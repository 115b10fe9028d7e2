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
/// The most marks that a session keeps; those whose messages end first go first.
pub const MARKS_MAX: usize = 700;
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

    /// Marks a message, and drops what no message needs any more. Returns true if it was not
    /// marked.
    pub fn mark(&mut self, id: &MessageId, until: Timestamp, now: Timestamp) -> bool {
        if self.of(id).is_some() {
            return false;
        }
        self.read
            .retain(|mark| now < mark.until.plus_secs(OUTLASTS_SECS));
        self.read.push(Mark {
            id: id.clone(),
            at: now,
            until,
        });
        while self.read.len() > MARKS_MAX {
            let first = (0..self.read.len()).min_by_key(|at| self.read[*at].until);
            self.read.remove(first.unwrap_or_default());
        }
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
        let extra = self.read.len().saturating_sub(MARKS_MAX);
        self.read.drain(..extra);
        is_new
    }
}
