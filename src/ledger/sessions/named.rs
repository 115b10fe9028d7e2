//! The sessions of one id, in this clone and in others.
//!
//! Owns [`Named`]: a session with the one that replaced it, if its history says so. Never decides
//! what follows from that.

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::records::{SESSIONS, event};
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;
use crate::model::event::EventKind;
use crate::model::id::{NodeId, SessionId};
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// A session as one clone recorded it.
#[derive(Clone, Debug)]
pub struct Named {
    /// The session.
    pub session: Session,
    /// The session that replaced it.
    pub superseded_by: Option<SessionId>,
}

impl Ledger {
    /// Returns the sessions of exactly this id that can be read, one a clone.
    ///
    /// Fails if refs cannot be listed.
    pub fn sessions_named(&self, id: &SessionId) -> Result<Vec<Named>, LedgerError> {
        let prefix = layout::session_prefix(id);
        let mut named = Vec::new();
        for place in self.places(&SESSIONS)? {
            if !place.name.starts_with(&prefix) {
                continue;
            }
            let (_, stored) = self.counting(&place)?;
            let Ok(Some(stored)) = stored else { continue };
            if stored.session.who.id != *id {
                continue;
            }
            named.push(Named {
                superseded_by: heir_in(&stored.tree.commit.message),
                session: stored.session,
            });
        }
        Ok(named)
    }

    /// Returns the session that replaced the session `id` of the clone `node`, if the last event of
    /// it says so.
    pub fn superseded_by(&self, id: &SessionId, node: NodeId) -> Option<SessionId> {
        let name = SESSIONS.owned_ref(id, node);
        let tip = match self.refs.read(&name).ok()? {
            RefValue::Absent => self.read_tracked(&name).ok()?.1.id(),
            here => here.id(),
        };
        let commit = self.objects.read_commit(tip?).ok()?;
        heir_in(&commit.message)
    }
}

fn heir_in(message: &str) -> Option<SessionId> {
    let last = event::read(message, Timestamp::from_millis(0));
    last.and_then(|(event, _)| match event.kind {
        EventKind::Superseded { by } => Some(by),
        _ => None,
    })
}
