//! The rules of `model`, asked by numbers.
//!
//! Owns the numbers for contents of cells, what a request makes of them by the real `decide`, and
//! what a holder may count on by the real `check`; each is asked once and remembered. Never has a
//! rule of its own: what a broken design does differently is in `design`.
//!
//! It is always the same instant, and what happened before grows older. The instant lies before
//! 1970, where a clock adds nothing to a token: that tokens grow must not rest on clocks.

use std::rc::Rc;

use super::actors::{actor, numbered, process};
use super::mix::Table;
use super::scope::{Scope, Tasks};
use super::state::{CellId, Kind, RESOURCES, SESSIONS};
use super::tasks;
use crate::model::actor::Actor;
use crate::model::lock::{Lock, LockRegister, TakeoverPolicy};
use crate::model::lock_request::decide;
use crate::model::offer::{OfferPolicy, Offered};
use crate::model::resource::Resource;
use crate::model::task::TaskList;
use crate::model::time::Timestamp;
use crate::model::token::Token;

const TICK_SECS: u64 = 10;
pub const NOW: Timestamp = Timestamp::from_millis(-1_000_000_000_000);

/// What a request comes to.
#[derive(Debug, Default)]
pub struct Ruled {
    /// What each cell becomes that changes.
    pub changed: [Option<CellId>; RESOURCES],
    /// The tokens of the locks that it is about; 0: none.
    pub tokens: [u8; RESOURCES],
    pub takes_over: bool,
    /// What was to be renewed and is told as lost, as bits.
    pub lost: u8,
}

/// Who asks for what, when, of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    pub cells: [CellId; RESOURCES],
    pub who: u8,
    /// Whether it is the second process under this name.
    pub goes_on: bool,
    pub ahead: u8,
    pub kind: Kind,
    pub about: u8,
    /// What is renewed or overridden.
    pub tokens: [u8; RESOURCES],
    /// From whom an override takes it.
    pub holder: u8,
    /// Whose first process is gone, as bits.
    pub gone: u8,
}

type Key = (
    u64,
    Vec<(usize, u64, u8, u32, i64)>,
    Vec<(usize, u8, i64)>,
    Vec<usize>,
    tasks::Key,
);

pub struct Rules {
    pub scope: Scope,
    pub resources: [Resource; RESOURCES],
    pub actors: Vec<Actor>,
    cells: Vec<LockRegister>,
    numbers: Table<Key, CellId>,
    older: Table<CellId, CellId>,
    own: Table<(CellId, u8), CellId>,
    renamed: Table<(CellId, [usize; SESSIONS]), CellId>,
    ruled: Table<Question, Option<Rc<Ruled>>>,
    checked: Table<(CellId, usize, u8), bool>,
}

pub fn ticks(count: u8) -> u64 {
    u64::from(count) * TICK_SECS
}

fn small(token: Token) -> u8 {
    u8::try_from(token.number()).unwrap()
}

impl Rules {
    pub fn new(scope: Scope) -> Self {
        let labels = match (scope.one_cell, scope.tasks) {
            (true, _) => ["path:src/**", "path:src/lib.rs"],
            (_, Tasks::None) => ["node:x", "node:y"],
            _ => tasks::LABELS,
        };
        let mut rules = Self {
            scope,
            resources: labels.map(|label| Resource::parse(label).unwrap()),
            actors: [0, 1, 2].map(actor).to_vec(),
            cells: Vec::new(),
            numbers: Table::default(),
            older: Table::default(),
            own: Table::default(),
            renamed: Table::default(),
            ruled: Table::default(),
            checked: Table::default(),
        };
        assert_eq!(rules.number(LockRegister::default()), 0);
        rules
    }

    pub fn cell(&self, id: CellId) -> &LockRegister {
        &self.cells[usize::from(id)]
    }

    /// In which cell a resource is decided.
    pub fn cell_of(&self, resource: usize) -> usize {
        if self.scope.shares_a_cell() {
            0
        } else {
            resource
        }
    }

    pub fn lock(&self, cells: [CellId; RESOURCES], resource: usize) -> Option<&Lock> {
        let cell = self.cell(cells[self.cell_of(resource)]);
        cell.lock_on(&self.resources[resource])
    }

    pub fn resource_of(&self, lock: &Lock) -> usize {
        let same = |resource: &Resource| *resource == lock.resource;
        self.resources.iter().position(same).unwrap()
    }

    pub fn holder_of(lock: &Lock) -> u8 {
        numbered(&lock.holder.id)
    }

    pub fn token_of(lock: &Lock) -> u8 {
        small(lock.token)
    }

    /// When a lock was renewed, in ticks from now.
    pub fn renewed(lock: &Lock) -> i64 {
        let millis = lock.renewed_at.as_millis() - NOW.as_millis();
        millis / i64::try_from(ticks(1) * 1000).unwrap()
    }

    /// Returns a number for this content. No rule depends on when a lock was granted.
    pub fn number(&mut self, mut cell: LockRegister) -> CellId {
        for lock in &mut cell.locks {
            lock.granted_at = NOW;
        }
        let of = |resource: &Resource| self.resources.iter().position(|r| r == resource).unwrap();
        cell.locks.sort_by_key(|lock| self.resource_of(lock));
        cell.offers.sort_by_key(|offered| of(&offered.resource));
        cell.handoffs.sort_by_key(|left| of(&left.resource));
        for offered in &mut cell.offers {
            (offered.at, offered.granted_at) = (NOW, NOW);
            offered.by = self.actors[0].clone();
            offered.token = Token::default();
        }
        for left in &mut cell.handoffs {
            (left.at, left.from) = (NOW, self.actors[0].id.clone());
        }
        let of_offer = |offered: &Offered| {
            let until = offered.until.as_millis();
            (of(&offered.resource), numbered(&offered.to), until)
        };
        let of_lock = |lock: &Lock| {
            (
                self.resource_of(lock),
                lock.token.number(),
                Self::holder_of(lock),
                lock.holder
                    .process
                    .as_ref()
                    .map_or(0, |process| process.pid),
                lock.renewed_at.as_millis(),
            )
        };
        let key: Key = (
            cell.high_water.number(),
            cell.locks.iter().map(of_lock).collect(),
            cell.offers.iter().map(of_offer).collect(),
            cell.handoffs
                .iter()
                .map(|left| of(&left.resource))
                .collect(),
            tasks::simplified(&mut cell.tasks),
        );
        if let Some(id) = self.numbers.get(&key) {
            return *id;
        }
        let id = CellId::try_from(self.cells.len()).unwrap();
        self.cells.push(cell);
        self.numbers.insert(key, id);
        id
    }

    /// The same a tick later. What is over by every clock grows no older.
    pub fn older(&mut self, id: CellId) -> CellId {
        if let Some(older) = self.older.get(&id) {
            return *older;
        }
        let oldest = NOW.minus_secs(ticks(self.scope.ttl + self.scope.margin + 1));
        let mut cell = self.cell(id).clone();
        for lock in &mut cell.locks {
            lock.renewed_at = lock.renewed_at.minus_secs(ticks(1)).max(oldest);
        }
        for offered in &mut cell.offers {
            offered.until = offered.until.minus_secs(ticks(1)).max(oldest);
        }
        let older = self.number(cell);
        self.older.insert(id, older);
        older
    }

    /// What is `who`'s of it, under the name of session 0: all that a holder's own check looks at.
    /// Its age means nothing to a holder whose wall clock may be wrong, unless it tells how long a
    /// process that has ended has been silent.
    pub fn own(&mut self, id: CellId, who: u8) -> CellId {
        if let Some(own) = self.own.get(&(id, who)) {
            return *own;
        }
        let mut cell = self.cell(id).clone();
        cell.locks.retain(|lock| Self::holder_of(lock) == who);
        (cell.offers, cell.handoffs) = (Vec::new(), Vec::new());
        cell.tasks = TaskList::default();
        for lock in &mut cell.locks {
            let process = lock.holder.process.take();
            lock.holder = self.actors[0].clone();
            lock.holder.process = process;
            if !self.scope.sees_gone {
                lock.renewed_at = NOW;
            }
        }
        cell.high_water = cell
            .locks
            .iter()
            .map(|lock| lock.token)
            .max()
            .unwrap_or_default();
        let own = self.number(cell);
        self.own.insert((id, who), own);
        own
    }

    /// The same with its holders renamed: who was `order[n]` is `n`.
    pub fn renamed(&mut self, id: CellId, order: [usize; SESSIONS]) -> CellId {
        if self.cell(id).locks.is_empty() && self.cell(id).offers.is_empty() {
            return id;
        }
        if let Some(renamed) = self.renamed.get(&(id, order)) {
            return *renamed;
        }
        let mut cell = self.cell(id).clone();
        for lock in &mut cell.locks {
            let before = usize::from(Self::holder_of(lock));
            let now = order.iter().position(|from| *from == before).unwrap();
            let process = lock.holder.process.clone();
            lock.holder = self.actors[now].clone();
            lock.holder.process = process;
        }
        for offered in &mut cell.offers {
            let before = usize::from(numbered(&offered.to));
            let now = order.iter().position(|from| *from == before).unwrap();
            offered.to = self.actors[now].id.clone();
        }
        let renamed = self.number(cell);
        self.renamed.insert((id, order), renamed);
        renamed
    }

    /// The same with leases as they stand in the holders' own refs.
    pub fn with_beats(&mut self, id: CellId, beats: [Option<i64>; SESSIONS]) -> CellId {
        let mut cell = self.cell(id).clone();
        for lock in &mut cell.locks {
            if let Some(ticks_from_now) = beats[usize::from(Self::holder_of(lock))] {
                let millis = ticks_from_now * i64::try_from(ticks(1) * 1000).unwrap();
                let at = Timestamp::from_millis(NOW.as_millis() + millis);
                lock.renewed_at = lock.renewed_at.max(at);
            }
        }
        self.number(cell)
    }

    /// What the real rules make of a request; `None`: denied.
    pub fn decide(&mut self, question: Question) -> Option<Rc<Ruled>> {
        if let Some(ruled) = self.ruled.get(&question) {
            return ruled.clone();
        }
        let ruled = self.decide_anew(question).map(Rc::new);
        self.ruled.insert(question, ruled.clone());
        ruled
    }

    fn decide_anew(&mut self, question: Question) -> Option<Ruled> {
        let is_about = |n: &usize| question.about & (1 << n) != 0;
        let about: Vec<usize> = (0..RESOURCES).filter(is_about).collect();
        let named = |n: usize| (n.to_string(), self.as_asked(question.cells[n]));
        let mut places: Vec<usize> = about.iter().map(|n| self.cell_of(*n)).collect();
        places.dedup();
        let cells: Vec<_> = places.into_iter().map(named).collect();
        let mut who = self.actors[usize::from(question.who)].clone();
        who.process = Some(process(if question.goes_on { 2 } else { 1 }));
        let now = NOW.plus_secs(ticks(question.ahead));
        let is_gone = |lock: &Lock| {
            let gone = question.gone & (1 << Self::holder_of(lock)) != 0;
            gone && self.is_silent(lock, now)
        };
        let judge = TakeoverPolicy {
            now,
            margin_secs: ticks(self.scope.margin),
            holder_is_dead: &is_gone,
            program_is_gone: &is_gone,
            is_mine: &|lock| lock.is_of(&who),
            offers: OfferPolicy::BY_NAME,
        };
        let place = |resource: &Resource| {
            let n = self.resources.iter().position(|r| r == resource);
            // The list has its tasks in its own cell.
            n.map_or(0, |n| self.cell_of(n)).to_string()
        };
        let request = self.request(question, &about);
        let decided = decide(&cells, &who, &request, &judge, &place).ok()?;
        let mut ruled = Ruled {
            takes_over: !decided.taken_from.is_empty(),
            ..Ruled::default()
        };
        for lock in &decided.locks {
            ruled.tokens[self.resource_of(lock)] = small(lock.token);
        }
        for (resource, _) in &decided.lost {
            let n = self.resources.iter().position(|r| r == resource);
            ruled.lost |= 1 << n.unwrap();
        }
        for (name, cell, _) in decided.changed {
            let n: usize = name.parse().unwrap();
            ruled.changed[n] = Some(self.number(cell));
        }
        Some(ruled)
    }

    /// Whether it names the first process of its session, and was not renewed for a while.
    fn is_silent(&self, lock: &Lock, now: Timestamp) -> bool {
        lock.holder.process == Some(process(1))
            && now.secs_since(lock.renewed_at) > ticks(self.scope.heartbeat)
    }

    /// Whether a holder that goes on in another process sees that other sessions may take over from
    /// the process that its lock names.
    pub fn is_taken_for_gone(&self, view: CellId, resource: usize, ahead: u8) -> bool {
        let lock = self.cell(view).lock_on(&self.resources[resource]);
        lock.is_some_and(|lock| self.is_silent(lock, NOW.plus_secs(ticks(ahead))))
    }

    /// Whether the tracking copy lets its holder act: what `fence` asks first.
    pub fn check(&mut self, view: CellId, resource: usize, token: u8) -> bool {
        let key = (view, resource, token);
        if let Some(checked) = self.checked.get(&key) {
            return *checked;
        }
        let token = Some(Token::new(token.into()));
        let cell = self.cell(view);
        let long_ago = NOW.minus_secs(ticks(u8::MAX));
        let checked = cell.check(&self.actors[0], &self.resources[resource], token, long_ago);
        let checked = checked.is_ok();
        self.checked.insert(key, checked);
        checked
    }
}
