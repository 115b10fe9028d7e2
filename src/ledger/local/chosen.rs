//! The harness sessions that use an id that a user chose.
//!
//! Owns [`Chosen`]: `<git>/presence/chosen-<key>.toml`, which of them has the id as it is, and the
//! suffix of each other one. Never decides which.

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::ledger::layout;
use crate::ledger::local::file_locks::{self, DecisionLock};
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::actor::{Process, ProcessRole};
use crate::model::id::SessionId;
use crate::model::shared_id::{HarnessUse, Member, Members};
use crate::model::time::Timestamp;

/// The sessions under one chosen id.
pub struct Chosen<'l> {
    folder: &'l Folder,
    id: &'l SessionId,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    id: String,
    #[serde(default)]
    session: Vec<MemberWire>,
}

#[derive(Serialize, Deserialize)]
struct MemberWire {
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suffix: Option<String>,
    agent: String,
    at_millis: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<ProcessWire>,
}

#[derive(Serialize, Deserialize)]
struct ProcessWire {
    pid: u32,
    started_at_millis: i64,
    host_id: String,
    boot_id: String,
    /// Whether the session ends with it.
    is_program: bool,
}

impl<'l> Chosen<'l> {
    /// Returns the sessions under the id `id`, in a folder.
    pub fn new(folder: &'l Folder, id: &'l SessionId) -> Self {
        Self { folder, id }
    }

    /// Returns the sessions; `None` if no harness used the id in this clone.
    pub fn read(&self) -> Option<Members> {
        let text = self.folder.text(&layout::chosen_file(self.id));
        let wire: Wire = toml::from_str(&text).ok()?;
        let members = wire.session.into_iter().map(MemberWire::read).collect();
        (wire.id == self.id.as_str()).then_some(Members { all: members })
    }

    /// Takes the lock under which sessions are added, one at a time. Waits for some seconds, then
    /// fails.
    pub fn lock(&self, clock: &dyn Clock) -> Result<DecisionLock, FolderError> {
        let ensured = self.folder.ensure();
        ensured
            .and_then(|()| file_locks::acquire(self.folder, clock))
            .map_err(|error| self.folder.error("who uses a session id", error))
    }

    /// Replaces them. Fails if the folder cannot be written.
    pub fn write(&self, members: &Members) -> Result<(), FolderError> {
        let name = layout::chosen_file(self.id);
        if members.all.is_empty() {
            let _ = self.folder.remove(&name);
            return Ok(());
        }
        let wire = Wire {
            id: self.id.as_str().to_owned(),
            session: members.all.iter().map(MemberWire::of).collect(),
        };
        self.folder.replace(&name, &wire)
    }
}

impl MemberWire {
    fn of(member: &Member) -> Self {
        let HarnessUse {
            key,
            agent,
            process,
            is_known_by_process: _,
        } = &member.who;
        Self {
            key: key.clone(),
            suffix: member.suffix.clone(),
            agent: agent.clone(),
            at_millis: member.at.as_millis(),
            process: process.as_ref().map(|process| ProcessWire {
                pid: process.pid,
                started_at_millis: process.started_at.as_millis(),
                host_id: process.host_id.clone(),
                boot_id: process.boot_id.clone(),
                is_program: process.ends_its_session(),
            }),
        }
    }

    fn read(self) -> Member {
        let process = self.process.map(|wire| Process {
            pid: wire.pid,
            started_at: Timestamp::from_millis(wire.started_at_millis),
            host_id: wire.host_id,
            boot_id: wire.boot_id,
            role: match wire.is_program {
                true => ProcessRole::Program,
                false => ProcessRole::Caller,
            },
        });
        Member {
            who: HarnessUse {
                key: self.key,
                agent: self.agent,
                process,
                is_known_by_process: false,
            },
            suffix: self.suffix,
            at: Timestamp::from_millis(self.at_millis),
        }
    }
}
