//! The cache of sessions that were read before.
//!
//! Owns [`SessionCache`] in `<git>/presence/sessions.cache`: a line for each session as of one
//! commit. The content of a commit never changes, so a line is valid for as long as a ref names
//! that commit; and it counts only if this clone wrote it, which its tag under [`CacheKey`] proves.
//! Used where there are many sessions, whose objects and records take longest to read. A file that
//! cannot be read or written is ignored. Never decides which session to read.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, Take};
use std::time::Duration;

use memchr::memchr;

use self::key::CacheKey;
use crate::ledger::layout;
use crate::ledger::plain::Access;
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;
use crate::model::session::Session;

/// The first line; another version of the format has another one.
const FIRST_LINE: &str = "sessions 6";
/// The fewest sessions for which the cache is used; fewer are read as quickly from their objects.
pub(crate) const MANY: usize = 8;
/// The fewest new sessions for which the file is written again.
const NEW_MIN: usize = 4;
/// How much of the file is read at once.
const READ_BYTES: usize = 64 * 1024;
/// The age at which an unfinished file is taken for abandoned; no process writes for that long.
const UNFINISHED_FOR: Duration = Duration::from_secs(60 * 60);

/// Sessions by their refs and commits. Callers look refs up in the order of their names, which is
/// the order of the lines in the file, so only one line is in memory at a time.
#[derive(Default)]
pub(crate) struct SessionCache {
    /// False if there are too few sessions for a file.
    is_used: bool,
    /// The key of this clone, if there is one yet.
    key: Option<CacheKey>,
    lines: Option<Lines>,
    /// The lines that were found, and those that were added.
    kept: Vec<Kept>,
    new: usize,
}

enum Kept {
    /// The line with this number.
    Line(usize),
    /// The commit id and the ref name, and the record. Most entries are lines, which are small.
    New(Box<(String, String)>),
}

/// A file that is read line by line.
struct Lines {
    file: BufReader<Take<File>>,
    number: usize,
    line: String,
    /// The ends of the commit id, of the ref name and of the tag in the line, in bytes.
    ends: (usize, usize, usize),
}

impl SessionCache {
    /// Opens the cache in `file` under the key of this clone; `None` if there is no file or no key
    /// yet. A file of another format is ignored.
    fn of(file: Option<File>, key: Option<CacheKey>) -> Self {
        let bytes_max = layout::bytes_max(layout::SESSIONS_CACHE);
        let opened = file.filter(|_| key.is_some()).map(|file| Lines {
            file: BufReader::with_capacity(READ_BYTES, file.take(bytes_max)),
            number: 0,
            line: String::new(),
            ends: (0, 0, 0),
        });
        let ours = opened.and_then(|mut lines| {
            let is_ours = lines.pass().is_some() && lines.line == FIRST_LINE;
            is_ours.then_some(lines)
        });
        Self {
            is_used: true,
            key,
            lines: ours,
            ..Self::default()
        }
    }

    /// Whether there are enough sessions for the cache, so that a reader reads all of them.
    pub(crate) fn is_used(&self) -> bool {
        self.is_used
    }

    /// Returns the session under the ref `name` with the digest of its messages and marks, if the
    /// cache has it for the commit `value`. Skips the lines of names before this one; a file in
    /// another order only gives fewer hits.
    pub(crate) fn find(&mut self, name: &str, value: &RefValue) -> Option<(Session, u64)> {
        let (lines, tip) = (self.lines.as_mut()?, value.id()?);
        let key = self.key.as_ref()?;
        while lines.name() < name {
            lines.pass()?;
        }
        if lines.name() != name || tip != *lines.tip() {
            return None;
        }
        if !key.tags(lines.about(), lines.record(), lines.tag()) {
            return None;
        }
        let known = record::read(lines.record())?;
        self.kept.push(Kept::Line(lines.number));
        Some(known)
    }

    /// Whether the file is to be written again: enough sessions are new, or most of the lines that
    /// were passed are of sessions that are gone.
    fn is_outdated(&self) -> bool {
        let kept = self.kept.len() - self.new;
        let passed = self.lines.as_ref().map_or(0, |lines| lines.number);
        // The first line and the one that ended the last search are of no session that is gone.
        self.new >= NEW_MIN || passed > 2 * kept + MANY
    }

    /// Adds a session that was read from its objects, and the digest of its messages and marks.
    pub(crate) fn add(&mut self, name: &str, value: &RefValue, (session, mail): (&Session, u64)) {
        if let Some(tip) = value.id().filter(|_| self.is_used)
            && let Some(record) = record::write(session, mail)
        {
            let new = (format!("{tip} {name}"), record);
            self.kept.push(Kept::New(Box::new(new)));
            self.new += 1;
        }
    }

    /// Returns the new content of the file under `key`, for which the old one is read again.
    fn text(&mut self, key: &CacheKey) -> std::io::Result<String> {
        let mut text = FIRST_LINE.to_owned() + "\n";
        if let Some(lines) = &mut self.lines {
            let bytes_max = layout::bytes_max(layout::SESSIONS_CACHE);
            let mut file = lines.file.get_ref().get_ref().try_clone()?;
            file.rewind()?;
            lines.file = BufReader::with_capacity(READ_BYTES, file.take(bytes_max));
            lines.number = 0;
        }
        for kept in &self.kept {
            match (kept, &mut self.lines) {
                (Kept::New(new), _) => {
                    let (about, record) = &**new;
                    let tag = key.tag(about, record);
                    text.push_str(&format!("{about} {tag} {record}"));
                }
                (Kept::Line(number), Some(lines)) => {
                    while lines.number < *number && lines.pass().is_some() {}
                    text.push_str(&lines.line);
                }
                (Kept::Line(_), None) => continue,
            }
            text.push('\n');
        }
        Ok(text)
    }
}

impl Lines {
    /// Reads the next line; `None` if there is none or it cannot be read.
    fn pass(&mut self) -> Option<()> {
        self.line.clear();
        if self.file.read_line(&mut self.line).ok()? == 0 {
            return None;
        }
        if self.line.ends_with('\n') {
            self.line.pop();
        }
        self.number += 1;
        let bytes = self.line.as_bytes();
        let space = |from: usize| Some(from + memchr(b' ', bytes.get(from..)?)?);
        let ends = || {
            let tip = space(0)?;
            let name = space(tip + 1)?;
            Some((tip, name, space(name + 1)?))
        };
        self.ends = ends().unwrap_or_default();
        Some(())
    }

    fn tip(&self) -> &str {
        &self.line[..self.ends.0]
    }

    /// Returns the ref name in the line; a line without one sorts before all others.
    fn name(&self) -> &str {
        let (tip, name, _) = self.ends;
        self.line.get(tip + 1..name).unwrap_or_default()
    }

    /// Returns the commit id and the ref name.
    fn about(&self) -> &str {
        &self.line[..self.ends.1]
    }

    fn tag(&self) -> &str {
        let (_, name, tag) = self.ends;
        self.line.get(name + 1..tag).unwrap_or_default()
    }

    fn record(&self) -> &str {
        self.line.get(self.ends.2 + 1..).unwrap_or_default()
    }
}

impl Ledger {
    /// Returns the cache, which is empty and unused if there are fewer than [`MANY`] sessions.
    pub(in crate::ledger) fn session_cache(&self, sessions: usize) -> SessionCache {
        if sessions < MANY {
            return SessionCache::default();
        }
        let folder = self.folder.open();
        let file = folder.and_then(|folder| folder.file(layout::SESSIONS_CACHE, Access::Read));
        let key = self.cache_key();
        SessionCache::of(file.ok(), key)
    }

    /// Writes the cache for the next reader, if this one is outdated.
    pub(in crate::ledger) fn keep_cache(&self, mut parsed: SessionCache) {
        let Some(chance) = &self.caches else {
            return;
        };
        if !parsed.is_outdated() || self.quarantined {
            return;
        }
        let known = parsed.key.take();
        let Some(key) = known.or_else(|| self.make_cache_key(&**chance)) else {
            return;
        };
        let bytes_max = layout::bytes_max(layout::SESSIONS_CACHE);
        // A user without write access has to read all sessions each time.
        let _ = parsed.text(&key).and_then(|text| {
            if text.len() as u64 > bytes_max {
                return Ok(());
            }
            self.folder
                .replace_cache(layout::SESSIONS_CACHE, text.as_bytes())
        });
        let _ = self.sweep();
    }

    /// Removes unfinished files of processes that were killed. Compares their age with the file
    /// that was just written, so that only the clock of the file system counts.
    fn sweep(&self) -> std::io::Result<()> {
        let newest = self.folder.join(layout::SESSIONS_CACHE);
        let now = newest.metadata()?.modified()?;
        for entry in std::fs::read_dir(self.folder.path())? {
            let entry = entry?;
            let name = entry.file_name();
            if !name
                .to_string_lossy()
                .starts_with(layout::UNFINISHED_PREFIX)
            {
                continue;
            }
            let age = now.duration_since(entry.metadata()?.modified()?);
            if age.is_ok_and(|age| age > UNFINISHED_FOR) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

#[cfg(fuzzing)]
pub(crate) mod fuzzed;
mod key;
mod record;
#[cfg(test)]
mod tests;
