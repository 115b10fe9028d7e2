//! Results of earlier contacts with a remote.
//!
//! Owns `<git>/presence/remote-<key>.toml` with a [`RemoteState`]: the last fetch, the last error,
//! refused pushes, the times of pushes. A file that cannot be read counts as none, as its loss does
//! no harm. Never decides a claim.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::unfetched::Unfetched;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::refs::RefValue;
use crate::ledger::refs::tips::Tips;
use crate::ledger::store::Ledger;
use crate::model::forbidden::{Forbidden, RefChange};
use crate::model::time::Timestamp;

/// The results of earlier contacts with one remote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoteState {
    /// A digest of the places where the remote is fetched and pushed.
    place: Option<String>,
    /// The number of syncs that ended, failed ones included.
    pub syncs: u64,
    /// The number of those that pushed everything and fetched after that.
    pub whole: u64,
    /// When the tracking refs last matched the remote, in milliseconds since 1970 UTC.
    looked_at_millis: Option<i64>,
    /// A tracking ref that the last fetch left here. If it is gone, so may be the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<String>,
    /// Whether the tracking refs were removed since the last fetch of all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    was_emptied: bool,
    /// When the last sync began.
    attempted_at_millis: Option<i64>,
    /// When an anomaly was last found.
    odd_at_millis: Option<i64>,
    /// The number of failed syncs since the last that succeeded.
    pub failures: u32,
    /// The error of the last failed sync, if no later one succeeded.
    pub error: Option<String>,
    /// The times of the pushes within the last minute, and of the last push.
    pushed_at_millis: Vec<i64>,
    /// The number of refs of the remote outside the ledger, when they were last counted.
    pub foreign_refs: usize,
    /// The anomalies of the last hour, at most 3, for users.
    pub odd: Vec<String>,
    /// The refusal of the remote to take any push.
    refused: Option<Refusal>,
    /// Its refusals to take single refs, by ref name.
    refused_refs: BTreeMap<String, Refusal>,
    /// Until when the host asked not to be contacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    back_at_millis: Option<i64>,
    /// The refs of the remote that the last fetch could not bring.
    #[serde(skip_serializing_if = "Unfetched::is_empty")]
    pub unfetched: Unfetched,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refusal {
    said: String,
    at_millis: i64,
    /// True if the remote did not have the ref.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    creates: bool,
}

impl Refusal {
    fn is_recent(&self, now: Timestamp) -> bool {
        Timestamp::from_millis(self.at_millis).is_recent(now, REFUSED_FOR_SECS)
    }
}

/// How long a refusal counts, before the push is tried again.
const REFUSED_FOR_SECS: u64 = 24 * 60 * 60;
/// How long an anomaly is kept after it was last found, so that a later command can report what a
/// sync in the background has found.
const ODD_FOR_SECS: u64 = 60 * 60;
/// The most anomalies that are kept: the first ones are enough.
const ODD_MAX: usize = 3;

/// The longest time for which a host is not contacted because it asked for that.
const WAIT_SECS_MAX: u64 = 60 * 60;
const MINUTE_MILLIS: i64 = 60_000;

impl RemoteState {
    /// Returns when the tracking refs last matched the remote.
    pub fn fetched_at(&self) -> Option<Timestamp> {
        self.looked_at_millis.map(Timestamp::from_millis)
    }

    /// Returns when the last sync began.
    pub fn attempted_at(&self) -> Option<Timestamp> {
        self.attempted_at_millis.map(Timestamp::from_millis)
    }

    /// Returns when this clone last pushed.
    pub fn last_push_at(&self) -> Option<Timestamp> {
        self.pushed_at_millis
            .last()
            .copied()
            .map(Timestamp::from_millis)
    }

    /// Records that a sync begins.
    pub fn attempted(&mut self, now: Timestamp) {
        self.attempted_at_millis = Some(now.as_millis());
    }

    /// Records in how many seconds the host asked to come back; `None` if it did not.
    pub fn record_wait(&mut self, secs: Option<u64>, now: Timestamp) {
        self.back_at_millis = secs.map(|secs| now.plus_secs(secs).as_millis());
    }

    /// Returns in how many seconds the host asked to come back, if that is still to come. More than
    /// an hour was noted by a clock that was ahead.
    pub fn wait_secs(&self, now: Timestamp) -> Option<u64> {
        let left = self.back_at_millis?.checked_sub(now.as_millis())?;
        let secs = u64::try_from(left).ok()?.div_ceil(1000);
        (1..=WAIT_SECS_MAX).contains(&secs).then_some(secs)
    }

    /// Returns true if the tracking refs were removed since the last fetch of all: `git fetch
    /// --prune` does that in a mirror clone. What they showed is not known any more, and nothing
    /// is free for it.
    pub const fn was_emptied(&self) -> bool {
        self.was_emptied
    }

    /// Replaces the anomalies by the first 3 of `odd`; without any, removes them after an hour.
    pub fn record_anomalies(&mut self, odd: &[String], now: Timestamp) {
        let at = self.odd_at_millis.map(Timestamp::from_millis);
        let is_old = !at.is_some_and(|at| at.is_recent(now, ODD_FOR_SECS));
        if !odd.is_empty() {
            self.odd = odd.iter().take(ODD_MAX).cloned().collect();
            self.odd_at_millis = Some(now.as_millis());
        } else if is_old {
            self.odd.clear();
        }
    }

    /// Returns true if a fetch has brought all that the remote had, be it long ago.
    pub fn was_seen_whole(&self) -> bool {
        self.looked_at_millis.is_some() && self.unfetched.underway().is_none()
    }

    /// Records that the remote takes no push, with its text; returns whether that is new.
    pub fn record_refusal(&mut self, said: &str, now: Timestamp) -> bool {
        let was_known = self.refused.is_some();
        self.refused = Some(Refusal {
            said: said.to_owned(),
            at_millis: now.as_millis(),
            creates: false,
        });
        !was_known
    }

    /// Records that the remote does not take the ref `name`.
    pub fn record_refusal_of(&mut self, name: &str, forbidden: &Forbidden, now: Timestamp) {
        let refusal = Refusal {
            said: forbidden.said.clone(),
            at_millis: now.as_millis(),
            creates: forbidden.change == RefChange::Create,
        };
        self.refused_refs.insert(name.to_owned(), refusal);
    }

    /// Removes all refusals.
    pub fn accepts(&mut self) {
        self.refused = None;
        self.refused_refs.clear();
    }

    /// Removes the general refusal and that of the ref `name`.
    pub fn accepts_ref(&mut self, name: &str) {
        self.refused = None;
        self.refused_refs.remove(name);
    }

    /// Returns the text with which the remote refused every push within the last 24 hours.
    pub fn refused(&self, now: Timestamp) -> Option<&str> {
        let refusal = self.refused.as_ref().filter(|r| r.is_recent(now));
        refusal.map(|refusal| refusal.said.as_str())
    }

    /// Returns the refs that the remote refused within the last 24 hours.
    pub fn refused_refs(&self, now: Timestamp) -> BTreeMap<String, Forbidden> {
        let recent = self.refused_refs.iter().filter(|(_, r)| r.is_recent(now));
        let forbidden = |refusal: &Refusal| Forbidden {
            change: RefChange::of(!refusal.creates),
            said: refusal.said.clone(),
        };
        recent
            .map(|(name, refusal)| (name.clone(), forbidden(refusal)))
            .collect()
    }

    /// Records a push.
    pub fn pushed(&mut self, now: Timestamp) {
        let now = now.as_millis();
        let last = self.pushed_at_millis.last().copied();
        self.pushed_at_millis
            .retain(|at| now - at < MINUTE_MILLIS && *at <= now || Some(*at) == last);
        self.pushed_at_millis.push(now);
    }

    /// Returns the number of pushes within the last minute.
    pub fn pushes_within_a_minute(&self, now: Timestamp) -> usize {
        let recent = |at: &&i64| (0..MINUTE_MILLIS).contains(&(now.as_millis() - **at));
        self.pushed_at_millis.iter().filter(recent).count()
    }
}

/// The stored state of one remote.
pub struct RemoteHandle<'l> {
    ledger: &'l Ledger,
    name: &'l str,
}

impl Ledger {
    /// Returns access to the stored state of the remote `name`.
    pub fn remote<'l>(&'l self, name: &'l str) -> RemoteHandle<'l> {
        RemoteHandle { ledger: self, name }
    }

    /// Makes this clone append every heartbeat from now on, instead of replacing the last one.
    pub(in crate::ledger) fn set_forward_only(&self) -> Result<(), LedgerError> {
        // A clone that never wrote has no folder yet.
        let made = self.folder.ensure();
        let made = made.and_then(|()| self.folder.replace_bytes(layout::FORWARD_ONLY, b""));
        made.map_err(|error| self.folder.error("what a remote answered", error).into())
    }

    /// Whether this clone appends every heartbeat.
    pub(in crate::ledger) fn is_forward_only(&self) -> bool {
        let folder = self.folder.open();
        folder.is_ok_and(|folder| folder.kind(layout::FORWARD_ONLY).is_ok())
    }
}

impl RemoteHandle<'_> {
    /// Returns the stored state, an empty one if it cannot be read, or if the remote was at another
    /// place then.
    pub fn state(&self) -> RemoteState {
        let known = self.stored();
        match known.place.as_deref() {
            Some(place) if Some(place) != self.ledger.place_digest() => RemoteState::default(),
            _ if self.is_gone(known.witness.as_deref()) => RemoteState {
                looked_at_millis: None,
                was_emptied: true,
                ..known
            },
            _ => known,
        }
    }

    /// Replaces the stored state, without syncing it to disk: a power cut costs a fetch.
    ///
    /// Fails if the file cannot be written.
    pub fn save(&self, state: &RemoteState) -> Result<(), LedgerError> {
        let state = RemoteState {
            place: self.ledger.place_digest().map(str::to_owned),
            ..state.clone()
        };
        let file = layout::remote_file(self.name);
        Ok(self.ledger.folder.replace(&file, &state)?)
    }

    /// Records in `state` that the tracking refs match the remote. Fails if they cannot be listed.
    pub fn record_fetch(&self, state: &mut RemoteState, now: Timestamp) -> Result<(), LedgerError> {
        state.looked_at_millis = Some(now.as_millis());
        state.was_emptied = false;
        if self.is_gone(state.witness.as_deref()) {
            state.witness = None;
        }
        self.choose_witness(state)
    }

    /// Chooses a tracking ref from which it is seen later whether they were removed, if there is
    /// none yet. Fails if they cannot be listed.
    pub fn choose_witness(&self, state: &mut RemoteState) -> Result<(), LedgerError> {
        if state.witness.is_none() {
            let tips = self.ledger.tracking().tips()?;
            // A register stays longer than a session.
            let is_register =
                |name: &&String| layout::folder_of(name) == Some(layout::LOCKS_FOLDER);
            let stays = tips.keys().find(is_register).or_else(|| tips.keys().next());
            state.witness = stays.map(|name| self.ledger.tracking_name(name));
        }
        Ok(())
    }

    fn stored(&self) -> RemoteState {
        let text = self.ledger.folder.text(&layout::remote_file(self.name));
        toml::from_str(&text).unwrap_or_default()
    }

    /// Chooses another witness if a fetch removed it, because the remote does not have it any more.
    /// `before` are the tracking refs before that fetch, `after` those after it. Fails if the state
    /// cannot be written.
    pub fn replace_witness(&self, before: &Tips, after: &Tips) -> Result<(), LedgerError> {
        let mut state = self.stored();
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        let mut gone = gone.map(|name| self.ledger.tracking_name(name));
        if !gone.any(|name| state.witness.as_ref() == Some(&name)) {
            return Ok(());
        }
        state.witness = None;
        self.choose_witness(&mut state)?;
        self.save(&state)
    }

    /// As [`choose_witness`](Self::choose_witness), in the stored state.
    pub fn record_witness(&self) -> Result<(), LedgerError> {
        let mut state = self.state();
        if state.witness.is_some() {
            return Ok(());
        }
        self.choose_witness(&mut state)?;
        self.save(&state)
    }

    fn is_gone(&self, tracking: Option<&str>) -> bool {
        let read = tracking.map(|name| self.ledger.refs.read(name));
        matches!(read, Some(Ok(RefValue::Absent)))
    }
}
