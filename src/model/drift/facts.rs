//! The facts that drift is judged by.
//!
//! Owns [`Facts`]: the sessions of this clone, what runs, and the transcripts, as they were found.
//! Never finds anything, and never compares.

use crate::model::actor::Process;
use crate::model::id::{HarnessId, SessionId};
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// What is known of the process of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alive {
    /// It runs.
    Runs,
    /// It has certainly ended, and the session ends with it.
    Gone,
    /// That is not known, or its end says nothing.
    Unknown,
}

/// What is known of the transcript of a session whose harness id is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is there.
    There,
    /// It is gone, and its place could be read.
    Lost,
    /// No id is recorded, or the place cannot be read.
    Unknown,
}

/// Whose a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This user's, on this side of any container.
    Ours,
    /// Another user's, or one inside a container.
    Foreign,
}

/// A session of this clone, as it is recorded.
#[derive(Clone, Debug)]
pub struct Known {
    /// The session; of one that only holds a lock, what the lock says of it.
    pub session: Session,
    /// Whether it holds anything, shared or exclusively.
    pub holds: bool,
    /// What is known of its process.
    pub alive: Alive,
    /// What is known of its transcript.
    pub kept: Kept,
}

/// A harness that runs, or what runs in a pane that the settings name.
#[derive(Clone, Debug)]
pub struct Program {
    /// The process.
    pub process: Process,
    /// The process that started it.
    pub parent: u32,
    /// The name of the harness.
    pub agent: String,
    /// Its command, for people.
    pub command: String,
    /// Whose it is.
    pub owner: Owner,
    /// The top of the work tree of this clone in which it runs; `None` if it runs elsewhere.
    pub folder: Option<String>,
    /// The branch that is checked out there.
    pub branch: Option<String>,
    /// The pane of tmux that it runs in.
    pub pane: Option<String>,
    /// The id of its session, as the harness itself lists it.
    pub listed: Option<HarnessId>,
    /// The session that it is, by the id that the harness lists, or else by its process.
    pub id: SessionId,
    /// The session that it would be by its process alone.
    pub id_by_process: SessionId,
}

/// A transcript of a harness in a folder of this clone.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The harness.
    pub agent: String,
    /// The id of its session.
    pub id: HarnessId,
    /// The session that it belongs to, if commands and hooks of the harness said which id it has.
    pub session: SessionId,
    /// The folder that the session works in; `None` if the harness does not sort them by that.
    pub folder: Option<String>,
    /// When it was written to last.
    pub written_at: Timestamp,
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The sessions of this clone that are recorded, ended ones included.
    pub sessions: Vec<Known>,
    /// What runs.
    pub programs: Vec<Program>,
    /// The transcripts that were found.
    pub transcripts: Vec<Transcript>,
}
