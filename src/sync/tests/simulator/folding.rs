//! Folding in a simulated world: sessions that are over leave the board.
//!
//! Owns what `Ledger::endings` and `Fold::sessions` do, step by step, each of which may be the last
//! one, and what must hold of it: nothing in force goes, and each history that a remote or a clone
//! had is in an archive. Never decides which session is over: that is `model::retention`.

use std::collections::BTreeSet;

use super::acts::scope;
use super::history::History;
use super::mail::post_of;
use super::peer::{Peer, ref_name};
use super::remote::Place;
use super::replicas::SimulatedReplicas;
use super::rules::Broken;
use super::world::World;
use crate::ledger::{LedgerError, Tip};
use crate::model::retention::{Retention, Witnesses};
use crate::model::session::Session;
use crate::model::time::Timestamp;

const DAY_SECS: u64 = 24 * 60 * 60;
/// The calls of a fold that may be its last.
const STEPS_OF_A_FOLD: u64 = 12;
/// How often each clone folds until nothing is left: what one clone removes last, another one drops
/// after that.
const PASSES_MAX: u32 = 3;

/// What the answer of a removal says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Removed {
    Gone,
    Refused,
    Unknown,
}

/// A session that is over, as one clone has it.
struct Over {
    name: String,
    local: Option<Tip>,
    tracked: Option<Tip>,
}

impl World {
    /// A fold, days without any work, or a clone that is away for a year.
    pub fn fold_or_wait(&self, who: usize) {
        match self.chance.below(10) {
            0..6 => self.fold(who),
            6..9 => self.wait(20),
            _ => {
                self.tell(|| format!("{who} is away for a year"));
                self.peers.borrow_mut()[who].is_cut_off = true;
                self.wait(400);
            }
        }
    }

    /// Days pass. No push is under way for so long.
    fn wait(&self, days_max: u64) {
        while !self.late.borrow().is_empty() {
            self.deliver_late();
        }
        self.later(days_max * DAY_SECS);
    }

    /// `gc`: a sync, and then the sessions that are over go, a few at a time.
    pub fn fold(&self, who: usize) {
        if !self.rules.broken(Broken::FoldsBlindly) {
            self.sync(who, &scope(true, true, None), None, 0);
        }
        let dies = !self.is_calm.get() && self.chance.one_in(self.weather.deaths_one_in);
        let dies_in = dies.then(|| self.chance.below(STEPS_OF_A_FOLD));
        let process = SimulatedReplicas::new(self, who, 0, dies_in);
        let asks = self.sees_all(who);
        let over = self.over(who);
        self.tell(|| {
            let names = over.iter().map(|one| &one.name).collect::<Vec<_>>();
            format!("{who} folds {names:?}, asking: {asks}")
        });
        for slice in over.chunks(2).take_while(|_| asks) {
            if self.fold_slice(&process, slice).is_err() {
                return;
            }
        }
    }

    /// Whether a fetch brings all that the remote has: otherwise nothing is folded.
    fn sees_all(&self, who: usize) -> bool {
        let mut peers = self.peers.borrow_mut();
        let peer = &mut peers[who];
        if self.rules.broken(Broken::FoldsBlindly) {
            return !peer.is_cut_off;
        }
        let remote = self.at(peer.fetches_at).borrow();
        let fails = peer.is_cut_off || peer.is_blind() || self.has_fault();
        if fails || !remote.lost.is_empty() || !peer.locked.is_empty() {
            return false;
        }
        peer.see(&remote.refs, true, &BTreeSet::new());
        true
    }

    /// `Ledger::endings`.
    fn over(&self, who: usize) -> Vec<Over> {
        let now = self.now_of(who);
        let peers = self.peers.borrow();
        let peer = &peers[who];
        let view = peer.view(&self.history);
        let session = |tip: &Tip| self.history.get(*tip).session.clone();
        let mut witnesses = Witnesses::default();
        for one in view.values().map(session) {
            witnesses.add(one.who.node, one.seen_at);
        }
        let is_over = |one: &Session| is_over(peer, one, &witnesses, now);
        let post = post_of(&self.history, view.values());
        let is_heard = |one: &Session| !post.waits_for_a_reader(&one.who.id, one.who.node, now);
        let is_over = |one: &Session| is_over(one) && is_heard(one);
        let over = view.iter().filter(|(_, tip)| is_over(&session(tip)));
        let found = |(name, tip): (&String, &Tip)| Over {
            local: peer
                .local
                .get(name)
                .copied()
                .filter(|_| is_own(peer, &session(tip))),
            tracked: peer.tracked.get(name).copied(),
            name: name.clone(),
        };
        // What is ahead is pushed first: a clone that dropped it would not know the rest again.
        let is_ahead =
            |one: &Over| one.local.is_some() && one.tracked.is_some() && one.local != one.tracked;
        let keeps = |one: &Over| !is_ahead(one) || self.rules.broken(Broken::FoldsWhatIsAhead);
        over.map(found).filter(keeps).collect()
    }

    /// `Fold::slice`.
    fn fold_slice(
        &self,
        process: &SimulatedReplicas<'_>,
        slice: &[Over],
    ) -> Result<(), LedgerError> {
        let archives_last = self.rules.broken(Broken::ArchivesLast);
        let archive = || {
            process.peer(|peer, _| {
                let tips = slice.iter().filter_map(|one| one.local.or(one.tracked));
                peer.archived.extend(tips);
            });
        };
        if !archives_last {
            archive();
        }
        let here_first = self.rules.broken(Broken::DropsHereFirst);
        process.step("before it removes what is over")?;
        for one in slice {
            if here_first {
                self.drop_here(process, one);
                process.step("between here and there")?;
            }
            let removed = self.remove_there(process.who, one);
            process.step("between there and here")?;
            if removed == Removed::Gone {
                process.peer(|peer, _| {
                    if peer.tracked.get(&one.name).copied() == one.tracked {
                        peer.tracked.remove(&one.name);
                        peer.known.shown.remove(&one.name);
                    }
                });
            }
            process.step("before it drops what is over")?;
            if removed == Removed::Refused
                && let Some(tip) = one.local
            {
                process.peer(|peer, _| peer.sent.insert(one.name.clone(), tip));
            }
            if removed != Removed::Unknown {
                self.drop_here(process, one);
            }
        }
        process.step("after it removed what is over")?;
        if archives_last {
            archive();
        }
        Ok(())
    }

    fn drop_here(&self, process: &SimulatedReplicas<'_>, one: &Over) {
        if process.peer(|peer, history| peer.drop_over(history, one)) {
            self.gone.borrow_mut().extend(one.local);
        }
    }

    /// Removes a ref at the remote, under a lease; returns what the answer says.
    fn remove_there(&self, who: usize, one: &Over) -> Removed {
        let place = self.peers.borrow()[who].pushes_to;
        let is_late = self.has_fault();
        let mut remote = self.at(place).borrow_mut();
        let there = remote.refs.get(&one.name).copied();
        let (Some(there), Some(_)) = (there, one.tracked) else {
            return match one.tracked {
                Some(_) if is_late => Removed::Unknown,
                _ => Removed::Gone,
            };
        };
        let holds = Some(there) == one.tracked || self.rules.broken(Broken::FoldsBlindly);
        let refuses = remote.refuses.as_ref();
        let refuses = refuses.is_some_and(|start| one.name.starts_with(start));
        let is_lost = is_late && self.chance.one_in(2);
        if !holds || is_lost || !remote.lost.is_empty() {
            return Removed::Unknown;
        }
        if refuses {
            return Removed::Refused;
        }
        let session = &self.history.get(there).session;
        self.must(!session.is_live(self.now()), || {
            format!("{who} removes {}, which is in force", one.name)
        });
        self.tell(|| format!("  {who} removes {} #{}", one.name, History::number(there)));
        remote.remove(&one.name);
        self.folded.borrow_mut().insert(there);
        self.gone.borrow_mut().insert(there);
        match is_late {
            true => Removed::Unknown,
            false => Removed::Gone,
        }
    }

    /// What must hold once all boards agree: after a while without work all is folded, stays away,
    /// and is in the archives.
    pub fn check_folded(&self) {
        if self.is_tampered.get() || !self.weather.folds {
            return;
        }
        let mut kept = self.gone.borrow().clone();
        kept.extend(self.remote.borrow().refs.values());
        for peer in self.peers.borrow().iter() {
            kept.extend(peer.local.values());
        }
        for _ in 0..PASSES_MAX {
            self.later_by(40 * DAY_SECS);
            let peers = self.peers.borrow().len();
            for who in 0..peers {
                self.fold(who);
            }
        }
        let left = self.remote.borrow().refs.len();
        self.must(left == 0, || {
            format!("{left} refs are over, and still there")
        });
        let peers = self.peers.borrow();
        for (who, peer) in peers.iter().enumerate() {
            let left = (peer.local.len(), peer.tracked.len());
            self.must(left == (0, 0), || {
                format!("{who} has {left:?} refs of what is over")
            });
        }
        let archived: Vec<Tip> = peers
            .iter()
            .flat_map(|peer| peer.archived.clone())
            .collect();
        let has = |tip: &Tip| archived.iter().any(|all| self.history.keeps(*tip, *all));
        for tip in kept.iter().filter(|tip| !has(tip)) {
            let number = History::number(*tip);
            self.must(false, || format!("#{number} is in no archive"));
        }
    }
}

impl Peer {
    /// `Ledger::drop_ended`; returns whether the session did not go on meanwhile.
    fn drop_over(&mut self, history: &History, one: &Over) -> bool {
        let Some(tip) = one.local else {
            return !self.local.contains_key(&one.name);
        };
        if self.local.get(&one.name) != Some(&tip) {
            return false;
        }
        self.local.remove(&one.name);
        self.wrote.remove(&one.name);
        let id = &history.get(tip).session.who.id;
        let names = [self.node].into_iter().chain(self.former.iter().copied());
        let has_more = { names }.any(|node| self.local.contains_key(&ref_name(id, node)));
        if !has_more {
            self.told.remove(id);
            self.said.remove(id);
            // If it comes back, it is shown again what it had read and what is not over.
            self.marked.retain(|(by, _)| by != id);
        }
        true
    }
}

impl World {
    /// Whether a push brings back what a fold removed; one that was under way may.
    pub fn check_stays_away(&self, place: Place, tip: Tip) {
        let is_back = place == Place::Hub && self.folded.borrow().contains(&tip);
        self.must(!is_back, || {
            format!("#{} was folded, and is pushed again", History::number(tip))
        });
    }
}

/// Whether a session of this clone is over, so that it is not pushed anew.
pub fn is_own_over(session: &Session, now: Timestamp) -> bool {
    Retention::DEFAULT.is_own_over(session, now)
}

fn is_own(peer: &Peer, session: &Session) -> bool {
    let node = session.who.node;
    node == peer.node || peer.former.contains(&node)
}

fn is_over(peer: &Peer, session: &Session, witnesses: &Witnesses, now: Timestamp) -> bool {
    let node = session.who.node;
    if node == peer.node {
        return is_own_over(session, now);
    }
    let witnessed = witnesses.besides([peer.node, node], now);
    Retention::DEFAULT.is_foreign_over(session, now, witnessed)
}
