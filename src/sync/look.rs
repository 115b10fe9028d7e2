//! A look at a remote, [`Look`]: how the tracking refs are brought up to what it has.
//!
//! Owns the cheap ways to do so: compare refs first, fetch those that changed, and in batches if
//! there are many, so that a look that is cut off was of use. Never decides what a failure means.

use std::cell::Cell;
use std::time::Duration;

use super::catch_up::{Order, Pace};
use super::plan::BATCH_REFS_MAX;
use crate::clock::Clock;
use crate::git::porcelain::{FailureKind, RemoteFailure};
use crate::git::remote::Remote;
use crate::ledger::{RemoteState, Tip, Tips, Unfetched, layout};

/// The fewest tracking refs for which a comparison is cheaper than a fetch of all refs.
const COMPARED_REFS_MIN: usize = 50;
/// The most other refs of the remote, for each ref of the board, for which a comparison is cheap:
/// it transfers the names of all refs, a fetch only those of the board.
const FOREIGN_REFS_A_REF_MAX: usize = 20;
/// The most fetches of parts of what a fetch did not bring as a whole.
const PARTS_MAX: usize = 64;

/// How much time there is.
#[derive(Clone, Copy)]
pub(super) struct TimeLeft<'s> {
    /// For the remote to answer.
    pub answer: &'s dyn Fn() -> Duration,
    /// For a look to bring what it can, from a remote that answers.
    pub look: &'s dyn Fn() -> Duration,
}

/// A look at one remote.
pub(super) struct Look<'s> {
    remote: &'s Remote,
    clock: &'s dyn Clock,
    left: TimeLeft<'s>,
    known_foreign: usize,
    /// Whether the last look came to its end.
    was_seen_whole: bool,
    foreign_refs: Cell<Option<usize>>,
}

/// What a look brought.
pub(super) struct Looked {
    /// Whether refs may have changed; false if a comparison showed no difference.
    pub may_have_changed: bool,
    /// What it would have brought later.
    pub unfetched: Unfetched,
}

impl Looked {
    fn all(may_have_changed: bool) -> Self {
        Self {
            may_have_changed,
            unfetched: Unfetched::default(),
        }
    }
}

/// Returns the name of the folder of the board, which no ref may have.
pub(super) fn root() -> &'static str {
    layout::ROOT.trim_end_matches('/')
}

fn is_root(name: &str) -> bool {
    name == root()
}

impl<'s> Look<'s> {
    /// Returns a look. `known` is the state of the remote as of the last sync.
    pub(super) fn new(
        remote: &'s Remote,
        clock: &'s dyn Clock,
        left: TimeLeft<'s>,
        known: &RemoteState,
    ) -> Self {
        Self {
            remote,
            clock,
            left,
            known_foreign: known.foreign_refs,
            was_seen_whole: known.was_seen_whole() && known.error.is_none(),
            foreign_refs: Cell::new(None),
        }
    }

    /// Returns the number of refs of the remote that are not of the board; `None` if not counted.
    pub(super) fn foreign_refs(&self) -> Option<usize> {
        self.foreign_refs.get()
    }

    /// Lists the refs of the board on the remote.
    pub(super) fn list(&self) -> Result<Tips, RemoteFailure> {
        let listing = self.remote.list(self.left.answer)?;
        let all = listing.refs.len();
        let mut tips = Tips::new();
        for (id, name) in listing.refs {
            if name.starts_with(layout::ROOT)
                && let Ok(tip) = Tip::from_hex(id.as_str().as_bytes())
            {
                tips.insert(name, tip);
            }
        }
        self.foreign_refs.set(Some(all - tips.len()));
        Ok(tips)
    }

    /// Returns true if the remote has a ref in the place of the folder of the board. A fetch of the
    /// board does not show it.
    pub(super) fn has_root_as_ref(&self) -> bool {
        let listing = self.remote.list(self.left.answer);
        listing.is_ok_and(|listing| listing.refs.iter().any(|(_, name)| is_root(name)))
    }

    /// Brings `tracked` up to date. `is_own` tells the refs of this clone, which come first.
    pub(super) fn update(
        &self,
        tracked: &Tips,
        is_own: impl Fn(&str) -> bool,
    ) -> Result<Looked, RemoteFailure> {
        let all = |()| Looked::all(true);
        let foreign_max = FOREIGN_REFS_A_REF_MAX * tracked.len();
        let is_cheap = tracked.len() < COMPARED_REFS_MIN || self.known_foreign > foreign_max;
        if is_cheap && self.was_seen_whole {
            return self.fetch_all().map(all);
        }
        let there = self.list()?;
        if there == *tracked {
            return Ok(Looked::all(false));
        }
        let is_gone = tracked.keys().any(|name| !there.contains_key(name));
        let wanted = Order::of(&there, tracked, is_own);
        if wanted.len() > BATCH_REFS_MAX {
            let unfetched = self.catch_up(&there, tracked, &wanted)?;
            if is_gone && unfetched.is_empty() {
                self.fetch_all()?;
            }
            return Ok(Looked {
                unfetched,
                ..Looked::all(true)
            });
        }
        if is_gone {
            return self.fetch_all().map(all);
        }
        let names = wanted.changed.iter().chain(&wanted.new);
        let refspecs = names.map(|name| layout::fetch_one(self.remote.name(), name));
        match self
            .remote
            .fetch(&refspecs.collect::<Vec<_>>(), false, self.left.answer)
        {
            // A ref may have been removed since the comparison.
            Err(failure) if failure.kind == FailureKind::Unknown => self.fetch_all(),
            done => done,
        }
        .map(all)
    }

    /// Brings `wanted` of the refs `there` in batches, as far as the time allows; what has arrived
    /// stays. Returns what is lacking. Fails if not even the first batch has come.
    fn catch_up(
        &self,
        there: &Tips,
        tracked: &Tips,
        wanted: &Order<'_>,
    ) -> Result<Unfetched, RemoteFailure> {
        let mut pace = Pace::new();
        let mut brought = 0;
        for part in [&wanted.changed, &wanted.new] {
            let mut rest = part.as_slice();
            while !rest.is_empty() {
                let size = pace.next_of(rest.len(), (self.left.look)());
                let (batch, after) = rest.split_at(size);
                let began = self.clock.elapsed();
                if let Err(failure) = self.fetch_batch(there, tracked, batch) {
                    let is_cut_off = size == 0 || (self.left.look)().is_zero();
                    if !is_cut_off || brought == 0 {
                        return Err(failure);
                    }
                    let lacking: Vec<&str> = wanted.all().skip(brought).collect();
                    return Ok(Unfetched::yet(there, &lacking));
                }
                let time = self.clock.elapsed().saturating_sub(began);
                pace.took(size, time, (self.left.look)());
                brought += size;
                rest = after;
            }
        }
        Ok(Unfetched::default())
    }

    /// Brings some of the refs `there`, all of them new or all of them changed.
    fn fetch_batch(
        &self,
        there: &Tips,
        tracked: &Tips,
        batch: &[&str],
    ) -> Result<(), RemoteFailure> {
        if batch.is_empty() {
            return Err(RemoteFailure::out_of_time());
        }
        let refspec = |name: &&str| {
            let tip = there.get(*name)?.to_string();
            Some(layout::fetch_tip(self.remote.name(), name, &tip))
        };
        let refspecs: Vec<String> = batch.iter().filter_map(refspec).collect();
        let before = |name: &&str| tracked.get(*name).map(ToString::to_string);
        let from: Vec<String> = batch.iter().filter_map(before).collect();
        match self.remote.fetch_tips(&refspecs, &from, self.left.look) {
            // A host may give no commit that is asked for by its id.
            Err(failure) if failure.kind == FailureKind::Unknown => {
                let by_name = |name: &&str| layout::fetch_if_there(self.remote.name(), name);
                let refspecs: Vec<String> = batch.iter().map(by_name).collect();
                self.remote.fetch(&refspecs, false, self.left.look)
            }
            done => done,
        }
    }

    /// Fetches `names` in ever smaller parts, so that what can be fetched comes although the remote
    /// cannot read an object of another one. Ends after a number of fetches, or with the time.
    pub(super) fn fetch_apart(&self, names: &[&str]) {
        let mut parts = vec![names];
        for _ in 0..PARTS_MAX {
            let Some(part) = parts.pop().filter(|_| !(self.left.look)().is_zero()) else {
                break;
            };
            let by_name = |name: &&str| layout::fetch_if_there(self.remote.name(), name);
            let refspecs: Vec<String> = part.iter().map(by_name).collect();
            // Without a word of what is here: the remote would read that first.
            let came = self.remote.fetch_tips(&refspecs, &[], self.left.look);
            if came.is_err() && part.len() > 1 {
                let (first, rest) = part.split_at(part.len() / 2);
                parts.extend([rest, first]);
            }
        }
    }

    /// Fetches all refs of the board at once, and prunes.
    pub(super) fn fetch_all(&self) -> Result<(), RemoteFailure> {
        let all = [layout::fetch_refspec(self.remote.name())];
        self.remote.fetch(&all, true, self.left.look)
    }
}
