//! Tracking refs beside the refs of this clone.
//!
//! Owns [`Tracking`]: what the remote had at the last fetch, and which refs of this clone it does
//! not have yet. Never contacts a remote, never rewrites the session of another clone.

use std::path::PathBuf;

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::commit::{commit_text, event_of, renamed};
use crate::ledger::error::LedgerError;
use crate::ledger::kind::Namespace;
use crate::ledger::layout;
use crate::ledger::refs::tips::{Tips, or_default_on_clash, tips};
use crate::ledger::refs::{RefError, RefValue, SwapError};
use crate::ledger::repository::Repository;
use crate::ledger::store::Ledger;
use crate::ledger::urls::{self, Place};
use crate::model::event::EventKind;
use crate::model::session::Session;
use crate::model::text;
use crate::model::time::Timestamp;

/// A ref of this clone and the tracking ref of the same name.
pub(in crate::ledger) struct RefPair {
    /// The name of the ref, at the remote as well.
    pub(in crate::ledger) name: String,
    /// The value in this clone.
    pub(in crate::ledger) local: RefValue,
    /// The value at the remote, as of the last fetch.
    pub(in crate::ledger) tracked: RefValue,
}

/// A ref of this clone whose value the remote does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The name of the ref.
    pub name: String,
    /// Its value in this clone.
    pub local: ObjectId,
    /// Its value at the remote, as of the last fetch.
    pub tracked: Option<ObjectId>,
    /// Whether its session is over, so that the board need not have it.
    pub is_over: bool,
}

impl Ahead {
    /// Returns true if the remote need not have it: its session is over, and the remote has
    /// nothing of it. It was removed there, or it ended before it was ever pushed.
    pub fn stays_away(&self) -> bool {
        self.is_over && self.tracked.is_none()
    }
}

/// The most refs that are read one by one instead of listing all.
const FEW: usize = 32;

/// The refs of this clone beside the tracking refs of a remote.
pub struct Tracking<'l> {
    pub(super) ledger: &'l Ledger,
}

impl Ledger {
    /// Returns access to the refs of this clone and the tracking refs of the followed remote.
    pub fn tracking(&self) -> Tracking<'_> {
        Tracking { ledger: self }
    }
}

impl Tracking<'_> {
    /// Whether `local` descends from `found`, or from a heartbeat that replaced it.
    pub fn descends_from(&self, local: ObjectId, found: ObjectId) -> bool {
        self.ledger.descends_from(local, found)
    }

    /// Makes this clone append every heartbeat from now on, instead of replacing the last one.
    ///
    /// Fails if the marker file cannot be written.
    pub fn set_forward_only(&self) -> Result<(), LedgerError> {
        self.ledger.set_forward_only()
    }

    /// Notes that `batch` is about to be pushed, so that it is known again. Fails if the file
    /// cannot be written.
    pub fn note_sent(&self, batch: &[Ahead]) -> Result<(), LedgerError> {
        self.ledger.note_sent(batch)
    }

    /// Whether `found` is `local` or one of its ancestors.
    pub fn has_in_history(&self, local: ObjectId, found: ObjectId) -> bool {
        self.ledger.has_in_history(local, found)
    }

    /// Writes three commits to probe a remote with: one, its child, and an unrelated one.
    ///
    /// No ref names them. Fails if they cannot be written.
    pub fn probe_commits(&self, clock: &dyn Clock) -> Result<[ObjectId; 3], LedgerError> {
        self.ledger.probe_commits(clock)
    }

    /// Returns the folders in which a file changes when a claim is made or ends, for refs in files
    /// and in reftables. Some of them may not exist.
    pub fn watched(&self) -> Vec<PathBuf> {
        let prefixes: Vec<String> = self.ledger.table.all().map(Namespace::prefix).collect();
        let remote = self.ledger.remote.as_deref();
        let there = remote.map(|remote| prefixes.iter().map(|p| layout::tracking_ref(remote, p)));
        let there: Vec<String> = there.into_iter().flatten().collect();
        let here = prefixes.into_iter();
        let all = here
            .chain(there)
            .map(|name| self.ledger.common_dir.join(name));
        // With refs in files there never is one.
        let tables = self.ledger.common_dir.join(layout::REFTABLE);
        all.chain(tables.is_dir().then_some(tables)).collect()
    }

    /// Returns the session refs of this repository, without the tracking refs.
    pub fn own_tips(&self) -> Result<Tips, LedgerError> {
        let mut own = Tips::new();
        for namespace in self.ledger.table.owned() {
            own.extend(tips(self.ledger.refs.list(&namespace.prefix())?));
        }
        Ok(own)
    }

    /// Returns what the remote had at the last fetch, by names at the remote.
    pub fn tips(&self) -> Result<Tips, LedgerError> {
        Ok(tips(self.ledger.tracked_below(layout::ROOT)?))
    }

    /// Returns what the remote had of the refs `local`; `None` if listing all is no slower.
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

    /// Returns the refs of this clone whose values the remote does not have and ought to have.
    pub fn ahead(&self, now: Timestamp) -> Result<Vec<Ahead>, LedgerError> {
        let local = self.own_tips()?;
        let tracked = match self.tips_of(&local)? {
            Some(tracked) => tracked,
            None => self.tips()?,
        };
        let mut ahead = self.ahead_of(&local, &tracked, now);
        ahead.retain(|ahead| !ahead.stays_away());
        Ok(ahead)
    }

    /// Returns the refs in `local` of this clone's sessions whose value in `tracked` differs.
    ///
    /// Damaged sessions are left out, and so not pushed.
    pub fn ahead_of(&self, local: &Tips, tracked: &Tips, now: Timestamp) -> Vec<Ahead> {
        let differs = |(name, tip): &(&String, &ObjectId)| tracked.get(*name) != Some(*tip);
        let ahead = |(name, tip): (&String, &ObjectId)| {
            let stored = self.ledger.load(name, *tip).ok();
            let stored = stored.filter(|stored| self.ledger.is_ours(&stored.session))?;
            let has_messages = self.ledger.has_live_messages(&stored.tree.files, now);
            Some(Ahead {
                name: name.clone(),
                local: *tip,
                tracked: tracked.get(name).copied(),
                is_over: !has_messages
                    && !stored.session.says_anything(now)
                    && self.ledger.retention.is_own_over(&stored.session, now),
            })
        };
        local.iter().filter(differs).filter_map(ahead).collect()
    }

    /// Returns true if the remote lacks nothing of a session but that it was active: its newest
    /// event is a heartbeat, and the remote has what that stands on, or an earlier heartbeat.
    pub fn is_heartbeat_alone(&self, ahead: &Ahead) -> bool {
        let beat = |tip: ObjectId| {
            let tree = self.ledger.tree(tip).ok()?;
            let (event, _) = event_of(&tree)?;
            (event.kind == EventKind::Heartbeat).then_some(tree.commit.parents)
        };
        let Some(parents) = beat(ahead.local) else {
            return false;
        };
        match ahead.tracked {
            None => parents.is_empty(),
            Some(tracked) => {
                parents.contains(&tracked) || beat(tracked).is_some_and(|its| its == parents)
            }
        }
    }

    /// Commits the state of `ahead` again on top of `found`, the value at the remote.
    ///
    /// For remotes that move refs forward only. Does nothing if the ref was moved meanwhile. Fails
    /// if the session cannot be read or written.
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
        // With both as parents, every state that was ever pushed stays an ancestor.
        let parents = vec![ahead.local, found];
        let event = event_of(&stored.tree).map(|(event, _)| event);
        let event = event.unwrap_or_else(|| renamed(&stored.session, Vec::new()));
        let session = &stored.session;
        let text = commit_text(clock, (&session.who, session.seen_at), &event, parents);
        let id = self.ledger.commit_again(&stored.tree, text)?;
        match self.ledger.swap(&ahead.name, Some(ahead.local), id) {
            // A newer state is then to be pushed.
            Err(SwapError::Lost(_)) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Returns a text for users about an unexpected change from `old` to `new` by a fetch.
    ///
    /// That is a session that cannot be read, or one that went back in time, as after a restored
    /// backup of the remote. The board shows such a session as it is; its clone pushes again at its
    /// next sync.
    pub fn anomaly(
        &self,
        name: &str,
        old: Option<&ObjectId>,
        new: Option<&ObjectId>,
    ) -> Option<String> {
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
            let name = text::name(name);
            format!("{name} went back in time, from {before} to {now}")
        })
    }
}

impl Ledger {
    /// Sets the remote whose tracking refs are read along with the refs of this clone.
    #[must_use]
    pub fn following(mut self, remote: Option<&str>) -> Self {
        self.remote = remote.map(str::to_owned);
        self
    }

    /// Sets how that remote and `repository` mirror each other. In a mirror clone the refs of the
    /// board are fetched over those here: then they are copies, and nothing was decided here.
    #[must_use]
    pub fn copying(mut self, repository: &Repository) -> Self {
        let config = repository.gix.config_snapshot();
        let config = config.plumbing();
        if let Some(name) = &self.remote {
            self.is_mirror = urls::copies_board(config, name);
            self.is_pushed_as_mirror = urls::is_pushed_as_mirror(config, name);
        }
        self
    }

    /// Whether every push to that remote is one of all refs, which removes those that are not here.
    pub fn is_pushed_as_mirror(&self) -> bool {
        self.is_pushed_as_mirror
    }

    /// Whether this repository has a ref of this name; true if that cannot be read.
    pub fn has_ref(&self, name: &str) -> bool {
        !matches!(self.refs.read(name), Ok(RefValue::Absent))
    }

    /// Sets the place of that remote. What was noted about another place does not count.
    #[must_use]
    pub fn at_place(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Checks whether `to`, which Git reports after a push, is another place than the one that is
    /// fetched: Git may know settings that were not seen here.
    pub fn is_elsewhere(&self, to: &str) -> bool {
        self.place.as_ref().is_some_and(|place| !place.is_at(to))
    }

    pub(in crate::ledger) fn place_digest(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.digest.as_str())
    }

    /// Returns every ref of a namespace, of this clone or tracked, ordered by name.
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
        // The sort is stable, so a ref of this clone comes before the tracking ref.
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

    /// Returns the tracking refs below `prefix`, by their names at the remote.
    pub(in crate::ledger) fn tracked_below(
        &self,
        prefix: &str,
    ) -> Result<Vec<(String, RefValue)>, RefError> {
        let Some(remote) = &self.remote else {
            return Ok(Vec::new());
        };
        let found = or_default_on_clash(self.refs.list(&layout::tracking_ref(remote, prefix)))?;
        let named = |(name, value): (String, RefValue)| {
            layout::tracked_ref(remote, &name).map(|name| (name, value))
        };
        Ok(found.into_iter().filter_map(named).collect())
    }

    /// Returns the tracking ref of the ref `name`; `name` itself if no remote is followed.
    pub(in crate::ledger) fn tracking_name(&self, name: &str) -> String {
        let remote = self.remote.as_deref();
        remote.map_or_else(
            || name.to_owned(),
            |remote| layout::tracking_ref(remote, name),
        )
    }

    /// Returns the tracking ref of `name`, and its value.
    pub(in crate::ledger) fn read_tracked(
        &self,
        name: &str,
    ) -> Result<(String, RefValue), RefError> {
        let at = self.tracking_name(name);
        match self.remote {
            None => Ok((at, RefValue::Absent)),
            Some(_) => or_default_on_clash(self.refs.read(&at)).map(|value| (at, value)),
        }
    }

    /// Whether a session belongs to this clone.
    pub(in crate::ledger) fn is_ours(&self, session: &Session) -> bool {
        self.node() == Some(session.who.node)
    }
}
