//! The use case of `metrics`: the board in numbers, and how often each thing happened.
//!
//! Owns what is counted ([`Metrics`]). Never names a session, a resource or a purpose: the numbers
//! go to a system that keeps them for long and that others read. Never writes to the board.

use std::collections::BTreeMap;
use std::path::Path;

use crate::app::claims::gone;
use crate::app::remote::{knowledge, publish};
use crate::app::tasks::look;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::identity::known_agent;
use crate::model::claim::Mode;
use crate::model::conflicts::conflicts;
use crate::model::event::KINDS;
use crate::model::holding::Holding;
use crate::model::knowledge::Knowledge;
use crate::model::standing::Standing;
use crate::model::time::Timestamp;
use crate::model::transition::TaskState;

/// What a session of a person is counted as.
const PERSON: &str = "person";
/// What a session of an unknown agent is counted as: its name is the text of another session.
const OTHER: &str = "other";

/// Numbers of the same kind, by what tells them apart.
pub type Counts = BTreeMap<&'static str, usize>;

/// The board in numbers.
#[derive(Debug)]
pub struct Metrics {
    /// When the board was read.
    pub now: Timestamp,
    /// Sessions that are live, by harness or CI system.
    pub sessions: Counts,
    /// Those of them whose program has certainly ended.
    pub gone: usize,
    /// Live claims, by mode.
    pub claims: Counts,
    /// Claims that overlap one of another session.
    pub contested: usize,
    /// What is offered to one session.
    pub offers: usize,
    /// What is frozen.
    pub frozen: usize,
    /// States that are not as they should be, without what is frozen.
    pub not_fine: usize,
    /// Tasks that are not over, by state.
    pub tasks: Counts,
    /// Records that cannot be read.
    pub unreadable: usize,
    /// The remote; `None` without one.
    pub remote: Option<Remote>,
    /// How often each thing happened, as far as the history here goes, by the word of `log`.
    pub events: Counts,
    /// Whether the numbers were written to a file, so that there is nothing more to say.
    pub is_filed: bool,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// The remote in numbers.
#[derive(Debug)]
pub struct Remote {
    /// When it was last fetched; `None` if that never succeeded.
    pub fetched_at: Option<Timestamp>,
    /// Whether all that it has is known here as of then.
    pub is_known: bool,
    /// Refs of this clone that it does not have.
    pub pending: usize,
}

/// Reads the board and its history.
pub fn execute(context: &Context) -> Result<Metrics, Failure> {
    let known = publish::known_after_first_look(context);
    let board = context.ledger.board()?;
    let now = context.now();
    let mut live = board.live(now);
    gone::mark(context, &mut live);
    let contested = conflicts(&live, now);
    let mut sessions = Counts::new();
    let mut gone = 0;
    for session in board.sessions.iter().filter(|session| session.is_live(now)) {
        *sessions
            .entry(agent(session.who.agent.as_deref()))
            .or_default() += 1;
        let program = session.who.process.as_ref();
        gone +=
            usize::from(program.is_some_and(|one| gone::has_ended(context, one, session.seen_at)));
    }
    let mut tasks: Counts = [TaskState::Open, TaskState::Held, TaskState::Blocked]
        .map(|state| (state.as_str(), 0))
        .into();
    for (list, register) in &board.lists {
        for row in look::rows(list, register, now) {
            *tasks.entry(row.state.as_str()).or_default() += 1;
        }
    }
    let standings = board.standings(now);
    let is_wrong = |one: &&Standing| {
        let word = &one.said.statement.saying.word;
        one.is_state() && !word.is_frozen() && !word.is_fine() && !word.is_cleared()
    };
    Ok(Metrics {
        now,
        sessions,
        gone,
        claims: by_mode(&live),
        contested: contested.iter().filter(|others| !others.is_empty()).count(),
        offers: board.offers.len(),
        frozen: board.frozen(now).len(),
        not_fine: standings.iter().filter(is_wrong).count(),
        tasks,
        unreadable: board.unreadable.len(),
        remote: remote(context, &known)?,
        events: events(context)?,
        is_filed: false,
        warnings: warn_unreadable(&board.unreadable),
    })
}

impl Metrics {
    /// Writes `text`, which says the same, to a file that a collector may read at any time: it is
    /// there as a whole or not at all.
    pub fn file(&mut self, host: Host, path: &Path, text: &str) -> Result<(), Failure> {
        let mut edit = |_| Some(text.as_bytes().to_vec());
        host.replace(path, false, &mut edit).map_err(|error| {
            let text = format!("cannot write {}: {error}", path.display());
            Failure::new(Kind::Broken, anyhow::anyhow!(text))
                .hint("name a file in a folder that you may write to: --textfile <path>")
        })?;
        self.is_filed = true;
        Ok(())
    }
}

fn agent(name: Option<&str>) -> &'static str {
    match name {
        None => PERSON,
        Some(name) => known_agent(name).unwrap_or(OTHER),
    }
}

fn by_mode(live: &[Holding]) -> Counts {
    let modes = [Mode::Shared, Mode::Exclusive, Mode::Waiting];
    let of = |mode: Mode| live.iter().filter(|held| held.mode == mode).count();
    modes.map(|mode| (mode.as_str(), of(mode))).into()
}

fn remote(context: &Context, known: &Knowledge) -> Result<Option<Remote>, Failure> {
    if known.remote().is_none() {
        return Ok(None);
    }
    Ok(Some(Remote {
        fetched_at: known.as_of(),
        is_known: knowledge::is_recent(context, known) && known.problem().is_none(),
        pending: context.ledger.tracking().ahead(context.now())?.len(),
    }))
}

/// Counts the events of the history; a heartbeat replaces the one before it, so these are not among
/// them.
fn events(context: &Context) -> Result<Counts, Failure> {
    let mut counts: Counts = KINDS.iter().map(|row| (row.word, 0)).collect();
    counts.remove("heartbeat");
    let entries = context.ledger.events(usize::MAX, None, &|_| true)?;
    for entry in &entries {
        if let Some(count) = counts.get_mut(entry.event.kind.word()) {
            *count += 1;
        }
    }
    Ok(counts)
}
