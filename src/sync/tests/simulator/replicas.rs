//! Both replicas of a sync in a simulated world, with everything that goes wrong on the way; what
//! a fetch does is in `fetching`.
//!
//! Owns the faults of a conversation, the moments at which a process may die, and what
//! `git_replicas.rs` remembers during a sync. Never decides what to push, never counts rounds.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::history::History;
use super::peer::{Peer, ref_name};
use super::rules::Broken;
use super::world::World;
use crate::git::porcelain::{Outcome, RemoteFailure, push_answer};
use crate::ledger::{Ahead, LedgerError, Tip, Tips, Unfetched};
use crate::sync::rounds::{Answer, FetchError, Fetched, Replicas};

/// The words of failures that only git can make.
pub static UNREACHABLE: LazyLock<RemoteFailure> = LazyLock::new(|| {
    let said = b"fatal: unable to access 'x': Could not resolve host: x\n";
    RemoteFailure::read(Some(128), said)
});
pub static INTERRUPTED: LazyLock<RemoteFailure> = LazyLock::new(|| {
    let said = b"fatal: the remote end hung up unexpectedly\n";
    RemoteFailure::read(Some(128), said)
});
static TOO_MANY_REFS: LazyLock<RemoteFailure> = LazyLock::new(|| {
    let said = b"remote: - Pushes can not update more than 2 branches or tags.\n";
    push_answer(Some(1), b"", said).failure.unwrap()
});

/// What becomes of a push.
enum Fate {
    Answered,
    Lost,
    /// It gets there, and its answer is lost.
    AnswerLost,
    /// Its client gives up, and it gets there later.
    Late,
    /// Only so many refs get there before it breaks off.
    Partly(usize),
    /// Some refs are locked at that moment.
    Locked,
}

pub struct SimulatedReplicas<'w> {
    pub world: &'w World,
    pub who: usize,
    /// How many syncs are under way around this one.
    pub depth: usize,
    /// The process dies at this step.
    pub dies_in: Cell<Option<u64>>,
    pub is_dead: Cell<bool>,
    /// The moment that the last fetch shows.
    pub fetched_at: Cell<u64>,
    /// What the last fetch did not bring.
    pub unfetched: RefCell<Unfetched>,
    pub missing: RefCell<Tips>,
    /// What was then at the place that is pushed to, if it is another one.
    pub beside: RefCell<Tips>,
    pub calls: Cell<u64>,
    /// `GitReplicas::refs`.
    pub refs: RefCell<Option<(Tips, Tips)>>,
}

impl<'w> SimulatedReplicas<'w> {
    pub fn new(world: &'w World, who: usize, depth: usize, dies_in: Option<u64>) -> Self {
        Self {
            world,
            who,
            depth,
            dies_in: Cell::new(dies_in),
            is_dead: Cell::new(false),
            fetched_at: Cell::new(0),
            unfetched: RefCell::default(),
            missing: RefCell::default(),
            beside: RefCell::default(),
            calls: Cell::new(0),
            refs: RefCell::new(None),
        }
    }

    pub fn peer<T>(&self, with: impl FnOnce(&mut Peer, &History) -> T) -> T {
        let mut peers = self.world.peers.borrow_mut();
        with(&mut peers[self.who], &self.world.history)
    }

    /// Something else may happen here, and this process may end here.
    pub fn step(&self, at: &str) -> Result<(), LedgerError> {
        if !self.is_dead.get() {
            self.world.meanwhile(self.who, self.depth);
            match self.dies_in.get() {
                Some(0) => {
                    self.is_dead.set(true);
                    self.world.tell(|| format!("  {} dies: {at}", self.who));
                }
                left => self.dies_in.set(left.map(|left| left - 1)),
            }
        }
        match self.is_dead.get() {
            true => Err(LedgerError::Quarantined),
            false => Ok(()),
        }
    }

    fn fate(&self, refs: usize) -> Fate {
        let chance = &self.world.chance;
        if !self.world.has_fault() {
            return Fate::Answered;
        }
        match chance.below(6) {
            0 => Fate::Lost,
            1 => Fate::AnswerLost,
            2 | 3 => Fate::Late,
            4 => Fate::Partly(chance.index(refs)),
            _ => Fate::Locked,
        }
    }

    fn apply(&self, batch: &[Ahead]) -> BTreeMap<String, Outcome> {
        let place = self.peer(|peer, _| peer.pushes_to);
        let mut remote = self.world.at(place).borrow_mut();
        let take = |ahead: &Ahead| {
            // Where a mirror push brought an old state of it back, its end belongs on top.
            let was_gone = !remote.refs.contains_key(&ahead.name);
            let outcome = remote.take(&self.world.history, ahead);
            if outcome == Outcome::Landed && was_gone {
                self.world.check_stays_away(place, ahead.local);
            }
            (ahead.name.clone(), outcome)
        };
        batch.iter().map(take).collect()
    }

    /// What the server does with it, and what of the answer is heard.
    fn converse(&self, batch: &[Ahead]) -> Answer {
        let silence = || Answer {
            failure: Some(RemoteFailure::out_of_time()),
            ..Answer::default()
        };
        match self.fate(batch.len()) {
            Fate::Answered => Answer {
                outcomes: self.apply(batch),
                ..Answer::default()
            },
            Fate::Lost => silence(),
            Fate::AnswerLost => {
                self.apply(batch);
                silence()
            }
            Fate::Late => {
                let place = self.peer(|peer, _| peer.pushes_to);
                self.world.late.borrow_mut().push((place, batch.to_vec()));
                silence()
            }
            Fate::Partly(count) => {
                let outcomes = self.apply(&batch[..count]);
                let is_heard = self.world.chance.one_in(2);
                Answer {
                    outcomes: if is_heard { outcomes } else { BTreeMap::new() },
                    failure: Some(INTERRUPTED.clone()),
                    ..Answer::default()
                }
            }
            Fate::Locked => {
                let (done, locked) = batch.split_at(self.world.chance.index(batch.len() + 1));
                let mut outcomes = self.apply(done);
                for (at, ahead) in locked.iter().enumerate() {
                    let reason = "failed to lock".to_owned();
                    let outcome = match at % 2 {
                        0 => Outcome::Lost { reason },
                        _ => Outcome::Unknown { reason },
                    };
                    outcomes.insert(ahead.name.clone(), outcome);
                }
                Answer {
                    outcomes,
                    ..Answer::default()
                }
            }
        }
    }

    fn too_many(&self, batch: &[Ahead]) -> Option<Answer> {
        let (max, as_rule) = self.world.remote.borrow().refs_max?;
        if batch.len() <= max {
            return None;
        }
        let reason = || "push declined due to repository rule violations".to_owned();
        let outcome = || match as_rule {
            true => Outcome::Refused { reason: reason() },
            false => Outcome::Unknown { reason: reason() },
        };
        let outcomes = batch.iter().map(|ahead| (ahead.name.clone(), outcome()));
        Some(Answer {
            outcomes: outcomes.collect(),
            failure: Some(TOO_MANY_REFS.clone()),
            ..Answer::default()
        })
    }

    /// Git moves the tracking refs of what was accepted.
    fn track(&self, batch: &[Ahead]) {
        for ahead in batch {
            if let Some((_, tracked)) = self.refs.borrow_mut().as_mut() {
                tracked.insert(ahead.name.clone(), ahead.local);
            }
            self.peer(|peer, _| {
                if !peer.locked.contains(&ahead.name) {
                    peer.tracked.insert(ahead.name.clone(), ahead.local);
                    peer.known.shown.insert(ahead.name.clone(), ahead.local);
                }
            });
        }
    }

    fn accepted(batch: &[Ahead], answer: &Answer) -> Vec<Ahead> {
        let is_done = |ahead: &&Ahead| {
            let outcome = answer.outcomes.get(&ahead.name);
            matches!(outcome, Some(Outcome::Landed | Outcome::UpToDate))
        };
        batch.iter().filter(is_done).cloned().collect()
    }

    fn refs(&self) -> (Tips, Tips) {
        let read = || self.peer(|peer, _| (peer.local.clone(), peer.tracked.clone()));
        self.refs.borrow_mut().get_or_insert_with(read).clone()
    }

    fn trace_push(&self, batch: &[Ahead], answer: &Answer) {
        self.world.tell(|| {
            let number = |tip: Tip| format!("#{}", History::number(tip));
            let moves = batch.iter().map(|ahead| {
                let from = ahead.tracked.map_or_else(|| "none".to_owned(), number);
                let outcome = answer.outcomes.get(&ahead.name);
                format!("{} {from}..{} {outcome:?}", ahead.name, number(ahead.local))
            });
            let moves: Vec<String> = moves.collect();
            let said = answer.failure.as_ref().map(|failure| &failure.message);
            format!("  {} pushes {moves:?} {said:?}", self.who)
        });
    }
}

impl Replicas for SimulatedReplicas<'_> {
    fn migrate_old_sessions(&self) -> Result<(), LedgerError> {
        self.calls.set(self.calls.get() + 1);
        self.step("before settling")?;
        let rules = self.world.rules;
        let now = self.world.now_of(self.who);
        let places = self.peer(|peer, history| peer.unsettled(history));
        for place in &places {
            let is_done = self.peer(|peer, history| {
                let is_done = peer.bring_over(history, rules, place, now);
                let id = &history.get(place.1).session.who.id;
                let is_brought = peer.local.contains_key(&ref_name(id, peer.node));
                self.world
                    .must(!is_brought || peer.told.contains_key(id), || {
                        format!("{} settles {}, which it never wrote", self.who, place.0)
                    });
                is_done
            });
            self.refs.take();
            self.step("while settling")?;
            if !is_done {
                continue;
            }
            self.peer(|peer, history| peer.drop_former(history, place, now));
            self.world
                .tell(|| format!("  {} settles {}", self.who, place.0));
        }
        if !rules.broken(Broken::NeverForgetsAName) {
            self.step("before forgetting its former names")?;
            self.peer(|peer, history| {
                if peer.unsettled(history).is_empty() {
                    peer.former.clear();
                }
            });
        }
        Ok(())
    }

    fn ahead(&self) -> Result<Vec<Ahead>, LedgerError> {
        self.step("before reading")?;
        let (local, tracked) = self.refs();
        let (rules, now) = (self.world.rules, self.world.now_of(self.who));
        Ok(self.peer(|peer, history| peer.ahead_of((history, rules), &local, &tracked, now)))
    }

    fn descends_from(&self, local: Tip, found: Tip) -> bool {
        self.world
            .history
            .descends_from(self.world.rules, local, found)
    }

    fn is_forward(&self, local: Tip, found: Tip) -> bool {
        self.world.history.is_forward(found, local)
    }

    fn push(&self, batch: &[Ahead]) -> Answer {
        let failed = |failure: &RemoteFailure| Answer {
            failure: Some(failure.clone()),
            ..Answer::default()
        };
        if self.step("before a push").is_err() || self.peer(|peer, _| peer.is_cut_off) {
            return failed(&UNREACHABLE);
        }
        self.peer(|peer, _| {
            for ahead in batch {
                peer.sent.insert(ahead.name.clone(), ahead.local);
            }
        });
        if self.peer(|peer, _| batch.iter().any(|ahead| peer.pruned.contains(&ahead.local))) {
            return failed(&INTERRUPTED);
        }
        let rules = self.world.rules;
        if rules.broken(Broken::TracksTooEarly) {
            self.track(batch);
        }
        let mut answer = match self.too_many(batch) {
            Some(answer) => answer,
            None => self.converse(batch),
        };
        self.trace_push(batch, &answer);
        if answer.outcomes.is_empty() && rules.broken(Broken::SilenceIsConsent) {
            let landed = |ahead: &Ahead| (ahead.name.clone(), Outcome::Landed);
            answer.outcomes = batch.iter().map(landed).collect();
            answer.failure = None;
        }
        if self.step("after a push").is_err() {
            return failed(&UNREACHABLE);
        }
        self.track(&Self::accepted(batch, &answer));
        answer
    }

    fn fetch(&self) -> Result<Fetched, FetchError> {
        self.fetch_once()
    }

    fn reidentify(&self) -> Result<(), LedgerError> {
        self.step("before taking a new name")?;
        self.refs.take();
        let node = self.world.new_node();
        self.peer(|peer, _| peer.take_new_node(node));
        self.world.renamed(self.who);
        Ok(())
    }

    fn reparent_onto(&self, ahead: &Ahead, found: Tip) -> Result<(), LedgerError> {
        self.step("before putting on top")?;
        self.refs.take();
        self.peer(|peer, _| peer.keeps_every_beat = true);
        self.step("while putting on top")?;
        let rules = self.world.rules;
        self.peer(|peer, history| peer.reparent_onto(history, rules, ahead, found));
        Ok(())
    }

    fn pause(&self, _: u32) {
        self.world.meanwhile(self.who, self.depth);
    }
}
