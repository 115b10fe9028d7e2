//! The policies of attempts: how strict the hooks are while an agent works without a person.
//!
//! Owns [`Policies`]: `<git>/presence/policy-<key>.json`, one file for an attempt. A file that is
//! missing, cannot be read, says what this version does not know, or is over, says nothing. Never
//! decides what follows from one.

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::time::Timestamp;

/// The format that is written and read.
const FORMAT: u32 = 1;

/// What the hooks of one attempt do at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The value of `presence.enforce` that they do not go below.
    pub enforce: String,
    /// The tools that it is about, as their harness spells them; empty: all.
    pub tools: Vec<String>,
    /// Until when it is in force.
    pub until: Timestamp,
}

#[derive(Deserialize, Serialize)]
struct Wire {
    format: u32,
    enforce: String,
    #[serde(default)]
    tools: Vec<String>,
    until: String,
}

/// The policies in a folder.
pub struct Policies<'l> {
    folder: &'l Folder,
}

impl<'l> Policies<'l> {
    /// Returns the policies in a folder.
    pub fn new(folder: &'l Folder) -> Self {
        Self { folder }
    }

    /// Returns the policy of an attempt, by what marks it, if it is in force. One file is read.
    pub fn of(&self, attempt: &str, now: Timestamp) -> Option<Policy> {
        let read = self.read(&layout::policy_file(attempt)).ok()?;
        (now < read.until).then_some(read)
    }

    /// Writes the policy of an attempt. Fails if the folder cannot be written.
    pub fn write(&self, attempt: &str, policy: &Policy) -> Result<(), FolderError> {
        let wire = Wire {
            format: FORMAT,
            enforce: policy.enforce.clone(),
            tools: policy.tools.clone(),
            until: policy.until.to_rfc3339(),
        };
        let bytes = serde_json::to_vec(&wire).map_err(std::io::Error::other);
        let name = layout::policy_file(attempt);
        let written = bytes.and_then(|bytes| {
            self.folder.ensure()?;
            self.folder.replace_bytes(&name, &bytes)
        });
        written.map_err(|error| self.folder.error("the policy of an attempt", error))
    }

    /// Removes the policy of an attempt. One that stays is over in time.
    pub fn clear(&self, attempt: &str) {
        let _ = self.folder.remove(&layout::policy_file(attempt));
    }

    /// Removes the policies that are over, which supervisors that were killed have left.
    pub fn sweep(&self, now: Timestamp) {
        for (name, read) in self.list() {
            if read.is_ok_and(|policy| policy.until <= now) {
                let _ = self.folder.remove(&name);
            }
        }
    }

    /// Returns all of them with the names of their files; for each that cannot be used, why.
    pub fn list(&self) -> Vec<(String, Result<Policy, String>)> {
        let files = std::fs::read_dir(self.folder.path()).into_iter().flatten();
        let names = files.flatten().map(|file| file.file_name());
        let names = names.filter_map(|name| name.into_string().ok());
        let mut names: Vec<String> = names.filter(|name| layout::is_policy_file(name)).collect();
        names.sort_unstable();
        let read = |name: String| {
            let read = self.read(&name);
            (name, read)
        };
        names.into_iter().map(read).collect()
    }

    fn read(&self, name: &str) -> Result<Policy, String> {
        let bytes = self.folder.read(name).map_err(|error| error.to_string())?;
        let wire: Wire = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if wire.format != FORMAT {
            return Err(format!("format {} is not known", wire.format));
        }
        let until = Timestamp::parse(&wire.until).ok_or("\"until\" is no time")?;
        Ok(Policy {
            enforce: wire.enforce,
            tools: wire.tools,
            until,
        })
    }
}
