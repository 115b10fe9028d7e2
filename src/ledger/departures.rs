//! Who held a resource last, and at which commit of the code that session was.
//!
//! Owns the trailer with that commit, which every write but a heartbeat has where the board is kept
//! in the repository of the code, and the search for the last one. The commit is named, never
//! pushed. Never looks at the code.

use gix::ObjectId;

use crate::ledger::error::LedgerError;
use crate::ledger::look;
use crate::ledger::records::SESSIONS;
use crate::ledger::records::event;
use crate::ledger::refs::RefValue;
use crate::ledger::repository::Repository;
use crate::ledger::store::{Head, Ledger};
use crate::model::departure::Departure;
use crate::model::event::{Event, EventKind};
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

/// The most states of one history that are looked at.
const STATES_MAX: usize = 64;
/// The most states of all histories that are looked at for one question: hooks ask it.
const STATES_ALL_MAX: usize = 2_000;
/// The most bytes of messages that are read for it.
const BYTES_ALL_MAX: usize = 4 * 1024 * 1024;
/// The most sessions whose histories are looked at; with more, only registers are.
const SESSIONS_MAX: usize = 200;
/// How long ago a session may have left a resource for that to matter.
const WITHIN_SECS: u64 = 24 * 60 * 60;

impl Repository {
    /// Returns what reads the commit that is checked out, and its branch.
    pub fn head(&self) -> Head {
        let gix = self.gix.clone();
        let branch = self.branch();
        Box::new(move || {
            if !look::head_is_plain(gix.git_dir(), gix.common_dir()) {
                return None;
            }
            // The name alone: to read the object would open packs that Git may replace meanwhile.
            let commit = gix.head().ok()?.id()?.to_string();
            Some((commit, branch.clone()))
        })
    }
}

impl Ledger {
    /// Sets where the commit of the code is read that is checked out at a write.
    #[must_use]
    pub fn working_at(mut self, head: Option<Head>) -> Self {
        self.head = head;
        self
    }

    /// Adds the commit of the code to the message of an event.
    pub(in crate::ledger) fn with_head(&self, message: String, event: &Event) -> String {
        if event.kind == EventKind::Heartbeat {
            return message;
        }
        match self.head.as_ref().and_then(|head| head()) {
            Some((commit, branch)) => event::with_head(message, &commit, branch.as_deref()),
            None => message,
        }
    }

    /// Returns for each of `resources` the last session besides `me` that claimed it and does not
    /// any more, with the commit that it was at. What would take long to find is not found. Fails
    /// if refs cannot be listed.
    pub fn last_departures(
        &self,
        me: &SessionId,
        resources: &[Resource],
        now: Timestamp,
    ) -> Result<Vec<Option<Departure>>, LedgerError> {
        let mut search = Search {
            me,
            since: now.minus_secs(WITHIN_SECS),
            states: STATES_ALL_MAX,
            bytes: BYTES_ALL_MAX,
            last: vec![None; resources.len()],
        };
        for (at, resource) in resources.iter().enumerate() {
            let (_, value) = self.read_cell_ref(&self.table.cell_ref(resource))?;
            let about = [(at, resource)];
            self.look_for_departures(value.id(), &about, true, &mut search);
        }
        let places = self.places(&SESSIONS)?;
        if places.len() > SESSIONS_MAX {
            return Ok(search.last);
        }
        let all: Vec<(usize, &Resource)> = resources.iter().enumerate().collect();
        for place in places {
            let tip = match (&place.local, &place.tracked) {
                (RefValue::At(tip), _) | (_, RefValue::At(tip)) => Some(*tip),
                _ => None,
            };
            self.look_for_departures(tip, &all, false, &mut search);
        }
        Ok(search.last)
    }

    /// Looks for the newest departure from each resource of `about` in one history. In a register
    /// the last grant to another session counts as well: the session that asks holds it now.
    fn look_for_departures(
        &self,
        tip: Option<ObjectId>,
        about: &[(usize, &Resource)],
        is_register: bool,
        search: &mut Search<'_>,
    ) {
        let mut wanted = about.to_vec();
        let mut next = tip;
        for _ in 0..STATES_MAX {
            let Some(id) = next.filter(|_| !wanted.is_empty() && search.states > 0) else {
                return;
            };
            let Ok(commit) = self.objects.read_commit(id) else {
                return;
            };
            search.states -= 1;
            search.bytes = search.bytes.saturating_sub(commit.message.len());
            if search.bytes == 0 {
                search.states = 0;
            }
            let committed_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
            let Some((event, at)) = event::read(&commit.message, committed_at) else {
                return;
            };
            if at < search.since {
                return;
            }
            if event.session != *search.me {
                wanted.retain(|(at_index, resource)| {
                    let is_it = is_departure(&event, resource, is_register);
                    if is_it {
                        search.note((*at_index, resource), &event, (at, &commit.message));
                    }
                    !is_it
                });
            }
            next = commit.parents.first().copied();
        }
    }
}

/// A search for departures, with what is left of its bounds.
struct Search<'s> {
    me: &'s SessionId,
    since: Timestamp,
    states: usize,
    bytes: usize,
    last: Vec<Option<Departure>>,
}

impl Search<'_> {
    /// Keeps a departure if it is later than the one that is known.
    fn note(
        &mut self,
        (index, resource): (usize, &Resource),
        event: &Event,
        (at, message): (Timestamp, &str),
    ) {
        let Some(last) = self.last.get_mut(index) else {
            return;
        };
        let is_later = last.as_ref().is_none_or(|last| at > last.at);
        if let Some((commit, branch)) = event::head_of(message).filter(|_| is_later) {
            *last = Some(Departure {
                resource: resource.clone(),
                session: event.session.clone(),
                at,
                commit,
                branch,
            });
        }
    }
}

fn is_departure(event: &Event, resource: &Resource, is_register: bool) -> bool {
    let is_about = |about: &[Resource]| about.iter().any(|one| resource.overlaps(one));
    match event.kind {
        EventKind::Released { .. }
        | EventKind::Superseded { .. }
        | EventKind::Cleared { .. }
        | EventKind::Lived { .. } => is_about(&event.resources),
        EventKind::Claimed { .. } | EventKind::Renewed { .. } | EventKind::TakenOver { .. } => {
            is_register && is_about(&event.resources) || is_about(&event.expired)
        }
        _ => is_about(&event.expired),
    }
}
