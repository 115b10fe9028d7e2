//! Lineage: which state of a ref came from which.
//!
//! Owns the walk back through the history of a value, where a heartbeat that was replaced has its
//! successor at its place. Never moves a ref.

use gix::ObjectId;

use crate::ledger::objects::read::CommitRead;
use crate::ledger::records::event;
use crate::ledger::store::Ledger;

/// How far back a value is looked for among what we had; a week offline is far less.
const ANCESTORS_MAX: usize = 10_000;

impl Ledger {
    /// Whether `found` is something that `local` came from. All that we ever pushed is: an event
    /// stays in the history, and a heartbeat that was replaced has its successor at its place.
    /// So nothing need be remembered about a push whose answer was lost.
    pub(in crate::ledger) fn descends_from(&self, local: ObjectId, found: ObjectId) -> bool {
        if local == found {
            return true;
        }
        let Ok(other) = self.objects.read_commit(found) else {
            return false;
        };
        let is_beat = event::is_heartbeat(&other.message);
        self.finds_back(local, &other, &|id, mine| {
            // Time never runs backwards within a session: an older beat took nobody's place.
            let in_time = mine.seconds >= other.seconds;
            id == found || (is_beat && in_time && is_successor(mine, &other))
        })
    }

    /// Whether `found` is in the history of `local`.
    pub(in crate::ledger) fn has_in_history(&self, local: ObjectId, found: ObjectId) -> bool {
        let Ok(other) = self.objects.read_commit(found) else {
            return false;
        };
        self.finds_back(local, &other, &|id, _| id == found)
    }

    /// Walk back from `local` along all parents, not further than `other` is old.
    fn finds_back(
        &self,
        local: ObjectId,
        other: &CommitRead,
        is_it: &dyn Fn(ObjectId, &CommitRead) -> bool,
    ) -> bool {
        let mut next = vec![local];
        for _ in 0..ANCESTORS_MAX {
            let Some(id) = next.pop() else { return false };
            let Ok(mine) = self.objects.read_commit(id) else {
                continue;
            };
            if is_it(id, &mine) {
                return true;
            }
            if mine.seconds >= other.seconds {
                next.extend(mine.parents);
            }
        }
        false
    }
}

/// Whether `mine` took the place of the heartbeat `other`.
fn is_successor(mine: &CommitRead, other: &CommitRead) -> bool {
    event::is_heartbeat(&mine.message) && mine.parents == other.parents
}
