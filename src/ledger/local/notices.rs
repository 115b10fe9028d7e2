//! Notices that hooks gave to sessions.
//!
//! Owns [`Notices`]: `<git>/presence/told-<key>.toml`, a hash of the last notice to a session
//! about each topic, and of the claims of others a line each.

use std::collections::BTreeMap;

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;

/// The key under which waiting sessions are kept.
const WAITERS: &str = "waiters";
/// How many digits of a hash tell one thing that was told from the others.
const MARK_DIGITS: usize = 12;
/// The most of them that are kept; the oldest go, and would be told again.
const WAITERS_MAX: usize = 64;

/// The key of how many turns in a row went on.
const HELD: &str = "held";

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The claims of other sessions, each with what is kept of it.
    Claims,
    /// What is not known of other clones.
    Unknown,
    /// Records that cannot be read.
    Unreadable,
    /// That edits claim files.
    OnEdit,
    /// That what the session shares may be changed by others at the same time.
    Shared,
    /// Claims that a push may have ended, each with what was pushed of it.
    Pushed,
    /// Claims about which the session was asked after a push.
    PushAsked,
    /// Commits that are not pushed, a mark for each and for each claim that they are about.
    Unpushed,
    /// What is not known of other repositories.
    Abroad,
    /// That the session holds a turn.
    Turn,
    /// What is offered to the session, a mark for each offer.
    Offer,
    /// That not all messages were read, or that no more can be marked.
    Mail,
    /// Questions that were handed over and about which the end of a turn asks, each by its id.
    Owed,
    /// Tasks, a mark for each.
    Tasks,
    /// The agent whose hooks are called for the session.
    Agent,
    /// What the session passed on, a label a line.
    Passed,
}

impl Topic {
    const fn key(self) -> &'static str {
        match self {
            Self::Claims => "heard",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
            Self::OnEdit => "on-edit",
            Self::Shared => "shared",
            Self::Pushed => "pushed",
            Self::PushAsked => "push-asked",
            Self::Unpushed => "unpushed",
            Self::Abroad => "abroad",
            Self::Turn => "turn",
            Self::Offer => "offer",
            Self::Mail => "mail-left",
            Self::Owed => "owed",
            Self::Tasks => "tasks",
            Self::Agent => "agent",
            Self::Passed => "passed",
        }
    }
}

/// The last notices to the sessions of this clone.
pub struct Notices<'l> {
    folder: &'l Folder,
}

impl<'l> Notices<'l> {
    /// Returns the notices in a folder.
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Returns what stands for a text, shortly.
    pub fn mark(text: &str) -> String {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        hash.get(..MARK_DIGITS).unwrap_or_default().to_owned()
    }

    /// Returns what [`Self::keep`] kept last for the session about `topic`; nothing if there is
    /// nothing.
    pub fn kept(&self, session: &SessionId, topic: Topic) -> String {
        self.read(session).remove(topic.key()).unwrap_or_default()
    }

    /// Keeps a text as the last notice to the session about `topic`. Fails if the folder cannot be
    /// written.
    pub fn keep(&self, session: &SessionId, topic: Topic, text: &str) -> Result<(), FolderError> {
        let mut told = self.read(session);
        told.insert(topic.key().to_owned(), text.to_owned());
        self.write(session, &told)
    }

    /// Whether `text` differs from the last notice to the session about `topic`; records it as the
    /// last one. Fails if the folder cannot be written.
    pub fn is_news(
        &self,
        session: &SessionId,
        topic: Topic,
        text: &str,
    ) -> Result<bool, FolderError> {
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        let mut told = self.read(session);
        if told.get(topic.key()) == Some(&hash) {
            return Ok(false);
        }
        told.insert(topic.key().to_owned(), hash);
        self.write(session, &told)?;
        Ok(true)
    }

    /// Whether the session was not told yet of `waiter` about `claim`, for which that waits;
    /// records that it is. Fails if the folder cannot be written.
    pub fn is_new_waiter(
        &self,
        session: &SessionId,
        waiter: &SessionId,
        claim: &str,
    ) -> Result<bool, FolderError> {
        let mut told = self.read(session);
        let about = Self::mark(&format!("{waiter} {claim}"));
        let known = told.entry(WAITERS.to_owned()).or_default();
        if known.split(' ').any(|one| one == about) {
            return Ok(false);
        }
        let mut all: Vec<&str> = known.split(' ').filter(|one| !one.is_empty()).collect();
        all.push(&about);
        let from = all.len().saturating_sub(WAITERS_MAX);
        *known = all[from..].join(" ");
        self.write(session, &told)?;
        Ok(true)
    }

    /// Forgets the last notice to the session about `topic`. Returns true if there was one.
    pub fn take(&self, session: &SessionId, topic: Topic) -> bool {
        let name = layout::told_file(session);
        let mut told = self.read(session);
        // One that cannot be forgotten would be followed up each time.
        told.remove(topic.key()).is_some() && self.folder.replace(&name, &told).is_ok()
    }

    /// Notes that a turn of the session begins, from which on its ends are counted.
    pub fn begin_turn(&self, session: &SessionId) {
        let mut told = self.read(session);
        if told.remove(HELD).is_some() {
            // A turn that is counted once more ends earlier.
            let _ = self.write(session, &told);
        }
    }

    /// Counts that a turn of the session goes on instead of ending. Returns false after `max` in a
    /// row, or if it cannot be counted.
    pub fn may_hold(&self, session: &SessionId, max: u32) -> bool {
        let mut told = self.read(session);
        let held: u32 = told.get(HELD).and_then(|n| n.parse().ok()).unwrap_or(0);
        told.insert(HELD.to_owned(), (held + 1).to_string());
        held < max && self.write(session, &told).is_ok()
    }

    fn read(&self, session: &SessionId) -> BTreeMap<String, String> {
        let told = self.folder.text(&layout::told_file(session));
        toml::from_str(&told).unwrap_or_default()
    }

    fn write(
        &self,
        session: &SessionId,
        told: &BTreeMap<String, String>,
    ) -> Result<(), FolderError> {
        self.folder
            .ensure()
            .map_err(|error| self.folder.error("what was told", error))?;
        self.folder.replace(&layout::told_file(session), told)
    }

    /// Forgets the last notice to a session that has ended.
    pub fn forget(&self, session: &SessionId) {
        let _ = self.folder.remove(&layout::told_file(session));
    }
}
