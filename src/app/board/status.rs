//! The use case of `status`: the session, its claims, other sessions, problems and the next
//! command.
//!
//! Owns what comes first and which command comes next ([`Status`]). Never writes.

use std::collections::BTreeSet;

use super::list::{Conflict, conflicts_of};
use super::next::{self, claim, next_command, now_free};
use super::turns::{self, Turn};
use crate::app::claims::offers::{self, Open};
use crate::app::claims::{gone, untold};
use crate::app::messages::inbox::{self, Row};
use crate::app::remote::publish;
use crate::app::sessions::list::{self, Present as Here};
use crate::app::states::list::in_order;
use crate::app::tasks::glance::{self, Glance};
use crate::context::Context;
use crate::failure::Failure;
use crate::identity::Rule;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::forbidden::Forbidden;
use crate::model::holding::{Asker, Holding};
use crate::model::knowledge::Knowledge;
use crate::model::news::News;
use crate::model::session::Session;
use crate::model::standing::Standing;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// The most messages that are read for it.
pub const MESSAGES_MAX: usize = 20;
/// What a session begins with.
const BEGINNING: &str = "git presence claim <type>:<name> --purpose <text>";

/// The state of the session and of the board.
#[derive(Debug)]
pub struct Status {
    /// When the board was read.
    pub now: Timestamp,
    /// The session that asks.
    pub me: Asker,
    /// The rule that named the session.
    pub rule: Rule,
    /// The agent that runs the session, if one does.
    pub agent: Option<String>,
    /// The directory of the repository that keeps the board.
    pub ledger: String,
    /// Whether that is another one than that of the working directory.
    pub is_kept_elsewhere: bool,
    /// The last heartbeat of this session.
    pub seen_at: Option<Timestamp>,
    /// Live claims of this session; those in conflict first.
    pub mine: Vec<Holding>,
    /// For each of them the claims of other sessions that conflict with it.
    pub mine_conflicts: Vec<Vec<Conflict>>,
    /// Live claims of other sessions: those that conflict with claims of this one first, then those
    /// that conflict with claims of each other, then the exclusive ones.
    pub others: Vec<Holding>,
    /// For each of them the claims of other sessions that conflict with it.
    pub other_conflicts: Vec<Vec<Conflict>>,
    /// The turns that a session has, waits for or passed.
    pub turns: Vec<Turn>,
    /// What no session holds and is offered to one, turns included.
    pub offers: Vec<Open>,
    /// The sessions that are here, in the order of `sessions`.
    pub sessions: Vec<Here>,
    /// How many other sessions are live, with or without claims.
    pub other_sessions: usize,
    /// What the session was not told yet.
    pub news: Vec<News>,
    /// How many messages the session has not read.
    pub unread: usize,
    /// The newest of them, the newest first, at most [`MESSAGES_MAX`].
    pub messages: Vec<Row>,
    /// The states of resources, those that are not as they should be first.
    pub states: Vec<Standing>,
    /// The lists of tasks: `main`, and those of which the session has a task.
    pub tasks: Vec<Glance>,
    /// Records that cannot be read.
    pub problems: Vec<Unreadable>,
    /// Whether nothing of other clones was ever seen.
    pub is_unseen: bool,
    /// The state of the remote; `None` if there is no remote.
    pub remote: Option<RemoteStatus>,
    /// The command that most likely comes next; `None` if none is more likely than others.
    pub next: Option<String>,
}

/// What this clone knows of its remote.
#[derive(Debug)]
pub struct RemoteStatus {
    /// Its name.
    pub name: String,
    /// What is known of other clones.
    pub known: Knowledge,
    /// How many refs of this clone the remote does not have.
    pub pending: usize,
    /// How many of them say more than that a session was active.
    pub unsent: usize,
    /// Why the last sync failed, if it failed.
    pub error: Option<String>,
    /// What the remote said, if it refuses every push.
    pub refused: Option<String>,
    /// The refs of this clone that the remote refuses.
    pub refused_refs: Vec<Forbidden>,
    /// Anomalies found by the last fetch.
    pub odd: Vec<String>,
}

/// Reads the board and what is known of the remote.
pub fn execute(context: &Context) -> Result<Status, Failure> {
    let known = publish::known_after_first_look(context);
    let board = context.ledger.board()?;
    let now = context.now();
    let me = context.asker();
    let Claims {
        mine,
        mine_conflicts,
        others,
        other_conflicts,
    } = Claims::of(context, &board, now);
    let offers = offers::open(context, board.offers.clone());
    let news = untold::list(context)?;
    let (unread, messages) = inbox::newest_unread(context, &board, MESSAGES_MAX)?;
    let next = match board.unreadable.is_empty() {
        true => match offers.iter().find(|one| one.is_mine) {
            Some(open) => Some(claim(&open.offered.resource)),
            // It may be about what follows.
            None if unread > 0 => Some("git presence inbox".to_owned()),
            None => next_command(&mine, &others).or_else(|| now_free(&news)),
        },
        false => Some("git presence doctor".to_owned()),
    };
    let is_me = |s: &Session| s.who.id == me.id && Some(s.who.node) == me.node;
    let live = { board.sessions.iter() }.filter(|s| !is_me(s) && s.is_live(now));
    // A session that holds something exclusively may have no other record.
    let holders = others.iter().map(|held| (&held.session, held.node));
    let there: BTreeSet<_> = live
        .map(|s| (&s.who.id, s.who.node))
        .chain(holders)
        .collect();
    let other_sessions = there.len();
    let is_new = !board.sessions.iter().any(is_me);
    let tasks = glance::execute(context, &mine)?;
    let ready_task = next::ready_task(&tasks);
    Ok(Status {
        now,
        rule: context.me.rule,
        agent: context.me.agent.clone(),
        ledger: context.ledger_dir.display().to_string(),
        is_kept_elsewhere: !context.keeps_its_own_board,
        seen_at: board.sessions.iter().find(|s| is_me(s)).map(|s| s.seen_at),
        sessions: sessions(context, &board, now),
        other_sessions,
        turns: turns::of_board(context, &board, &offers, now),
        offers,
        mine,
        mine_conflicts,
        others,
        other_conflicts,
        news,
        unread,
        messages,
        states: states(&board, now),
        tasks,
        problems: board.unreadable,
        is_unseen: publish::is_unseen(context, &known),
        remote: remote_status(context, known)?,
        // Who never did anything here is told how to begin.
        next: next
            .or(ready_task)
            .or_else(|| is_new.then(|| BEGINNING.to_owned())),
        me,
    })
}

/// The live claims of the session that asks, and those of others, each with what conflicts with it.
struct Claims {
    mine: Vec<Holding>,
    mine_conflicts: Vec<Vec<Conflict>>,
    others: Vec<Holding>,
    other_conflicts: Vec<Vec<Conflict>>,
}

impl Claims {
    fn of(context: &Context, board: &Board, now: Timestamp) -> Self {
        let me = context.asker();
        let live = board.live(now);
        let conflicts = conflicts_of(&live, now);
        let all = live.into_iter().zip(conflicts);
        let (mut mine, mut others): (Vec<_>, Vec<_>) = all.partition(|(held, _)| me.owns(held));
        mine.sort_by_key(|(_, conflicts)| conflicts.is_empty());
        let in_my_way = |h: &Holding| mine.iter().any(|(m, _)| m.resource.overlaps(&h.resource));
        others.sort_by_key(|(held, conflicts)| {
            let is_exclusive = held.mode == Mode::Exclusive;
            (!in_my_way(held), conflicts.is_empty(), !is_exclusive)
        });
        let (mine, mine_conflicts) = mine.into_iter().unzip();
        let (mut others, other_conflicts): (Vec<Holding>, Vec<_>) = others.into_iter().unzip();
        gone::mark(context, &mut others);
        Self {
            mine,
            mine_conflicts,
            others,
            other_conflicts,
        }
    }
}

/// Returns the sessions that are here.
fn sessions(context: &Context, board: &Board, now: Timestamp) -> Vec<Here> {
    let mut sessions = list::of_board(context, board, now);
    sessions.retain(Here::is_on_board);
    sessions
}

fn states(board: &Board, now: Timestamp) -> Vec<Standing> {
    let mut states = board.standings(now);
    states.retain(Standing::is_state);
    in_order(&mut states);
    states
}

fn remote_status(context: &Context, known: Knowledge) -> Result<Option<RemoteStatus>, Failure> {
    let Some(name) = known.remote().map(str::to_owned) else {
        return Ok(None);
    };
    let state = context.ledger.remote(&name).state();
    let ahead = context.ledger.tracking().ahead(context.now())?;
    let mut refused_refs = state.refused_refs(context.now());
    refused_refs.retain(|name, _| ahead.iter().any(|ahead| ahead.name == *name));
    Ok(Some(RemoteStatus {
        name,
        known,
        pending: ahead.len(),
        unsent: { ahead.iter() }
            .filter(|one| !context.ledger.tracking().is_heartbeat_alone(one))
            .count(),
        refused: state.refused(context.now()).map(str::to_owned),
        refused_refs: refused_refs.into_values().collect(),
        error: state.error,
        odd: state.odd,
    }))
}
