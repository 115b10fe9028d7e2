//! Who held a resource last, and at which commit of the code that session was.
//!
//! Owns the trailer with that commit, which every write but a heartbeat has where the board is kept
//! in the repository of the code, and the search for the last one. The commit is named, never
//! pushed. Never looks at the code.

use gix::ObjectId;

use crate::ledger::error::LedgerError;
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

    /// Returns the last session besides `me` that claimed any of `resources` and does not any more,
    /// with the commit that it was at. Fails if refs cannot be listed.
    pub fn last_departure(
        &self,
        me: &SessionId,
        resources: &[Resource],
        now: Timestamp,
    ) -> Result<Option<Departure>, LedgerError> {
        let since = now.minus_secs(WITHIN_SECS);
        let mut last: Option<Departure> = None;
        let mut note = |found: Option<Departure>| {
            let is_later = |found: &Departure| last.as_ref().is_none_or(|last| found.at > last.at);
            if let Some(found) = found.filter(is_later) {
                last = Some(found);
            }
        };
        for resource in resources {
            let (_, value) = self.read_cell_ref(&self.table.cell_ref(resource))?;
            note(self.departure_in(value.id(), me, resources, since, true));
        }
        let places = self.places(&SESSIONS)?;
        if places.len() > SESSIONS_MAX {
            return Ok(last);
        }
        for place in places {
            let tip = match (&place.local, &place.tracked) {
                (RefValue::At(tip), _) | (_, RefValue::At(tip)) => Some(*tip),
                _ => None,
            };
            note(self.departure_in(tip, me, resources, since, false));
        }
        Ok(last)
    }

    /// Returns the newest departure in one history. In a register the last grant to another session
    /// counts as well: the session that asks holds it now.
    fn departure_in(
        &self,
        tip: Option<ObjectId>,
        me: &SessionId,
        resources: &[Resource],
        since: Timestamp,
        is_register: bool,
    ) -> Option<Departure> {
        let mut next = tip;
        for _ in 0..STATES_MAX {
            let commit = self.objects.read_commit(next?).ok()?;
            let committed_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
            let (event, at) = event::read(&commit.message, committed_at)?;
            if at < since {
                return None;
            }
            if event.session != *me && is_departure(&event, resources, is_register) {
                let head = event::head_of(&commit.message);
                return head.map(|(commit, branch)| Departure {
                    session: event.session,
                    at,
                    commit,
                    branch,
                });
            }
            next = commit.parents.first().copied();
        }
        None
    }
}

fn is_departure(event: &Event, resources: &[Resource], is_register: bool) -> bool {
    let is_about = |about: &[Resource]| {
        let mut about = about.iter();
        about.any(|one| resources.iter().any(|resource| resource.overlaps(one)))
    };
    match event.kind {
        EventKind::Released { .. } | EventKind::Superseded { .. } | EventKind::Cleared { .. } => {
            is_about(&event.resources)
        }
        EventKind::Claimed { .. } | EventKind::Renewed { .. } | EventKind::TakenOver { .. } => {
            is_register && is_about(&event.resources) || is_about(&event.expired)
        }
        _ => is_about(&event.expired),
    }
}
