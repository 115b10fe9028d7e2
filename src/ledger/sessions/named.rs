//! The sessions of one id, in this clone and in others.
//!
//! Owns [`Named`]: a session with the one that replaced it, if its history says so. Never decides
//! what follows from that.

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::records::{SESSIONS, event};
use crate::ledger::store::Ledger;
use crate::model::event::EventKind;
use crate::model::id::SessionId;
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
            let last = event::read(&stored.tree.commit.message, Timestamp::from_millis(0));
            let superseded_by = last.and_then(|(event, _)| match event.kind {
                EventKind::Superseded { by } => Some(by),
                _ => None,
            });
            named.push(Named {
                session: stored.session,
                superseded_by,
            });
        }
        Ok(named)
    }
}
