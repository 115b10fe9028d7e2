//! A simulated world: its clones, its remote, its weather.
//!
//! Owns what there is and what one seed makes possible in it, the time, and the trace. What
//! happens in it is for `acts`, what must hold for `check`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::chance::Chance;
use super::history::History;
use super::peer::{Peer, SKEW_MILLIS_MAX};
use super::remote::{Place, Remote};
use super::rules::{Climate, Rules};
use crate::ledger::{Ahead, Tip};
use crate::model::id::{NodeId, SessionId};
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::time::Timestamp;

const START_MILLIS: i64 = 1_763_719_200_000;

/// What may happen in a world.
pub struct Weather {
    pub copies: bool,
    pub mirror_pushes: bool,
    pub restores: bool,
    /// `git fetch --prune '+refs/presence/*:refs/presence/*'`, which replaces what is here.
    pub mirror_fetches: bool,
    /// Killed fetches leave locks on tracking refs.
    pub locks: bool,
    /// Git prunes beside writes and pushes.
    pub prunes: bool,
    /// Settings by which pushes go to another place than fetches.
    pub splits: bool,
    /// A stranger pushes under the names of others.
    pub forgeries: bool,
    /// Clones fold what is over, and time passes until it is.
    pub folds: bool,
    /// Sessions say something to each other; not by chance, so that all else is as without it.
    pub mail: bool,
    pub faults_one_in: u64,
    pub deaths_one_in: u64,
    pub meanwhile_one_in: u64,
}

/// A process that has begun, under the name that its clone had then, and will write later.
pub struct Begun {
    pub who: usize,
    pub node: NodeId,
    pub session: SessionId,
    pub request: Request,
}

pub struct World {
    pub chance: Chance,
    pub rules: Rules,
    pub weather: Weather,
    pub history: History,
    pub peers: RefCell<Vec<Peer>>,
    pub remote: RefCell<Remote>,
    /// Another repository, to which a setting may lead.
    pub elsewhere: RefCell<Remote>,
    /// Pushes that have not arrived yet, and where they go.
    pub late: RefCell<Vec<(Place, Vec<Ahead>)>>,
    pub begun: RefCell<Vec<Begun>>,
    pub sessions: Vec<SessionId>,
    pub resources: Vec<Resource>,
    /// Nothing goes wrong any more.
    pub is_calm: Cell<bool>,
    /// Whether a clone was copied, or had its refs replaced: then some refs on the remote may
    /// belong to no clone.
    pub is_tampered: Cell<bool>,
    /// The states that folds removed at the remote.
    pub folded: RefCell<BTreeSet<Tip>>,
    /// The last states of all sessions that folds removed anywhere.
    pub gone: RefCell<BTreeSet<Tip>>,
    /// What must not be.
    pub wrong: RefCell<Option<String>>,
    millis: Cell<i64>,
    nodes: Cell<u64>,
    trace: Option<RefCell<Vec<String>>>,
}

impl World {
    pub fn new(seed: u64, rules: Rules, traced: bool) -> Self {
        let chance = Chance::new(seed);
        let mut weather = Weather {
            copies: chance.one_in(2),
            mirror_pushes: chance.one_in(3),
            restores: chance.one_in(4),
            mirror_fetches: chance.one_in(8),
            locks: chance.one_in(3),
            prunes: chance.one_in(3),
            splits: chance.one_in(5),
            forgeries: chance.one_in(5),
            folds: rules.climate == Climate::Any && chance.one_in(2),
            mail: rules.climate == Climate::Any && seed.is_multiple_of(3),
            faults_one_in: *chance.pick(&[3, 6, 12, 1000]),
            deaths_one_in: *chance.pick(&[4, 10, 1000]),
            meanwhile_one_in: *chance.pick(&[4, 12, 1000]),
        };
        let mut remote = Remote {
            forward_only: chance.one_in(5),
            forbids_by_hook: chance.one_in(3),
            refs_max: chance.one_in(6).then(|| (2, chance.one_in(2))),
            without_leases: rules.broken(super::rules::Broken::NoLeases),
            ..Remote::default()
        };
        match rules.climate {
            Climate::Any => {}
            Climate::ForwardOnly => {
                remote.forward_only = true;
                weather.copies = false;
                weather.mirror_fetches = false;
                weather.forgeries = false;
                weather.mirror_pushes = true;
                weather.meanwhile_one_in = 4;
            }
            Climate::Strays => {
                weather.locks = true;
                weather.faults_one_in = 3;
                weather.mirror_fetches = true;
            }
        }
        let parse = |label: &&str| Resource::parse(label).unwrap();
        let world = Self {
            chance,
            rules,
            weather,
            history: History::default(),
            peers: RefCell::default(),
            remote: RefCell::new(remote),
            elsewhere: RefCell::default(),
            late: RefCell::default(),
            begun: RefCell::default(),
            sessions: ["ann", "bob", "ci"]
                .map(|id| SessionId::parse(id).unwrap())
                .into(),
            resources: ["db:a", "db:b", "path:c"].iter().map(parse).collect(),
            is_calm: Cell::new(false),
            is_tampered: Cell::new(false),
            folded: RefCell::default(),
            gone: RefCell::default(),
            wrong: RefCell::new(None),
            millis: Cell::new(START_MILLIS),
            nodes: Cell::new(0),
            trace: traced.then(RefCell::default),
        };
        for _ in 0..2 + world.chance.index(3) {
            let peer = Peer::new(world.new_node());
            world.peers.borrow_mut().push(peer);
        }
        world
    }

    pub fn at(&self, place: Place) -> &RefCell<Remote> {
        match place {
            Place::Hub => &self.remote,
            Place::Elsewhere => &self.elsewhere,
        }
    }

    pub fn new_node(&self) -> NodeId {
        self.nodes.set(self.nodes.get() + 1);
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&self.nodes.get().to_be_bytes());
        NodeId::from_bytes(bytes)
    }

    /// What the clock of a clone says.
    pub fn now_of(&self, who: usize) -> Timestamp {
        let skew = self.peers.borrow()[who].skew_millis;
        Timestamp::from_millis(self.millis.get() + skew)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.get())
    }

    pub fn later_by(&self, secs: u64) {
        let millis = secs * 1000;
        self.millis.set(self.millis.get() + millis.cast_signed());
    }

    pub fn later(&self, secs_max: u64) {
        let millis = self.chance.below(secs_max * 1000);
        self.millis.set(self.millis.get() + millis.cast_signed());
    }

    pub fn any_skew(&self) -> i64 {
        let millis = self.chance.below(2 * SKEW_MILLIS_MAX.unsigned_abs());
        millis.cast_signed() - SKEW_MILLIS_MAX
    }

    pub fn any_peer(&self) -> usize {
        self.chance.index(self.peers.borrow().len())
    }

    pub fn has_fault(&self) -> bool {
        !self.is_calm.get() && self.chance.one_in(self.weather.faults_one_in)
    }

    pub fn tell(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            trace.borrow_mut().push(line());
        }
    }

    /// The first thing that is wrong ends the world.
    pub fn must(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.wrong.borrow().is_none() {
            let what = what();
            self.tell(|| format!("WRONG: {what}"));
            self.wrong.replace(Some(what));
        }
    }

    pub fn is_wrong(&self) -> bool {
        self.wrong.borrow().is_some()
    }

    pub fn trace(&self) -> Vec<String> {
        self.trace.as_ref().map(RefCell::take).unwrap_or_default()
    }

    pub fn renamed(&self, who: usize) {
        self.tell(|| {
            let node = self.peers.borrow()[who].node.to_string();
            format!("  {who} takes the name {}", node.trim_start_matches('0'))
        });
        self.must(self.is_tampered.get(), || {
            format!("{who} took a new name, and was never copied")
        });
    }
}
