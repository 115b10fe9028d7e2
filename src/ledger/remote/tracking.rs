//! What a remote has, as far as this clone knows.
//!
//! Owns the reading of the tracking refs beside our own, and what of ours the remote does not have
//! yet. Never talks to a remote, never rewrites the session of another clone.

use std::path::PathBuf;

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::commit::{commit_text, event_of, renamed};
use crate::ledger::error::LedgerError;
use crate::ledger::kind::Namespace;
use crate::ledger::layout;
use crate::ledger::refs::tips::{Tips, tips, unless_in_the_way};
use crate::ledger::refs::{RefError, RefValue, SwapError};
use crate::ledger::store::Ledger;
use crate::model::session::Session;

/// A session ref here, and its copy of the remote.
pub(in crate::ledger) struct RefPair {
    pub(in crate::ledger) name: String,
    pub(in crate::ledger) local: RefValue,
    pub(in crate::ledger) tracked: RefValue,
}

/// One of our refs that the remote does not have as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    pub name: String,
    pub local: ObjectId,
    /// What the remote had when we last looked.
    pub tracked: Option<ObjectId>,
}

/// Up to so many refs are read one by one rather than all together.
const FEW: usize = 32;

/// The refs of this clone beside the copies of a remote.
pub struct Tracking<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// The refs of this clone beside the copies of the remote that is followed.
    pub fn tracking(&self) -> Tracking<'_> {
        Tracking { ledger: self }
    }
}

impl Tracking<'_> {
    /// Whether `found` is something that `local` came from.
    pub fn descends_from(&self, local: ObjectId, found: ObjectId) -> bool {
        self.ledger.descends_from(local, found)
    }

    /// From now on heartbeats are appended and not replaced.
    pub fn set_forward_only(&self) -> Result<(), LedgerError> {
        self.ledger.set_forward_only()
    }

    /// Whether `found` is in the history of `local`.
    pub fn has_in_history(&self, local: ObjectId, found: ObjectId) -> bool {
        self.ledger.has_in_history(local, found)
    }

    /// Three commits to try a remote out with: one, its child, and another one. No ref names them.
    pub fn probe_commits(&self, clock: &dyn Clock) -> Result<[ObjectId; 3], LedgerError> {
        self.ledger.probe_commits(clock)
    }

    /// The folders in which something changes when a claim is made or ends, where refs are files
    /// or tables of files.
    pub fn watched(&self) -> Vec<PathBuf> {
        let prefixes: Vec<String> = self.ledger.table.all().map(Namespace::prefix).collect();
        let remote = self.ledger.remote.as_deref();
        let there = remote.map(|remote| prefixes.iter().map(|p| layout::tracking_ref(remote, p)));
        let there: Vec<String> = there.into_iter().flatten().collect();
        let here = prefixes.into_iter();
        let tables = [layout::REFTABLE.to_owned()].into_iter();
        let all = here.chain(there).chain(tables);
        all.map(|name| self.ledger.common_dir.join(name)).collect()
    }

    /// Our session refs, as they stand here.
    pub fn own_tips(&self) -> Result<Tips, LedgerError> {
        let mut own = Tips::new();
        for namespace in self.ledger.table.owned() {
            own.extend(tips(self.ledger.refs.list(&namespace.prefix())?));
        }
        Ok(own)
    }

    /// What the remote has, as far as this clone knows.
    pub fn tips(&self) -> Result<Tips, LedgerError> {
        Ok(tips(self.ledger.tracked_below(layout::ROOT)?))
    }

    /// What the remote has of these few; `None` where it is no less work to read all.
    pub fn tips_of(&self, local: &Tips) -> Result<Option<Tips>, LedgerError> {
        if local.len() > FEW || !self.ledger.refs.reads_one_cheaply() {
            return Ok(None);
        }
        let mut found = Tips::new();
        for name in local.keys() {
            if let (_, RefValue::At(tip)) = self.ledger.read_tracked(name)? {
                found.insert(name.clone(), tip);
            }
        }
        Ok(Some(found))
    }

    /// The refs of this clone that the remote does not have as they are.
    pub fn ahead(&self) -> Result<Vec<Ahead>, LedgerError> {
        let local = self.own_tips()?;
        let tracked = match self.tips_of(&local)? {
            Some(tracked) => tracked,
            None => self.tips()?,
        };
        Ok(self.ahead_of(&local, &tracked))
    }

    /// Those of `local` that are ours, and not the same in `tracked`. A damaged one stays here.
    pub fn ahead_of(&self, local: &Tips, tracked: &Tips) -> Vec<Ahead> {
        let differs = |(name, tip): &(&String, &ObjectId)| tracked.get(*name) != Some(*tip);
        let is_ours = |(name, tip): &(&String, &ObjectId)| {
            let stored = self.ledger.load(name, **tip);
            stored.is_ok_and(|stored| self.ledger.is_ours(&stored.session))
        };
        let ahead = |(name, tip): (&String, &ObjectId)| Ahead {
            name: name.clone(),
            local: *tip,
            tracked: tracked.get(name).copied(),
        };
        let refs = local.iter().filter(differs).filter(is_ours);
        refs.map(ahead).collect()
    }

    /// For a remote that moves refs forward only: the same state, on top of what is there.
    pub fn reparent_onto(
        &self,
        clock: &dyn Clock,
        ahead: &Ahead,
        found: ObjectId,
    ) -> Result<(), LedgerError> {
        self.ledger.set_forward_only()?;
        let stored = self
            .ledger
            .load(&ahead.name, ahead.local)
            .map_err(|defect| LedgerError::unreadable(&ahead.name, defect))?;
        // With both as parents nothing that was ever sent is taken for somebody else's.
        let parents = vec![ahead.local, found];
        let event = event_of(&stored.tree).map(|(event, _)| event);
        let event = event.unwrap_or_else(|| renamed(&stored.session, Vec::new()));
        let session = &stored.session;
        let text = commit_text(clock, (&session.who, session.seen_at), &event, parents);
        let id = self.ledger.commit_again(&stored.tree, text)?;
        match self.ledger.refs.swap(&ahead.name, Some(ahead.local), id) {
            // Then there is something newer to push.
            Err(SwapError::Lost(_)) => Ok(()),
            done => Ok(done?),
        }
    }

    /// What is odd about a change that a look brought: a session that cannot be read, or one that
    /// went back in time, as after a restored backup of the remote. It is shown as it is; its
    /// clone pushes again at its next sync.
    pub fn anomaly(
        &self,
        name: &str,
        old: Option<&ObjectId>,
        new: Option<&ObjectId>,
    ) -> Option<String> {
        let is_in_the_way = |namespace: &Namespace| namespace.prefix() == format!("{name}/");
        if let Some(namespace) = self.ledger.table.all().find(|n| is_in_the_way(n))
            && new.is_some()
        {
            let noun = namespace.noun;
            return Some(format!(
                "{name} blocks every {noun} ref there: git push <remote> --delete {name}"
            ));
        }
        let namespace = self.ledger.table.of(name)?;
        let new = new.filter(|_| namespace.is_owned())?;
        let now = match self.ledger.load(name, *new) {
            Ok(stored) => stored.session.seen_at,
            Err(defect) => return Some(LedgerError::unreadable(name, defect).to_string()),
        };
        let before = self.ledger.load(name, *old?).ok()?.session.seen_at;
        let went_back = now < before;
        went_back.then(|| {
            let (now, before) = (now.to_rfc3339(), before.to_rfc3339());
            format!("{name} went back in time, from {before} to {now}")
        })
    }
}

impl Ledger {
    /// Read the board along with the copies of this remote.
    #[must_use]
    pub fn following(mut self, remote: Option<&str>) -> Self {
        self.remote = remote.map(str::to_owned);
        self
    }

    /// Every ref of a namespace, here or there, ordered by name.
    pub(in crate::ledger) fn places(
        &self,
        namespace: &Namespace,
    ) -> Result<Vec<RefPair>, RefError> {
        let prefix = &namespace.prefix();
        let place = |name, local, tracked| RefPair {
            name,
            local,
            tracked,
        };
        let local = self.refs.list(prefix)?.into_iter();
        let local = local.map(|(name, value)| place(name, value, RefValue::Absent));
        let tracked = self.tracked_below(prefix)?.into_iter();
        let tracked = tracked.map(|(name, value)| place(name, RefValue::Absent, value));
        let mut places: Vec<RefPair> = local.chain(tracked).collect();
        // What is here stands before what is there: the sort is stable.
        places.sort_by(|a, b| a.name.cmp(&b.name));
        places.dedup_by(|there, here| {
            let is_same = there.name == here.name;
            if is_same {
                here.tracked = std::mem::take(&mut there.tracked);
            }
            is_same
        });
        Ok(places)
    }

    /// The copies of the refs of the remote below `prefix`, under the names that they have there.
    pub(in crate::ledger) fn tracked_below(
        &self,
        prefix: &str,
    ) -> Result<Vec<(String, RefValue)>, RefError> {
        let Some(remote) = &self.remote else {
            return Ok(Vec::new());
        };
        let found = unless_in_the_way(self.refs.list(&layout::tracking_ref(remote, prefix)))?;
        let named = |(name, value): (String, RefValue)| {
            layout::tracked_ref(remote, &name).map(|name| (name, value))
        };
        Ok(found.into_iter().filter_map(named).collect())
    }

    pub(in crate::ledger) fn tracking_name(&self, name: &str) -> String {
        let remote = self.remote.as_deref();
        remote.map_or_else(
            || name.to_owned(),
            |remote| layout::tracking_ref(remote, name),
        )
    }

    /// The copy of `name` that the remote had.
    pub(in crate::ledger) fn read_tracked(
        &self,
        name: &str,
    ) -> Result<(String, RefValue), RefError> {
        let at = self.tracking_name(name);
        match self.remote {
            None => Ok((at, RefValue::Absent)),
            Some(_) => unless_in_the_way(self.refs.read(&at)).map(|value| (at, value)),
        }
    }

    pub(in crate::ledger) fn is_ours(&self, session: &Session) -> bool {
        self.node() == Some(session.who.node)
    }
}
