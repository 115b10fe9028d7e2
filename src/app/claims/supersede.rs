//! A new session in the process of an old one (`/clear`).
//!
//! Owns who takes whose place, and that the claims of the old one end then: those it shared, and
//! those it held alone. Never touches a session of another clone.

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

/// Whether anybody waits for a remote that has to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Foreground,
    Background,
}

/// The new session takes the place of the old one, whose claims are released. Only for harnesses
/// that run one session at a time in a process, only before the first write of the new one, and
/// only on this clone. Answers with the board that was looked at, if it stayed as it was.
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
    // One that only ever held things alone has no record of its own.
    let mut ended: Vec<&Actor> = Vec::new();
    let alone = board.locks.iter().map(|lock| &lock.holder);
    for old in alone.filter(is_before_me) {
        if ended.iter().all(|other| other.id != old.id) {
            release_locks(context, old, mode)?;
            ended.push(old);
        }
    }
    stayed &= ended.is_empty();
    Ok(stayed.then_some(board))
}

/// Give back what the old one held alone. Where a remote decides and nobody waits for it, a
/// process does it that nobody waits for; what comes between lapses.
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
        // Nobody can be asked.
        (Upstream::Missing(_), _) => Ok(()),
    }
}
