//! Harm that is done to a simulated world.
//!
//! Owns what a clone, its server and its user suffer from outside: locks that killed fetches leave,
//! objects that Git prunes, settings that lead elsewhere, states that a stranger pushes. Never
//! judges what comes of it.

use super::history::{Commit, History};
use super::peer::{Peer, actor, ref_name};
use super::remote::Place;
use super::replicas::SimulatedReplicas;
use super::rules::Broken;
use super::world::World;
use crate::ledger::{Ahead, Tip, Tips};
use crate::model::session::{Request, Session, step};
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::sync::rounds::Synced;

impl World {
    /// One harm, if it can be in this world.
    pub fn harm(&self, who: usize) {
        match self.chance.below(15) {
            0..3 => self.leave_locks(who),
            3..5 => self.prune(who),
            5..7 => self.prune_remote(),
            7..8 => self.drop_lost(),
            8..11 => self.lead_anywhere(who),
            _ => self.forge(who),
        }
    }

    /// A fetch is killed while it holds the locks of some tracking refs.
    pub fn leave_locks(&self, who: usize) {
        let mut peers = self.peers.borrow_mut();
        let peer = &mut peers[who];
        if !self.weather.locks || peer.is_cut_off {
            return;
        }
        let remote = self.at(peer.fetches_at).borrow();
        for name in remote.refs.keys().filter(|_| self.chance.one_in(3)) {
            self.tell(|| format!("  {name} stays locked in {who}"));
            peer.locked.insert(name.clone());
        }
    }

    /// `TrackingCopies::clear_abandoned_locks`. While another Git works in the clone, it may be the
    /// owner of a lock.
    pub fn clear_locks(&self, who: usize) {
        let locked = &mut self.peers.borrow_mut()[who].locked;
        if locked.is_empty() || self.rules.broken(Broken::LeavesLocks) {
            return;
        }
        if self.is_calm.get() || !self.chance.one_in(3) {
            locked.clear();
        }
    }

    /// A process notes what the last fetch of its sync showed.
    pub fn note_known(&self, replicas: &SimulatedReplicas<'_>, synced: &Synced) {
        let missing = replicas.missing.take();
        let unfetched = match synced.unfetched.is_empty() {
            true => Tips::new(),
            false => missing.clone(),
        };
        let peer = &mut self.peers.borrow_mut()[replicas.who];
        let tracked = &peer.tracked;
        peer.known
            .note(peer.fetches_at, unfetched, &missing, tracked);
        peer.known.note_beside(&replicas.beside.take());
    }

    /// A prune that began before a write goes on after its process has ended.
    pub fn prune_beside(&self, peer: &mut Peer, tip: Tip) {
        self.put_back(peer);
        if !self.is_calm.get() && self.weather.prunes && self.chance.one_in(4) {
            peer.pruned.insert(tip);
        }
    }

    /// `Objects::put_back`, which each write and each sync does.
    pub fn put_back(&self, peer: &mut Peer) {
        if !self.rules.broken(Broken::PutsNothingBack) {
            peer.pruned.clear();
        }
    }

    /// Git prunes the objects of a session that was just written.
    fn prune(&self, who: usize) {
        let peer = &mut self.peers.borrow_mut()[who];
        if self.weather.prunes && !peer.local.is_empty() {
            let tips: Vec<Tip> = peer.local.values().copied().collect();
            let tip = *self.chance.pick(&tips);
            self.tell(|| format!("#{} is pruned in {who}", History::number(tip)));
            peer.pruned.insert(tip);
        }
    }

    /// The server prunes the objects of a push that it is taking.
    fn prune_remote(&self) {
        let mut remote = self.remote.borrow_mut();
        if self.weather.prunes && !remote.refs.is_empty() {
            let tips: Vec<Tip> = remote.refs.values().copied().collect();
            let tip = *self.chance.pick(&tips);
            self.tell(|| format!("#{} is pruned at the remote", History::number(tip)));
            remote.lose(tip);
        }
    }

    fn drop_lost(&self) {
        self.tell(|| "an admin removes refs without objects".to_owned());
        self.remote.borrow_mut().drop_lost();
    }

    /// A user changes a URL of the remote.
    fn lead_anywhere(&self, who: usize) {
        if !self.weather.splits {
            return;
        }
        let (hub, elsewhere) = (Place::Hub, Place::Elsewhere);
        let places = [(hub, hub), (hub, hub), (elsewhere, hub), (hub, elsewhere)];
        self.lead(who, *self.chance.pick(&places));
        if self.chance.one_in(3) {
            let refs = self.remote.borrow().refs.clone();
            self.elsewhere.borrow_mut().become_copy_of(&refs);
        }
    }

    /// Sets where a clone fetches from and where it pushes to.
    pub fn lead(&self, who: usize, (fetch, push): (Place, Place)) {
        let peer = &mut self.peers.borrow_mut()[who];
        if (peer.fetches_at, peer.pushes_to) == (fetch, push) {
            return;
        }
        self.tell(|| format!("{who} fetches at {fetch:?} and pushes to {push:?}"));
        (peer.fetches_at, peer.pushes_to) = (fetch, push);
        if !self.rules.broken(Broken::KnowsAnotherPlace) {
            peer.known.forget();
        }
    }

    /// A stranger pushes a state under the name of another clone: an older one, one that goes on
    /// from the present one, or one of another line.
    fn forge(&self, who: usize) {
        if !self.weather.forgeries {
            return;
        }
        let id = self.chance.pick(&self.sessions).clone();
        let node = self.peers.borrow()[who].node;
        let name = ref_name(&id, node);
        let mut remote = self.remote.borrow_mut();
        let there = remote.refs.get(&name).copied();
        let forged = match (self.chance.below(4), there) {
            (0, Some(there)) => self.any_ancestor(there),
            (kind, there) => {
                let before = there.map(|there| self.history.get(there));
                let Some(session) = self.any_forged(who, before.as_ref().map(|c| &c.session), &id)
                else {
                    return;
                };
                let takes_its_place = kind == 1 && before.as_ref().is_some_and(|c| c.is_beat);
                let parents = match (&before, there) {
                    (Some(before), _) if takes_its_place => before.parents.clone(),
                    (_, Some(there)) if kind < 3 => vec![there],
                    _ => Vec::new(),
                };
                self.history.add(Commit {
                    parents,
                    is_beat: takes_its_place || self.chance.one_in(3),
                    session,
                    made_from: Vec::new(),
                    mail: before.as_ref().map(|c| c.mail.clone()).unwrap_or_default(),
                    is_forged: true,
                })
            }
        };
        let push = Ahead {
            name,
            local: forged,
            tracked: there,
            is_over: false,
        };
        self.is_tampered.set(true);
        let outcome = remote.take(&self.history, &push);
        self.tell(|| {
            let (from, to) = (there.map(History::number), History::number(forged));
            format!("a stranger pushes {} {from:?}..{to} {outcome:?}", push.name)
        });
    }

    fn any_ancestor(&self, tip: Tip) -> Tip {
        let mut at = tip;
        while let Some(parent) = self.history.get(at).parents.first()
            && !self.chance.one_in(3)
        {
            at = *parent;
        }
        at
    }

    /// What a stranger says that a session has: more than it has, or nothing.
    fn any_forged(
        &self,
        who: usize,
        before: Option<&Session>,
        id: &crate::model::id::SessionId,
    ) -> Option<Session> {
        let me = actor(id, self.peers.borrow()[who].node);
        let request = match self.chance.below(3) {
            0 => Request::ReleaseAll,
            1 => Request::Heartbeat,
            _ => Request::Claim {
                wanted: vec![self.chance.pick(&self.resources).clone()],
                purpose: Purpose::from_record("forged"),
                ttl: Ttl::DEFAULT,
            },
        };
        let done = step(before, &me, &request, self.now_of(who), Ttl::DEFAULT);
        done.ok().flatten().map(|step| step.session)
    }
}
