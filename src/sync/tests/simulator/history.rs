//! The commits of all clones.
//!
//! Owns what a commit is in here, the one question that the verdict asks of commits (as
//! `Ledger::descends_from` answers it), and the truth that no clone knows: what a commit was really
//! made from. Never knows a ref.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::mail::Mail;
use super::rules::{Broken, Rules};
use crate::ledger::Tip;
use crate::model::message::MessageId;
use crate::model::session::Session;
use crate::model::time::Timestamp;

pub struct Commit {
    pub parents: Vec<Tip>,
    /// A heartbeat and nothing else: the next one takes its place.
    pub is_beat: bool,
    pub session: Session,
    /// The states that this one goes on from, whatever its parent is.
    pub made_from: Vec<Tip>,
    /// What the session said and read.
    pub mail: Mail,
    /// A stranger made it, under the name of another clone.
    pub is_forged: bool,
}

impl Commit {
    /// What git knows of the time of a commit.
    fn secs(&self) -> i64 {
        self.session.seen_at.as_millis().div_euclid(1000)
    }
}

/// Everything that was ever committed; a clone reads only what it has a ref to.
#[derive(Default)]
pub struct History(RefCell<Vec<Rc<Commit>>>);

impl History {
    pub fn add(&self, commit: Commit) -> Tip {
        let mut all = self.0.borrow_mut();
        all.push(Rc::new(commit));
        Self::tip(all.len())
    }

    fn tip(number: usize) -> Tip {
        let mut id = [0; 20];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        Tip::from_bytes_or_panic(&id)
    }

    pub fn get(&self, tip: Tip) -> Rc<Commit> {
        self.0.borrow()[Self::number(tip) - 1].clone()
    }

    /// The number by which a trace calls a commit.
    pub fn number(tip: Tip) -> usize {
        let bytes = tip.as_bytes()[..8].try_into().unwrap();
        usize::try_from(u64::from_be_bytes(bytes)).unwrap()
    }

    /// Whether something in the history of `tip` is it.
    fn finds_back(&self, tip: Tip, is_it: impl Fn(Tip, &Commit) -> bool) -> bool {
        let mut next = vec![tip];
        let mut seen = BTreeSet::from([tip]);
        while let Some(id) = next.pop() {
            let commit = self.get(id);
            if is_it(id, &commit) {
                return true;
            }
            next.extend(commit.parents.iter().filter(|parent| seen.insert(**parent)));
        }
        false
    }

    /// Whether git calls it a fast-forward to move from `from` to `to`.
    pub fn is_forward(&self, from: Tip, to: Tip) -> bool {
        self.finds_back(to, |id, _| id == from)
    }

    /// `Ledger::descends_from`.
    pub fn descends_from(&self, rules: Rules, local: Tip, found: Tip) -> bool {
        if local == found || rules.broken(Broken::AllIsOurs) {
            return true;
        }
        if rules.broken(Broken::NothingIsOurs) {
            return false;
        }
        let other = self.get(found);
        let is_older = |mine: &Commit| mine.secs() < other.secs();
        let took_its_place = |mine: &Commit| {
            let is_in_time = !is_older(mine) || rules.broken(Broken::BeatsOfAnyTime);
            is_in_time && mine.is_beat && other.is_beat && mine.parents == other.parents
        };
        let is_it = |id, mine: &Commit| id == found || took_its_place(mine);
        self.finds_back(local, is_it)
            || rules.broken(Broken::DescendantsAreOurs) && self.is_forward(local, found)
    }

    /// Whether the history of `all` has that of `tip`, or a heartbeat that took its place.
    pub fn keeps(&self, tip: Tip, all: Tip) -> bool {
        let commit = self.get(tip);
        let kept = if commit.is_beat {
            commit.parents.first().copied()
        } else {
            Some(tip)
        };
        kept.is_none_or(|kept| self.is_forward(kept, all))
    }

    /// Whether a reader can tell no difference. Two beats of one second on one parent have only
    /// their nonces of their own; the next beat tells who wrote which.
    pub fn is_same(&self, one: Option<Tip>, other: Option<Tip>) -> bool {
        let (Some(one), Some(other)) = (one, other) else {
            return one == other;
        };
        let (a, b) = (self.get(one), self.get(other));
        let are_twins = a.is_beat && b.is_beat && a.parents == b.parents && a.secs() == b.secs();
        one == other || are_twins && a.session.claims == b.session.claims
    }

    /// Whether a message has expired.
    pub fn is_message_over(&self, id: &MessageId, now: Timestamp) -> bool {
        let all = self.0.borrow();
        let mut sent = all.iter().flat_map(|commit| &commit.mail.sent);
        sent.find(|one| one.id() == *id)
            .is_none_or(|one| !one.is_live(now))
    }

    /// What was made from `tip`, itself included: the truth.
    pub fn made_of(&self, tip: Tip) -> BTreeSet<Tip> {
        let all = self.0.borrow();
        let mut made = BTreeSet::from([tip]);
        for (at, commit) in all.iter().enumerate().skip(Self::number(tip)) {
            if commit.made_from.iter().any(|from| made.contains(from)) {
                made.insert(Self::tip(at + 1));
            }
        }
        made
    }
}
