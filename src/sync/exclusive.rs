//! Deciding about exclusive claims, here or at the remote.
//!
//! Owns the bounded loop: read the cells, decide, write what they are to become, put it in force
//! with one swap; somebody was faster, so decide again. Where a remote decides, the swap is a push
//! under leases, and a "no" that rests on an old view is looked at again first. Never decides who
//! holds what.

use std::time::Duration;

use super::ends::read;
use crate::git::porcelain::{FailureKind, Outcome, RemoteFailure};
use crate::git::remote::{Move, Remote};
use crate::ledger::{CellNext, CellRead, Ledger, LedgerError, Machine, SwapError, layout};
use crate::model::exclusion::{Decided, Named, Request, decide};
use crate::model::lock::{Denied, Judgement, Lock};
use crate::model::session::Actor;

const ROUNDS_HERE_MAX: u32 = 32;
const ROUNDS_THERE_MAX: u32 = 5;
const PAUSE_HERE_MILLIS: u64 = 20;
const PAUSE_THERE_MILLIS: u64 = 250;

/// Who decides.
pub enum Arbiter<'a> {
    /// This repository.
    Here,
    There {
        remote: &'a Remote,
        left: &'a dyn Fn() -> Duration,
    },
}

/// How a request ended.
#[derive(Debug)]
pub enum Verdict {
    /// In force.
    Done(Decided),
    Denied(Denied),
    /// The arbiter could not be asked, or did not answer.
    NoAnswer(RemoteFailure),
    /// It refuses refs like these.
    Forbidden(String),
    /// Others were faster each time.
    Contended,
}

/// How others are judged.
pub struct Judge<'j> {
    pub margin_secs: u64,
    pub is_gone: &'j dyn Fn(&Lock) -> bool,
}

/// Who asks for what.
pub struct Asked<'q> {
    pub who: &'q Actor,
    pub request: &'q Request,
    pub judge: Judge<'q>,
}

/// Decide `asked` and put the answer in force.
pub fn settle(
    ledger: &Ledger,
    arbiter: &Arbiter<'_>,
    machine: &dyn Machine,
    asked: &Asked<'_>,
) -> Result<Verdict, LedgerError> {
    match arbiter {
        Arbiter::Here => settle_here(ledger, machine, asked),
        Arbiter::There { remote, left } => {
            let there = There {
                ledger,
                remote,
                left: *left,
                machine,
                asked,
            };
            there.settle()
        }
    }
}

/// The cells of a request, each once, in the order of their names.
fn cells_of(ledger: &Ledger, request: &Request) -> Result<Vec<CellRead>, LedgerError> {
    let mut cells: Vec<CellRead> = Vec::new();
    for resource in request.resources() {
        let name = layout::cell_ref(resource);
        if !cells.iter().any(|cell| cell.name == name) {
            cells.push(ledger.cell_of(resource)?);
        }
    }
    cells.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cells)
}

/// Decide on what was read, and write what is to come of it.
fn prepare(
    ledger: &Ledger,
    machine: &dyn Machine,
    asked: &Asked<'_>,
    cells: &[CellRead],
) -> Result<Result<(Decided, Vec<CellNext>), Denied>, LedgerError> {
    let judge = Judgement {
        now: machine.now(),
        margin_secs: asked.judge.margin_secs,
        is_gone: asked.judge.is_gone,
    };
    let named: Vec<Named> = cells
        .iter()
        .map(|read| (read.name.clone(), read.cell.clone()))
        .collect();
    let decided = match decide(&named, asked.who, asked.request, &judge, &layout::cell_ref) {
        Ok(decided) => decided,
        Err(denied) => return Ok(Err(denied)),
    };
    let mut next = Vec::new();
    for (name, cell, event) in &decided.changed {
        if let Some(before) = cells.iter().find(|read| read.name == *name) {
            next.push(ledger.write_cell(machine, asked.who, before, cell, event)?);
        }
    }
    Ok(Ok((decided, next)))
}

/// How a fenced push ended.
#[derive(Debug)]
pub enum FencedPush {
    /// All of it landed, each ref with what became of it.
    Landed(Decided, Vec<String>),
    /// The lock is not mine, or not any more; nothing landed.
    Denied(Denied),
    /// A ref of the user was not taken, with the words for it; nothing landed.
    Rejected(Vec<(String, String)>),
    /// The server cannot move refs together; nothing landed.
    NotAtomic,
    NoAnswer(RemoteFailure),
}

/// Push code and a renewal of the lock on `resource` in one: who lost the lock cannot land code,
/// because the server's own transaction refuses. An unchanged lock would fence nothing: the server
/// does not look at a ref that does not move.
pub fn push_fenced(
    ledger: &Ledger,
    remote: &Remote,
    machine: &dyn Machine,
    asked: &Asked<'_>,
    refspecs: &[String],
    left: &dyn Fn() -> Duration,
) -> Result<FencedPush, LedgerError> {
    let cells = cells_of(ledger, asked.request)?;
    let (decided, next) = match prepare(ledger, machine, asked, &cells)? {
        Ok(prepared) => prepared,
        Err(denied) => return Ok(FencedPush::Denied(denied)),
    };
    let [fence] = next.as_slice() else {
        let lost = decided.lost.into_iter().next();
        return Ok(FencedPush::Denied(
            lost.map_or(Denied::Free, |(_, denied)| denied),
        ));
    };
    let moved = Move {
        name: fence.name.clone(),
        expect: fence.expected.map(|tip| tip.to_string()),
        to: Some(fence.to.to_string()),
    };
    let answer = read(remote.push_fenced(refspecs, &moved, left));
    let landed = |outcome: &Outcome| matches!(outcome, Outcome::Landed | Outcome::UpToDate);
    if answer.failure.is_none() && answer.outcomes.get(&fence.name) == Some(&Outcome::Landed) {
        let names = answer
            .outcomes
            .into_keys()
            .filter(|name| *name != fence.name);
        return Ok(FencedPush::Landed(decided, names.collect()));
    }
    if let Some(Outcome::Lost { .. }) = answer.outcomes.get(&fence.name) {
        let _ = remote.fetch(&[layout::fetch_refspec(remote.name())], true, left);
        let now = prepare(ledger, machine, asked, &cells_of(ledger, asked.request)?)?;
        let lost = now.map(|(decided, _)| decided.lost.into_iter().next());
        return Ok(FencedPush::Denied(match lost {
            Ok(Some((_, denied))) | Err(denied) => denied,
            // It moved, and is still mine: another process of this session renewed it.
            Ok(None) => {
                return Ok(FencedPush::NoAnswer(RemoteFailure::local(
                    RENEWED_MEANWHILE,
                )));
            }
        }));
    }
    if let Some(failure) = answer.failure {
        return Ok(match failure.kind {
            FailureKind::NoAtomic => FencedPush::NotAtomic,
            _ => FencedPush::NoAnswer(failure),
        });
    }
    let refused = answer
        .outcomes
        .into_iter()
        .filter(|(_, outcome)| !landed(outcome));
    let worded = refused.filter_map(|(name, outcome)| Some((name, words(outcome)?)));
    Ok(FencedPush::Rejected(worded.collect()))
}

const RENEWED_MEANWHILE: &str = "the lock was renewed meanwhile; try again";

/// Why a ref was not taken; `None` where another one was the reason.
fn words(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Lost { reason } | Outcome::Refused { reason } | Outcome::Unknown { reason } => {
            Some(reason)
        }
        Outcome::ForwardOnly => Some("not a fast-forward".to_owned()),
        Outcome::HeldBack | Outcome::Landed | Outcome::UpToDate => None,
    }
}

fn settle_here(
    ledger: &Ledger,
    machine: &dyn Machine,
    asked: &Asked<'_>,
) -> Result<Verdict, LedgerError> {
    for _ in 0..ROUNDS_HERE_MAX {
        let cells = cells_of(ledger, asked.request)?;
        let (decided, next) = match prepare(ledger, machine, asked, &cells)? {
            Ok(prepared) => prepared,
            Err(denied) => return Ok(Verdict::Denied(denied)),
        };
        match swap_all(ledger, machine, asked.who, &cells, &next)? {
            true => return Ok(Verdict::Done(decided)),
            false => machine.pause(PAUSE_HERE_MILLIS),
        }
    }
    Ok(Verdict::Contended)
}

/// Put all in force, or none: what was put in force before one is lost is taken back.
fn swap_all(
    ledger: &Ledger,
    machine: &dyn Machine,
    who: &Actor,
    cells: &[CellRead],
    next: &[CellNext],
) -> Result<bool, LedgerError> {
    for (done, one) in next.iter().enumerate() {
        match ledger.swap_cell(machine, one) {
            Ok(()) => {}
            Err(SwapError::Lost(_) | SwapError::Busy(_)) => {
                for undo in &next[..done] {
                    let before = cells.iter().find(|cell| cell.name == undo.name);
                    if let Some(before) = before {
                        ledger.put_back_cell(machine, who, before, undo)?;
                    }
                }
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

struct There<'t> {
    ledger: &'t Ledger,
    remote: &'t Remote,
    left: &'t dyn Fn() -> Duration,
    machine: &'t dyn Machine,
    asked: &'t Asked<'t>,
}

/// What became of one push.
enum Pushed {
    Accepted,
    Lost,
    Forbidden(String),
    Unknown(Option<RemoteFailure>),
}

impl There<'_> {
    fn settle(&self) -> Result<Verdict, LedgerError> {
        let mut looked = false;
        for round in 0..ROUNDS_THERE_MAX {
            let cells = cells_of(self.ledger, self.asked.request)?;
            let (decided, next) = match prepare(self.ledger, self.machine, self.asked, &cells)? {
                Err(denied) if looked => return Ok(Verdict::Denied(denied)),
                Ok((decided, _)) if !decided.taken_from.is_empty() && !looked => {
                    // Nobody is taken over on hearsay.
                    drop(decided);
                    match self.look(&cells) {
                        Ok(()) => looked = true,
                        Err(failure) => return Ok(Verdict::NoAnswer(failure)),
                    }
                    continue;
                }
                Err(_) => {
                    match self.look(&cells) {
                        Ok(()) => looked = true,
                        Err(failure) => return Ok(Verdict::NoAnswer(failure)),
                    }
                    continue;
                }
                Ok(prepared) => prepared,
            };
            if next.is_empty() {
                return Ok(Verdict::Done(decided));
            }
            match self.push(&next) {
                Pushed::Accepted => return Ok(Verdict::Done(decided)),
                Pushed::Forbidden(said) => return Ok(Verdict::Forbidden(said)),
                Pushed::Unknown(Some(failure)) if failure.is_untouched() => {
                    return Ok(Verdict::NoAnswer(failure));
                }
                Pushed::Lost | Pushed::Unknown(_) => {
                    if let Err(failure) = self.look(&cells) {
                        return Ok(Verdict::NoAnswer(failure));
                    }
                    looked = true;
                    if self.is_in_force(&next)? {
                        return Ok(Verdict::Done(decided));
                    }
                    self.machine.pause(PAUSE_THERE_MILLIS << round.min(4));
                }
            }
        }
        Ok(Verdict::Contended)
    }

    /// Fetch these cells as the arbiter has them now.
    fn look(&self, cells: &[CellRead]) -> Result<(), RemoteFailure> {
        let _ = cells;
        let all = [layout::fetch_refspec(self.remote.name())];
        self.remote.fetch(&all, true, self.left)
    }

    fn push(&self, next: &[CellNext]) -> Pushed {
        let moves: Vec<Move> = next
            .iter()
            .map(|next| Move {
                name: next.name.clone(),
                expect: next.expected.map(|tip| tip.to_string()),
                to: Some(next.to.to_string()),
            })
            .collect();
        let answer = read(self.remote.push(&moves, next.len() > 1, self.left));
        let outcomes: Vec<&Outcome> = next
            .iter()
            .filter_map(|next| answer.outcomes.get(&next.name))
            .collect();
        if outcomes.len() == next.len() && outcomes.iter().all(|o| **o == Outcome::Landed) {
            return Pushed::Accepted;
        }
        for outcome in &outcomes {
            match outcome {
                Outcome::Refused { reason } => return Pushed::Forbidden(reason.clone()),
                Outcome::Lost { .. } => return Pushed::Lost,
                _ => {}
            }
        }
        Pushed::Unknown(answer.failure)
    }

    /// Whether the arbiter has what we sent, whatever was heard of it.
    fn is_in_force(&self, next: &[CellNext]) -> Result<bool, LedgerError> {
        let tracked = self.ledger.tracked_tips()?;
        let has = |next: &CellNext| tracked.get(&next.name) == Some(&next.to);
        Ok(next.iter().all(has))
    }
}
