//! Deciding about exclusive claims, here or at the remote.
//!
//! Owns the bounded loop: read the cells, decide, write what they are to become, put it in force
//! with one swap; somebody was faster, so decide again. Where a remote decides, the swap is a push
//! under leases (`remote`), which can carry code with it (`fenced_push`). Never decides who holds
//! what.

mod fenced_push;
mod remote;

use std::time::Duration;

pub use fenced_push::{FencedPush, push_fenced};
use remote::RemoteArbiter;

use crate::clock::Clock;
use crate::git::porcelain::RemoteFailure;
use crate::git::remote::Remote;
use crate::ledger::{
    Beside, Change, History, Ledger, LedgerError, PreparedWrite, Snapshot, SwapError,
};
use crate::model::actor::Actor;
use crate::model::lock::{Denied, Lock, LockRegister, TakeoverPolicy};
use crate::model::lock_request::{Decision, Named, Request, decide};
use crate::model::resource::Resource;

const ROUNDS_HERE_MAX: u32 = 32;
/// The longest pause after a lost swap; the first is a millisecond, and each is twice as long.
const PAUSE_HERE_MILLIS: u64 = 20;

/// Who decides.
pub enum Arbiter<'a> {
    /// This repository.
    Local,
    Remote {
        remote: &'a Remote,
        left: &'a dyn Fn() -> Duration,
    },
}

/// How a request ended.
#[derive(Debug)]
pub enum Verdict {
    /// In force.
    Done(Decision),
    Denied(Denied),
    /// The arbiter could not be asked: nothing changed.
    NoAnswer(RemoteFailure),
    /// It was asked, and nobody knows what became of it.
    Unclear(RemoteFailure),
    /// It refuses refs like these.
    Forbidden(String),
    /// Others were faster each time.
    Contended,
}

/// How others are judged.
pub struct LivenessPolicy<'j> {
    pub margin_secs: u64,
    pub is_gone: &'j dyn Fn(&Lock) -> bool,
}

/// What changes beside a cell: over what it was, and what it becomes.
pub type BesideOf<'q> = &'q dyn Fn(&Snapshot, &LockRegister) -> Beside;

/// Who asks for what.
pub struct Proposal<'q> {
    pub who: &'q Actor,
    pub request: &'q Request,
    pub judge: LivenessPolicy<'q>,
    /// Records of other kinds that change with a cell.
    pub beside: Option<BesideOf<'q>>,
}

/// Decide `asked` and put the answer in force.
pub fn settle(
    ledger: &Ledger,
    arbiter: &Arbiter<'_>,
    clock: &dyn Clock,
    asked: &Proposal<'_>,
) -> Result<Verdict, LedgerError> {
    match arbiter {
        Arbiter::Local => settle_locally(ledger, clock, asked),
        Arbiter::Remote { remote, left } => {
            let there = RemoteArbiter {
                ledger,
                remote,
                left: *left,
                clock,
                asked,
            };
            there.settle()
        }
    }
}

/// The cells of a request, each once, in the order of their names.
fn cells_of(ledger: &Ledger, request: &Request) -> Result<Vec<Snapshot>, LedgerError> {
    let mut cells: Vec<Snapshot> = Vec::new();
    for resource in request.resources() {
        let name = ledger.locks().ref_name(resource);
        if !cells.iter().any(|cell| cell.name == name) {
            cells.push(ledger.locks().get(resource)?);
        }
    }
    cells.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cells)
}

/// Decide on what was read, and write what is to come of it.
fn prepare(
    ledger: &Ledger,
    clock: &dyn Clock,
    asked: &Proposal<'_>,
    cells: &[Snapshot],
    history: History,
) -> Result<Result<(Decision, Vec<PreparedWrite>), Denied>, LedgerError> {
    let judge = TakeoverPolicy {
        now: clock.now(),
        margin_secs: asked.judge.margin_secs,
        holder_is_dead: asked.judge.is_gone,
        is_mine: &|lock| ledger.locks().is_mine(asked.who, lock),
    };
    let cell_of = |resource: &Resource| ledger.locks().ref_name(resource);
    let named: Vec<Named> = cells
        .iter()
        .map(|read| (read.name.clone(), read.cell.clone()))
        .collect();
    let decided = match decide(&named, asked.who, asked.request, &judge, &cell_of) {
        Ok(decided) => decided,
        Err(denied) => return Ok(Err(denied)),
    };
    let mut next = Vec::new();
    for (name, cell, event) in &decided.changed {
        if let Some(before) = cells.iter().find(|read| read.name == *name) {
            let beside = asked.beside.map(|beside| beside(before, cell));
            let change = Change {
                beside: beside.unwrap_or_default(),
                ..Change::of(cell, event)
            };
            let prepared = ledger.locks();
            next.push(prepared.prepare(clock, asked.who, before, &change, history)?);
        }
    }
    Ok(Ok((decided, next)))
}

fn settle_locally(
    ledger: &Ledger,
    clock: &dyn Clock,
    asked: &Proposal<'_>,
) -> Result<Verdict, LedgerError> {
    for round in 0..ROUNDS_HERE_MAX {
        let cells = cells_of(ledger, asked.request)?;
        let (decided, next) = match prepare(ledger, clock, asked, &cells, History::Amend)? {
            Ok(prepared) => prepared,
            Err(denied) => return Ok(Verdict::Denied(denied)),
        };
        match swap_all(ledger, clock, asked.who, &cells, &next)? {
            true => return Ok(Verdict::Done(decided)),
            // Whoever was faster is done in a moment, and then there is an answer at once.
            false => clock.pause((1 << round.min(8)).min(PAUSE_HERE_MILLIS)),
        }
    }
    Ok(Verdict::Contended)
}

/// Put all in force, or none: what was put in force before one is lost is taken back.
fn swap_all(
    ledger: &Ledger,
    clock: &dyn Clock,
    who: &Actor,
    cells: &[Snapshot],
    next: &[PreparedWrite],
) -> Result<bool, LedgerError> {
    for (done, one) in next.iter().enumerate() {
        match ledger.locks().swap(clock, one) {
            Ok(()) => {}
            Err(SwapError::Lost(_) | SwapError::Busy(_)) => {
                for undo in &next[..done] {
                    let before = cells.iter().find(|cell| cell.name == undo.name);
                    if let Some(before) = before {
                        ledger.locks().roll_back(clock, who, before, undo)?;
                    }
                }
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}
