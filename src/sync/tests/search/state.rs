//! One state of the world that is searched.
//!
//! Owns what a state is made of, kept small: contents of cells are numbers, times are ages. Never
//! says what may happen next.
//!
//! Of the id of a commit one thing matters: whether the arbiter still stands on it. Ids are never
//! used twice, so what was judged on a commit that was left behind can never land. Such a push is
//! dropped here; that its sender hears "lost" and looks is the step `Look`.

pub const SESSIONS: usize = 3;
pub const RESOURCES: usize = 2;
/// A session asks in the foreground, renews in the background, and may have left one push behind
/// in the network.
pub const SLOTS: usize = 3;
pub const AHEAD: usize = 0;
pub const BEHIND: usize = 1;
pub const STRAY: usize = 2;

/// A number for a content of a cell; 0 is the cell in which nothing was ever decided.
pub type CellId = u16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    #[default]
    None,
    /// In the network, on the commit on which the arbiter still stands.
    Sent,
    /// In force, and its sender does not know.
    Landed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    #[default]
    Grant,
    Renew,
    /// A renewal and code, all or nothing.
    Fenced,
    Release,
    /// A release with a handoff, and an offer to the session at this place.
    Pass(u8),
    Override,
    /// A task is done.
    Done,
    /// A task is dropped.
    Drop,
}

impl Kind {
    pub fn is_renewal(self) -> bool {
        matches!(self, Self::Renew | Self::Fenced)
    }

    /// Returns true if the session gives up what it is about.
    pub fn ends(self) -> bool {
        matches!(
            self,
            Self::Release | Self::Pass(_) | Self::Done | Self::Drop
        )
    }
}

/// A push, from the moment it is sent until its sender hears of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attempt {
    pub phase: Phase,
    pub kind: Kind,
    /// The resources that it is about, as bits.
    pub about: u8,
    /// The cells that it moves, as bits.
    pub moves: u8,
    /// What it makes of them.
    pub next: [CellId; RESOURCES],
    /// The tokens under which it holds afterwards, or held before; 0: none.
    pub tokens: [u8; RESOURCES],
    /// Ticks since it began.
    pub age: u8,
    /// Pushed without comparing anything: only broken designs do that.
    pub by_force: bool,
    /// No process will hear its outcome.
    pub is_unheard: bool,
}

impl Attempt {
    pub fn is_sent(&self) -> bool {
        self.phase == Phase::Sent
    }

    /// Returns true if a process waits for the answer and will rely on the lease.
    pub fn brings_lease(&self) -> bool {
        let holds = matches!(self.kind, Kind::Grant | Kind::Renew | Kind::Fenced);
        self.phase != Phase::None && holds && !self.is_unheard
    }

    /// Returns the same attempt without a process that waits for the answer.
    pub fn unheard(mut self) -> Self {
        self.is_unheard = true;
        // An offer ends in the network, too.
        if !matches!(self.kind, Kind::Pass(_)) {
            self.age = 0;
        }
        self
    }
}

/// What a session counts on, as its file says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalLease {
    /// 0: nothing.
    pub token: u8,
    /// Ticks left on the monotonic clock.
    pub left: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Life {
    #[default]
    Runs,
    /// Its process has ended, and no other acts under its name.
    Gone,
    /// Its process is gone, and another one goes on under the same name.
    GoesOn,
}

/// A session, alone in a clone of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Session {
    /// How far its wall clock is ahead, in ticks.
    pub ahead: u8,
    pub life: Life,
    /// Its own locks as the tracking copies have them, under the name of session 0.
    pub view: [CellId; RESOURCES],
    pub leases: [LocalLease; RESOURCES],
    pub attempts: [Attempt; SLOTS],
}

/// An offer that landed, as an onlooker keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OfferMade {
    /// The session that it is to, as its place and one; 0: none.
    pub to: u8,
    /// Until when, in ticks by a clock that is right; 0: it is over for every session.
    pub left: u8,
}

/// A grant that landed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    pub token: u8,
    pub holder: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State {
    /// The cells at the arbiter. Where both resources share one, it is the first.
    pub cells: [CellId; RESOURCES],
    pub sessions: [Session; SESSIONS],
    /// Only told, never judged by: the last grant on each resource.
    pub last: [Grant; RESOURCES],
    /// Only told: the highest token that was taken from its holder by name.
    pub overridden: [u8; RESOURCES],
    /// Only told: what was offered last on each resource.
    pub offered: [OfferMade; RESOURCES],
    /// Only told: whether something was left for the next holder.
    pub left: [bool; RESOURCES],
    /// Only told: the tasks that are done, and those that are over, as bits.
    pub done: u8,
    pub over: u8,
    /// Ticks since each session's own ref was renewed at the arbiter, where leases stand there.
    pub beats: [u8; SESSIONS],
    /// Above it every register without a ref begins.
    pub floor: u8,
    /// The registers without a ref, of those that had one, as bits.
    pub removed: u8,
    /// How many pushes may still be given up, lost or orphaned, and clocks set.
    pub faults_left: u8,
}

impl State {
    /// After a cell moved: what else was judged on the commit before can only be refused.
    pub fn drop_outrun(&mut self, moved: u8) {
        for session in &mut self.sessions {
            for attempt in &mut session.attempts {
                if attempt.is_sent() && attempt.moves & moved != 0 && !attempt.by_force {
                    *attempt = Attempt::default();
                }
            }
        }
    }

    /// The sessions in another order: the one at place `n` comes from `order[n]`. Contents of cells
    /// are renamed by `rename`.
    pub fn reordered(
        &self,
        order: [usize; SESSIONS],
        rename: &mut dyn FnMut(CellId) -> CellId,
    ) -> Self {
        let mut new = *self;
        let mut place = [0; SESSIONS];
        for (to, from) in order.into_iter().enumerate() {
            place[from] = to;
            new.sessions[to] = self.sessions[from];
            new.beats[to] = self.beats[from];
        }
        for cell in &mut new.cells {
            *cell = rename(*cell);
        }
        for session in &mut new.sessions {
            for attempt in &mut session.attempts {
                for cell in &mut attempt.next {
                    *cell = rename(*cell);
                }
            }
        }
        for offered in &mut new.offered {
            if offered.to > 0 {
                let was = usize::from(offered.to - 1);
                offered.to = u8::try_from(place[was]).unwrap() + 1;
            }
        }
        for session in &mut new.sessions {
            for attempt in &mut session.attempts {
                if let Kind::Pass(to) = attempt.kind {
                    attempt.kind = Kind::Pass(u8::try_from(place[usize::from(to)]).unwrap());
                }
            }
        }
        for grant in &mut new.last {
            if grant.token > 0 {
                grant.holder = u8::try_from(place[usize::from(grant.holder)]).unwrap();
            }
        }
        new
    }
}
