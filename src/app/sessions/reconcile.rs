//! The use case of `sessions reconcile`: the sessions that are recorded against what runs.
//!
//! Owns what is done about each drift ([`execute`]), and that each is told once. Writes sessions of
//! this clone alone. Never starts, ends or types into a process, never writes a transcript, and
//! never commits code.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::app::claims::succession;
use crate::app::remote::publish;
use crate::app::sessions::facts::{Here, Recorded, gather};
use crate::app::sessions::sensors::Sensors;
use crate::app::warnings::warn_unreadable;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::Signals;
use crate::ledger::{Outcome, Reconciled as Told};
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::drift::{Action, Class, Drift, Facts, drifts};
use crate::model::id::{NodeId, SessionId};
use crate::model::resource::LabelGlob;
use crate::model::session::{Life, Request as Change, Session};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// How soon a signal, or a reader that is gone, is noticed between two looks.
const TICK: Duration = Duration::from_millis(400);

/// How it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    /// Whether nothing is written.
    pub is_dry: bool,
    /// Whether the harness ids of transcripts that are gone are forgotten.
    pub purges: bool,
    /// Whether the answer is one line of JSON for programs.
    pub emits_diff: bool,
}

/// What was done about a drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The session is marked ended, and what it held is released.
    Ended,
    /// A session is recorded.
    Registered,
    /// The harness id is recorded.
    Recorded,
    /// Another session has what it held.
    WentOn,
    /// The harness id is forgotten.
    Forgotten,
    /// It is told, and nothing else.
    Told,
    /// It could not be done, and why.
    Failed(String),
}

/// The drifts that were not told before, and what was done about each.
#[derive(Debug)]
pub struct Reconciled {
    /// When it looked.
    pub at: Timestamp,
    /// The drifts.
    pub drifts: Vec<(Drift, Done)>,
    /// How it was asked for.
    pub request: Request,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// How watching ended.
#[derive(Debug)]
pub struct Watched;

/// Looks once.
pub fn execute(
    context: &Context,
    sensors: &dyn Sensors,
    request: Request,
) -> Result<Reconciled, Failure> {
    let board = context.ledger.board()?;
    let now = context.now();
    let node = context.ledger.node();
    let recorded = node.map_or_else(Vec::new, |node| recorded(&board, node, now));
    let here = Here {
        user: &context.me.user,
        host: &context.me.host,
        host_id: context.host.host_id(),
        boot_id: context.host.boot_id().unwrap_or_default(),
        pattern: context
            .config
            .session_pattern
            .as_deref()
            .map(LabelGlob::new),
    };
    let facts = gather(sensors, &here, recorded);
    let told = context.ledger.reconciled().told();
    let is_told = |key: &str| told.contains(&Told::digest(key));
    let all = drifts(&facts, &is_told, now);
    let keys: BTreeSet<String> = all.iter().map(|drift| Told::digest(&drift.key())).collect();
    let is_news = |drift: &Drift| !drift.is_told || request.purges && drift.class == Class::Stale;
    let mut answer = Reconciled {
        at: now,
        drifts: Vec::new(),
        request,
        warnings: warn_unreadable(&board.unreadable),
    };
    for drift in all.into_iter().filter(is_news) {
        let done = match request.is_dry {
            true => planned(&drift, request),
            false => act(context, &facts, &drift, request)
                .unwrap_or_else(|failure| Done::Failed(failure.error.to_string())),
        };
        answer.drifts.push((drift, done));
    }
    if !request.is_dry {
        let is_written = |(_, done): &(Drift, Done)| !matches!(done, Done::Told | Done::Failed(_));
        if answer.drifts.iter().any(is_written) {
            publish::publish_in_background(context);
        }
        // What failed is tried again, and told again.
        let has_failed = |(_, done): &&(Drift, Done)| matches!(done, Done::Failed(_));
        let failed = answer.drifts.iter().filter(has_failed);
        let failed = failed.map(|(drift, _)| Told::digest(&drift.key()));
        let failed: BTreeSet<String> = failed.collect();
        context
            .ledger
            .reconciled()
            .keep(keys.difference(&failed).cloned().collect())?;
    }
    Ok(answer)
}

/// Looks again and again until it is interrupted, and shows what is new; `show` returns false once
/// no process reads any more.
pub fn watch(
    context: &Context,
    sensors: &dyn Sensors,
    (request, every): (Request, Duration),
    show: &dyn Fn(&Reconciled) -> Result<bool, Failure>,
) -> Result<Watched, Failure> {
    crate::ledger::survive_signals();
    let host = context.host;
    let signals = Signals::watch();
    let wrapper = host.wrapper();
    let mut look_at = Duration::ZERO;
    loop {
        if host.elapsed() >= look_at {
            let seen = execute(context, sensors, request)?;
            if !seen.drifts.is_empty() && !show(&seen)? {
                return Ok(Watched);
            }
            look_at = host.elapsed() + every;
        }
        if signals.received() || host.stdout_is_closed() || wrapper.is_gone() {
            return Ok(Watched);
        }
        host.sleep_for(TICK);
    }
}

/// Returns the sessions of this clone, and those that only hold a lock.
fn recorded(board: &Board, node: NodeId, now: Timestamp) -> Vec<Recorded> {
    let locks = || {
        let all = board.locks.iter();
        all.filter(move |lock| lock.holder.node == node && lock.is_live(now))
    };
    let sessions = board.sessions.iter().filter(|one| one.who.node == node);
    let mut all: Vec<Recorded> = sessions
        .map(|session| {
            let mut claims = session.claims.iter();
            Recorded {
                holds: claims.any(|claim| claim.is_live(session.seen_at, now))
                    || locks().any(|lock| lock.is_of(&session.who)),
                session: session.clone(),
            }
        })
        .collect();
    for lock in locks() {
        if !all.iter().any(|one| one.session.who.id == lock.holder.id) {
            all.push(Recorded {
                holds: true,
                session: Session {
                    who: lock.holder.clone(),
                    seen_at: lock.renewed_at,
                    ttl: lock.ttl,
                    claims: Vec::new(),
                    states: Vec::new(),
                    life: Life::default(),
                },
            });
        }
    }
    all
}

fn planned(drift: &Drift, request: Request) -> Done {
    match drift.action {
        Action::End => Done::Ended,
        Action::Register(_) => Done::Registered,
        Action::Know(_) => Done::Recorded,
        Action::GoOn(_) => Done::WentOn,
        Action::Tell if drift.class == Class::Stale && request.purges => Done::Forgotten,
        Action::Tell => Done::Told,
    }
}

fn act(context: &Context, facts: &Facts, drift: &Drift, request: Request) -> Result<Done, Failure> {
    let who = |id: &SessionId| {
        let mut all = facts.sessions.iter();
        all.find(|one| one.session.who.id == *id)
            .map(|one| one.session.who.clone())
    };
    let recorded = who(&drift.session);
    match (&drift.action, recorded) {
        (Action::End, Some(who)) => end(context, &who)?,
        (Action::Register(at), _) => register(context, facts, *at, drift)?,
        (Action::Know(id), Some(who)) => {
            apply(context, &who, &Change::Know(Some(id.clone())))?;
        }
        (Action::GoOn(to), Some(old)) => {
            if let Some(new) = who(to) {
                succession::go_on(context, &new, &old)?;
            }
        }
        (Action::Tell, Some(who)) if drift.class == Class::Stale && request.purges => {
            apply(context, &who, &Change::Know(None))?;
        }
        _ => {}
    }
    Ok(planned(drift, request))
}

/// Marks a session ended whose program is gone, and releases what it held.
fn end(context: &Context, who: &Actor) -> Result<(), Failure> {
    let process = who.process.as_ref();
    let pid = process.map_or(0, |process| process.pid);
    let agent = who.agent.as_deref().unwrap_or("a command");
    let how = words(&format!("auto-detected: pid {pid} of {agent} has ended"))?;
    let is_seen = false;
    apply(context, who, &Change::End { how, is_seen })?;
    succession::release_locks(context, who)?;
    context.ledger.keepalive(&who.id).end();
    if let Some(process) = process {
        context.ledger.starts().end(process, &who.id);
    }
    Ok(())
}

/// Records a session for what runs.
fn register(context: &Context, facts: &Facts, at: usize, drift: &Drift) -> Result<(), Failure> {
    let Some(program) = facts.programs.get(at) else {
        return Ok(());
    };
    let who = Actor {
        id: drift.session.clone(),
        node: context.ledger.ensure_node(&context.host)?,
        agent: Some(program.agent.clone()),
        user: context.me.user.clone(),
        host: context.me.host.clone(),
        process: Some(program.process.clone()),
        worktree: program.folder.clone(),
        branch: program.branch.clone(),
    };
    let how = words(&format!("auto-registered: {}", drift.is))?;
    let harness_id = None;
    apply(context, &who, &Change::Begin { how, harness_id })
}

fn words(text: &str) -> Result<Purpose, Failure> {
    Purpose::parse(text).map_err(Failure::usage)
}

fn apply(context: &Context, who: &Actor, change: &Change) -> Result<(), Failure> {
    let sessions = context.ledger.sessions();
    match sessions.apply(&context.host, who, change, context.config.ttl)? {
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
        Outcome::Written(_) | Outcome::NothingToDo => Ok(()),
    }
}
