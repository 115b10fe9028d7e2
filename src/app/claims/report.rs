//! The report of a claim.
//!
//! Owns [`Claimed`], which both kinds of claim answer with. Never prints.

use crate::app::claims::handoffs::Left;
use crate::app::remote::confirmation::Confirmation;
use crate::model::departure::Moved;
use crate::model::holding::{Asker, Holding};
use crate::model::knowledge::Knowledge;
use crate::model::news::News;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// What was claimed, and which other sessions claim it.
#[derive(Debug)]
pub struct Claimed {
    /// When it was claimed.
    pub now: Timestamp,
    /// The session.
    pub me: Asker,
    /// Whether the session held all of it before.
    pub renewed: bool,
    /// The claims of the session.
    pub mine: Vec<Holding>,
    /// The claims of other sessions on the same resources.
    pub others: Vec<Holding>,
    /// What can be done about one of them whose program has ended, beginning with a verb.
    pub past_gone: Option<String>,
    /// What the code here lacks of the last other holder.
    pub moved: Option<Moved>,
    /// What the last holders left for this one; of new exclusive claims only.
    pub left: Vec<Left>,
    /// What the session was not told before.
    pub news: Vec<News>,
    /// Records that cannot be read and may stand for what was claimed.
    pub hidden: Vec<Unreadable>,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Who knows of the claim.
    pub confirmation: Confirmation,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}
