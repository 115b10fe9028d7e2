//! Workflows: tasks of one list that were added together under a name.
//!
//! Owns [`Workflow`], and the shape of one as it stands. Never derives a status: `derived` does.

use super::super::text::Purpose;
use super::Name;

/// The most workflows of which a list keeps what there is to say.
pub(super) const WORKFLOWS_MAX: usize = 32;
/// The most bytes of what a workflow is for.
pub const DESCRIPTION_BYTES_MAX: usize = 200;

/// What there is to say of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: Option<Purpose>,
}

/// The status of a workflow, by the names of the protocol of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkflowStatus {
    /// No task of it was taken yet.
    Planning,
    /// It goes on.
    Active,
    /// Tasks are left, none is held, and none can be taken.
    Blocked,
    /// All of its tasks are over, and one at least was done.
    Completed,
    /// All of its tasks were dropped.
    Cancelled,
}

impl WorkflowStatus {
    /// Returns the word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A workflow as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowView {
    /// Its name, and what it is for.
    pub workflow: Workflow,
    /// How it stands.
    pub status: WorkflowStatus,
    /// How many of its tasks are not over.
    pub left: usize,
    /// How many were done, as far as the list remembers.
    pub done: usize,
    /// How many were dropped, as far as the list remembers.
    pub dropped: usize,
}
