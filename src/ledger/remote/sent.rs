//! What this clone pushed of its own sessions, or tried to.
//!
//! Owns `<git>/presence/sent-<key>.toml`, with the last states that were pushed. Where a ref of
//! this clone is gone, only such a state proves that the one at the remote was written here: any
//! clone can push to any ref. Never contacts a remote.

use serde::{Deserialize, Serialize};

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::refs::RefValue;
use crate::ledger::remote::tracking::Ahead;
use crate::ledger::store::Ledger;

/// The most states that are kept; a session without one starts anew.
const SENT_MAX: usize = 64;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    sent: Vec<Sent>,
}

/// A state of a ref.
#[derive(Serialize, Deserialize)]
struct Sent {
    name: String,
    tip: String,
}

impl Ledger {
    /// Notes that `batch` is about to be pushed. Fails if the file cannot be written.
    pub(in crate::ledger) fn note_sent(&self, batch: &[Ahead]) -> Result<(), LedgerError> {
        let Some(remote) = &self.remote else {
            return Ok(());
        };
        let file = layout::sent_file(remote);
        let mut wire = self.sent_in(&file);
        let is_sent_now = |sent: &Sent| batch.iter().any(|ahead| ahead.name == sent.name);
        wire.sent.retain(|sent| !is_sent_now(sent));
        wire.sent.extend(batch.iter().map(|ahead| Sent {
            name: ahead.name.clone(),
            tip: ahead.local.to_string(),
        }));
        let extra = wire.sent.len().saturating_sub(SENT_MAX);
        wire.sent.drain(..extra);
        Ok(self.folder.replace(&file, &wire)?)
    }

    /// Whether this clone pushed the state `tip` of the ref `name`, or tried to.
    pub(in crate::ledger) fn has_sent(&self, name: &str, tip: &RefValue) -> bool {
        let (Some(remote), Some(tip)) = (&self.remote, tip.id()) else {
            return false;
        };
        let tip = tip.to_string();
        let sent = self.sent_in(&layout::sent_file(remote)).sent;
        sent.iter().any(|sent| sent.name == name && sent.tip == tip)
    }

    fn sent_in(&self, file: &str) -> Wire {
        toml::from_str(&self.folder.text(file)).unwrap_or_default()
    }
}
