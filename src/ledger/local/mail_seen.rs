//! What a session of this clone had seen when no message was unread for it.
//!
//! Owns [`MailSeen`]: `<git>/presence/mail-<key>`, a [`CaughtUp`] as lines of text. It only saves
//! reading: what cannot be read counts as nothing seen. Never knows a message.

use std::collections::BTreeMap;

use crate::ledger::layout;
use crate::ledger::local::folder::Folder;
use crate::model::id::SessionId;
use crate::model::message::digest::CaughtUp;

/// The first word of the file; another version of the format has another one.
const FORMAT: &str = "seen1";
/// The sign of a session with a message to a resource.
const TO_HOLDERS: &str = " h";
/// The most sessions of which a file is written; of more, all messages are read each time.
const SESSIONS_MAX: usize = 20_000;

/// What one session had seen.
pub struct MailSeen<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

impl<'l> MailSeen<'l> {
    /// Returns what `session` had seen, in a folder.
    pub fn new(folder: &'l Folder, session: &'l SessionId) -> Self {
        Self { folder, session }
    }

    /// Returns what the session had seen; `None` if nothing is known.
    pub fn read(&self) -> Option<CaughtUp> {
        parse(&self.folder.text(&layout::mail_seen_file(self.session)))
    }

    /// Notes what the session has seen. What cannot be noted is read again.
    pub fn note(&self, seen: &CaughtUp) {
        if seen.sessions.len() <= SESSIONS_MAX && self.folder.ensure().is_ok() {
            let name = layout::mail_seen_file(self.session);
            let _ = self.folder.replace_bytes(&name, write(seen).as_bytes());
        }
    }

    /// Forgets it: the session has ended.
    pub fn forget(&self) {
        let _ = self.folder.remove(&layout::mail_seen_file(self.session));
    }
}

fn write(seen: &CaughtUp) -> String {
    let mut text = format!("{FORMAT} {} {}\n", seen.holds, seen.heir_of);
    for (digest, is_to_holders) in &seen.sessions {
        let sign = if *is_to_holders { TO_HOLDERS } else { "" };
        text.push_str(&format!("{digest:016x}{sign}\n"));
    }
    text
}

fn parse(text: &str) -> Option<CaughtUp> {
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (format, holds, heir_of) = (first.next()?, first.next()?, first.next()?);
    if format != FORMAT {
        return None;
    }
    let mut sessions = BTreeMap::new();
    for line in lines {
        let (digest, is_to_holders) = match line.strip_suffix(TO_HOLDERS) {
            Some(digest) => (digest, true),
            None => (line, false),
        };
        sessions.insert(u64::from_str_radix(digest, 16).ok()?, is_to_holders);
    }
    Some(CaughtUp {
        holds: holds.to_owned(),
        heir_of: heir_of.to_owned(),
        sessions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_written_and_read() {
        let seen = CaughtUp {
            holds: "a".to_owned(),
            heir_of: "b".to_owned(),
            sessions: BTreeMap::from([(1, false), (u64::MAX, true)]),
        };
        assert_eq!(parse(&write(&seen)), Some(seen));
        for bad in ["", "seen0 a b\n", "seen1 a\n", "seen1 a b\nxyz\n", "\0"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
