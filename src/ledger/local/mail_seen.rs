//! What a session of this clone had seen when no message was unread for it.
//!
//! Owns [`MailSeen`]: `<git>/presence/mail-<key>`, a [`CaughtUp`] as lines of text, to which what
//! is new is appended: that takes a tenth of the time of a new file. It only saves reading: what
//! cannot be read counts as nothing seen. Never knows a message.

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::ledger::layout;
use crate::ledger::local::folder::Folder;
use crate::ledger::plain::Access;
use crate::model::id::SessionId;
use crate::model::message::digest::CaughtUp;

/// The first word of what is written at once; another version of the format has another one.
const FORMAT: &str = "seen2";
/// The sign of a session with a message to a resource.
const TO_HOLDERS: &str = " h";
/// How many digits a digest has.
const DIGITS: usize = 16;
/// The most sessions of which a file is written; of more, all messages are read each time.
const SESSIONS_MAX: usize = 20_000;
/// How many lines a file has at least before those that are over are left out.
const LINES_KEPT: usize = 64;

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

    /// Notes what the session has seen; `before` is what [`Self::read`] returned. What cannot be
    /// noted is read again.
    pub fn note(&self, before: Option<&CaughtUp>, seen: &CaughtUp) {
        if seen.sessions.len() > SESSIONS_MAX {
            return;
        }
        match before.and_then(|before| addition(before, seen)) {
            Some(text) => {
                let _ = self.append(&text);
            }
            None => {
                let name = layout::mail_seen_file(self.session);
                let text = write(seen, seen.sessions.iter());
                let made = self.folder.ensure();
                let _ = made.and_then(|()| self.folder.replace_cache(&name, text.as_bytes()));
            }
        }
    }

    /// Writes at the end of the file. It has to exist: the session may have ended meanwhile.
    fn append(&self, text: &str) -> std::io::Result<()> {
        let name = layout::mail_seen_file(self.session);
        let folder = self.folder.open()?;
        drop(folder.file(&name, Access::Read)?);
        folder
            .file(&name, Access::Append)?
            .write_all(text.as_bytes())
    }

    /// Forgets it: the session has ended.
    pub fn forget(&self) {
        let _ = self.folder.remove(&layout::mail_seen_file(self.session));
    }
}

/// Returns what is to be appended to a file with `before`; `None` if it is to be written anew.
fn addition(before: &CaughtUp, seen: &CaughtUp) -> Option<String> {
    let is_new = |(own, sign): &(&u64, &bool)| before.sessions.get(own) != Some(sign);
    let new = seen.sessions.iter().filter(is_new);
    let has_same_state = before.holds == seen.holds && before.heir_of == seen.heir_of;
    let lines = before.sessions.len() + new.clone().count();
    let is_short = lines <= LINES_KEPT.max(2 * seen.sessions.len());
    let is_any = new.clone().next().is_some();
    (has_same_state && is_short).then(|| match is_any {
        true => write(seen, new),
        false => String::new(),
    })
}

fn write<'s>(seen: &CaughtUp, lines: impl Iterator<Item = (&'s u64, &'s bool)>) -> String {
    let mut text = format!("{FORMAT} {} {}\n", seen.holds, seen.heir_of);
    for (digest, is_to_holders) in lines {
        let sign = if *is_to_holders { TO_HOLDERS } else { "" };
        text.push_str(&format!("{digest:016x}{sign}\n"));
    }
    text
}

/// Returns what the lines of a file say. What follows a first line counts only under what that one
/// says, so of two writers at once the last one counts.
fn parse(text: &str) -> Option<CaughtUp> {
    let mut seen: Option<CaughtUp> = None;
    // A process that was killed may have left a part of a line.
    for line in text.strip_suffix('\n')?.split('\n') {
        if let Some(state) = line.strip_prefix(FORMAT) {
            let (holds, heir_of) = state.strip_prefix(' ')?.split_once(' ')?;
            let is_same = |seen: &CaughtUp| seen.holds == holds && seen.heir_of == heir_of;
            if !seen.as_ref().is_some_and(is_same) {
                seen = Some(CaughtUp {
                    holds: holds.to_owned(),
                    heir_of: heir_of.to_owned(),
                    sessions: BTreeMap::new(),
                });
            }
            continue;
        }
        let (digest, is_to_holders) = match line.strip_suffix(TO_HOLDERS) {
            Some(digest) => (digest, true),
            None => (line, false),
        };
        if digest.len() != DIGITS {
            return None;
        }
        let digest = u64::from_str_radix(digest, 16).ok()?;
        seen.as_mut()?.sessions.insert(digest, is_to_holders);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::permissions::Sharing;

    fn seen(holds: &str, sessions: &[(u64, bool)]) -> CaughtUp {
        CaughtUp {
            holds: holds.to_owned(),
            heir_of: "b".to_owned(),
            sessions: sessions.iter().copied().collect(),
        }
    }

    #[test]
    fn what_was_seen_is_written_and_read() {
        let all = seen("a", &[(1, false), (u64::MAX, true)]);
        assert_eq!(parse(&write(&all, all.sessions.iter())), Some(all));
        let bad = [
            "",
            "\0",
            "seen1 a b\n",
            "seen2 a\n",
            "seen2 a b\nxyz\n",
            "0000000000000001\n",
            "seen2 a b\n0000000000000001",
            "seen2 a b\n00000000000seen2 a b\n0000000000000001\n",
            "seen2 a b\n01\n",
        ];
        for bad in bad {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_new_is_appended_until_much_is_over() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path(), Sharing::default());
        let id = SessionId::parse("me").unwrap();
        let file = MailSeen::new(&folder, &id);
        let note = |now: &CaughtUp| file.note(file.read().as_ref(), now);
        let lines = || folder.text(&layout::mail_seen_file(&id)).lines().count();
        note(&seen("a", &[(1, false), (2, false)]));
        assert_eq!(lines(), 3);
        note(&seen("a", &[(1, true), (3, false)]));
        assert_eq!(lines(), 6);
        let both = seen("a", &[(1, true), (2, false), (3, false)]);
        assert_eq!(file.read(), Some(both));
        note(&seen("a", &[(2, false)]));
        assert_eq!(lines(), 6, "nothing is new");
        // What was seen while something else was held says nothing now.
        note(&seen("x", &[(4, false)]));
        assert_eq!((lines(), file.read()), (2, Some(seen("x", &[(4, false)]))));
        for n in 0..200 {
            note(&seen("x", &[(n, false)]));
            assert!(lines() <= 2 * LINES_KEPT, "{}", lines());
            assert!(file.read().unwrap().sessions.contains_key(&n));
        }
        let other = write(&seen("y", &[(7, true)]), [(&7, &true)].into_iter());
        file.append(&other).unwrap();
        assert_eq!(
            file.read(),
            Some(seen("y", &[(7, true)])),
            "the last one counts"
        );
        file.forget();
        file.note(Some(&both_of(&[5])), &both_of(&[5, 6]));
        assert_eq!(file.read(), None, "the session has ended");
    }

    fn both_of(sessions: &[u64]) -> CaughtUp {
        let all: Vec<(u64, bool)> = sessions.iter().map(|own| (*own, false)).collect();
        seen("a", &all)
    }
}
