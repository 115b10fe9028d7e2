//! The report of a claim.
//!
//! Owns [`Claimed`], which both kinds of claim answer with. Never prints.

use crate::app::remote::confirmation::Confirmation;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// What was claimed, and who else claims it.
#[derive(Debug)]
pub struct Claimed {
    pub now: Timestamp,
    pub me: SessionId,
    /// Whether all of it was mine before.
    pub renewed: bool,
    pub mine: Vec<Holding>,
    pub others: Vec<Holding>,
    /// Mine that had lapsed and are gone.
    pub lapsed: Vec<Resource>,
    /// Records that cannot be read and may stand for what was claimed.
    pub hidden: Vec<Unreadable>,
    pub confirmation: Confirmation,
    pub warnings: Vec<String>,
}
