//! The walk along one history, from its newest commit to the first that a reader knows.
//!
//! Owns how far a history is read at once, and by which commits a reader knows it again
//! ([`Ledger::landmarks`]). Never decides what is missing.

use std::collections::HashSet;

use gix::ObjectId;

use crate::ledger::history::commit_of;
use crate::ledger::layout;
use crate::ledger::objects::read::CommitRead;
use crate::ledger::position::Landmarks;
use crate::ledger::records::event;
use crate::ledger::store::Ledger;
use crate::model::event::{Entry, Event};
use crate::model::stream::is_news;
use crate::model::time::Timestamp;

/// The most commits of one history that are read.
const COMMITS_MAX: usize = 200_000;
/// The most events of one history that are shown at once.
const EVENTS_MAX: usize = 10_000;
/// The most bytes of messages of one history: other clones write them.
const HISTORY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// What each history may have, however much others had.
const HISTORY_BYTES_MIN: usize = 64 * 1024;
/// The most bytes of messages that are read at once.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// How many bytes of messages may still be read.
pub(super) struct Room(usize);

impl Room {
    /// Returns the room for all histories together.
    pub(super) fn new() -> Self {
        Self(BYTES_MAX)
    }
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// At a commit that the reader knows, or before the time asked for.
    Met,
    /// At the beginning of the history, or where it was cut off.
    Beginning,
    /// The newest commit cannot be read.
    Unreadable,
    /// More is new than is read at once.
    TooMuch,
}

/// What was met on a walk.
pub(super) struct Walked {
    /// The events, newest first.
    pub(super) entries: Vec<Entry>,
    /// How it ended.
    pub(super) end: End,
    /// The known commit at which it ended.
    pub(super) met: Option<ObjectId>,
}

impl Ledger {
    /// Walks from `tip` until a commit of `known`, or an event before `floor`.
    pub(super) fn walk(
        &self,
        (name, tip): (&str, ObjectId),
        known: &HashSet<ObjectId>,
        floor: Option<Timestamp>,
        room: &mut Room,
    ) -> Walked {
        let mut own = room.0.clamp(HISTORY_BYTES_MIN, HISTORY_BYTES_MAX);
        let begun_with = own;
        let mut entries = Vec::new();
        let mut met = None;
        let mut next = Some(tip);
        let mut commits = 0;
        let end = loop {
            let Some(id) = next else { break End::Beginning };
            if known.contains(&id) {
                met = Some(id);
                break End::Met;
            }
            let Ok(commit) = self.objects.read_commit(id) else {
                break match id == tip {
                    true => End::Unreadable,
                    false => End::Beginning,
                };
            };
            commits += 1;
            let rest = own.checked_sub(commit.message.len());
            let is_too_much = commits > COMMITS_MAX || entries.len() >= EVENTS_MAX;
            match rest.filter(|_| !is_too_much) {
                Some(rest) => own = rest,
                None => break End::TooMuch,
            }
            met = first_of(&commit).filter(|first| known.contains(first));
            if met.is_some() {
                break End::Met;
            }
            if let Some((event, at)) = read(&commit) {
                // Time never runs backwards within a history: all that follows is older.
                if floor.is_some_and(|floor| at < floor) {
                    break End::Met;
                }
                // A session speaks for itself alone.
                let is_its_own = layout::may_be_written_by(name, &event.session);
                if is_its_own && is_news(&event.kind) && !self.is_said_before(&commit, &event, at) {
                    entries.push(Entry {
                        at,
                        commit: commit_of(&commit.message, id),
                        ref_name: Some(name.to_owned()),
                        event,
                    });
                }
            }
            next = commit.parents.first().copied();
        };
        room.0 = room.0.saturating_sub(begun_with - own);
        Walked { entries, end, met }
    }

    /// Whether a commit only puts a state on top of that of a remote: it says again what its first
    /// parent says.
    fn is_said_before(&self, commit: &CommitRead, event: &Event, at: Timestamp) -> bool {
        let [first, _, ..] = commit.parents.as_slice() else {
            return false;
        };
        let before = self.objects.read_commit(*first).ok();
        before.is_some_and(|before| read(&before).is_some_and(|said| said == (event.clone(), at)))
    }

    /// Returns the landmarks of a history that has these newest commits.
    pub(super) fn landmarks(&self, tips: &[ObjectId]) -> Landmarks {
        let mut marks = Landmarks::default();
        for tip in tips {
            let mut next = Some(*tip);
            // A heartbeat may be replaced by one that has the same parents.
            for _ in 0..2 {
                let Some(id) = next.filter(|id| !marks.ids.contains(id)) else {
                    break;
                };
                marks.ids.push(id);
                let Ok(commit) = self.objects.read_commit(id) else {
                    break;
                };
                marks.ids.extend(first_of(&commit));
                let said = read(&commit);
                marks.at = marks.at.max(said.as_ref().map(|(_, at)| *at));
                next = commit.parents.first().copied();
                if said.is_some_and(|(event, _)| is_news(&event.kind)) {
                    marks.ids.extend(next.filter(|id| !marks.ids.contains(id)));
                    break;
                }
            }
        }
        marks
    }
}

fn read(commit: &CommitRead) -> Option<(Event, Timestamp)> {
    let committed_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
    event::read(&commit.message, committed_at)
}

/// Returns the commit that recorded the event first, if this one was written again.
fn first_of(commit: &CommitRead) -> Option<ObjectId> {
    let first = event::first_commit(&commit.message)?;
    ObjectId::from_hex(first.as_bytes()).ok()
}
