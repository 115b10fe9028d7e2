//! What happens in a simulated world.
//!
//! Owns the acts of people, agents and servers: writing, syncing, fetching by hand, copying,
//! wiping, restoring. Each is one step of a run. Never judges the result, except for
//! what a session is told at that moment.

use std::collections::BTreeSet;

use super::history::History;
use super::peer::{Peer, actor};
use super::replicas::SimulatedReplicas;
use super::rules::Broken;
use super::world::{Begun, World};
use crate::ledger::{Tip, Tips};
use crate::model::claim::Claim;
use crate::model::id::{NodeId, SessionId};
use crate::model::session::{Request, step};
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::sync::rounds::{ROUNDS_MAX, Scope, run};

const PEERS_MAX: usize = 8;
/// The calls of a sync that may be its last.
const STEPS_OF_A_SYNC: u64 = 16;
/// What each round may call, settling aside.
const CALLS_A_ROUND_MAX: u64 = 2;

impl World {
    /// One step of a run.
    pub fn act(&self) {
        self.later(120);
        let who = self.any_peer();
        if self.weather.mail && self.chance.one_in(3) {
            return self.write_or_read(who);
        }
        match self
            .chance
            .below(if self.weather.folds { 145 } else { 125 })
        {
            0..40 => self.work(who),
            40..60 => self.sync(who, &self.any_scope(None), None, 0),
            60..66 => self.fetch_by_hand(who),
            66..71 => self.deliver_late(),
            71..75 => {
                let is_cut_off = self.chance.one_in(2);
                self.tell(|| format!("{who} is cut off: {is_cut_off}"));
                self.peers.borrow_mut()[who].is_cut_off = is_cut_off;
            }
            75..78 => self.peers.borrow_mut()[who].skew_millis = self.any_skew(),
            78..81 => self.begin(who),
            81..84 => self.end_begun(),
            84..87 => self.copy(who),
            87..90 => self.wipe(who),
            90..93 => self.restore(),
            93..95 => self.fetch_over(who),
            95..97 => self.later(3 * 3600),
            97..100 => self.refuse(),
            100..110 => self.read(who),
            110..125 => self.harm(who),
            _ => self.fold_or_wait(who),
        }
    }

    /// What happens elsewhere, or in another process of this clone, between two steps of a sync.
    pub fn meanwhile(&self, who: usize, depth: usize) {
        if self.is_calm.get() || depth > 1 || !self.chance.one_in(self.weather.meanwhile_one_in) {
            return;
        }
        self.later(30);
        match self.chance.below(6) {
            0 => self.deliver_late(),
            1 => self.fetch_by_hand(who),
            2 => drop(self.write_something(who)),
            3 => self.end_begun(),
            _ => {
                let other = self.any_peer();
                self.write_something(other);
                self.sync(other, &self.any_scope(None), None, depth + 1);
            }
        }
    }

    fn any_scope(&self, first: Option<String>) -> Scope {
        let (push, fetch) =
            *self
                .chance
                .pick(&[(true, true), (true, true), (true, false), (false, true)]);
        scope(push, fetch, first)
    }

    fn any_request(&self) -> Request {
        let resource = || self.chance.pick(&self.resources).clone();
        match self.chance.below(10) {
            0..4 => Request::Claim {
                wanted: vec![resource()],
                purpose: Purpose::from_record("work"),
                ttl: Ttl::from_secs(*self.chance.pick(&[60, 900, 3600])).unwrap(),
            },
            4..8 => Request::Heartbeat,
            8 => Request::Release(vec![resource()]),
            _ => Request::ReleaseAll,
        }
    }

    /// A verb: it writes, and most often syncs and says what it achieved.
    fn work(&self, who: usize) {
        let Some((name, tip)) = self.write_something(who) else {
            return;
        };
        if self.chance.one_in(3) {
            return;
        }
        let scope = scope(true, !self.chance.one_in(3), Some(name));
        self.sync(who, &scope, Some(tip), 0);
    }

    fn write_something(&self, who: usize) -> Option<(String, Tip)> {
        let session = self.chance.pick(&self.sessions).clone();
        let node = self.peers.borrow()[who].node;
        self.write(who, &session, &self.any_request(), node)
    }

    /// The write path of sessions (`Sessions::update`); its answer is what the session learns.
    fn write(
        &self,
        who: usize,
        id: &SessionId,
        request: &Request,
        node: NodeId,
    ) -> Option<(String, Tip)> {
        let now = self.now_of(who);
        let mut peers = self.peers.borrow_mut();
        let peer = &mut peers[who];
        let is_stale = node != peer.node;
        let node = match self.rules.broken(Broken::WritesUnderOldName) {
            true => node,
            false => peer.node,
        };
        let before = peer.own_stored(&self.history, self.rules, id, node);
        if let Some(found) = before.as_ref().filter(|found| found.at.is_none()) {
            self.must(!found.commit.is_forged, || {
                let number = History::number(found.tip);
                format!("{who} takes #{number} for its own, which a stranger made")
            });
        }
        let me = actor(id, node);
        let session = before.as_ref().map(|found| &found.commit.session);
        let done = step(session, &me, request, now, Ttl::DEFAULT)
            .ok()
            .flatten();
        let is_new_here = before.as_ref().is_some_and(|found| found.at.is_none());
        let told = peer.told.get(id);
        let trusts = told.is_none() && is_new_here || is_stale;
        if !trusts {
            let expected = step(told, &me, request, now, Ttl::DEFAULT).ok().flatten();
            let (got, want) = (
                done.as_ref().map(|done| &done.session.claims),
                expected.as_ref().map(|step| &step.session.claims),
            );
            self.must(is_same(got, want), || {
                format!("{id} of {who} asks for {request:?}: has {session:?}, was told {told:?}")
            });
        }
        let done = done?;
        peer.told.insert(id.clone(), done.session.clone());
        let kind = done.event.kind.clone();
        let (name, tip) = peer.write(&self.history, before.as_ref(), done, None);
        self.prune_beside(peer, tip);
        let from = before.map(|found| (History::number(found.tip), found.at));
        self.tell(|| {
            let number = History::number(tip);
            format!(
                "{who} writes {name} #{number} {} from {from:?}",
                kind.word()
            )
        });
        Some((name, tip))
    }

    /// Sync as a process does, which may die; `wanted` is what a caller waits for.
    pub fn sync(&self, who: usize, scope: &Scope, wanted: Option<Tip>, depth: usize) {
        if std::mem::replace(&mut self.peers.borrow_mut()[who].is_syncing, true) {
            return;
        }
        let is_blind = self.peers.borrow()[who].is_blind();
        let confirms = !is_blind || self.rules.broken(Broken::ConfirmsBlindly);
        let wanted = wanted.filter(|_| confirms);
        // `endpoints::sync`.
        if is_blind && scope.push && scope.fetch {
            for (push, fetch) in [(true, false), (false, true)] {
                let half = Scope {
                    push,
                    fetch,
                    ..scope.clone()
                };
                self.sync_once(who, &half, wanted.filter(|_| push), depth);
            }
        } else {
            self.sync_once(who, scope, wanted, depth);
        }
        self.peers.borrow_mut()[who].is_syncing = false;
    }

    /// `sync::sync`.
    fn sync_once(&self, who: usize, scope: &Scope, wanted: Option<Tip>, depth: usize) {
        let dies = !self.is_calm.get() && self.chance.one_in(self.weather.deaths_one_in);
        let dies_in = dies.then(|| self.chance.below(STEPS_OF_A_SYNC));
        let replicas = SimulatedReplicas::new(self, who, depth, dies_in);
        self.tell(|| format!("{who} syncs {scope:?}"));
        self.put_back(&mut self.peers.borrow_mut()[who]);
        self.clear_locks(who);
        let result = run(&replicas, scope);
        let bound = u64::from(ROUNDS_MAX) * CALLS_A_ROUND_MAX;
        self.must(replicas.calls.get() <= bound, || {
            format!("{who} settled {} times in one sync", replicas.calls.get())
        });
        if replicas.is_dead.get() {
            return;
        }
        let synced = result.unwrap();
        self.tell(|| format!("  {who} synced: {synced:?}"));
        let is_done = synced.pending.is_empty() && (synced.fetched || !scope.fetch);
        self.must(!(synced.gave_up && is_done), || {
            format!("{who} gives up, and is done")
        });
        let is_known = synced.unfetched == *replicas.unfetched.borrow();
        self.must(is_known || !synced.fetched, || {
            format!("{who} takes for known what a fetch did not bring")
        });
        if synced.fetched {
            self.note_known(&replicas, &synced);
            self.read(who);
        }
        if let (Some(tip), Some(name)) = (wanted, &scope.first) {
            self.check_confirmed(&replicas, &synced, name, tip);
        }
    }

    /// The user's own `git fetch`, with a refspec for the board.
    fn fetch_by_hand(&self, who: usize) {
        let place = self.peers.borrow()[who].fetches_at;
        let remote = self.at(place).borrow();
        let is_broken = !remote.lost.is_empty();
        let mut peers = self.peers.borrow_mut();
        if !peers[who].is_cut_off && !is_broken {
            self.tell(|| format!("{who} fetches by hand"));
            peers[who].see(&remote.refs, self.chance.one_in(2), &BTreeSet::new());
        }
    }

    /// `git fetch --prune '+refs/presence/*:refs/presence/*'`: what was not pushed is lost, and
    /// git told the user who did it.
    fn fetch_over(&self, who: usize) {
        let place = self.peers.borrow()[who].fetches_at;
        if !self.weather.mirror_fetches || !self.at(place).borrow().lost.is_empty() {
            return;
        }
        self.is_tampered.set(true);
        self.tell(|| format!("{who} fetches over its own refs"));
        let there = self.at(place).borrow().refs.clone();
        let mut peers = self.peers.borrow_mut();
        let peer = &mut peers[who];
        // What came under a name that it has counts as its own from now on.
        let mut names = vec![peer.node];
        if !self.rules.broken(Broken::NeverForgetsAName) {
            names.extend(&peer.former);
        }
        peer.local = there;
        peer.wrote.clear();
        let brought = peer.local.values().map(|tip| self.history.get(*tip));
        let sessions = brought.map(|commit| commit.session.who.clone());
        let mut ids: BTreeSet<SessionId> = peer.told.keys().cloned().collect();
        ids.extend(
            sessions
                .filter(|who| names.contains(&who.node))
                .map(|who| who.id),
        );
        let now_has = |id: SessionId| {
            let found = peer.own_stored(&self.history, self.rules, &id, peer.node)?;
            // What only the remote has is as good as lost until a session goes on with it.
            found.at.map(|_| (id, found.commit.session.clone()))
        };
        peer.told = ids.into_iter().filter_map(now_has).collect();
        peer.forget_mail(&self.history);
    }

    pub fn deliver_late(&self) {
        let mut late = self.late.borrow_mut();
        if late.is_empty() {
            return;
        }
        let at = self.chance.index(late.len());
        let (place, batch) = late.swap_remove(at);
        let mut remote = self.at(place).borrow_mut();
        for ahead in &batch {
            let outcome = remote.take(&self.history, ahead);
            let number = History::number(ahead.local);
            self.tell(|| format!("late, {} #{number}: {outcome:?}", ahead.name));
        }
    }

    fn begin(&self, who: usize) {
        self.begun.borrow_mut().push(Begun {
            who,
            node: self.peers.borrow()[who].node,
            session: self.chance.pick(&self.sessions).clone(),
            request: self.any_request(),
        });
    }

    pub fn end_begun(&self) {
        let begun = self.begun.borrow_mut().pop();
        if let Some(begun) = begun {
            self.write(begun.who, &begun.session, &begun.request, begun.node);
        }
    }

    /// `cp -r`, a snapshot of a machine, a backup that is put to use.
    fn copy(&self, who: usize) {
        let mut peers = self.peers.borrow_mut();
        if !self.weather.copies || peers.len() == PEERS_MAX {
            return;
        }
        self.is_tampered.set(true);
        self.tell(|| format!("{who} is copied: {}", peers.len()));
        peers[who].wrote.clear();
        let copy = Peer {
            is_syncing: false,
            skew_millis: self.any_skew(),
            ..peers[who].clone()
        };
        peers.push(copy);
    }

    /// `git push --mirror`, from a clone that has none of it or from one of ours.
    fn wipe(&self, who: usize) {
        if !self.weather.mirror_pushes {
            return;
        }
        let mut refs = match self.chance.one_in(2) {
            true => self.peers.borrow()[who].local.clone(),
            false => Tips::new(),
        };
        let mut remote = self.remote.borrow_mut();
        for (name, tip) in &mut refs {
            let now = remote.refs.get(name).copied();
            let is_back = |now: &Tip| !self.history.is_forward(*now, *tip);
            if let Some(now) = now.filter(|now| remote.forward_only && is_back(now)) {
                *tip = now;
            }
        }
        self.tell(|| format!("push --mirror of {:?}", refs.keys()));
        remote.become_copy_of(&refs);
    }

    fn restore(&self) {
        let mut remote = self.remote.borrow_mut();
        if !self.weather.restores {
            return;
        }
        if remote.backups.is_empty() || self.chance.one_in(2) {
            let backup = remote.refs.clone();
            remote.backups.push(backup);
            return;
        }
        let backup = self.chance.pick(&remote.backups).clone();
        self.tell(|| "the server is restored".to_owned());
        if self.weather.folds {
            // What was folded is back. A session that began anew meanwhile does not go on from it,
            // and takes it for that of a copy.
            self.folded.borrow_mut().clear();
            self.is_tampered.set(true);
        }
        remote.become_copy_of(&backup);
    }

    fn refuse(&self) {
        let start = self.chance.pick(&self.sessions).to_string();
        self.remote.borrow_mut().refuses = self.chance.one_in(3).then_some(start);
    }
}

pub fn scope(push: bool, fetch: bool, first: Option<String>) -> Scope {
    Scope {
        push,
        fetch,
        first,
        exclude: BTreeSet::new(),
    }
}

fn is_same(got: Option<&Vec<Claim>>, want: Option<&Vec<Claim>>) -> bool {
    let sorted = |claims: Option<&Vec<Claim>>| {
        let mut claims = claims?.clone();
        claims.sort_by(|a, b| a.resource.label().cmp(b.resource.label()));
        Some(claims)
    };
    sorted(got) == sorted(want)
}
