//! What may happen next.
//!
//! Owns the steps of sessions, network, arbiter and time, and what each does to a state; also how
//! a broken design does it differently. Never judges a state.
//!
//! A session that asks fetches first, decides and sends, in one step. A push that was judged on an
//! older view can only be lost, so nothing is left out by that; that time passes between judging
//! and landing is the time that a push spends in the network.

use super::landing::{give_up, spend};
use super::rules::Rules;
use super::scope::{Design, Scope};
use super::state::{
    AHEAD, Attempt, BEHIND, CellId, Kind, Life, LocalLease, Phase, RESOURCES, SESSIONS, SLOTS,
    STRAY, State,
};

/// A heartbeat that never was, and one that is too old to matter.
pub const NO_BEAT: u8 = u8::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A tick passes.
    Tick,
    /// A session fetches.
    Look(u8),
    /// A session looks, decides and sends.
    Ask {
        who: u8,
        kind: Kind,
        about: u8,
    },
    /// A push reaches the arbiter.
    Arrive {
        who: u8,
        slot: u8,
    },
    /// Its sender hears that it was accepted.
    Hear {
        who: u8,
        slot: u8,
    },
    /// No answer, and no look either; or the process that waited for it is killed.
    GiveUp {
        who: u8,
        slot: u8,
    },
    /// The harness of a session ends.
    End(u8),
    /// Another process goes on under its name.
    GoOn(u8),
    SetClock {
        who: u8,
        ahead: u8,
    },
    /// The history of a register is cut.
    Cut(u8),
    /// A free register is removed.
    Remove(u8),
}

pub struct World {
    pub scope: Scope,
    pub rules: Rules,
}

impl World {
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            rules: Rules::new(scope),
        }
    }

    pub fn is(&self, design: Design) -> bool {
        self.scope.design == design
    }

    /// Returns the first states: no session holds anything, and some clocks are ahead.
    pub fn beginnings(&mut self) -> Vec<State> {
        let mut all = Vec::new();
        let first = self.rules.listed();
        let first = self.rules.number(first);
        for fast in 0..=self.scope.sessions {
            let mut state = State {
                beats: [NO_BEAT; SESSIONS],
                faults_left: self.scope.faults,
                cells: [first, 0],
                ..State::default()
            };
            for (n, session) in state.sessions.iter_mut().enumerate() {
                let is_there = n < self.scope.sessions;
                session.ahead = if n < fast || !is_there {
                    self.scope.skew
                } else {
                    0
                };
                if !is_there {
                    session.life = Life::Gone;
                }
            }
            all.push(state);
            if self.scope.skew == 0 {
                break;
            }
        }
        all
    }

    /// Every step that may be possible; `take` knows which are.
    pub fn steps(&self, state: &State) -> Vec<Step> {
        let mut steps = vec![Step::Tick];
        self.folds(&mut steps);
        for who in 0..u8::try_from(SESSIONS).unwrap() {
            let session = &state.sessions[usize::from(who)];
            for slot in 0..u8::try_from(SLOTS).unwrap() {
                match session.attempts[usize::from(slot)].phase {
                    Phase::None => {}
                    Phase::Sent => {
                        steps.push(Step::Arrive { who, slot });
                        steps.push(Step::GiveUp { who, slot });
                        if self.is(Design::SilenceIsYes) && usize::from(slot) != STRAY {
                            steps.push(Step::Hear { who, slot });
                        }
                    }
                    Phase::Landed => {
                        steps.push(Step::Hear { who, slot });
                        steps.push(Step::GiveUp { who, slot });
                    }
                }
            }
            match session.life {
                Life::Gone => {
                    if self.scope.sees_gone && usize::from(who) < self.scope.sessions {
                        steps.push(Step::GoOn(who));
                    }
                    continue;
                }
                Life::Runs if self.scope.sees_gone => steps.push(Step::End(who)),
                _ => {}
            }
            steps.push(Step::Look(who));
            self.asks(who, &mut steps);
            if self.scope.sets_clocks {
                let others = (0..=self.scope.skew).filter(|ahead| *ahead != session.ahead);
                steps.extend(others.map(|ahead| Step::SetClock { who, ahead }));
            }
        }
        steps
    }

    fn asks(&self, who: u8, steps: &mut Vec<Step>) {
        let all = (1 << self.scope.resources) - 1;
        let mut ask = |kind, about| steps.push(Step::Ask { who, kind, about });
        ask(Kind::Renew, all);
        self.ends(&mut ask);
        for about in 1..=all {
            if about == 1 || about == 2 || self.scope.asks_both {
                ask(Kind::Grant, about);
                ask(Kind::Release, about);
                let others = (0..self.scope.sessions).filter(|n| *n != usize::from(who));
                for to in others.filter(|_| self.scope.offers) {
                    ask(Kind::Pass(u8::try_from(to).unwrap()), about);
                }
            }
            if about == 1 || about == 2 {
                if self.scope.fences {
                    ask(Kind::Fenced, about);
                }
                if self.scope.overrides {
                    ask(Kind::Override, about);
                }
            }
        }
    }

    /// The state after a step, or `Err` with what is wrong with it; `None`: not possible.
    pub fn take(&mut self, state: &State, step: Step) -> Option<Result<State, String>> {
        let mut next = *state;
        let possible = match step {
            Step::Tick => {
                self.tick(&mut next);
                true
            }
            Step::Look(who) => {
                self.look(&mut next, who);
                true
            }
            Step::Ask { who, kind, about } => match self.ask(&mut next, who, kind, about) {
                Ok(possible) => possible,
                Err(wrong) => return Some(Err(wrong)),
            },
            Step::Arrive { who, slot } => match self.arrive(&mut next, who, slot) {
                Ok(()) => true,
                Err(wrong) => return Some(Err(wrong)),
            },
            Step::Hear { who, slot } => match self.hear(&mut next, who, slot) {
                Ok(()) => true,
                Err(wrong) => return Some(Err(wrong)),
            },
            Step::GiveUp { who, slot } => give_up(&mut next, who, slot),
            Step::End(who) => {
                for slot in 0..STRAY {
                    let session = &mut next.sessions[usize::from(who)];
                    let sent = std::mem::take(&mut session.attempts[slot]);
                    if sent.is_sent() && !session.attempts[STRAY].is_sent() {
                        session.attempts[STRAY] = sent.unheard();
                    }
                }
                next.sessions[usize::from(who)].life = Life::Gone;
                spend(&mut next)
            }
            Step::GoOn(who) => {
                next.sessions[usize::from(who)].life = Life::GoesOn;
                true
            }
            Step::SetClock { who, ahead } => {
                next.sessions[usize::from(who)].ahead = ahead;
                spend(&mut next)
            }
            Step::Cut(place) => {
                self.cut(&mut next, place);
                true
            }
            Step::Remove(place) => self.remove(&mut next, place),
        };
        (possible && next != *state).then_some(Ok(next))
    }

    fn tick(&mut self, state: &mut State) {
        let ttl = self.scope.ttl;
        let mut older = |id: &mut CellId| *id = self.rules.older(*id);
        state.cells.iter_mut().for_each(&mut older);
        for session in &mut state.sessions {
            if self.scope.sees_gone {
                session.view.iter_mut().for_each(&mut older);
            }
            for lease in &mut session.leases {
                lease.left = lease.left.saturating_sub(1);
            }
            for attempt in &mut session.attempts {
                attempt.next.iter_mut().for_each(&mut older);
                if attempt.brings_lease() {
                    // What is older than a lease gives nothing to count on.
                    attempt.age = (attempt.age + 1).min(ttl);
                } else if attempt.is_sent() && matches!(attempt.kind, Kind::Pass(_)) {
                    // An offer begins with the decision to make it.
                    let over = self.scope.offer_ticks + self.scope.skew;
                    attempt.age = (attempt.age + 1).min(over);
                }
            }
        }
        state.age_offers();
        for beat in &mut state.beats {
            if *beat != NO_BEAT {
                *beat = (*beat + 1).min(ttl + self.scope.margin + 1);
            }
        }
    }

    /// The cells as a look shows them, leases included.
    fn shown(&mut self, state: &State) -> [CellId; RESOURCES] {
        if !self.is(Design::LeaseInOwnRef) {
            return state.cells;
        }
        let mut beats = [None; SESSIONS];
        for (n, beat) in state
            .beats
            .iter()
            .enumerate()
            .filter(|(_, beat)| **beat != NO_BEAT)
        {
            beats[n] = Some(i64::from(state.sessions[n].ahead) - i64::from(*beat));
        }
        state.cells.map(|id| self.rules.with_beats(id, beats))
    }

    fn look(&mut self, state: &mut State, who: u8) {
        let shown = self.shown(state);
        let view = shown.map(|id| self.rules.own(id, who));
        state.sessions[usize::from(who)].view = view;
    }

    fn ask(&mut self, state: &mut State, who: u8, kind: Kind, about: u8) -> Result<bool, String> {
        let slot = match kind == Kind::Renew && self.scope.renews_behind {
            true => BEHIND,
            false => AHEAD,
        };
        if state.sessions[usize::from(who)].attempts[slot].phase != Phase::None {
            return Ok(false);
        }
        self.look(state, who);
        let shown = self.shown(state);
        let Some(question) = self.question(state, shown, who, kind, about) else {
            return Ok(false);
        };
        let Some(ruled) = self.rules.decide(question) else {
            // Denied, and told so: what it saw is what a look shows.
            return Ok(false);
        };
        self.learn(state, question, ruled.lost)?;
        self.is_offered_to(state, question)?;
        let given = ruled.tokens.iter().enumerate();
        let most = |n: usize| self.scope.tokens[self.rules.cell_of(n)];
        if given.into_iter().any(|(n, token)| *token > most(n)) {
            return Ok(false);
        }
        if ruled.changed.iter().all(Option::is_none) {
            return Ok(true);
        }
        let mut attempt = Attempt {
            phase: Phase::Sent,
            kind,
            about: self.taken(question, &ruled),
            tokens: ruled.tokens,
            by_force: self.is_by_force(kind, ruled.takes_over),
            ..Attempt::default()
        };
        let session = &mut state.sessions[usize::from(who)];
        for (n, changed) in ruled.changed.iter().enumerate() {
            if let Some(id) = changed {
                attempt.moves |= 1 << n;
                attempt.next[n] = *id;
                let is_empty = self.rules.cell(*id).locks.is_empty();
                if self.scope.design == Design::TokensStartAgain && is_empty {
                    attempt.next[n] = 0;
                }
                attempt.next[n] = self.rules.as_kept(attempt.next[n], kind);
            }
        }
        if kind == Kind::Fenced && self.scope.design == Design::FenceLeavesLock {
            attempt.moves = 0;
        }
        let goes_on = [Design::ReleaserKeepsLease, Design::ReleaserReliesAgain];
        if kind.ends() && !goes_on.contains(&self.scope.design) {
            // A session that releases a lock drops its lease before it asks.
            for n in (0..RESOURCES).filter(|n| attempt.about & (1 << n) != 0) {
                session.leases[n] = LocalLease::default();
            }
        }
        session.attempts[slot] = attempt;
        Ok(true)
    }

    fn is_by_force(&self, kind: Kind, takes_over: bool) -> bool {
        match self.scope.design {
            Design::TakeoverByForce => takes_over,
            // No other session writes a session's own ref.
            Design::LeaseInOwnRef => kind.is_renewal(),
            Design::DoneOutside => kind == Kind::Done,
            _ => false,
        }
    }
}

pub fn name(resource: usize) -> &'static str {
    ["x", "y"][resource]
}
