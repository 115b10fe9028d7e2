//! Claims of files by their first edit (`presence.claimOnEdit`).
//!
//! Owns which files are claimed: those that no session claims, shared, for the session that is
//! about to write them. Where another session claims one, or may claim it, nothing is claimed for
//! it. Never waits for a remote.

use super::edits::{Seen, seen};
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::Tool;
use crate::ledger::Outcome;
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::text::Purpose;

/// What others read as the purpose.
const PURPOSE: &str = "edits it (presence.claimOnEdit)";
/// With this many claims, a session gets no more by edits: the rest of what it may have is for what
/// it claims itself.
const CLAIMS_MAX: usize = 48;

/// Claims the files that `tool` is about to write. Returns those that were claimed now.
pub(super) fn claim(context: &mut Context, tool: &Tool) -> Result<Vec<Resource>, Failure> {
    let (files, unreadable) = seen(context, tool)?;
    if !unreadable.is_empty() {
        return Ok(Vec::new());
    }
    let is_free = |file: &Seen| file.own.is_empty() && file.others.is_empty();
    let free = files.into_iter().filter(is_free);
    let mut wanted: Vec<Resource> = free.filter_map(|file| file.resource).collect();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(wanted);
    }
    context.prepare_to_write()?;
    let me = context.actor()?;
    let session = context.ledger.sessions().get(&me)?;
    let held = session.map_or(0, |session| session.claims.len());
    wanted.truncate(CLAIMS_MAX.saturating_sub(held));
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let ttl = context.config.ttl;
    let request = Request::Claim {
        wanted: wanted.clone(),
        purpose: Purpose::from_record(PURPOSE),
        ttl,
    };
    let sessions = context.ledger.sessions();
    match sessions.apply(&context.host, &me, &request, ttl)? {
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
        Outcome::NothingToDo => Ok(Vec::new()),
        Outcome::Written(_) => {
            publish::publish_in_background(context);
            Ok(wanted)
        }
    }
}
