//! The messages on the board, and what was read of them.
//!
//! Owns how messages and marks are read from all sessions ([`Mail`]), and access to those of one
//! session. Never decides whom a message reaches.

use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind as _, Kind};
use crate::ledger::objects::read::TreeFile;
use crate::ledger::record_set::RecordSet;
use crate::ledger::records::{MARKS, MESSAGE, SESSIONS};
use crate::ledger::refs::RefValue;
use crate::ledger::remote::tracking::RefPair;
use crate::ledger::sessions::read::Stored;
use crate::ledger::store::Ledger;
use crate::ledger::tree::unreadable;
use crate::model::message::Message;
use crate::model::message::marks::Marks;
use crate::model::message::post::{Post, Seen, Sent};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// What was read of all messages.
#[derive(Debug)]
pub struct Mail {
    /// The messages and the marks.
    pub post: Post,
    /// Records of messages and marks, and whole sessions, that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The sessions on the board.
    pub sessions: Vec<Session>,
}

impl Ledger {
    /// Returns access to the messages of the sessions of this clone.
    pub fn messages(&self) -> RecordSet<'_, Message> {
        self.records(&SESSIONS, &MESSAGE)
    }

    /// Returns access to what the sessions of this clone have read.
    pub fn marks(&self) -> RecordSet<'_, Marks> {
        self.records(&SESSIONS, &MARKS)
    }

    /// Reads all messages and marks that this clone knows.
    pub fn mail(&self) -> Result<Mail, LedgerError> {
        let (mut sent, mut seen) = (Vec::new(), Vec::new());
        let (mut unreadable, mut sessions) = (Vec::new(), Vec::new());
        let places = self.places(&SESSIONS)?;
        for (n, place) in places.iter().enumerate() {
            if let Some(rest) = self.left_out(&SESSIONS, places.len() - n) {
                unreadable.push(rest);
                break;
            }
            let (at, stored) = self.counting(place)?;
            match stored {
                Ok(None) => {}
                Ok(Some(stored)) => {
                    self.take_sent(place, &at, &stored, &mut sent, &mut unreadable);
                    seen.extend(self.seen_by(&at, &stored, &mut unreadable));
                    sessions.push(stored.session);
                }
                Err(defect) => unreadable.push(defect),
            }
        }
        let known = sessions.iter();
        let known = known.map(|session| (session.who.id.clone(), session.who.node));
        let known: Vec<_> = known.collect();
        Ok(Mail {
            post: Post::new(sent, seen, &known),
            unreadable,
            sessions,
        })
    }

    /// Whether a message among these files of a session is not over.
    pub(in crate::ledger) fn has_live_messages(&self, files: &[TreeFile], now: Timestamp) -> bool {
        let mut its = files
            .iter()
            .filter(|file| MESSAGE.key_in(&file.name).is_some());
        its.any(|file| {
            let entry = self.entry(&MESSAGE, file);
            entry.is_ok_and(|entry| entry.record.is_live(now))
        })
    }

    fn take_sent(
        &self,
        place: &RefPair,
        at: &str,
        stored: &Stored,
        sent: &mut Vec<Sent>,
        damaged: &mut Vec<Unreadable>,
    ) {
        let who = &stored.session.who;
        let has_remote = self.remote.is_some() && self.is_ours(&stored.session);
        let there = match has_remote && place.local != place.tracked {
            true => Some(self.files_of(&place.tracked)),
            false => None,
        };
        let is_hidden = has_remote && place.tracked == RefValue::Absent;
        for (file, message) in self.of_kind(&MESSAGE, at, stored, damaged) {
            // What says to be of another session was put there by a program that is not ours.
            if message.from != who.id {
                continue;
            }
            let is_same = |other: &TreeFile| other.name == file.name && other.id == file.id;
            let there = there.as_ref();
            sent.push(Sent {
                by: who.clone(),
                is_published: !is_hidden && there.is_none_or(|all| all.iter().any(is_same)),
                message,
            });
        }
    }

    fn seen_by(&self, at: &str, stored: &Stored, damaged: &mut Vec<Unreadable>) -> Option<Seen> {
        let marks = self.of_kind(&MARKS, at, stored, damaged).pop();
        marks.map(|(_, marks)| Seen {
            by: stored.session.who.clone(),
            marks,
        })
    }

    /// Returns the records of one kind beside a session, each with its file.
    fn of_kind<'s, R>(
        &self,
        kind: &'static Kind<R>,
        at: &str,
        stored: &'s Stored,
        damaged: &mut Vec<Unreadable>,
    ) -> Vec<(&'s TreeFile, R)> {
        let mut found = Vec::new();
        for file in &stored.tree.files {
            if kind.key_in(&file.name).is_none() {
                continue;
            }
            match self.entry(kind, file) {
                Ok(entry) => found.push((file, entry.record)),
                Err(defect) => damaged.push(unreadable(at, kind, file, defect)),
            }
        }
        found
    }
}
