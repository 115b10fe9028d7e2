//! Commands and edits that hooks saw and that change something.
//!
//! Owns `<git>/presence/seen.jsonl`: a line of JSON for each, appended, and put aside once when
//! the file has grown large, so that two files are kept at most. No command line is kept: it may
//! hold a password. Never says who holds anything.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;
use crate::model::text::harmless;
use crate::model::time::Timestamp;

/// Two files of this size are some ten thousand commands.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// So far back it is looked for a use of a tool that was written down before: where two harnesses
/// call the same hook, the second call is a moment later.
const TAIL_BYTES: u64 = 8 * 1024;
const WORD_BYTES_MAX: usize = 64;
const RESOURCES_MAX: usize = 16;

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    Ran,
    /// A file was written that somebody else claims. No command: an older version, which knows no
    /// such thing, has it as unknown and counts it for nothing.
    Edited,
    /// The user was asked whether it may run.
    Asked,
    Denied,
    /// A newer version knows more.
    #[serde(other)]
    Unknown,
}

/// One command, or one edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    pub session: SessionId,
    /// The harness that told.
    pub agent: String,
    /// The program, `kubectl`, or the tool of the harness, `Edit`.
    pub tool: String,
    pub resources: Vec<String>,
    /// Whether the session claimed what it changes.
    pub covered: bool,
    /// Whether somebody else did, too.
    pub contested: bool,
    pub fate: Disposition,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    at: String,
    session: String,
    agent: String,
    tool: String,
    #[serde(default)]
    resources: Vec<String>,
    covered: bool,
    #[serde(default)]
    contested: bool,
    fate: Disposition,
    /// The use of a tool in which it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#use: Option<String>,
}

impl AuditEntry {
    fn wire(&self, one_use: Option<&str>) -> Wire {
        let short = |text: &str| harmless(text, WORD_BYTES_MAX);
        let resources = self.resources.iter().take(RESOURCES_MAX);
        Wire {
            at: self.at.to_rfc3339(),
            session: self.session.as_str().to_owned(),
            agent: short(&self.agent),
            tool: short(&self.tool),
            resources: resources.cloned().collect(),
            covered: self.covered,
            contested: self.contested,
            fate: self.fate,
            r#use: one_use.map(short),
        }
    }
}

impl Wire {
    fn seen(self) -> Option<AuditEntry> {
        Some(AuditEntry {
            at: Timestamp::parse(&self.at)?,
            session: SessionId::parse(&self.session).ok()?,
            agent: harmless(&self.agent, WORD_BYTES_MAX),
            tool: harmless(&self.tool, WORD_BYTES_MAX),
            resources: self.resources,
            covered: self.covered,
            contested: self.contested,
            fate: self.fate,
        })
    }
}

/// The commands and edits that hooks saw, in two files at most.
pub struct AuditLog<'l> {
    folder: &'l Folder,
}

impl<'l> AuditLog<'l> {
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Write commands down. Those of one use of a tool are written down once for each fate.
    pub fn append(&self, seen: &[AuditEntry], one_use: Option<&str>) -> Result<(), FolderError> {
        let Some(first) = seen.first() else {
            return Ok(());
        };
        let write = || {
            self.folder.ensure()?;
            let path = self.seen_file();
            let mut options = OpenOptions::new();
            let mut file = options.create(true).append(true).read(true).open(&path)?;
            self.folder.sharing().apply(&path)?;
            let known = one_use.map(|one| was_noted(&mut file, one, first));
            if known.transpose()?.unwrap_or_default() {
                return Ok(());
            }
            let mut lines = String::new();
            for one in seen {
                let line = serde_json::to_string(&one.wire(one_use));
                lines.push_str(&line.map_err(std::io::Error::other)?);
                lines.push('\n');
            }
            file.write_all(lines.as_bytes())?;
            self.put_aside(&file)
        };
        write().map_err(|error| self.folder.error("what was seen", error))
    }

    /// What was seen since `since`, oldest first. A line that cannot be read counts for nothing.
    pub fn since(&self, since: Option<Timestamp>) -> Vec<AuditEntry> {
        let files = [self.folder.join(layout::SEEN_BEFORE), self.seen_file()];
        let mut all = Vec::new();
        for file in files {
            let bytes = std::fs::read(file).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let wires = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            all.extend(wires.filter_map(Wire::seen));
        }
        all.retain(|one: &AuditEntry| since.is_none_or(|since| one.at >= since));
        all
    }

    fn seen_file(&self) -> PathBuf {
        self.folder.join(layout::SEEN)
    }

    /// Begin a new file where this one is large. Of two processes that see it, one does.
    fn put_aside(&self, file: &File) -> std::io::Result<()> {
        let path = self.seen_file();
        if file.metadata()?.len() <= FILE_BYTES_MAX || file.try_lock().is_err() {
            return Ok(());
        }
        // It may have been put aside before the lock was had.
        if std::fs::metadata(&path)?.len() > FILE_BYTES_MAX {
            std::fs::rename(&path, self.folder.join(layout::SEEN_BEFORE))?;
        }
        Ok(())
    }
}

/// Whether the end of the file has this use, with the fate and the session of `seen`.
fn was_noted(file: &mut File, one_use: &str, seen: &AuditEntry) -> std::io::Result<bool> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let one_use = harmless(one_use, WORD_BYTES_MAX);
    let tail = String::from_utf8_lossy(&tail);
    let mut wires = tail
        .lines()
        .filter_map(|line| serde_json::from_str::<Wire>(line).ok());
    Ok(wires.any(|wire| {
        let is_its = wire.fate == seen.fate && wire.session == seen.session.as_str();
        is_its && wire.r#use.as_deref() == Some(&one_use)
    }))
}
