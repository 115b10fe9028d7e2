//! A new session in the process of an old one (`/clear`).
//!
//! Owns who takes whose place, and that the claims of the old one end then. Never touches a session
//! of another clone.

use crate::identity::ONE_SESSION_A_PROCESS;
use crate::ledger::{Ledger, LedgerError, Machine};
use crate::model::session::{Actor, Request, Session, step};
use crate::model::time::{Timestamp, Ttl};

/// A new session in the process of an old one (`/clear`) takes its place: the old one's claims
/// are released. Only for harnesses that run one session at a time in a process, only on the
/// first write of the new one, and only on this clone.
pub fn supersede(
    ledger: &Ledger,
    machine: &dyn Machine,
    me: &Actor,
    session_ttl: Ttl,
) -> Result<(), LedgerError> {
    let one_a_process = |agent: &str| ONE_SESSION_A_PROCESS.contains(&agent);
    if me.process.is_none() || !me.agent.as_deref().is_some_and(one_a_process) {
        return Ok(());
    }
    let board = ledger.board()?;
    let predecessors = board
        .sessions
        .iter()
        .map(|session| &session.who)
        .filter(|who| {
            let same_process = who.process == me.process && who.agent == me.agent;
            who.id != me.id && who.node == me.node && same_process
        });
    let request = Request::Supersede { by: me.id.clone() };
    for old in predecessors {
        let mut decide = |before: Option<&Session>, now: Timestamp| match before {
            Some(session) => step(Some(session), &session.who, &request, now, session_ttl),
            None => Ok(None),
        };
        ledger.update(machine, old, &mut decide)?;
    }
    Ok(())
}
