//! The use case of `sessions`: the sessions that are here, a row each.
//!
//! Owns which sessions are shown and in which order ([`Everyone`]): those in conflict, then those
//! whose program has ended, then by their last heartbeat. Never writes.

use std::collections::BTreeMap;

use crate::app::claims::gone;
use crate::app::remote::publish;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Process;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::conflicts::conflicts;
use crate::model::holding::{Asker, Holding};
use crate::model::id::{HarnessId, NodeId, SessionId};
use crate::model::knowledge::Knowledge;
use crate::model::session::{Session, Signs, Status, status};
use crate::model::task::{TaskId, place_of};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// At most this many processes are asked for their pane; a board can have thousands of sessions.
const PANES_MAX: usize = 128;

/// The task that a session works on.
#[derive(Clone, Debug)]
pub struct TaskOf {
    /// The name of its list.
    pub list: String,
    /// The task.
    pub id: TaskId,
    /// What is to be done, if its list could be read.
    pub title: Option<Purpose>,
}

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
    /// The id that its harness has for it, if its transcript was seen.
    pub harness_id: Option<HarnessId>,
    /// The path of its work tree.
    pub folder: Option<String>,
    /// The branch that it had checked out.
    pub branch: Option<String>,
    /// When it began, or claimed what it holds: the earliest that is known.
    pub since: Option<Timestamp>,
    /// Its last heartbeat.
    pub seen_at: Timestamp,
    /// What it is doing.
    pub status: Status,
    /// Whether its program has certainly ended.
    pub is_gone: bool,
    /// Its live claims and queued requests.
    pub claims: Vec<Holding>,
    /// How many of them conflict with a claim of another session.
    pub conflicts: usize,
    /// What it has frozen.
    pub frozen: Vec<Holding>,
    /// The task that it holds; of several, the one that it took last.
    pub task: Option<TaskOf>,
    /// The pane of tmux in which its process runs, as `%3`; known of this machine only.
    pub pane: Option<String>,
    /// The process that it is known by.
    process: Option<Process>,
    /// Whether its record says that it ended.
    has_ended: bool,
    /// Whether its record has not expired.
    is_live: bool,
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
    /// How many further ones are silent or ended, and not shown.
    pub hidden: usize,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether none of another clone was ever seen.
    pub is_unseen: bool,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Reads who is here; with `all`, also which sessions are silent or ended.
pub fn execute(context: &Context, all: bool) -> Result<Everyone, Failure> {
    let known = publish::known_after_first_look(context);
    let board = context.ledger.board()?;
    let now = context.now();
    let mut sessions = of_board(context, &board, now);
    let before = sessions.len();
    sessions.retain(|one| all || one.is_on_board());
    Ok(Everyone {
        now,
        me: context.asker(),
        hidden: before - sessions.len(),
        sessions,
        is_unseen: publish::is_unseen(context, &known),
        known,
        warnings: warn_unreadable(&board.unreadable),
    })
}

/// Returns all sessions of a board that was read, in the order in which they are shown.
pub fn of_board(context: &Context, board: &Board, now: Timestamp) -> Vec<Present> {
    let mut live = board.live(now);
    gone::mark(context, &mut live);
    let conflicting = conflicts(&live, now);
    let recorded = board.sessions.iter();
    let mut rows = Rows::default();
    for session in recorded {
        rows.add(of_record(context, session, now));
    }
    for (held, conflicts) in live.into_iter().zip(conflicting) {
        let one = rows.of(&held);
        one.seen_at = one.seen_at.max(held.seen_at);
        one.is_gone |= held.is_gone;
        one.conflicts += usize::from(!conflicts.is_empty());
        let claimed_at = held.claimed_at;
        one.since = Some(one.since.map_or(claimed_at, |since| since.min(claimed_at)));
        one.claims.push(held);
    }
    for held in board.frozen(now) {
        rows.of(&held).frozen.push(held);
    }
    let mut sessions = rows.sessions;
    let mut panes_left = PANES_MAX;
    for one in &mut sessions {
        one.status = status(Signs {
            has_ended: one.has_ended && one.claims.is_empty(),
            is_gone: one.is_gone,
            is_live: one.is_live,
            holds: one.claims.iter().any(|claim| claim.mode.holds()),
            waits: one.claims.iter().any(|claim| claim.mode == Mode::Waiting),
        });
        one.task = task_of(board, &one.claims);
        if one.status.is_here()
            && panes_left > 0
            && let Some(process) = &one.process
        {
            panes_left -= 1;
            one.pane = context.host.pane_of(process, one.seen_at);
        }
    }
    sessions.sort_by_key(|one| {
        let quiet = (one.conflicts == 0, !one.is_gone, one.claims.is_empty());
        let rest = (std::cmp::Reverse(one.seen_at), one.session.clone());
        (one.has_ended, quiet, rest)
    });
    sessions
}

impl Present {
    /// Returns true for a session that boards show: it is live, or something of it counts.
    pub fn is_on_board(&self) -> bool {
        let has_something = !self.claims.is_empty() || !self.frozen.is_empty();
        self.is_live || has_something && self.status != Status::Ended
    }
}

/// Returns the task that a session holds, by its locks: a task is an exclusive claim.
fn task_of(board: &Board, claims: &[Holding]) -> Option<TaskOf> {
    let mut held: Vec<&Holding> = claims.iter().filter(|claim| claim.mode.holds()).collect();
    held.sort_by_key(|claim| std::cmp::Reverse(claim.claimed_at));
    let found = held.into_iter().find_map(|claim| place_of(&claim.resource));
    let (list, id) = found.and_then(|(list, id)| Some((list, id?)))?;
    let lists = board.lists.iter();
    let mut tasks = lists
        .filter(|(resource, _)| place_of(resource).is_some_and(|(name, _)| name == list))
        .flat_map(|(_, register)| &register.tasks.tasks);
    let task = tasks.find(|task| task.spec.id == id);
    Some(TaskOf {
        title: task.map(|task| task.spec.title.clone()),
        list: list.to_owned(),
        id,
    })
}

fn of_record(context: &Context, session: &Session, now: Timestamp) -> Present {
    let who = &session.who;
    let is_live = session.is_live(now);
    let program = who.process.as_ref();
    // What ended, or was silent for long, is not looked for: a board may have thousands of those.
    let is_gone =
        is_live && program.is_some_and(|it| gone::has_ended(context, it, session.seen_at));
    Present {
        session: who.id.clone(),
        node: who.node,
        user: who.user.clone(),
        host: who.host.clone(),
        agent: who.agent.clone(),
        harness_id: session.life.harness_id.clone(),
        folder: who.worktree.clone(),
        branch: who.branch.clone(),
        since: session.life.began_at,
        seen_at: session.seen_at,
        status: Status::Silent,
        is_gone,
        claims: Vec::new(),
        frozen: Vec::new(),
        conflicts: 0,
        task: None,
        pane: None,
        process: who.process.clone(),
        has_ended: session.has_ended(),
        is_live,
    }
}

/// The rows, and where the one of each session stands.
#[derive(Default)]
struct Rows {
    sessions: Vec<Present>,
    places: BTreeMap<(SessionId, NodeId), usize>,
}

impl Rows {
    fn add(&mut self, one: Present) {
        let key = (one.session.clone(), one.node);
        self.places.insert(key, self.sessions.len());
        self.sessions.push(one);
    }

    /// Returns the row of the session of a claim; a new one if it has none.
    fn of(&mut self, held: &Holding) -> &mut Present {
        let key = (held.session.clone(), held.node);
        if !self.places.contains_key(&key) {
            self.add(of_holding(held));
        }
        let at = self.places[&key];
        &mut self.sessions[at]
    }
}

/// Returns the session of a lock or a freeze that has no other record of now.
fn of_holding(held: &Holding) -> Present {
    Present {
        session: held.session.clone(),
        node: held.node,
        user: held.user.clone(),
        host: held.host.clone(),
        agent: held.agent.clone(),
        harness_id: None,
        folder: held.whereabouts.folder.clone(),
        branch: held.whereabouts.branch.clone(),
        since: None,
        seen_at: held.seen_at,
        status: Status::Silent,
        is_gone: false,
        claims: Vec::new(),
        frozen: Vec::new(),
        conflicts: 0,
        task: None,
        pane: None,
        process: held.whereabouts.process.clone(),
        has_ended: false,
        is_live: false,
    }
}
