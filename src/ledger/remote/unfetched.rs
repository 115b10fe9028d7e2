//! Refs of the remote that the last fetch could not bring.
//!
//! Owns how they are remembered until a fetch brings them ([`Unfetched`]), and how they stand on
//! the board: as records that cannot be read, so that what they may hold is not free. Never
//! contacts a remote.

use std::collections::BTreeMap;
use std::path::Path;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::refs::RefValue;
use crate::ledger::refs::tips::Tips;
use crate::ledger::remote::blockers::removal;
use crate::ledger::store::Ledger;
use crate::model::finding::{Finding, Repaired, repairable};
use crate::model::resource::Resource;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// The most refs that are remembered by name; of more, any may hold anything.
const NAMED_MAX: usize = 200;

/// Why a ref is not here that a look would have brought later.
const CUT_OFF: &str = "the look was cut off before";

/// Why no ref is here.
const EMPTIED: &str = "the copies here were removed, as by git fetch --prune in a mirror";

/// Why a ref is not here whose copy was removed.
const DAMAGED: &str = "its copy here was damaged";

/// Refs of the remote that this clone does not have as the remote has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unfetched {
    /// Why the fetch did not bring them.
    why: String,
    /// How many there are besides those in `there`.
    more: usize,
    /// The refs of the remote that keep out refs of the board.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blockers: Vec<String>,
    /// How many refs the remote has, if a look was cut off; 0 if it was not.
    of: usize,
    /// The object id that each has at the remote, by ref name.
    there: BTreeMap<String, String>,
}

impl Unfetched {
    /// Returns the refs of `there`, the list of the remote, that `here` does not have so. `why` is
    /// what the fetch failed with.
    pub fn of(there: &Tips, here: &Tips, why: &str) -> Self {
        let mut missing = there
            .iter()
            .filter(|(name, tip)| here.get(*name) != Some(*tip));
        let named = missing.by_ref().take(NAMED_MAX);
        let there = named
            .map(|(name, tip)| (name.clone(), tip.to_string()))
            .collect();
        Self {
            why: why.to_owned(),
            more: missing.count(),
            of: 0,
            there,
            blockers: Vec::new(),
        }
    }

    /// Returns what a look lacks that was cut off: `rest` of the refs `there`. Registers are
    /// remembered by name.
    pub fn yet(there: &Tips, rest: &[&str]) -> Self {
        let is_register = |name: &&&str| layout::folder_of(name) == Some(layout::LOCKS_FOLDER);
        let named = rest.iter().filter(is_register).take(NAMED_MAX);
        let tip_of = |name: &&str| {
            there
                .get(*name)
                .map(|tip| ((*name).to_owned(), tip.to_string()))
        };
        let named: BTreeMap<String, String> = named.filter_map(tip_of).collect();
        Self {
            why: CUT_OFF.to_owned(),
            more: rest.len() - named.len(),
            of: there.len(),
            there: named,
            blockers: Vec::new(),
        }
    }

    /// Returns how much a look that was cut off has brought, and of how much; `None` if the last
    /// one came to its end.
    pub fn underway(&self) -> Option<(usize, usize)> {
        let lacking = self.more + self.there.len();
        (self.of > 0 && lacking > 0).then(|| (self.of.saturating_sub(lacking), self.of))
    }

    /// Returns true if the fetch brought everything.
    pub fn is_empty(&self) -> bool {
        self.there.is_empty() && self.more == 0 && self.blockers.is_empty()
    }

    /// Adds a ref whose copy goes, and what the copy named.
    fn lose(&mut self, name: &str, there: &RefValue) {
        let tip = match there {
            RefValue::At(tip) => tip.to_string(),
            RefValue::Absent | RefValue::Broken(_) => String::new(),
        };
        if self.there.len() < NAMED_MAX {
            self.there.insert(name.to_owned(), tip);
        } else {
            self.more += 1;
        }
        if self.why.is_empty() {
            DAMAGED.clone_into(&mut self.why);
        }
    }

    /// Adds the refs of the remote that keep out refs of the board.
    pub fn keep_out(&mut self, by: impl Iterator<Item = String>) {
        self.blockers.extend(by.take(NAMED_MAX));
    }
}

impl Ledger {
    /// Remembers that the copies of these refs of the remote go. Until a fetch brings them again,
    /// what they hold is not known.
    pub(in crate::ledger) fn lose_copies(
        &self,
        copies: &[(String, RefValue)],
    ) -> Result<(), LedgerError> {
        let Some(remote) = self.remote.as_ref().filter(|_| !copies.is_empty()) else {
            return Ok(());
        };
        let mut state = self.remote(remote).state();
        for (name, there) in copies {
            state.unfetched.lose(name, there);
        }
        self.remote(remote).save(&state)
    }

    /// Returns the refs that the last fetch could not bring and that may hold one of `about`, or
    /// any resource with `None`.
    pub(in crate::ledger) fn unfetched(
        &self,
        about: Option<&[Resource]>,
    ) -> Result<Vec<Unreadable>, LedgerError> {
        let Some(remote) = &self.remote else {
            return Ok(Vec::new());
        };
        let state = self.remote(remote).state();
        let mut found = Vec::new();
        if state.was_emptied() {
            let why = EMPTIED.to_owned();
            let defect = Defect::NotFetched { why };
            found.push(Unreadable::new(layout::ROOT, defect, MayHold::Anything));
        }
        let unfetched = state.unfetched;
        let unreadable = |place: &str, may_hold| {
            let why = unfetched.why.clone();
            Unreadable::new(place, Defect::NotFetched { why }, may_hold)
        };
        for (name, there) in &unfetched.there {
            let may_hold = self.what_may_hold(name);
            let matters = |about: &[Resource]| about.iter().any(|r| layout::may_hold(&may_hold, r));
            if about.is_none_or(matters) && !self.is_known(name, there)? {
                found.push(unreadable(name, may_hold));
            }
        }
        for name in &unfetched.blockers {
            let Some(may_hold) = self.kept_out_by(name) else {
                continue;
            };
            let matters = |about: &[Resource]| about.iter().any(|r| layout::may_hold(&may_hold, r));
            if about.is_none_or(matters) {
                let why = format!("it keeps refs out: {}", removal(remote, name));
                found.push(Unreadable::new(name, Defect::NotFetched { why }, may_hold));
            }
        }
        // What a look did not bring yet is not known as a whole: `Knowledge` says so.
        if unfetched.more > 0 && unfetched.underway().is_none() {
            let place = format!("{} and {} more", layout::ROOT, unfetched.more);
            found.push(unreadable(&place, MayHold::Anything));
        }
        Ok(found)
    }

    /// Returns the register `name`, if the last fetch could not bring it.
    pub(in crate::ledger) fn unfetched_register(
        &self,
        name: &str,
    ) -> Result<Option<Unreadable>, LedgerError> {
        let Some(remote) = &self.remote else {
            return Ok(None);
        };
        let state = self.remote(remote).state();
        Ok(match state.unfetched.there.get(name) {
            Some(there) if !self.is_known(name, there)? => {
                let why = state.unfetched.why;
                let may_hold = self.what_may_hold(name);
                Some(Unreadable::new(name, Defect::NotFetched { why }, may_hold))
            }
            None if state.was_emptied() && self.read_tracked(name)?.1 == RefValue::Absent => {
                Some(self.not_here(name))
            }
            Some(_) | None => None,
        })
    }

    /// Returns what stands for the register `name` if its copy here was removed.
    pub(in crate::ledger) fn not_here(&self, name: &str) -> Unreadable {
        let why = EMPTIED.to_owned();
        Unreadable::new(name, Defect::NotFetched { why }, self.what_may_hold(name))
    }

    /// Whether this clone knows the ref after all: it wrote it itself, or the tracking ref has
    /// reached what the remote had.
    fn is_known(&self, name: &str, there: &str) -> Result<bool, LedgerError> {
        let there = ObjectId::from_hex(there.as_bytes()).ok();
        if let RefValue::At(tip) = self.refs.read(name)? {
            // A copy of another clone's session, from a fetch over the refs here, may be older.
            let is_own = || {
                self.load(name, tip)
                    .is_ok_and(|stored| self.is_ours(&stored.session))
            };
            if Some(tip) == there || is_own() {
                return Ok(true);
            }
        }
        let (_, value) = self.read_tracked(name)?;
        Ok(matches!(value, RefValue::At(tip) if Some(tip) == there))
    }

    /// Returns the resources that the ref `name` may be about.
    fn what_may_hold(&self, name: &str) -> MayHold {
        let is_register = self.table.of(name).is_some_and(|found| !found.is_owned());
        match name.rsplit('/').next() {
            Some(key) if is_register => MayHold::Key(key.to_owned()),
            _ => MayHold::Anything,
        }
    }
}

impl Ledger {
    /// Appends the findings of `doctor` about refs that the last fetch could not bring.
    /// With `repair`, removes the lock that blocks one, so that the next sync brings it.
    pub(in crate::ledger) fn examine_unfetched(&self, repair: bool, findings: &mut Vec<Finding>) {
        let underway = |remote: &String| self.remote(remote).state().unfetched.underway();
        if let Some((seen, of)) = self.remote.as_ref().and_then(underway) {
            let what = format!("only {seen} of the {of} refs of the remote were seen so far");
            findings.push(Finding::problem(what, "bring the rest: git presence sync"));
        }
        let unfetched = match self.unfetched(None) {
            Ok(unfetched) => unfetched,
            Err(error) => return findings.push(Finding::problem(error.to_string(), SYNC)),
        };
        for one in unfetched {
            let lock = format!("{}.lock", self.tracking_name(&one.place));
            let lock = self.common_dir.join(lock);
            let what = one.to_string();
            findings.push(if lock.is_file() {
                let advice =
                    "--repair removes the lock, if no Git works here; then: git presence sync";
                repairable(what, advice, repair, || self.remove_lock(&lock))
            } else {
                Finding::problem(what, SYNC)
            });
        }
    }

    fn remove_lock(&self, lock: &Path) -> Repaired {
        match self.is_git_at_work() {
            Some(false) => {}
            Some(true) => return Err("Git works here; try again when it has ended".to_owned()),
            None => {
                let lock = lock.display();
                return Err(format!("if no Git works here, remove it: {lock}"));
            }
        }
        let removed = std::fs::remove_file(lock);
        removed
            .map(|()| "removed".to_owned())
            .map_err(|error| error.to_string())
    }
}

/// The advice where nothing here blocks a ref.
const SYNC: &str = "correct what the reason names, then: git presence sync";
