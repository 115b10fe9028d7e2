//! Lists of tasks that went back at the remote, as after a restored backup.
//!
//! Owns [`SetBack`], and how long it is remembered, in `<git>/presence/floors.toml`. Tokens do not
//! show it: most steps of a list grant none. What is shown and given out is what the remote has;
//! this only tells of it. Never moves a ref, never contacts a remote.

use serde::{Deserialize, Serialize};

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::locks::Locks;
use crate::ledger::refs::tips::Tip;
use crate::ledger::store::Ledger;
use crate::model::resource::Resource;
use crate::model::text;
use crate::model::time::Timestamp;

/// How long it is told that a list went back.
const TOLD_FOR_SECS: u64 = 24 * 60 * 60;

/// A list that went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBack {
    /// When the newest state that was seen was made.
    pub from: Timestamp,
    /// When the last state that is still part of it was made; `None` if none is.
    pub to: Option<Timestamp>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SetBackWire {
    seen: String,
    from_millis: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_millis: Option<i64>,
    at_millis: i64,
}

impl Locks<'_> {
    /// Remembers that the list of tasks in the register `name` went back, if `new` does not go on
    /// from `old`, and returns a text about it for users.
    ///
    /// A history that was cut may hide it. Fails if the file cannot be written.
    pub fn note_set_back(
        &self,
        name: &str,
        (old, new): (Option<&Tip>, Option<&Tip>),
        now: Timestamp,
    ) -> Result<Option<String>, LedgerError> {
        let Some(old) = old.filter(|old| Some(*old) != new) else {
            return Ok(None);
        };
        let Some(back) = self.ledger.went_back(name, *old, new.copied()) else {
            return Ok(None);
        };
        let mut wire = self.ledger.floors();
        wire.lists.retain(|_, one| one.is_told(now));
        let noted = SetBackWire {
            seen: old.to_string(),
            from_millis: back.from.as_millis(),
            to_millis: back.to.map(Timestamp::as_millis),
            at_millis: now.as_millis(),
        };
        wire.lists.insert(name.to_owned(), noted);
        self.ledger.folder.replace(layout::FLOORS_FILE, &wire)?;
        let (name, from) = (text::name(name), back.from.to_rfc3339());
        Ok(Some(match back.to {
            Some(to) => {
                let to = to.to_rfc3339();
                format!("{name} went back in time, from {from} to {to}")
            }
            None => format!("{name} is gone at the remote; it had tasks as of {from}"),
        }))
    }

    /// Returns whether this list went back within the last day, and does not have again what it
    /// had.
    pub fn set_back(&self, list: &Resource, now: Timestamp) -> Option<SetBack> {
        let name = self.ref_name(list);
        let noted = self.ledger.floors().lists.remove(&name)?;
        let seen = Tip::from_hex(noted.seen.as_bytes()).ok()?;
        let (_, value) = self.ledger.read_cell_ref(&name).ok()?;
        let tip = value.id();
        let has_it = tip.is_some_and(|tip| self.ledger.has_in_history(tip, seen));
        (noted.is_told(now) && !has_it).then(|| SetBack {
            from: Timestamp::from_millis(noted.from_millis),
            to: noted.to_millis.map(Timestamp::from_millis),
        })
    }
}

impl SetBackWire {
    fn is_told(&self, now: Timestamp) -> bool {
        Timestamp::from_millis(self.at_millis).is_recent(now, TOLD_FOR_SECS)
    }
}

impl Ledger {
    fn went_back(&self, name: &str, old: Tip, new: Option<Tip>) -> Option<SetBack> {
        if !layout::may_be_list(name) {
            return None;
        }
        let read = self.fill_cell(name, old).ok().filter(|read| read.is_list)?;
        let made_at = |tip| {
            let seconds = self.objects.read_commit(tip).ok()?.seconds;
            Some(Timestamp::from_millis(seconds.saturating_mul(1000)))
        };
        let to = match new {
            Some(new) => Some(made_at(self.fork_of_register(old, new)?)?),
            // What remembers nothing is removed when it was free for long.
            None if read.cell.tasks.has_to_stay() => None,
            None => return None,
        };
        Some(SetBack {
            from: made_at(old)?,
            to,
        })
    }
}
