//! Cursors: where readers of the history are.
//!
//! Owns [`Cursor`]: `<git>/presence/cursor-<key>.toml`, with a [`Position`] that is replaced after
//! each look, and to which the id of each line that was written since is appended; and
//! `cursor-<key>.lock`, which the one process that follows the cursor has locked, and which has its
//! pid. Never decides what is shown.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, TryLockError};
use std::io::Write as _;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::file_locks::open_lock;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::ledger::plain::Access;
use crate::ledger::position::{Position, Shown};
use crate::model::id::CursorName;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

const FORMAT: u64 = 1;
/// What stands between the position and the lines that were written since.
const APPENDED: &str = "[[written]]\n";
/// How long a cursor is kept that no reader uses.
const UNUSED_SECS: u64 = 30 * 24 * 60 * 60;
/// How a line of them begins.
const WRITTEN: &str = "id = ";

/// The cursor of one name.
pub struct Cursor<'l> {
    folder: &'l Folder,
    name: &'l CursorName,
}

/// Where the reader of a cursor is.
#[derive(Clone, Debug, PartialEq)]
pub struct Stand {
    /// What it was shown.
    pub position: Position,
    /// What it waits for and was not free at the last look.
    pub busy: Vec<Resource>,
    /// The commits after `position` whose lines were written.
    pub written: HashSet<String>,
}

/// What is known of a cursor.
#[derive(Debug, PartialEq)]
pub enum Followed {
    /// It was never used.
    New,
    /// It is there.
    At(Box<Stand>),
    /// It is there and cannot be read.
    Lost,
}

/// The result of taking a cursor.
pub enum Taken {
    /// This process follows it until the lock is dropped.
    By(FollowLock),
    /// Another process follows it, with this pid where that is known.
    Other(Option<u32>),
}

/// The lock of the process that follows a cursor.
#[must_use = "another process may follow the cursor when it is dropped"]
pub struct FollowLock {
    _file: File,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    format: u64,
    name: String,
    looked_at_millis: i64,
    #[serde(default)]
    busy: Vec<String>,
    #[serde(default)]
    archives: BTreeMap<String, String>,
    #[serde(default)]
    shown: BTreeMap<String, ShownWire>,
}

#[derive(Serialize, Deserialize)]
struct ShownWire {
    at_millis: i64,
    known: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_gone: bool,
}

impl<'l> Cursor<'l> {
    /// Returns the cursor `name` in a folder.
    pub fn new(folder: &'l Folder, name: &'l CursorName) -> Self {
        Self { folder, name }
    }

    /// Makes this process the one that follows the cursor. Fails if the folder cannot be written.
    pub fn take(&self, pid: u32) -> Result<Taken, FolderError> {
        let name = layout::cursor_lock(self.name);
        let take = || {
            self.folder.ensure()?;
            let mut file = open_lock(&self.folder.open()?, &name, self.folder.sharing())?;
            match file.try_lock() {
                // It was removed meanwhile, with a cursor that was not used any more.
                Ok(()) if !self.folder.has_file(&name, &file) => Ok(Taken::Other(None)),
                Ok(()) => {
                    file.set_len(0)?;
                    writeln!(file, "{pid}")?;
                    Ok(Taken::By(FollowLock { _file: file }))
                }
                Err(TryLockError::WouldBlock) => {
                    let by = self.folder.text(&name).trim().parse().ok();
                    Ok(Taken::Other(by))
                }
                Err(TryLockError::Error(error)) => Err(error),
            }
        };
        take().map_err(|error| self.error(error))
    }

    /// Returns where its reader is.
    pub fn read(&self) -> Followed {
        let name = layout::cursor_file(self.name);
        let bytes = match self.folder.read(&name) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Followed::New,
            Err(_) => return Followed::Lost,
            Ok(bytes) => bytes,
        };
        let text = String::from_utf8(bytes).unwrap_or_default();
        let (record, written) = text.split_once(APPENDED).unwrap_or((&text, ""));
        let wire = toml::from_str::<Wire>(record).ok();
        let wire = wire.filter(|wire| wire.format == FORMAT && wire.name == self.name.as_str());
        let Some(stand) = wire.and_then(Wire::read) else {
            return Followed::Lost;
        };
        Followed::At(Box::new(Stand {
            written: ids_of(written),
            ..stand
        }))
    }

    /// Replaces it. Fails if the folder cannot be written.
    pub fn write(&self, position: &Position, busy: &[Resource]) -> Result<(), FolderError> {
        let wire = Wire::of(self.name, position, busy);
        self.folder.replace(&layout::cursor_file(self.name), &wire)
    }

    /// Notes that the lines of these commits were written. Fails if the folder cannot be written.
    pub fn note_written(&self, commits: &[&str]) -> Result<(), FolderError> {
        let one = |commit: &&str| format!("{APPENDED}{WRITTEN}\"{commit}\"\n");
        let text: String = commits.iter().map(one).collect();
        let append = || {
            let name = layout::cursor_file(self.name);
            let mut file = self.folder.open()?.file(&name, Access::Append)?;
            file.write_all(text.as_bytes())
        };
        append().map_err(|error| self.error(error))
    }

    fn error(&self, error: std::io::Error) -> FolderError {
        self.folder.error("a cursor", error)
    }
}

/// Returns the ids of the lines that were written. A process that was killed may have left a part
/// of the last one.
fn ids_of(appended: &str) -> HashSet<String> {
    let lines = appended.split_inclusive('\n');
    let whole = lines.filter_map(|line| line.strip_suffix('\n'));
    let values = whole.filter_map(|line| line.strip_prefix(WRITTEN));
    values.map(|id| id.trim_matches('"').to_owned()).collect()
}

/// Returns the cursors in a folder that no process follows and that were not used for a long time.
pub(in crate::ledger) fn unused(folder: &Folder, now: Timestamp) -> Vec<CursorName> {
    let files = std::fs::read_dir(folder.path()).into_iter().flatten();
    let names = files.flatten().map(|file| file.file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let unused = names.filter(|name| layout::is_cursor_file(name));
    let unused = unused.filter_map(|file| {
        let text = folder.text(&file);
        let record = text
            .split_once(APPENDED)
            .map_or(&*text, |(record, _)| record);
        let wire = toml::from_str::<Wire>(record).ok()?;
        let name = CursorName::parse(&wire.name).ok()?;
        let looked_at = Timestamp::from_millis(wire.looked_at_millis);
        let is_old = now >= looked_at.plus_secs(UNUSED_SECS);
        (is_old && layout::cursor_file(&name) == file).then_some(name)
    });
    unused.collect()
}

/// Removes those cursors, and returns how many.
pub(in crate::ledger) fn drop_unused(folder: &Folder, pid: u32, now: Timestamp) -> usize {
    let mut dropped = 0;
    for name in unused(folder, now) {
        let cursor = Cursor::new(folder, &name);
        let Ok(Taken::By(lock)) = cursor.take(pid) else {
            continue;
        };
        // It may have been used since.
        if unused(folder, now).contains(&name) && folder.remove(&layout::cursor_file(&name)).is_ok()
        {
            let _ = folder.remove(&layout::cursor_lock(&name));
            dropped += 1;
        }
        drop(lock);
    }
    dropped
}

impl Wire {
    fn of(name: &CursorName, position: &Position, busy: &[Resource]) -> Self {
        let shown = position.shown.iter().map(|(name, shown)| {
            let wire = ShownWire {
                at_millis: shown.at.as_millis(),
                known: shown.known.iter().map(ToString::to_string).collect(),
                is_gone: shown.is_gone,
            };
            (name.clone(), wire)
        });
        let archives = position.archives.iter();
        Self {
            format: FORMAT,
            name: name.as_str().to_owned(),
            looked_at_millis: position.looked_at.as_millis(),
            busy: busy.iter().map(|one| one.label().to_owned()).collect(),
            archives: archives
                .map(|(name, tip)| (name.clone(), tip.to_string()))
                .collect(),
            shown: shown.collect(),
        }
    }

    fn read(self) -> Option<Stand> {
        let id = |text: &String| ObjectId::from_hex(text.as_bytes()).ok();
        let mut shown = BTreeMap::new();
        for (name, wire) in self.shown {
            let known = wire.known.iter().map(id).collect::<Option<_>>()?;
            let at = Timestamp::from_millis(wire.at_millis);
            let is_gone = wire.is_gone;
            shown.insert(name, Shown { known, at, is_gone });
        }
        let mut archives = BTreeMap::new();
        for (name, tip) in self.archives {
            archives.insert(name, id(&tip)?);
        }
        let busy = self
            .busy
            .iter()
            .map(|label| Resource::from_record(label).ok());
        Some(Stand {
            position: Position {
                shown,
                archives,
                looked_at: Timestamp::from_millis(self.looked_at_millis),
            },
            busy: busy.collect::<Option<_>>()?,
            written: HashSet::new(),
        })
    }
}
