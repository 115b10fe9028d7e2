//! What must hold in a simulated world.
//!
//! Owns the promises: what is said to be confirmed is, and after the weather has cleared all see
//! the same board, nothing that was reported as done is missing, and each ref has one writer.

use std::collections::{BTreeMap, BTreeSet};

use super::acts::scope;
use super::folding::is_own_over;
use super::history::History;
use super::peer::{Peer, ref_name};
use super::remote::Place;
use super::replicas::SimulatedReplicas;
use super::rules::Broken;
use super::world::World;
use crate::ledger::Tip;
use crate::model::board::Board;
use crate::model::id::NodeId;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::sync::rounds::Synced;

/// How often each clone has to sync, when nothing goes wrong any more, until all boards agree:
/// once to send, once to see what those sent who came later.
const PASSES_MAX: u32 = 2;
/// A copy may find only the second time what another wrote after it under the same name. It sends
/// its own under a new one then, and the others see that the third time.
const PASSES_OF_COPIES_MAX: u32 = 3;

impl World {
    /// `carry::after_write`: a change is confirmed where its ref is not pending. Then the remote
    /// has had it, and a look that came with it came after.
    pub fn check_confirmed(
        &self,
        replicas: &SimulatedReplicas<'_>,
        synced: &Synced,
        name: &str,
        tip: Tip,
    ) {
        let peers = self.peers.borrow();
        let peer = &peers[replicas.who];
        let id = &self.history.get(tip).session.who.id;
        let now_called = ref_name(id, peer.node);
        let asked = match self.rules.broken(Broken::AsksForTheOldRef) {
            true => name,
            false => &now_called,
        };
        if synced.pending.contains(asked) {
            return;
        }
        let remote = self.remote.borrow();
        let made = self.history.made_of(tip);
        let had = made.iter().filter_map(|made| remote.first_had.get(made));
        let first = had.copied().min();
        self.must(first.is_some(), || {
            let number = History::number(tip);
            format!("{name} #{number} is said to be confirmed, and the remote never had it")
        });
        let Some(first) = first.filter(|_| synced.fetched) else {
            return;
        };
        self.must(replicas.fetched_at.get() >= first, || {
            format!("{name} is confirmed, and was not looked at others since")
        });
    }

    /// The weather clears, and everybody syncs until all agree.
    pub fn clear_up(&self) {
        self.tell(|| "the weather clears".to_owned());
        while !self.late.borrow().is_empty() {
            match self.chance.one_in(2) {
                true => self.deliver_late(),
                false => drop(self.late.borrow_mut().pop()),
            }
        }
        while !self.begun.borrow().is_empty() {
            self.end_begun();
        }
        self.is_calm.set(true);
        self.remote.borrow_mut().refuses = None;
        self.remote.borrow_mut().drop_lost();
        let peers = self.peers.borrow().len();
        for who in 0..peers {
            self.peers.borrow_mut()[who].is_cut_off = false;
            self.lead(who, (Place::Hub, Place::Hub));
        }
        let passes = match self.is_tampered.get() {
            true => PASSES_OF_COPIES_MAX,
            false => PASSES_MAX,
        };
        let mut order: Vec<usize> = (0..self.peers.borrow().len()).collect();
        for _ in 0..passes {
            for end in (1..order.len()).rev() {
                order.swap(end, self.chance.index(end + 1));
            }
            for who in &order {
                self.sync(*who, &scope(true, true, None), None, 0);
            }
            if self.differ().is_none() {
                return;
            }
        }
        let differ = self.differ();
        self.must(differ.is_none(), || format!("boards differ: {differ:?}"));
    }

    /// Returns a clone that sees something else than the remote has. A session of another clone
    /// that a user fetched over their own refs is an exception: it is shown while it is newer,
    /// until it expires.
    fn differ(&self) -> Option<String> {
        let there = &self.remote.borrow().refs;
        let peers = self.peers.borrow();
        let is_stray = |peer: &Peer, name: &String| {
            let node = |tip: &Tip| self.history.get(*tip).session.who.node;
            let is_other = |node: NodeId| node != peer.node && !peer.former.contains(&node);
            peer.local.get(name).map(node).is_some_and(is_other)
        };
        for (who, peer) in peers.iter().enumerate() {
            let view = peer.view(&self.history);
            let names: BTreeSet<&String> = view.keys().chain(there.keys()).collect();
            for name in names {
                let (sees, has) = (view.get(name).copied(), there.get(name).copied());
                let is_over = || has.is_none() && self.is_over_in(who, name);
                if !self.history.is_same(sees, has) && !is_stray(peer, name) && !is_over() {
                    let (sees, has) = (sees.map(History::number), has.map(History::number));
                    return Some(format!(
                        "{who} sees {name} at {sees:?}, there it is {has:?}"
                    ));
                }
            }
        }
        None
    }

    /// Whether it is a session of this clone that is over, and stays away until it is folded here.
    fn is_over_in(&self, who: usize, name: &str) -> bool {
        let skew = self.peers.borrow()[who].skew_millis;
        let now = Timestamp::from_millis(self.now().as_millis() + skew);
        let local = self.peers.borrow()[who].local.get(name).copied();
        local.is_some_and(|tip| {
            let commit = self.history.get(tip);
            is_own_over(&commit.session, now) && !commit.mail.has_live(now)
        })
    }

    /// What must hold once all boards agree.
    pub fn check_end(&self) {
        let peers = self.peers.borrow();
        for (who, peer) in peers.iter().enumerate() {
            let unknown = peer.unknown(&self.history, self.rules);
            self.must(unknown.is_empty(), || {
                format!("{who} does not know {unknown:?}, which it can")
            });
        }
        let there = &self.remote.borrow().refs;
        let mut told_by: BTreeSet<String> = BTreeSet::new();
        for (who, peer) in peers.iter().enumerate() {
            let now = self.now_of(who);
            for (id, told) in &peer.told {
                let name = ref_name(id, peer.node);
                let commit = there.get(&name).map(|tip| self.history.get(*tip));
                let has = live(commit.as_ref().map(|commit| &commit.session), now);
                let want = live(Some(told), now);
                self.must(has == want, || {
                    format!("{name} of {who} has {has:?}, and was told {want:?}")
                });
                told_by.insert(name);
            }
        }
        for (name, tip) in { there.iter() }.filter(|(name, _)| !told_by.contains(*name)) {
            // A fold that was cut off between this clone and the remote leaves it there.
            let is_over = is_own_over(&self.history.get(*tip).session, self.now());
            self.must(self.is_tampered.get() || is_over, || {
                format!("{name} belongs to no clone")
            });
        }
        let mut writers: BTreeMap<&String, usize> = BTreeMap::new();
        for (who, peer) in peers.iter().enumerate() {
            let is_own = |tip: &Tip| self.history.get(*tip).session.who.node == peer.node;
            let own = |name: &&String| there.get(*name).is_some_and(is_own);
            for name in peer.wrote.iter().filter(own) {
                let Some(other) = writers.insert(name, who) else {
                    continue;
                };
                let both = [who, other].map(|who| peers[who].local.get(name).copied());
                self.must(self.history.is_same(both[0], both[1]), || {
                    format!("{name} is written by {other} and {who}")
                });
            }
        }
    }
}

/// Returns the live claims of a session, each with its resource and when it expires.
fn live(session: Option<&Session>, now: Timestamp) -> Vec<(String, Timestamp)> {
    let board = Board {
        sessions: session.into_iter().cloned().collect(),
        ..Board::default()
    };
    let live = board.live(now).into_iter();
    live.map(|held| (held.resource.to_string(), held.expires_at))
        .collect()
}
