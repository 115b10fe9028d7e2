//! The messages on the board, and what was read of them.
//!
//! Owns how messages and marks are read from all sessions ([`Mail`]), and access to those of one
//! session. Never decides whom a message reaches.

use std::collections::BTreeSet;

use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind as _, Kind};
use crate::ledger::objects::read::TreeFile;
use crate::ledger::record_set::RecordSet;
use crate::ledger::records::{MARKS, MESSAGE, SESSIONS};
use crate::ledger::refs::RefValue;
use crate::ledger::remote::tracking::RefPair;
use crate::ledger::store::Ledger;
use crate::ledger::tree::unreadable;
use crate::model::actor::Actor;
use crate::model::id::{NodeId, SessionId};
use crate::model::message::Message;
use crate::model::message::digest::Part;
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
    /// The sessions that were read.
    pub sessions: Vec<Session>,
    /// The refs, of those that were read, with a message to a resource.
    pub to_holders: BTreeSet<String>,
    /// The refs, of those that were read, with something that cannot be read.
    pub damaged: BTreeSet<String>,
}

/// What is gathered from the refs of sessions.
#[derive(Default)]
struct Gathered {
    sent: Vec<Sent>,
    seen: Vec<Seen>,
    sessions: Vec<Session>,
    to_holders: BTreeSet<String>,
    damaged: BTreeSet<String>,
    unreadable: Vec<Unreadable>,
}

impl Gathered {
    /// Returns the mail; `known` are all sessions on the board.
    fn mail(self, known: &[(SessionId, NodeId)]) -> Mail {
        Mail {
            post: Post::new(self.sent, self.seen, known),
            unreadable: self.unreadable,
            sessions: self.sessions,
            to_holders: self.to_holders,
            damaged: self.damaged,
        }
    }
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
        let mut all = Gathered::default();
        let places = self.places(&SESSIONS)?;
        for (n, place) in places.iter().enumerate() {
            if let Some(rest) = self.left_out(&SESSIONS, places.len() - n) {
                all.unreadable.push(rest);
                break;
            }
            self.gather(place, &mut all)?;
        }
        let known = names_of(&all.sessions);
        Ok(all.mail(&known))
    }

    /// Reads the messages and marks of some sessions; `sessions` are all sessions on the board.
    /// What they claim is not read once more.
    pub fn mail_of(&self, parts: &[&Part], sessions: &[Session]) -> Result<Mail, LedgerError> {
        let mut some = Gathered::default();
        for part in parts {
            let place = RefPair {
                name: part.name.clone(),
                local: self.refs.read(&part.name)?,
                tracked: self.read_tracked(&part.name)?.1,
            };
            let (at, value) = match (&place.local, &place.tracked) {
                (RefValue::Absent, there) => (self.tracking_name(&place.name), there),
                (here, there) if *there == RefValue::Absent || here == there => {
                    (place.name.clone(), here)
                }
                // Which of the two counts depends on what is in them.
                _ => {
                    self.gather(&place, &mut some)?;
                    continue;
                }
            };
            let mut who = sessions.iter().map(|session| &session.who);
            let who = who.find(|who| who.node == part.node && who.id == part.id);
            let files = self.files_of(value);
            match who.filter(|_| !files.is_empty()) {
                Some(who) => self.take(&place, (&at, who, &files), &mut some),
                None => self.gather(&place, &mut some)?,
            }
        }
        Ok(some.mail(&names_of(sessions)))
    }

    fn gather(&self, place: &RefPair, all: &mut Gathered) -> Result<(), LedgerError> {
        let (at, stored) = self.counting(place)?;
        match stored {
            Ok(None) => {}
            Ok(Some(stored)) => {
                let who = &stored.session.who;
                self.take(place, (&at, who, &stored.tree.files), all);
                all.sessions.push(stored.session);
            }
            Err(defect) => {
                all.unreadable.push(defect);
                all.damaged.insert(place.name.clone());
            }
        }
        Ok(())
    }

    /// Whether a message among these files of a session is not over.
    pub(in crate::ledger) fn has_live_messages(&self, files: &[TreeFile], now: Timestamp) -> bool {
        let mut its = files
            .iter()
            .filter(|file| MESSAGE.key_in(&file.name).is_some());
        its.any(|file| {
            let entry = self.entry(&MESSAGE, file);
            entry.is_ok_and(|entry| {
                entry.record.is_live(now) && !entry.record.sent_at.is_impossible(now)
            })
        })
    }

    /// Takes what the session `who` said and read, as its ref `at` has it in `files`.
    fn take(
        &self,
        place: &RefPair,
        (at, who, files): (&str, &Actor, &[TreeFile]),
        all: &mut Gathered,
    ) {
        let has_remote = self.remote.is_some() && self.node() == Some(who.node);
        let there = match has_remote && place.local != place.tracked {
            true => Some(self.files_of(&place.tracked)),
            false => None,
        };
        let is_hidden = has_remote && place.tracked == RefValue::Absent;
        let defects = all.unreadable.len();
        for (file, message) in self.of_kind(&MESSAGE, at, files, &mut all.unreadable) {
            // What says to be of another session was put there by a program that is not ours.
            if message.from != who.id {
                continue;
            }
            let is_own = self.node() == Some(who.node);
            let defect = self.impossible("sent_at", message.sent_at);
            if let Some(defect) = defect.filter(|_| !is_own) {
                all.unreadable.push(unreadable(at, &MESSAGE, file, defect));
                continue;
            }
            let is_same = |other: &TreeFile| other.name == file.name && other.id == file.id;
            let there = there.as_ref();
            if message.is_to_a_resource() {
                all.to_holders.insert(place.name.clone());
            }
            all.sent.push(Sent {
                by: who.clone(),
                is_published: !is_hidden && there.is_none_or(|there| there.iter().any(is_same)),
                message,
            });
        }
        let marks = self.of_kind(&MARKS, at, files, &mut all.unreadable).pop();
        all.seen.extend(marks.map(|(_, marks)| Seen {
            by: who.clone(),
            marks,
        }));
        if all.unreadable.len() > defects {
            all.damaged.insert(place.name.clone());
        }
    }

    /// Returns the records of one kind beside a session, each with its file.
    fn of_kind<'s, R>(
        &self,
        kind: &'static Kind<R>,
        at: &str,
        files: &'s [TreeFile],
        damaged: &mut Vec<Unreadable>,
    ) -> Vec<(&'s TreeFile, R)> {
        let mut found = Vec::new();
        for file in files {
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

fn names_of(sessions: &[Session]) -> Vec<(SessionId, NodeId)> {
    let all = sessions.iter().map(|session| &session.who);
    all.map(|who| (who.id.clone(), who.node)).collect()
}
