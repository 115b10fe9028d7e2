//! Exclusive claims at an arbiter, [`settle`]: this repository, or a remote.
//!
//! Owns the bounded loop: read the lock registers, decide, prepare their next state, and put it in
//! force with one swap; if another writer was faster, decide again. At a remote the swap is a push
//! under leases (`remote`), which can carry code with it (`fenced_push`). Never decides who holds
//! a resource: that is `model::lock_request`.

mod fenced_push;
mod remote;

use std::time::Duration;

pub use fenced_push::{FencedPush, push_fenced};
use remote::RemoteArbiter;

use super::answer::read;
use crate::clock::Clock;
use crate::git::porcelain::{Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{
    Beside, Change, History, Ledger, LedgerError, PreparedWrite, Snapshot, SwapError,
};
use crate::model::actor::Actor;
use crate::model::forbidden::Forbidden;
use crate::model::lock::{Denied, Lock, LockRegister, TakeoverPolicy};
use crate::model::lock_request::{Decision, Named, Request, decide};
use crate::model::offer::OfferPolicy;
use crate::model::resource::Resource;
use crate::model::text::{WORDS_BYTES_MAX, quote};

/// The most rounds in this repository.
const ROUNDS_LOCAL_MAX: u32 = 32;
/// The longest pause after a lost swap. The first one takes a millisecond, and each is twice as
/// long.
const PAUSE_LOCAL_MILLIS: u64 = 20;

/// The repository that decides.
pub enum Arbiter<'a> {
    /// This repository.
    Local,
    /// A remote.
    Remote {
        /// The remote that decides.
        remote: &'a Remote,
        /// Returns the remaining time.
        left: &'a dyn Fn() -> Duration,
    },
}

/// The result of a proposal.
#[derive(Debug)]
pub enum Verdict {
    /// The decision is in force, and so are these states of lock registers.
    Done(Decision, Vec<PreparedWrite>),
    /// The rules deny the request, on the state of the arbiter; nothing changed.
    Denied(Denied),
    /// The arbiter could not be reached; nothing changed.
    Unavailable(RemoteFailure),
    /// A push was sent without an answer: it may have landed or not, or may land later.
    OutcomeUnknown(RemoteFailure),
    /// A rule of the remote forbids the push; nothing changed.
    Forbidden(Forbidden),
    /// Git pushed to this URL, which is not the place that is fetched; it was undone there.
    Elsewhere(String),
    /// Other writers were faster in each round; nothing changed.
    Contended,
}

/// When a lock of another session can be taken over.
pub struct LivenessPolicy<'j> {
    /// The seconds by which a lease must have expired, for clocks that differ.
    pub margin_secs: u64,
    /// Returns true if the process of the holder is known to have ended.
    pub holder_is_dead: &'j dyn Fn(&Lock) -> bool,
    /// Whether the program of a holder is gone, however short ago the holder was heard of.
    pub program_is_gone: &'j dyn Fn(&Lock) -> bool,
    /// What becomes of offers.
    pub offers: OfferPolicy<'j>,
}

/// Returns the records that change together with a lock register, from its present state and its
/// next one.
pub type BesideOf<'q> = &'q dyn Fn(&Snapshot, &LockRegister) -> Beside;

/// A request of a session to the arbiter.
pub struct Proposal<'q> {
    /// The session that requests it.
    pub who: &'q Actor,
    /// What it requests.
    pub request: &'q Request,
    /// When locks of other sessions can be taken over.
    pub liveness: LivenessPolicy<'q>,
    /// Records of other kinds that change with a lock register.
    pub beside: Option<BesideOf<'q>>,
}

/// Decides `proposal` at `arbiter` and puts the decision in force.
///
/// # Errors
///
/// Any [`LedgerError`] of this clone; what the arbiter did is in the verdict.
pub fn settle(
    ledger: &Ledger,
    arbiter: &Arbiter<'_>,
    clock: &dyn Clock,
    proposal: &Proposal<'_>,
) -> Result<Verdict, LedgerError> {
    match arbiter {
        Arbiter::Local => settle_locally(ledger, clock, proposal),
        Arbiter::Remote { remote, left } => {
            let arbiter = RemoteArbiter {
                ledger,
                remote,
                left: *left,
                clock,
                proposal,
            };
            arbiter.settle()
        }
    }
}

/// Puts one state of a register in force at a remote, under its lease. The error is what the remote
/// said.
pub fn put(
    ledger: &Ledger,
    remote: &Remote,
    next: &PreparedWrite,
    left: &dyn Fn() -> Duration,
) -> Result<(), String> {
    let answer = read(remote.push(&[move_of(next)], false, left), ledger);
    if let Some(to) = &answer.elsewhere {
        return Err(format!("Git pushed it to {}", said(to)));
    }
    match (answer.outcomes.get(&next.name), answer.failure) {
        (Some(Outcome::Landed | Outcome::UpToDate), _) => Ok(()),
        (Some(Outcome::Refused { reason } | Outcome::Lost { reason }), _) => Err(said(reason)),
        (_, Some(failure)) => Err(said(&failure.message)),
        _ => Err("the remote did not take it".to_owned()),
    }
}

fn said(words: &str) -> String {
    quote(words, WORDS_BYTES_MAX).to_string()
}

pub(super) fn move_of(next: &PreparedWrite) -> Move {
    Move {
        name: next.name.clone(),
        expect: next.expected.map(|tip| tip.to_string()),
        to: Some(next.to.to_string()),
    }
}

/// Reads the lock registers of a request, each once, in the order of their names.
fn registers_of(ledger: &Ledger, request: &Request) -> Result<Vec<Snapshot>, LedgerError> {
    let mut registers: Vec<Snapshot> = Vec::new();
    for resource in request.resources() {
        let name = ledger.locks().ref_name(resource);
        if !registers.iter().any(|cell| cell.name == name) {
            registers.push(ledger.locks().get(resource)?);
        }
    }
    registers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(registers)
}

/// Decides on the registers as they were read, and prepares their next state.
fn prepare(
    ledger: &Ledger,
    clock: &dyn Clock,
    proposal: &Proposal<'_>,
    registers: &[Snapshot],
    history: History,
) -> Result<Result<(Decision, Vec<PreparedWrite>), Denied>, LedgerError> {
    let policy = TakeoverPolicy {
        now: clock.now(),
        margin_secs: proposal.liveness.margin_secs,
        holder_is_dead: proposal.liveness.holder_is_dead,
        program_is_gone: proposal.liveness.program_is_gone,
        is_mine: &|lock| ledger.locks().is_mine(proposal.who, lock),
        offers: proposal.liveness.offers,
    };
    let register_of = |resource: &Resource| ledger.locks().ref_name(resource);
    let named: Vec<Named> = registers
        .iter()
        .map(|read| (read.name.clone(), read.cell.clone()))
        .collect();
    let decided = match decide(
        &named,
        proposal.who,
        proposal.request,
        &policy,
        &register_of,
    ) {
        Ok(decided) => decided,
        Err(denied) => return Ok(Err(denied)),
    };
    let mut next = Vec::new();
    for (name, cell, event) in &decided.changed {
        if let Some(before) = registers.iter().find(|read| read.name == *name) {
            let beside = proposal.beside.map(|beside| beside(before, cell));
            let change = Change {
                beside: beside.unwrap_or_default(),
                ..Change::of(cell, event)
            };
            let prepared = ledger.locks();
            next.push(prepared.prepare(clock, proposal.who, before, &change, history)?);
        }
    }
    Ok(Ok((decided, next)))
}

/// Decides in this repository.
fn settle_locally(
    ledger: &Ledger,
    clock: &dyn Clock,
    proposal: &Proposal<'_>,
) -> Result<Verdict, LedgerError> {
    // Many take from one list at once: one after the other, none loses its swap and decides again.
    // The swap is what keeps them apart, so without this lock it only takes longer.
    let is_of_a_list = matches!(proposal.request, Request::Tasks(_));
    let _alone = is_of_a_list.then(|| ledger.lock_decision(clock).ok());
    for round in 0..ROUNDS_LOCAL_MAX {
        let registers = registers_of(ledger, proposal.request)?;
        let (decided, next) = match prepare(ledger, clock, proposal, &registers, History::Amend)? {
            Ok(prepared) => prepared,
            Err(denied) => return Ok(Verdict::Denied(denied)),
        };
        if swap_all(ledger, clock, proposal.who, &registers, &next)? {
            return Ok(Verdict::Done(decided, next));
        }
        if !clock.may_wait() {
            break;
        }
        // The writer that was faster is done in a moment; then the next round can decide.
        clock.pause((1 << round.min(8)).min(PAUSE_LOCAL_MILLIS));
    }
    Ok(Verdict::Contended)
}

/// Swaps all registers or none: if one swap is lost, those before it are rolled back. Returns true
/// if all are in force.
fn swap_all(
    ledger: &Ledger,
    clock: &dyn Clock,
    who: &Actor,
    registers: &[Snapshot],
    next: &[PreparedWrite],
) -> Result<bool, LedgerError> {
    for (done, one) in next.iter().enumerate() {
        match ledger.locks().swap(clock, one) {
            Ok(()) => {}
            Err(SwapError::Lost(_) | SwapError::Busy(_)) => {
                for undo in &next[..done] {
                    let before = registers.iter().find(|cell| cell.name == undo.name);
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
