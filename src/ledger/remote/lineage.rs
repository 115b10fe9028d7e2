//! Ancestry of the states of a ref.
//!
//! Owns the ancestor tests of the [`Ledger`], for which a replaced heartbeat counts as an ancestor
//! of the heartbeat that replaced it. Never moves a ref.

use std::collections::{HashSet, VecDeque};

use gix::ObjectId;

use crate::ledger::objects::read::CommitRead;
use crate::ledger::records::event;
use crate::ledger::store::Ledger;

/// The most commits that one test reads; a week offline makes far fewer.
const ANCESTORS_MAX: usize = 10_000;

impl Ledger {
    /// Whether `local` descends from `found`, or from a heartbeat that replaced it.
    ///
    /// All that this clone ever pushed is such an ancestor, because events stay in the history. A
    /// push whose answer was lost thus needs no record.
    pub(in crate::ledger) fn descends_from(&self, local: ObjectId, found: ObjectId) -> bool {
        if local == found {
            return true;
        }
        let Ok(other) = self.objects.read_commit(found) else {
            return false;
        };
        let is_beat = event::is_heartbeat(&other.message);
        self.finds_back(local, &|id, mine| {
            // A heartbeat replaces an older one: one of an earlier time is appended.
            let in_time = mine.seconds >= other.seconds;
            id == found || (is_beat && in_time && is_successor(mine, &other))
        })
    }

    /// Returns true if a ref moves on from the commit `old` to the commit `new`, or to one that
    /// replaces it; both are ids. What is not here moves nothing on.
    pub fn moves_on(&self, old: &str, new: &str) -> bool {
        let id = |text: &str| ObjectId::from_hex(text.as_bytes()).ok();
        let (Some(old), Some(new)) = (id(old), id(new)) else {
            return false;
        };
        let replaces = || {
            let (old, new) = (self.objects.read_commit(old), self.objects.read_commit(new));
            let both = old.ok().zip(new.ok());
            both.is_some_and(|(old, new)| new.parents == old.parents && new.seconds >= old.seconds)
        };
        self.descends_from(new, old) || replaces()
    }

    /// Whether `found` is `local` or one of its ancestors.
    pub(in crate::ledger) fn has_in_history(&self, local: ObjectId, found: ObjectId) -> bool {
        self.finds_back(local, &|id, _| id == found)
    }

    /// Returns the last state that two states of a lock register have in common, if `new` does not
    /// go on from `old`; `None` if it does, or if that cannot be known, because the histories that
    /// are here have nothing in common.
    pub(in crate::ledger) fn fork_of_register(
        &self,
        old: ObjectId,
        new: ObjectId,
    ) -> Option<ObjectId> {
        // A renewal is replaced by the next one.
        let before = self.objects.read_commit(old).ok()?;
        let moved = match event::is_renewal(&before.message) {
            true => before.parents.clone(),
            false => vec![old],
        };
        let mut seen = HashSet::new();
        let goes_on = self.walk_states(new, &mut |id| {
            seen.insert(id);
            moved.contains(&id)
        });
        if goes_on.is_some() || moved.is_empty() {
            return None;
        }
        self.walk_states(old, &mut |id| seen.contains(&id))
    }

    /// Walks back from a state of a register, also past a state that replaces a history that was
    /// cut, as far as that is here. Returns the first state that is looked for.
    fn walk_states(
        &self,
        from: ObjectId,
        is_it: &mut dyn FnMut(ObjectId) -> bool,
    ) -> Option<ObjectId> {
        let mut next = VecDeque::from([from]);
        let mut known: HashSet<ObjectId> = next.iter().copied().collect();
        for _ in 0..ANCESTORS_MAX {
            let id = next.pop_front()?;
            if is_it(id) {
                return Some(id);
            }
            let Ok(commit) = self.objects.read_commit(id) else {
                continue;
            };
            let cut = event::first_commit(&commit.message);
            let cut = cut.and_then(|id| ObjectId::from_hex(id.as_bytes()).ok());
            let before = commit.parents.into_iter().chain(cut);
            next.extend(before.filter(|id| known.insert(*id)));
        }
        None
    }

    /// Walks back from `local` along all parents, each commit once. The dates of commits are what a
    /// clock said: they do not end the walk.
    fn finds_back(&self, local: ObjectId, is_it: &dyn Fn(ObjectId, &CommitRead) -> bool) -> bool {
        let mut next = vec![local];
        let mut seen: HashSet<ObjectId> = next.iter().copied().collect();
        for _ in 0..ANCESTORS_MAX {
            let Some(id) = next.pop() else { return false };
            let Ok(mine) = self.objects.read_commit(id) else {
                continue;
            };
            if is_it(id, &mine) {
                return true;
            }
            next.extend(
                mine.parents
                    .into_iter()
                    .filter(|parent| seen.insert(*parent)),
            );
        }
        false
    }
}

/// Whether `mine` is a heartbeat that replaced the heartbeat `other`.
fn is_successor(mine: &CommitRead, other: &CommitRead) -> bool {
    event::is_heartbeat(&mine.message) && mine.parents == other.parents
}
