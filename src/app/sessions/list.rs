//! The use case of `who`: the sessions that are here, a row each.
//!
//! Owns which sessions are shown and in which order: those in conflict, then those whose program
//! has ended, then by their last heartbeat. Never writes.

use crate::app::claims::gone;
use crate::app::remote::publish;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::conflicts::conflicts;
use crate::model::holding::{Asker, Holding};
use crate::model::id::{NodeId, SessionId};
use crate::model::knowledge::Knowledge;
use crate::model::time::Timestamp;

/// One session, with what it claims.
#[derive(Debug)]
pub struct Present {
    /// The session.
    pub session: SessionId,
    /// Its clone.
    pub node: NodeId,
    /// Its user.
    pub user: String,
    /// Its machine.
    pub host: String,
    /// The harness or CI system; `None` for a person.
    pub agent: Option<String>,
    /// The path of its work tree.
    pub folder: Option<String>,
    /// The branch that it had checked out.
    pub branch: Option<String>,
    /// Its last heartbeat.
    pub seen_at: Timestamp,
    /// Whether its program has certainly ended.
    pub is_gone: bool,
    /// Its live claims and queued requests.
    pub claims: Vec<Holding>,
    /// How many of them conflict with a claim of another session.
    pub conflicts: usize,
    /// What it has frozen.
    pub frozen: Vec<Holding>,
}

/// The sessions that are here.
#[derive(Debug)]
pub struct Everyone {
    /// When the board was read.
    pub now: Timestamp,
    /// The session that asks.
    pub me: Asker,
    /// The sessions, in the order in which they are shown.
    pub sessions: Vec<Present>,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether none of another clone was ever seen.
    pub is_unseen: bool,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Reads who is here.
pub fn execute(context: &Context) -> Result<Everyone, Failure> {
    let known = publish::known_after_first_look(context);
    let board = context.ledger.board()?;
    let now = context.now();
    let mut live = board.live(now);
    gone::mark(context, &mut live);
    let conflicting = conflicts(&live, now);
    let mut sessions: Vec<Present> = Vec::new();
    for session in board.sessions.iter().filter(|session| session.is_live(now)) {
        let who = &session.who;
        let program = who.process.as_ref();
        sessions.push(Present {
            session: who.id.clone(),
            node: who.node,
            user: who.user.clone(),
            host: who.host.clone(),
            agent: who.agent.clone(),
            folder: who.worktree.clone(),
            branch: who.branch.clone(),
            seen_at: session.seen_at,
            is_gone: program
                .is_some_and(|program| gone::has_ended(context, program, session.seen_at)),
            claims: Vec::new(),
            frozen: Vec::new(),
            conflicts: 0,
        });
    }
    for (held, conflicts) in live.into_iter().zip(conflicting) {
        let one = of(&mut sessions, &held);
        one.seen_at = one.seen_at.max(held.seen_at);
        one.is_gone |= held.is_gone;
        one.conflicts += usize::from(!conflicts.is_empty());
        one.claims.push(held);
    }
    for held in board.frozen(now) {
        of(&mut sessions, &held).frozen.push(held);
    }
    sessions.sort_by_key(|one| {
        let quiet = (one.conflicts == 0, !one.is_gone, one.claims.is_empty());
        (quiet, std::cmp::Reverse(one.seen_at), one.session.clone())
    });
    Ok(Everyone {
        now,
        me: context.asker(),
        sessions,
        is_unseen: publish::is_unseen(context, &known),
        known,
        warnings: warn_unreadable(&board.unreadable),
    })
}

/// Returns the row of the session of a claim; a new one if it has none.
fn of<'s>(sessions: &'s mut Vec<Present>, held: &Holding) -> &'s mut Present {
    let is_it = |one: &Present| one.session == held.session && one.node == held.node;
    let at = sessions.iter().position(is_it).unwrap_or_else(|| {
        sessions.push(of_holding(held));
        sessions.len() - 1
    });
    &mut sessions[at]
}

/// Returns the session of a lock or a freeze that has no other record of now.
fn of_holding(held: &Holding) -> Present {
    Present {
        session: held.session.clone(),
        node: held.node,
        user: held.user.clone(),
        host: held.host.clone(),
        agent: held.agent.clone(),
        folder: held.whereabouts.folder.clone(),
        branch: held.whereabouts.branch.clone(),
        seen_at: held.seen_at,
        is_gone: false,
        claims: Vec::new(),
        frozen: Vec::new(),
        conflicts: 0,
    }
}
