//! The use case of `list --watch`: what is claimed, again whenever that changes.
//!
//! Owns when it looks: when refs changed, when a claim expires, and seldom in between, for file
//! systems that report nothing. What has changed is told claim by claim, too ([`Change`]). Ends
//! with a signal, or when no process reads any more. Never prints, never writes.

use std::time::Duration;

use super::fetches::Fetches;
use crate::app::board::follow::Heard;
use crate::app::board::list::{self, Filter, Listing};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::{Signals, Watch};
use crate::model::holding::Holding;
use crate::model::time::Timestamp;

/// Changes of files wake it; this is for signals, and for a reader that is gone.
const TICK: Duration = Duration::from_millis(400);
/// How often it looks although no change was noticed.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How often what is on a screen is shown again, since it says how long ago things were.
const SHOW_EVERY: Duration = Duration::from_secs(15);

/// What became of a claim between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is there, and was not before.
    Began,
    /// Its mode, its purpose or what conflicts with it is another one.
    Changed,
    /// It is not there any more.
    Ended,
}

/// What a look saw.
#[derive(Debug)]
pub struct Seen {
    /// All that is claimed now.
    pub all: Listing,
    /// What is new since the look before; each with whether its row is in `all` or in `ended`, and
    /// which.
    pub changes: Vec<(Change, usize)>,
    /// The claims that have ended since.
    pub ended: Vec<Holding>,
    /// Whether a screen is drawn.
    pub is_screen: bool,
}

/// How it ended.
#[derive(Debug)]
pub struct Watched;

/// Shows what passes the filter until it is interrupted. With `is_screen`, all of it is shown again
/// now and then.
pub fn execute(
    context: &Context,
    filter: &Filter,
    is_screen: bool,
    show: &dyn Fn(&Seen) -> Result<Heard, Failure>,
) -> Result<Watched, Failure> {
    crate::ledger::survive_signals();
    let host = context.host;
    let signals = Signals::watch();
    let wrapper = host.wrapper();
    let (mut watch, mut fetches) = (
        Watch::on(&context.ledger.tracking().watched()),
        Fetches::begin(context),
    );
    let mut before = Vec::new();
    let (mut look_at, mut show_at) = (Duration::ZERO, Duration::ZERO);
    let mut ends_at: Option<Timestamp> = None;
    let mut may_differ = true;
    loop {
        let has_ended = ends_at.is_some_and(|at| context.now() >= at);
        let is_late = is_screen && host.elapsed() >= show_at;
        if may_differ || has_ended || is_late || host.elapsed() >= look_at {
            let seen = look(context, filter, is_screen, &before)?;
            let is_shown = is_screen || !seen.changes.is_empty();
            if is_shown && show(&seen)? == Heard::Gone {
                return Ok(Watched);
            }
            ends_at = seen.all.holdings.iter().map(|held| held.expires_at).min();
            before = rows(&seen.all);
            look_at = host.elapsed() + LOOK_EVERY;
            show_at = host.elapsed() + SHOW_EVERY;
        }
        if signals.received() || host.stdout_is_closed() || wrapper.is_gone() {
            return Ok(Watched);
        }
        fetches.fetch_if_due(context);
        may_differ = watch.wait(TICK);
    }
}

/// A claim and how many others conflict with it, as a look saw it.
type Row = (Holding, usize);

fn rows(all: &Listing) -> Vec<Row> {
    let conflicts = all.conflicts.iter().map(Vec::len);
    all.holdings.iter().cloned().zip(conflicts).collect()
}

/// Reads what passes the filter, and compares it with what was seen before.
fn look(
    context: &Context,
    filter: &Filter,
    is_screen: bool,
    before: &[Row],
) -> Result<Seen, Failure> {
    let all = list::execute(context, filter)?;
    let mut changes = Vec::new();
    for (at, held) in all.holdings.iter().enumerate() {
        let conflicts = all.conflicts.get(at).map_or(0, Vec::len);
        match before.iter().find(|(old, _)| is_same(old, held)) {
            None => changes.push((Change::Began, at)),
            Some((old, old_conflicts)) => {
                let is_other = old.purpose != held.purpose
                    || old.is_gone != held.is_gone
                    || old.confirmed != held.confirmed
                    || *old_conflicts != conflicts;
                if is_other {
                    changes.push((Change::Changed, at));
                }
            }
        }
    }
    let is_over = |old: &&Row| !all.holdings.iter().any(|held| is_same(&old.0, held));
    let ended: Vec<Holding> = before
        .iter()
        .filter(is_over)
        .map(|row| row.0.clone())
        .collect();
    changes.extend((0..ended.len()).map(|at| (Change::Ended, at)));
    Ok(Seen {
        all,
        changes,
        ended,
        is_screen,
    })
}

/// Checks whether two looks saw one claim. A heartbeat moves its end.
fn is_same(one: &Holding, other: &Holding) -> bool {
    one.resource == other.resource
        && one.session == other.session
        && one.node == other.node
        && one.mode == other.mode
        && one.claimed_at == other.claimed_at
}
