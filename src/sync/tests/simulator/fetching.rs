//! A fetch in a simulated world.
//!
//! Owns what it brings, which tracking refs it cannot move, and what it notes for those who read
//! later. Never pushes.

use std::collections::BTreeSet;

use super::history::History;
use super::peer::Peer;
use super::remote::Place;
use super::replicas::{INTERRUPTED, SimulatedReplicas, UNREACHABLE};
use super::rules::Broken;
use crate::git::porcelain::RemoteFailure;
use crate::ledger::{Tip, Tips, Unfetched};
use crate::sync::rounds::{FetchError, Fetched};

impl SimulatedReplicas<'_> {
    /// `GitReplicas::fetch`.
    pub fn fetch_once(&self) -> Result<Fetched, FetchError> {
        self.step("before a fetch")?;
        if self.peer(|peer, _| peer.is_cut_off) {
            return Err(FetchError::Remote(UNREACHABLE.clone()));
        }
        let fails = self.world.has_fault();
        if fails && self.world.chance.one_in(2) {
            return Err(FetchError::Remote(RemoteFailure::out_of_time()));
        }
        let place = self.peer(|peer, _| peer.fetches_at);
        let (there, moment) = {
            let remote = self.world.at(place).borrow();
            (remote.refs.clone(), remote.moments)
        };
        if let Err(error) = self.step("during a fetch") {
            self.world.leave_locks(self.who);
            return Err(error.into());
        }
        let keeps = self.world.rules.broken(Broken::NoPrune);
        let stuck = self.stuck(place, &there)?;
        self.world.clear_locks(self.who);
        let tracked = self.peer(|peer, _| peer.see(&there, !keeps, &stuck));
        self.world.tell(|| format!("  {} fetches", self.who));
        if fails {
            return Err(FetchError::Remote(RemoteFailure::out_of_time()));
        }
        let unfetched = self.note_fetch(&there, &tracked);
        if self.world.rules.broken(Broken::GoesOnFromADescendant) {
            self.go_on_from_descendants();
        }
        self.fetched_at.set(moment);
        Ok(Fetched {
            unfetched: match self.world.rules.broken(Broken::AnyFetchIsWhole) {
                true => Unfetched::default(),
                false => unfetched,
            },
            ..Fetched::default()
        })
    }

    /// The tracking refs that a fetch of `there` does not move: some are locked at that moment, or
    /// their objects are gone at the remote. Fails if it moves none.
    fn stuck(&self, place: Place, there: &Tips) -> Result<BTreeSet<String>, FetchError> {
        let lost = self.world.at(place).borrow().lost.clone();
        let lacks = |peer: &Peer, history: &History, tip: &Tip| {
            lost.contains(tip) && !peer.has(history, *tip)
        };
        let fails = self.peer(|peer, history| there.values().any(|tip| lacks(peer, history, tip)));
        if fails {
            let differs = |peer: &Peer| {
                let all = there.iter();
                let differing = all.filter(|(name, tip)| peer.tracked.get(*name) != Some(*tip));
                differing.map(|(name, _)| name.clone()).collect()
            };
            let all: BTreeSet<String> = self.peer(|peer, _| differs(peer));
            return match all.len() {
                1 => Ok(all),
                _ => Err(FetchError::Remote(INTERRUPTED.clone())),
            };
        }
        if !self.world.has_fault() || !self.world.chance.one_in(8) {
            return Ok(BTreeSet::new());
        }
        let is_stuck = |_: &&String| self.world.chance.one_in(3);
        Ok(there.keys().filter(is_stuck).cloned().collect())
    }

    /// Notes what a fetch did, as of which everything is decided from now on.
    fn note_fetch(&self, there: &Tips, tracked: &Tips) -> Unfetched {
        let is_missing = |(name, tip): &(&String, &Tip)| tracked.get(*name) != Some(*tip);
        let missing = there.iter().filter(is_missing);
        let missing: Tips = missing.map(|(name, tip)| (name.clone(), *tip)).collect();
        // The objects of a ref that could not be moved may have arrived.
        let mut truth = tracked.clone();
        for (name, tip) in &missing {
            if self.world.chance.one_in(2) {
                truth.insert(name.clone(), *tip);
            }
        }
        if let Some(refs) = self.refs.borrow_mut().as_mut() {
            refs.1 = truth;
        }
        self.missing.replace(missing);
        let (is_blind, place) = self.peer(|peer, _| (peer.is_blind(), peer.pushes_to));
        let beside = is_blind.then(|| self.world.at(place).borrow().refs.clone());
        self.beside.replace(beside.unwrap_or_default());
        let unfetched = Unfetched::of(there, tracked, "locked");
        self.unfetched.replace(unfetched.clone());
        unfetched
    }

    /// Breaks the rule that what goes on elsewhere from a state of this clone is not its own.
    fn go_on_from_descendants(&self) {
        self.peer(|peer, history| {
            for (name, there) in peer.tracked.clone() {
                if let Some(local) = peer.local.get_mut(&name)
                    && history.is_forward(*local, there)
                {
                    *local = there;
                }
            }
        });
        self.refs.take();
    }
}
