//! A step of a supervisor, as it is told: [`Step`].
//!
//! Owns what there is to tell of one. Never words it.

use crate::model::resource::Resource;
use crate::model::supervisor::Action;
use crate::model::time::Timestamp;

/// Whether an action was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// It was done.
    Done,
    /// It would be done.
    Would,
    /// Another session was faster.
    Lost,
}

/// A step of a supervisor, as it is told.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// The list.
    pub list: Resource,
    /// Whether it was done.
    pub did: Did,
    /// What.
    pub action: Action,
    /// Why changes of the work tree are not noticed, if they are not and that was not told yet.
    pub unseen: Option<String>,
}
