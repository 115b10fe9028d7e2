//! Sessions that a harness started, by the process in which they run.
//!
//! Owns [`Starts`]: `<git>/presence/started-<key>.toml`, which sessions a process has started and
//! not ended. Never decides what follows from it.

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::actor::Process;
use crate::model::id::SessionId;

/// The most files that stay: a harness that is killed leaves its own.
const FILES_MAX: usize = 64;
/// The most sessions of one process that are known; the newest.
const SESSIONS_MAX: usize = 16;

#[derive(Default, Deserialize, Serialize)]
struct Started {
    sessions: Vec<String>,
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

    /// Returns the sessions that run in a process, by what its harness said.
    pub fn of(&self, process: &Process) -> Vec<SessionId> {
        let sessions = self.read(process).sessions;
        let sessions = sessions.iter().map(|id| SessionId::from_record(id));
        sessions.filter_map(Result::ok).collect()
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
        let name = layout::started_file(process);
        let mut started = self.read(process);
        started.sessions.retain(|known| known != session.as_str());
        let _ = match started.sessions.is_empty() {
            true => self.folder.remove(&name),
            false => self
                .folder
                .replace(&name, &started)
                .map_err(|error| std::io::Error::other(error.to_string())),
        };
    }

    fn read(&self, process: &Process) -> Started {
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
