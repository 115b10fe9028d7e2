//! What is searched: the design, and how much of its world.
//!
//! Owns the designs, the built one and each that is broken in one place, and the bounds of a
//! search. Never knows how either is put into effect.

use super::state::RESOURCES;

/// The built design, or one that differs from it in one place and has to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    Built,
    /// A renewal writes the session's own ref, and a takeover the cell.
    LeaseInOwnRef,
    /// A lock that expired is taken over without comparing the register.
    TakeoverByForce,
    /// A lease begins when its holder hears of the grant.
    LeaseFromAnswer,
    /// A fenced push carries the lock as it is.
    FenceLeavesLock,
    /// The cell goes with the last lock in it.
    TokensStartAgain,
    /// A free register is removed, and no floor is left.
    RemovedWithoutFloor,
    /// No answer is taken for a yes.
    SilenceIsYes,
    /// A session that releases a lock relies on it until it hears that this is done.
    ReleaserKeepsLease,
    /// A session that releases a lock relies on it again if the release seems to have failed.
    ReleaserReliesAgain,
    /// A renewal that was accepted brings back what its session had stopped to count on.
    RenewalRevivesLease,
    /// A session that goes on after the process that its lock names counts on what it held.
    GoesOnWithLease,
    /// An offer stands in the ref of the session that makes it, which is pushed after the release.
    OfferOutside,
    /// A grant takes what was left with it.
    GrantTakesHandoff,
    /// A list forgets what its tasks need.
    NeedsForgotten,
    /// What is done stands in a ref beside the register, which is not compared.
    DoneOutside,
    /// A task stays in its list when it is done.
    DoneStays,
}

/// Whether the resources are tasks of one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tasks {
    /// They are none.
    None,
    /// Tasks that do not need each other.
    Apart,
    /// The second one needs the first.
    InOrder,
}

/// As many faults as there can be.
pub const ANY_NUMBER: u8 = u8::MAX;

/// The bounds of a search. Time is not bounded, nor how often anything is looked at, renewed,
/// asked for or delayed.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub design: Design,
    pub sessions: usize,
    pub resources: usize,
    /// Both resources are paths that overlap, decided in one cell.
    pub one_cell: bool,
    /// Tasks are decided in one cell as well, and do not overlap.
    pub tasks: Tasks,
    /// Whether tasks are dropped.
    pub drops: bool,
    /// How long a lease is, in ticks.
    pub ttl: u8,
    /// How long ago it has to be over, in ticks.
    pub margin: u8,
    /// How long a process that is gone has to be silent, in ticks.
    pub heartbeat: u8,
    /// How far clocks are apart at most, in ticks.
    pub skew: u8,
    /// How many tokens are given out on each resource. Where both share a cell, the first counts.
    pub tokens: [u8; RESOURCES],
    /// How many pushes are given up (no answer, a crash), and clocks set.
    pub faults: u8,
    /// Whether clocks are set while it runs.
    pub sets_clocks: bool,
    /// Whether sessions are on one machine, and see that a process is gone; then they have one
    /// clock.
    pub sees_gone: bool,
    /// Whether each session renews in a process of its own.
    pub renews_behind: bool,
    /// Whether locks are taken from their holders by name.
    pub overrides: bool,
    /// Whether code is pushed under a fence.
    pub fences: bool,
    /// Whether both resources are asked for in one request.
    pub asks_both: bool,
    /// Whether what is released is offered to another session, with a handoff.
    pub offers: bool,
    /// How long an offer lasts, in ticks.
    pub offer_ticks: u8,
    /// Whether registers are removed while they are free, and their histories are cut.
    pub folds: bool,
}

impl Scope {
    /// Whether both resources are decided in one cell.
    pub fn shares_a_cell(&self) -> bool {
        self.one_cell || self.tasks != Tasks::None
    }
}
