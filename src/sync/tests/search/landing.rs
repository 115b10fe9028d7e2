//! What becomes of a push, and what must hold when it lands.
//!
//! Owns the arbiter, which compares nothing but where it stands, the history that an onlooker keeps
//! of its grants, and what a sender makes of an answer. Never says which push arrives when.

use super::rules::Rules;
use super::scope::{ANY_NUMBER, Design};
use super::state::{Attempt, Grant, Kind, LocalLease, Phase, RESOURCES, STRAY, State};
use super::steps::{World, name};

impl World {
    pub fn arrive(&mut self, state: &mut State, who: u8, slot: u8) -> Result<(), String> {
        let attempt = state.sessions[usize::from(who)].attempts[usize::from(slot)];
        let in_own_ref = self.is(Design::LeaseInOwnRef) && attempt.kind.is_renewal();
        let landed = match usize::from(slot) == STRAY {
            true => Attempt::default(),
            false => Attempt {
                phase: Phase::Landed,
                by_force: false,
                ..attempt
            },
        };
        state.sessions[usize::from(who)].attempts[usize::from(slot)] = landed;
        if in_own_ref {
            let beat = &mut state.beats[usize::from(who)];
            *beat = (*beat).min(attempt.age);
            return Ok(());
        }
        for n in (0..RESOURCES).filter(|n| attempt.moves & (1 << n) != 0) {
            self.move_cell(state, who, n, &attempt)?;
        }
        state.drop_outrun(attempt.moves);
        self.keep_what_is_over(state, who, &attempt)?;
        if attempt.kind == Kind::Fenced {
            let stale = (0..RESOURCES).find(|n| {
                let mine = Grant {
                    token: attempt.tokens[*n],
                    holder: who,
                };
                attempt.about & (1 << n) != 0 && state.last[*n] != mine
            });
            if let Some(n) = stale {
                return Err(format!(
                    "code lands under a lock on {} that was granted anew",
                    name(n)
                ));
            }
        }
        Ok(())
    }

    /// The arbiter takes a new state of a cell, and an onlooker keeps the history of its grants.
    fn move_cell(
        &mut self,
        state: &mut State,
        who: u8,
        place: usize,
        attempt: &Attempt,
    ) -> Result<(), String> {
        let before = std::mem::replace(&mut state.cells[place], attempt.next[place]);
        state.removed &= !(1 << place);
        if attempt.kind == Kind::Override {
            let n = usize::from(attempt.about == 2);
            state.overridden[n] = attempt.tokens[n];
        }
        let cell = self.rules.cell(attempt.next[place]);
        if !cell.is_sound() {
            return Err("a cell contradicts itself".to_owned());
        }
        let here = |n: &usize| self.rules.cell_of(*n) == place;
        let highest = (0..RESOURCES)
            .filter(here)
            .map(|n| state.last[n].token)
            .max();
        for lock in &cell.locks {
            let n = self.rules.resource_of(lock);
            let grant = Grant {
                token: Rules::token_of(lock),
                holder: Rules::holder_of(lock),
            };
            let old = self.rules.cell(before).lock_on(&lock.resource);
            let goes_on =
                old.is_some_and(|old| old.token == lock.token && old.holder.id == lock.holder.id);
            if goes_on && state.last[n] == grant {
                continue;
            }
            if grant.holder != who || Some(grant.token) <= highest {
                return Err(format!(
                    "{} is granted under token {} after token {}",
                    name(n),
                    grant.token,
                    highest.unwrap_or_default()
                ));
            }
            self.may_be_taken(state, n)?;
            state.last[n] = grant;
        }
        self.keep_what_is_left(state, who, place, attempt)
    }

    /// Git moves the tracking refs to what was pushed, whatever they were; then the file of what
    /// is counted on is written.
    pub fn hear(&mut self, state: &mut State, who: u8, slot: u8) -> Result<(), String> {
        let session = &mut state.sessions[usize::from(who)];
        let attempt = std::mem::take(&mut session.attempts[usize::from(slot)]);
        if attempt.is_sent() {
            return Err("a grant is acknowledged that the arbiter never saw".to_owned());
        }
        for n in (0..RESOURCES).filter(|n| attempt.moves & (1 << n) != 0) {
            session.view[n] = self.rules.own(attempt.next[n], who);
        }
        let age = match self.scope.design == Design::LeaseFromAnswer {
            true => 0,
            false => attempt.age,
        };
        for n in (0..RESOURCES).filter(|n| attempt.about & (1 << n) != 0) {
            let token = attempt.tokens[n];
            let lease = &mut session.leases[n];
            let counts = match attempt.kind {
                Kind::Grant => true,
                _ if self.scope.design == Design::RenewalRevivesLease => token != 0,
                _ => token != 0 && lease.token == token,
            };
            match attempt.kind {
                kind if kind.ends() || kind == Kind::Override => *lease = LocalLease::default(),
                _ if counts => {
                    *lease = LocalLease {
                        token,
                        left: self.scope.ttl.saturating_sub(age),
                    };
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// No answer and no look: what was sent may land still, and what has landed is not known of.
pub fn give_up(state: &mut State, who: u8, slot: u8) -> bool {
    let session = &mut state.sessions[usize::from(who)];
    let attempt = std::mem::take(&mut session.attempts[usize::from(slot)]);
    if usize::from(slot) == STRAY {
        // It never arrives.
        return true;
    }
    if attempt.phase == Phase::Landed && attempt.kind.ends() {
        session.leases = [0, 1].map(|n| match attempt.about & (1 << n) {
            0 => session.leases[n],
            _ => LocalLease::default(),
        });
    }
    if attempt.is_sent() {
        if session.attempts[STRAY].is_sent() {
            return false;
        }
        session.attempts[STRAY] = attempt.unheard();
    }
    spend(state)
}

/// One more fault, if there may be one.
pub fn spend(state: &mut State) -> bool {
    let possible = state.faults_left > 0;
    if state.faults_left != ANY_NUMBER {
        state.faults_left = state.faults_left.saturating_sub(1);
    }
    possible
}
