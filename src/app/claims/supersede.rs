//! A new session in the process of an old one (`/clear`).
//!
//! Owns which session supersedes which, and that the claims of the old one end then. Never touches
//! a session of another clone.

use crate::app::background::Background;
use crate::app::claims::arbiter;
use crate::context::{Context, Upstream};
use crate::failure::Failure;
use crate::identity::ONE_SESSION_A_PROCESS;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::lock_request;
use crate::model::resource::Resource;
use crate::model::session::Request;

/// Whether the caller waits for a remote that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The caller waits.
    Foreground,
    /// A background process does it.
    Background,
}

/// Releases the claims of the older sessions that ran in the process of `me`. That happens only for
/// harnesses that run one session at a time in a process, before the first write of the new
/// session, and on this clone. Returns the board that was read, if nothing was released.
pub fn supersede(context: &Context, me: &Actor, mode: Mode) -> Result<Option<Board>, Failure> {
    let one_a_process = |agent: &str| ONE_SESSION_A_PROCESS.contains(&agent);
    if me.process.is_none() || !me.agent.as_deref().is_some_and(one_a_process) {
        return Ok(None);
    }
    if context.ledger.sessions().get(me)?.is_some() {
        return Ok(None);
    }
    let board = context.ledger.board()?;
    let is_before_me = |who: &&Actor| {
        let same_process = who.process == me.process && who.agent == me.agent;
        who.id != me.id && who.node == me.node && same_process
    };
    let sharing = board.sessions.iter().map(|session| &session.who);
    let request = Request::Supersede { by: me.id.clone() };
    let mut stayed = true;
    for old in sharing.filter(is_before_me) {
        stayed = false;
        context
            .ledger
            .sessions()
            .apply(&context.host, old, &request, context.config.ttl)?;
    }
    // A session that only held claims exclusively has no record of its own.
    let mut ended: Vec<&Actor> = Vec::new();
    let exclusive = board.locks.iter().map(|lock| &lock.holder);
    for old in exclusive.filter(is_before_me) {
        if ended.iter().all(|other| other.id != old.id) {
            release_locks(context, old, mode)?;
            ended.push(old);
        }
    }
    stayed &= ended.is_empty();
    Ok(stayed.then_some(board))
}

/// Releases the exclusive claims of `old`. In the background, if a remote decides; what that does
/// not release expires.
pub fn release_locks(context: &Context, old: &Actor, mode: Mode) -> Result<(), Failure> {
    match (&context.upstream, mode) {
        (Upstream::None, _) | (Upstream::Named(_), Mode::Foreground) => {
            let held = arbiter::locks_of(context, old)?.into_iter();
            let held: Vec<Resource> = held.map(|lock| lock.resource).collect();
            arbiter::submit(context, old, &lock_request::Request::Release(held))?;
            Ok(())
        }
        (Upstream::Named(_), Mode::Background) => {
            let session = old.id.clone();
            Background::ReleaseAll { session }.start(context);
            Ok(())
        }
        // There is no arbiter to submit to.
        (Upstream::Missing(_) | Upstream::Several(_), _) => Ok(()),
    }
}
