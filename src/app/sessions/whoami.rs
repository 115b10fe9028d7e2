//! The use case of `whoami`: which session acts, and why.
//!
//! Owns what is reported ([`Who`]); `identity` chooses the session. Never writes.

use crate::context::Context;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// The session that acts.
#[derive(Debug)]
pub struct Who {
    /// When it was asked.
    pub now: Timestamp,
    /// The session, with the rule that named it.
    pub me: Identity,
    /// Whether the rules are explained.
    pub explain: bool,
    /// Its record, if it has one.
    pub session: Option<Session>,
    /// The directory of the repository that keeps the board.
    pub ledger: String,
}

/// Reads the record of the session that acts.
pub fn execute(context: Context, explain: bool) -> Result<Who, Failure> {
    let session = match context.known_actor() {
        Some(actor) => context.ledger.sessions().get(&actor)?,
        None => None,
    };
    Ok(Who {
        now: context.now(),
        explain,
        session,
        ledger: context.ledger_dir.display().to_string(),
        me: context.me,
    })
}
