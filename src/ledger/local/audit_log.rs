//! The audit log of commands and edits that hooks saw.
//!
//! Owns [`AuditLog`] in `<git>/presence/seen.jsonl`: a line of JSON is appended for each, and a
//! large file is put aside once, so that at most two files are kept. Command lines are not kept:
//! they may have a password. Never decides which session holds a resource.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::ledger::plain::{Access, Foreign, Odd};
use crate::model::id::SessionId;
use crate::model::text::harmless_name;
use crate::model::time::Timestamp;

/// The size at which a file is put aside; two such files have some ten thousand commands.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// How much of the end of the file is searched for the same use of a tool: if two harnesses call
/// the same hook, the second call is a moment later.
const TAIL_BYTES: u64 = 8 * 1024;
/// How long after a use of a tool another one under the same id is the same.
const AGAIN_SECS: u64 = 30;
const WORD_BYTES_MAX: usize = 64;
const RESOURCES_MAX: usize = 16;

/// What a hook decided about a command or an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// The command ran.
    Ran,
    /// A file was written that another session claims. An older version reads this and those that
    /// came later as unknown, and does not count them.
    Edited,
    /// The user was asked whether the command may run.
    Asked,
    /// The hook denied the command.
    Denied,
    /// A command ran of which it is not certain whether it changes anything.
    Doubted,
    /// A command ran that no rule knows.
    Unmatched,
    /// A harness that has no hook of ours said that something happened; it is counted nowhere.
    Signal,
    /// A value of a newer version.
    #[serde(other)]
    Unknown,
}

/// One command or one edit that a hook saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The time at which the hook saw it.
    pub at: Timestamp,
    /// The session that ran it.
    pub session: SessionId,
    /// The harness that called the hook.
    pub agent: String,
    /// The program (`kubectl`), or the tool of the harness (`Edit`).
    pub tool: String,
    /// The verb of a program that no rule knows, or of which it is not certain what it changes;
    /// empty if there is none.
    pub verb: String,
    /// The labels of the resources that it changes.
    pub resources: Vec<String>,
    /// Whether the session claimed what it changes.
    pub covered: bool,
    /// Whether another session claimed it, too.
    pub contested: bool,
    /// What the hook decided.
    pub fate: Disposition,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    at: String,
    session: String,
    agent: String,
    tool: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    verb: String,
    #[serde(default)]
    resources: Vec<String>,
    covered: bool,
    #[serde(default)]
    contested: bool,
    fate: Disposition,
    /// The id of the use of a tool in which it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#use: Option<String>,
}

impl AuditEntry {
    fn wire(&self, one_use: Option<&str>) -> Wire {
        let short = |text: &str| harmless_name(text, WORD_BYTES_MAX);
        let resources = self.resources.iter().take(RESOURCES_MAX);
        Wire {
            at: self.at.to_rfc3339(),
            session: self.session.as_str().to_owned(),
            agent: short(&self.agent),
            tool: short(&self.tool),
            verb: short(&self.verb),
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
            session: SessionId::from_record(&self.session).ok()?,
            agent: harmless_name(&self.agent, WORD_BYTES_MAX),
            tool: harmless_name(&self.tool, WORD_BYTES_MAX),
            verb: harmless_name(&self.verb, WORD_BYTES_MAX),
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
    /// Returns the audit log in a folder.
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Appends entries. Those of the use `one_use` of a tool are written once for each fate. Fails
    /// if the file cannot be written.
    pub fn append(&self, seen: &[AuditEntry], one_use: Option<&str>) -> Result<(), FolderError> {
        let Some(first) = seen.first() else {
            return Ok(());
        };
        let write = || {
            self.folder.ensure()?;
            let mut file = self.open()?;
            self.folder.sharing().apply_to(&file)?;
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

    /// Returns the entries at or after `since`, oldest first. Lines that cannot be read are left
    /// out.
    pub fn since(&self, since: Option<Timestamp>) -> Vec<AuditEntry> {
        let mut all = Vec::new();
        for file in [layout::SEEN_BEFORE, layout::SEEN] {
            let bytes = self.folder.read(file).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let wires = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            all.extend(wires.filter_map(Wire::seen));
        }
        all.retain(|one: &AuditEntry| since.is_none_or(|since| one.at >= since));
        all
    }

    /// Returns what tells whether something was appended since: how long the file is.
    pub fn length(&self) -> u64 {
        let meta = std::fs::metadata(self.folder.join(layout::SEEN));
        meta.map_or(0, |meta| meta.len())
    }

    /// Opens the file to append to it. One that is the same as a file elsewhere is put aside.
    fn open(&self) -> std::io::Result<File> {
        let folder = self.folder.open()?;
        let open = || folder.file(layout::SEEN, Access::Append);
        let opened = open();
        match opened.as_ref().err().and_then(Foreign::of) {
            Some(foreign) if foreign.odd == Odd::Linked => {
                folder.rename(layout::SEEN, &folder, layout::SEEN_BEFORE)?;
                open()
            }
            _ => opened,
        }
    }

    /// Begins a new file if this one is large. If two processes find it large, one of them does.
    fn put_aside(&self, file: &File) -> std::io::Result<()> {
        if file.metadata()?.len() <= FILE_BYTES_MAX || file.try_lock().is_err() {
            return Ok(());
        }
        // Another process may have put it aside before this one took the lock.
        let folder = self.folder.open()?;
        let now = folder.file(layout::SEEN, Access::Read)?;
        if now.metadata()?.len() > FILE_BYTES_MAX {
            folder.rename(layout::SEEN, &folder, layout::SEEN_BEFORE)?;
        }
        Ok(())
    }
}

/// Checks whether two entries are about the same change.
fn is_same(wire: &Wire, seen: &AuditEntry) -> bool {
    let its = seen.wire(None);
    wire.tool == its.tool && wire.verb == its.verb && wire.resources == its.resources
}

/// Whether the end of the file has this use of a tool, with the fate and the session of `seen`.
fn was_noted(file: &mut File, one_use: &str, seen: &AuditEntry) -> std::io::Result<bool> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let one_use = harmless_name(one_use, WORD_BYTES_MAX);
    let tail = String::from_utf8_lossy(&tail);
    let mut wires = tail
        .lines()
        .filter_map(|line| serde_json::from_str::<Wire>(line).ok());
    Ok(wires.any(|wire| {
        let is_its = wire.fate == seen.fate && wire.session == seen.session.as_str();
        // A harness may use an id again.
        let at = Timestamp::parse(&wire.at);
        let is_recent = at.is_some_and(|at| seen.at.secs_since(at) <= AGAIN_SECS);
        let is_its = is_its && is_recent && is_same(&wire, seen);
        is_its && wire.r#use.as_deref() == Some(&one_use)
    }))
}
