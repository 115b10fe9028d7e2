//! Sessions that a harness started, by the process in which they run.
//!
//! Owns [`Starts`]: `<git>/presence/started-<key>.toml`, which sessions a process has started and
//! not ended, and which it left last. Never decides what follows from it.

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::actor::Process;
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::succession::{Ending, Left, Started};
use crate::model::token::Token;

/// The most files that stay: a harness that is killed leaves its own.
const FILES_MAX: usize = 64;
/// The most sessions of one process that are known; the newest.
const SESSIONS_MAX: usize = 16;

#[derive(Default, Deserialize, Serialize)]
struct Wire {
    sessions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<LeftWire>,
}

#[derive(Deserialize, Serialize)]
struct LeftWire {
    session: String,
    ending: String,
    #[serde(default)]
    shared: Vec<String>,
    #[serde(default)]
    exclusive: Vec<(String, u64)>,
}

impl LeftWire {
    fn of(left: &Left) -> Self {
        let label = |resource: &Resource| resource.label().to_owned();
        let exclusive = left.exclusive.iter();
        Self {
            session: left.session.as_str().to_owned(),
            ending: left.ending.as_str().to_owned(),
            shared: left.shared.iter().map(label).collect(),
            exclusive: exclusive
                .map(|(resource, token)| (label(resource), token.number()))
                .collect(),
        }
    }

    fn left(&self) -> Option<Left> {
        let resource = |label: &str| Resource::from_record(label).ok();
        let shared = self.shared.iter();
        let exclusive = self.exclusive.iter();
        Some(Left {
            session: SessionId::from_record(&self.session).ok()?,
            ending: Ending::parse(&self.ending)?,
            shared: shared.filter_map(|label| resource(label)).collect(),
            exclusive: exclusive
                .filter_map(|(label, token)| Some((resource(label)?, Token::new(*token))))
                .collect(),
        })
    }
}

/// The sessions that run in the processes of this machine.
pub struct Starts<'l> {
    folder: &'l Folder,
}

impl<'l> Starts<'l> {
    /// Returns the starts that are recorded in a folder.
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Returns the sessions of a process, by what its harness said.
    pub fn of(&self, process: &Process) -> Started {
        let wire = self.read(process);
        let sessions = wire.sessions.iter().map(|id| SessionId::from_record(id));
        Started {
            sessions: sessions.filter_map(Result::ok).collect(),
            left: wire.left.as_ref().and_then(LeftWire::left),
        }
    }

    /// Records that a session started. Fails if the folder cannot be written.
    pub fn begin(&self, process: &Process, session: &SessionId) -> Result<(), FolderError> {
        let mut started = self.read(process);
        if started.sessions.last().map(String::as_str) == Some(session.as_str()) {
            return Ok(());
        }
        started.sessions.retain(|known| known != session.as_str());
        started.sessions.push(session.as_str().to_owned());
        let surplus = started.sessions.len().saturating_sub(SESSIONS_MAX);
        started.sessions.drain(..surplus);
        self.folder
            .ensure()
            .map_err(|error| self.folder.error("the start of a session", error))?;
        self.drop_oldest();
        self.folder
            .replace(&layout::started_file(process), &started)
    }

    /// Records that a session ended.
    pub fn end(&self, process: &Process, session: &SessionId) {
        let mut started = self.read(process);
        started.sessions.retain(|known| known != session.as_str());
        self.write(process, &started);
    }

    /// Records that a process left a session for one that is about to start.
    pub fn leave(&self, process: &Process, left: &Left) {
        let mut started = self.read(process);
        if left.ending == Ending::Cleared {
            started.sessions.retain(|id| id != left.session.as_str());
        }
        started.left = Some(LeftWire::of(left));
        self.write(process, &started);
    }

    /// Forgets the session that was left: another one goes on from it.
    pub fn go_on(&self, process: &Process, from: &SessionId) {
        let mut started = self.read(process);
        started.left = None;
        started.sessions.retain(|id| id != from.as_str());
        self.write(process, &started);
    }

    /// What cannot be written is not known later: then no session goes on from another one.
    fn write(&self, process: &Process, started: &Wire) {
        let name = layout::started_file(process);
        let _ = match started.sessions.is_empty() && started.left.is_none() {
            true => self.folder.remove(&name),
            false => self
                .folder
                .replace(&name, started)
                .map_err(|error| std::io::Error::other(error.to_string())),
        };
    }

    fn read(&self, process: &Process) -> Wire {
        let text = self.folder.text(&layout::started_file(process));
        toml::from_str(&text).unwrap_or_default()
    }

    /// Removes the oldest files of too many.
    fn drop_oldest(&self) {
        let Ok(entries) = std::fs::read_dir(self.folder.path()) else {
            return;
        };
        let mut files: Vec<(_, String)> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().to_str()?.to_owned();
                let modified = || entry.metadata().ok()?.modified().ok();
                layout::is_started_file(&name).then_some((modified()?, name))
            })
            .collect();
        files.sort();
        let surplus = (files.len() + 1).saturating_sub(FILES_MAX);
        for (_, name) in files.iter().take(surplus) {
            let _ = self.folder.remove(name);
        }
    }
}
