//! When this clone last folded what is over, and which archives it pushed.
//!
//! Owns `<git>/presence/gc.toml`. A file that cannot be read counts as none: its loss costs one
//! more look for what is over. Never folds anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::store::Ledger;
use crate::model::time::Timestamp;

/// How long after a complete fold the next one is due.
const EVERY_SECS: u64 = 24 * 60 * 60;
/// How long after a fold that was cut off the next one is due.
const AGAIN_SECS: u64 = 60;

/// The last fold of this clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sweep {
    /// When it began, in milliseconds since 1970 UTC.
    at_millis: Option<i64>,
    /// Whether it did all that there was to do.
    is_complete: bool,
    /// The commit of each archive that the remote has, by ref name.
    pub pushed: BTreeMap<String, String>,
}

impl Sweep {
    /// Returns true if what is over should be looked for again.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let every_secs = if self.is_complete {
            EVERY_SECS
        } else {
            AGAIN_SECS
        };
        let at = self.at_millis.map(Timestamp::from_millis);
        !at.is_some_and(|at| at.is_recent(now, every_secs))
    }

    /// Records that a fold begins, or that it did all that there was to do.
    pub fn record(&mut self, now: Timestamp, is_complete: bool) {
        self.at_millis = Some(now.as_millis());
        self.is_complete = is_complete;
    }
}

impl Ledger {
    /// Returns what is recorded about the last fold.
    pub fn last_sweep(&self) -> Sweep {
        let text = self.folder.text(layout::SWEEPS_FILE);
        toml::from_str(&text).unwrap_or_default()
    }

    /// Replaces it. Fails if the file cannot be written.
    pub fn save_sweep(&self, sweep: &Sweep) -> Result<(), LedgerError> {
        self.folder
            .ensure()
            .map_err(|error| self.folder.error("what was folded", error))?;
        Ok(self.folder.replace(layout::SWEEPS_FILE, sweep)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_is_due_daily_and_soon_after_one_that_was_cut_off() {
        let at = |secs| Timestamp::from_millis(1_000_000_000_000).plus_secs(secs);
        let mut sweep = Sweep::default();
        assert!(sweep.is_due(at(0)));
        sweep.record(at(0), false);
        assert!(!sweep.is_due(at(AGAIN_SECS - 1)));
        assert!(sweep.is_due(at(AGAIN_SECS)));
        sweep.record(at(0), true);
        assert!(!sweep.is_due(at(EVERY_SECS - 1)));
        assert!(sweep.is_due(at(EVERY_SECS)));
        sweep.record(at(100), true);
        assert!(sweep.is_due(at(0)), "noted by a clock that was ahead");
    }
}
