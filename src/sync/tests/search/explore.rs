//! The search itself: breadth first, each state once.
//!
//! Owns the order of sessions that stands for all of them, the set of states that were seen, what
//! must hold in each, and the shortest way to a state in which it does not. Never knows what a step
//! does.

use std::hash::{Hash, Hasher};

use super::mix::Mix;
use super::rules::Rules;
use super::scope::Scope;
use super::state::{RESOURCES, SESSIONS, State};
use super::steps::{Step, World};

pub type Order = [usize; SESSIONS];
pub const ORDERLY: Order = [0, 1, 2];
const NONE: u32 = u32::MAX;

/// What a search came to.
#[derive(Debug)]
pub struct Found {
    pub states: usize,
    /// How many steps the farthest state is from a beginning.
    pub depth: usize,
    pub violation: Option<Violation>,
}

/// What is wrong, and the shortest way to it.
#[derive(Debug)]
pub struct Violation {
    pub wrong: String,
    pub steps: Vec<Step>,
    pub story: String,
}

/// States in the order in which they were found, with where they came from.
struct Seen {
    states: Vec<State>,
    parents: Vec<u32>,
    /// Places in `states`, by hash; a power of two of them.
    slots: Vec<u32>,
}

impl Seen {
    fn new() -> Self {
        Self {
            states: Vec::new(),
            parents: Vec::new(),
            slots: vec![NONE; 1 << 12],
        }
    }

    fn slot(&self, state: &State) -> usize {
        let mut hasher = Mix::default();
        state.hash(&mut hasher);
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(hasher.finish()).unwrap() & mask;
        while self.slots[slot] != NONE && self.states[at(self.slots[slot])] != *state {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn add(&mut self, state: State, parent: u32) {
        let slot = self.slot(&state);
        if self.slots[slot] != NONE {
            return;
        }
        self.slots[slot] = u32::try_from(self.states.len()).unwrap();
        self.states.push(state);
        self.parents.push(parent);
        if self.states.len() * 2 > self.slots.len() {
            self.slots = vec![NONE; self.slots.len() * 4];
            for n in 0..self.states.len() {
                let slot = self.slot(&self.states[n]);
                self.slots[slot] = u32::try_from(n).unwrap();
            }
        }
    }

    /// The way from a beginning to this state.
    fn way_to(&self, mut place: u32) -> Vec<State> {
        let mut way = Vec::new();
        while place != NONE {
            way.push(self.states[at(place)]);
            place = self.parents[at(place)];
        }
        way.reverse();
        way
    }
}

fn at(place: u32) -> usize {
    usize::try_from(place).unwrap()
}

/// Look at every state that can be reached, until one is wrong.
pub fn search(scope: Scope, states_max: usize) -> Found {
    let mut world = World::new(scope);
    let mut seen = Seen::new();
    for state in world.beginnings() {
        seen.add(world.in_order(&state).0, NONE);
    }
    let (mut place, mut depth, mut level_end) = (0, 0, seen.states.len());
    let mut violation = None;
    while place < seen.states.len() {
        if place == level_end {
            depth += 1;
            level_end = seen.states.len();
        }
        assert!(
            place < states_max,
            "more than {states_max} states: {scope:?}"
        );
        let state = seen.states[place];
        let here = u32::try_from(place).unwrap();
        for step in world.steps(&state) {
            let wrong = match world.take(&state, step) {
                None => continue,
                Some(Err(wrong)) => Some(wrong),
                Some(Ok(next)) => {
                    let wrong = world.two_rely(&next);
                    if wrong.is_none() {
                        seen.add(world.in_order(&next).0, here);
                    }
                    wrong
                }
            };
            if let Some(wrong) = wrong {
                violation = Some(world.tell(&seen.way_to(here), step, wrong));
                break;
            }
        }
        if violation.is_some() {
            break;
        }
        place += 1;
    }
    Found {
        states: seen.states.len(),
        depth,
        violation,
    }
}

impl World {
    /// Sessions are interchangeable: one order of them stands for all. Where two look the same but
    /// for the contents that they sent, they stay as they are, and a state may be seen twice.
    pub fn in_order(&mut self, state: &State) -> (State, Order) {
        let state = &self.forget_idle_views(*state);
        let mut order = ORDERLY;
        let keys = ORDERLY.map(|n| {
            let mut alone = state.sessions[n];
            for attempt in &mut alone.attempts {
                attempt.next = [0; RESOURCES];
            }
            let is = |holder: u8| usize::from(holder) == n;
            let holds = [0, 1].map(|r| {
                let lock = self.rules.lock(state.cells, r);
                (
                    lock.is_some_and(|lock| is(Rules::holder_of(lock))),
                    state.last[r].token > 0 && is(state.last[r].holder),
                )
            });
            (alone, holds, state.beats[n])
        });
        order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
        if order == ORDERLY {
            return (*state, order);
        }
        let rules = &mut self.rules;
        let reordered = state.reordered(order, &mut |id| rules.renamed(id, order));
        (reordered, order)
    }

    /// Forgets views that decide nothing: a tracking ref tells a holder whether it may act, so it
    /// has no meaning without a lease. Every request begins with a fetch.
    fn forget_idle_views(&self, mut state: State) -> State {
        for session in &mut state.sessions {
            for place in 0..RESOURCES {
                let here = |r: &usize| self.rules.cell_of(*r) == place;
                if !(0..RESOURCES)
                    .filter(here)
                    .any(|r| session.leases[r].left > 0)
                {
                    session.view[place] = 0;
                }
            }
        }
        state
    }
}
