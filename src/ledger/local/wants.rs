//! What the sessions of this clone did not get because other sessions claimed it.
//!
//! Owns [`Wants`]: `<git>/presence/wants-<key>.toml`, the resources that a session was refused or
//! deferred about, until it was told that they are free. Others never see it: it is no place in the
//! wait queue.

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// The most resources of one session; the oldest go.
const WANTS_MAX: usize = 32;
/// How long one is remembered.
const WITHIN_SECS: u64 = 24 * 60 * 60;

/// What one session wants.
pub struct Wants<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    want: Vec<WantWire>,
}

#[derive(Serialize, Deserialize)]
struct WantWire {
    resource: String,
    at_millis: i64,
    /// What the session is going to do, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
}

impl<'l> Wants<'l> {
    /// Returns what `session` wants, in a folder.
    pub fn new(folder: &'l Folder, session: &'l SessionId) -> Self {
        Self { folder, session }
    }

    /// Returns the resources; none that was noted more than a day before `now`.
    pub fn list(&self, now: Timestamp) -> Vec<Resource> {
        let since = now.minus_secs(WITHIN_SECS).as_millis();
        let wants = self.read().want.into_iter();
        let recent = wants.filter(|want| want.at_millis >= since);
        recent
            .filter_map(|want| Resource::from_record(&want.resource).ok())
            .collect()
    }

    /// Returns for what the session wants one of `resources`, if it said so.
    pub fn purpose(&self, resources: &[Resource]) -> Option<Purpose> {
        let wants = self.read().want.into_iter();
        let mut wants = wants.filter(|want| is_about(want, resources));
        let purpose = wants.find_map(|want| want.purpose);
        purpose.and_then(|text| Purpose::parse(&text).ok())
    }

    /// Adds resources, and for what they are wanted. Fails if the file cannot be written.
    pub fn note(
        &self,
        now: Timestamp,
        resources: &[Resource],
        purpose: Option<&Purpose>,
    ) -> Result<(), FolderError> {
        let mut wire = self.read();
        let known = self.purpose(resources);
        wire.want.retain(|want| !is_about(want, resources));
        wire.want.extend(resources.iter().map(|resource| {
            WantWire {
                resource: resource.label().to_owned(),
                at_millis: now.as_millis(),
                purpose: purpose
                    .or(known.as_ref())
                    .map(|one| one.as_str().to_owned()),
            }
        }));
        let too_many = wire.want.len().saturating_sub(WANTS_MAX);
        wire.want.drain(..too_many);
        self.folder
            .ensure()
            .map_err(|error| self.folder.error("what a session waits for", error))?;
        self.write(&wire)
    }

    /// Removes resources: the session has them, or was told. Fails if the file cannot be written.
    pub fn forget(&self, resources: &[Resource]) -> Result<(), FolderError> {
        let mut wire = self.read();
        let before = wire.want.len();
        wire.want.retain(|want| !is_about(want, resources));
        match wire.want.len() == before {
            true => Ok(()),
            false => self.write(&wire),
        }
    }

    /// Removes all of it: the session has ended.
    pub fn forget_all(&self) {
        let _ = self.folder.remove(&layout::wants_file(self.session));
    }

    fn read(&self) -> Wire {
        let text = self.folder.text(&layout::wants_file(self.session));
        toml::from_str(&text).unwrap_or_default()
    }

    fn write(&self, wire: &Wire) -> Result<(), FolderError> {
        if wire.want.is_empty() {
            self.forget_all();
            return Ok(());
        }
        self.folder.replace(&layout::wants_file(self.session), wire)
    }
}

fn is_about(want: &WantWire, resources: &[Resource]) -> bool {
    let mut resources = resources.iter();
    resources.any(|resource| resource.label() == want.resource)
}
