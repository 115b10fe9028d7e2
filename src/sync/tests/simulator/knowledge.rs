//! What a simulated clone knows of the remote, and what it says is free.
//!
//! Owns the reader: what a fetch noted (`RemoteState`, `Unfetched`), the verdict `free` that rests
//! on it, and the truth that the verdict is held against. Never fetches.

use std::collections::BTreeSet;

use super::history::History;
use super::peer::Peer;
use super::remote::Place;
use super::rules::{Broken, Rules};
use super::world::World;
use crate::ledger::{Tip, Tips};
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// What a clone noted about the remote.
#[derive(Clone, Default)]
pub struct Known {
    /// Where the last fetch that counts was made; none before the first.
    from: Option<Place>,
    /// The refs that it could not bring, as the remote had them.
    unfetched: Tips,
    /// The truth: what the remote showed of each ref when this clone last looked at it.
    pub shown: Tips,
    /// The truth: what was then at the place that is pushed to, if it is another one.
    beside: Tips,
}

impl Known {
    /// Notes a fetch (`sync::conclude`).
    pub fn note(&mut self, from: Place, unfetched: Tips, missing: &Tips, tracked: &Tips) {
        self.from = Some(from);
        self.unfetched = unfetched;
        self.beside.clear();
        self.shown.extend(missing.clone());
        let is_there = |name: &String| tracked.contains_key(name) || missing.contains_key(name);
        self.shown.retain(|name, _| is_there(name));
    }

    /// Notes the truth about the place that is pushed to.
    pub fn note_beside(&mut self, refs: &Tips) {
        self.beside.clone_from(refs);
    }

    /// The URL of the remote was changed: what was noted is about another place.
    pub fn forget(&mut self) {
        self.from = None;
        self.unfetched.clear();
    }
}

impl Peer {
    /// `Ledger::unfetched`: the refs that may hold anything.
    pub fn unknown(&self, history: &History, rules: Rules) -> BTreeSet<String> {
        let is_own = |tip: &Tip| {
            history.get(*tip).session.who.node == self.node || rules.broken(Broken::StraysAreKnown)
        };
        let is_known = |name: &String, there: &Tip| {
            let local = self.local.get(name);
            local.is_some_and(|tip| tip == there || is_own(tip))
                || self.tracked.get(name) == Some(there)
        };
        let all = self.known.unfetched.iter();
        let unknown = all.filter(|(name, there)| !is_known(name, there));
        let unknown = unknown.map(|(name, _)| name.clone()).collect();
        match rules.broken(Broken::ForgetsWhatWasLocked) {
            true => BTreeSet::new(),
            false => unknown,
        }
    }

    /// Whether a ref of this clone counts more than what the remote showed.
    fn has_newer(&self, history: &History, name: &str, shown: Tip) -> bool {
        let Some(local) = self.local.get(name).map(|tip| history.get(*tip)) else {
            return false;
        };
        let there = history.get(shown);
        let node = local.session.who.node;
        let is_own = node == self.node || self.former.contains(&node);
        is_own || local.session.seen_at > there.session.seen_at
    }
}

impl World {
    /// A reader (`peek`, `claim --refuse`): where it says `free` without more words, no claim of
    /// another clone may stand that the remote has shown, or that it has not been asked for.
    pub fn read(&self, who: usize) {
        for resource in &self.resources {
            self.read_one(who, resource);
        }
    }

    fn read_one(&self, who: usize, resource: &Resource) {
        let now = self.now_of(who);
        let peers = self.peers.borrow();
        let peer = &peers[who];
        let is_sure = !peer.is_blind() || self.rules.broken(Broken::ReadsBlindly);
        let Some(from) = peer.known.from.filter(|_| is_sure) else {
            return;
        };
        let holds = |tip: Tip| holds(&self.history.get(tip).session, resource, now);
        let is_held = peer.view(&self.history).values().any(|tip| holds(*tip));
        if is_held || !peer.unknown(&self.history, self.rules).is_empty() {
            return;
        }
        self.tell(|| format!("{who} reads that {resource} is free"));
        self.must(from == peer.fetches_at, || {
            format!("{who} reads that {resource} is free, from what was fetched at {from:?}")
        });
        for (name, tip) in peer.known.shown.iter().chain(&peer.known.beside) {
            let is_ignored = holds(*tip) && !peer.has_newer(&self.history, name, *tip);
            self.must(!is_ignored, || {
                let number = History::number(*tip);
                format!("{who} reads that {resource} is free, and {name} #{number} has it")
            });
        }
    }
}

fn holds(session: &Session, resource: &Resource, now: Timestamp) -> bool {
    let of_it = session
        .claims
        .iter()
        .filter(|claim| claim.resource == *resource);
    of_it
        .into_iter()
        .any(|claim| claim.is_live(session.seen_at, now))
}
