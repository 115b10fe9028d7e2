//! The request of a session that went on despite claims of others: [`Bypass`].
//!
//! Owns what is recorded of it. Never decides whether it may.

use crate::model::event::{Around, EventKind};
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::text::Purpose;

/// An action that went on despite claims of other sessions.
#[derive(Clone, Debug)]
pub struct Bypass {
    /// What the action changed.
    pub about: Vec<Resource>,
    /// The sessions that hold it.
    pub holders: Vec<SessionId>,
    /// Their claims that conflict with it.
    pub around: Vec<Around>,
    /// Why.
    pub reason: Purpose,
}

impl Bypass {
    pub(super) fn kind(&self) -> EventKind {
        EventKind::Bypassed {
            holders: self.holders.clone(),
            around: self.around.clone(),
            reason: self.reason.clone(),
        }
    }
}
