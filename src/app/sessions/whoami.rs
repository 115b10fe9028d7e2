//! `whoami`: which session am I, and why.
//!
//! Owns what is told about oneself; the choice itself is `identity`. Changes nothing.

use crate::context::Context;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::model::session::Session;
use crate::model::time::Timestamp;

#[derive(Debug)]
pub struct Who {
    pub now: Timestamp,
    pub me: Identity,
    pub explain: bool,
    pub session: Option<Session>,
    pub ledger: String,
}

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
