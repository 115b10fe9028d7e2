//! What a session of this clone believes to hold alone, and until when.
//!
//! Owns `<git>/presence/held-<key>.toml`: a lease as its holder may count on it, which is less
//! than the arbiter grants. It is counted from before the request was made, on a clock that runs
//! through suspend and that nobody sets. Without it a holder would have to trust wall clocks.
//! Never says who holds anything: the cell does.

use std::io::Write as _;

use serde::{Deserialize, Serialize};

use super::{Ledger, LedgerError, Machine, layout};
use crate::model::id::SessionId;
use crate::model::lock::Token;
use crate::model::resource::Resource;

/// One lease, as its holder counts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belief {
    pub resource: Resource,
    pub token: Token,
    /// The start of the machine after which the clock counts.
    pub boot_id: String,
    pub until_millis: u64,
}

impl Belief {
    /// Whether the holder may still act on it.
    pub fn is_in_force(&self, machine: &dyn Machine) -> bool {
        let (boot_id, millis) = machine.since_boot();
        boot_id == self.boot_id && millis < self.until_millis
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Wire {
    #[serde(default)]
    held: Vec<HeldWire>,
}

#[derive(Serialize, Deserialize)]
struct HeldWire {
    resource: String,
    token: u64,
    boot_id: String,
    until_millis: u64,
}

impl Ledger {
    /// What this session counts on. A file that cannot be read counts for nothing.
    pub fn beliefs(&self, session: &SessionId) -> Vec<Belief> {
        let path = self.folder.join(layout::held_file(session));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let wire: Wire = toml::from_str(&text).unwrap_or_default();
        let belief = |held: HeldWire| {
            Some(Belief {
                resource: Resource::parse(&held.resource).ok()?,
                token: Token::new(held.token),
                boot_id: held.boot_id,
                until_millis: held.until_millis,
            })
        };
        wire.held.into_iter().filter_map(belief).collect()
    }

    /// Change what this session counts on. Processes of one session do it one at a time.
    pub fn change_beliefs(
        &self,
        machine: &dyn Machine,
        session: &SessionId,
        change: impl FnOnce(&mut Vec<Belief>),
    ) -> Result<(), LedgerError> {
        let _alone = self.lock_decision(machine)?;
        let mut beliefs = self.beliefs(session);
        change(&mut beliefs);
        self.believe(session, &beliefs)
    }

    fn believe(&self, session: &SessionId, beliefs: &[Belief]) -> Result<(), LedgerError> {
        let path = self.folder.join(layout::held_file(session));
        let write = || {
            if beliefs.is_empty() {
                return match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                };
            }
            let held = beliefs.iter().map(|belief| HeldWire {
                resource: belief.resource.label().to_owned(),
                token: belief.token.number(),
                boot_id: belief.boot_id.clone(),
                until_millis: belief.until_millis,
            });
            let wire = Wire {
                held: held.collect(),
            };
            let text = toml::to_string(&wire).map_err(std::io::Error::other)?;
            let mut file = tempfile::Builder::new().tempfile_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            self.sharing.apply(file.path())?;
            file.persist(&path).map_err(|error| error.error).map(drop)
        };
        write().map_err(|error| self.folder_error("what a session holds", error))
    }
}
