//! The remote of a simulated world.
//!
//! Owns its refs and how it takes a push: each ref for itself under its lease, as `git push
//! --force-with-lease` and `receive-pack` do together. Never knows a clone.

use std::collections::{BTreeMap, BTreeSet};

use super::history::History;
use crate::git::porcelain::Outcome;
use crate::ledger::{Ahead, Tip, Tips};

/// Where a clone pushes to or fetches from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where all clones meet.
    Hub,
    /// Another repository, to which a setting leads by mistake.
    Elsewhere,
}

#[derive(Default)]
pub struct Remote {
    pub refs: Tips,
    /// Counts what happened here.
    pub moments: u64,
    /// When each commit was first to be had here.
    pub first_had: BTreeMap<Tip, u64>,
    /// `receive.denyNonFastForwards`.
    pub forward_only: bool,
    /// It is a hook that forbids to go back, and does not say why.
    pub forbids_by_hook: bool,
    /// A host that takes only so many refs in a push, and whether it says so of each ref as a rule.
    pub refs_max: Option<(usize, bool)>,
    /// Refs whose names begin with this are refused.
    pub refuses: Option<String>,
    pub backups: Vec<Tips>,
    /// States whose objects were pruned here, although a ref has them: Git then takes no push, and
    /// shows the ref all the same.
    pub lost: BTreeSet<Tip>,
    pub without_leases: bool,
}

impl Remote {
    fn set(&mut self, name: &str, tip: Tip) {
        self.moments += 1;
        self.first_had.entry(tip).or_insert(self.moments);
        self.refs.insert(name.to_owned(), tip);
    }

    pub fn take(&mut self, history: &History, ahead: &Ahead) -> Outcome {
        let reason = || "said so".to_owned();
        let now = self.refs.get(&ahead.name).copied();
        if now == Some(ahead.local) {
            return Outcome::UpToDate;
        }
        if now != ahead.tracked && !self.without_leases {
            return Outcome::Lost { reason: reason() };
        }
        if !self.lost.is_empty() {
            let reason = "missing necessary objects".to_owned();
            return Outcome::Unknown { reason };
        }
        let refuses = self.refuses.as_ref();
        if refuses.is_some_and(|start| ahead.name.starts_with(start)) {
            return Outcome::Refused { reason: reason() };
        }
        if self.forward_only && now.is_some_and(|now| !history.is_forward(now, ahead.local)) {
            return match self.forbids_by_hook {
                true => Outcome::Refused { reason: reason() },
                false => Outcome::ForwardOnly,
            };
        }
        self.set(&ahead.name, ahead.local);
        Outcome::Landed
    }

    /// A push removes a ref.
    pub fn remove(&mut self, name: &str) {
        self.moments += 1;
        self.refs.remove(name);
    }

    /// Become `refs`, whatever was here: a restored backup, or `push --mirror`.
    pub fn become_copy_of(&mut self, refs: &Tips) {
        self.moments += 1;
        self.refs.clear();
        for (name, tip) in refs {
            self.set(name, *tip);
        }
        self.lost
            .retain(|tip| refs.values().any(|there| there == tip));
    }

    /// The objects of a ref are pruned beside the push that brings them.
    pub fn lose(&mut self, tip: Tip) {
        self.lost.insert(tip);
    }

    /// An admin removes the refs whose objects are lost.
    pub fn drop_lost(&mut self) {
        self.moments += 1;
        let lost = std::mem::take(&mut self.lost);
        self.refs.retain(|_, tip| !lost.contains(tip));
    }
}
