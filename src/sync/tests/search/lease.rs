//! Leases that sessions rely on, and their loss.
//!
//! Owns the two rules about them: no two sessions rely on a lease at once, and a session that lost
//! a lock hears it when it asks, as no other session does. Never changes a lease except for a loss.

use super::rules::{Question, Rules};
use super::scope::Design;
use super::state::{AHEAD, Kind, Life, LocalLease, Phase, RESOURCES, SESSIONS, State};
use super::steps::{World, name};

impl World {
    /// Reports a loss to the session that asks and lost the lock, and to no other. It drops the
    /// lease.
    pub fn learn(&self, state: &mut State, question: Question, lost: u8) -> Result<(), String> {
        if question.kind != Kind::Renew {
            return Ok(());
        }
        for n in (0..RESOURCES).filter(|n| question.about & (1 << n) != 0) {
            let mine = self.rules.lock(question.cells, n).is_some_and(|lock| {
                let expires = Rules::renewed(lock) + i64::from(self.scope.ttl);
                Rules::holder_of(lock) == question.who
                    && Rules::token_of(lock) == question.tokens[n]
                    && expires > i64::from(question.ahead)
            });
            let told = lost & (1 << n) != 0;
            if told == mine {
                let wrong = match told {
                    true => "is told that it is lost, and holds it",
                    false => "is not told that it is lost",
                };
                return Err(format!("who counts on {} {wrong}", name(n)));
            }
            if told {
                state.sessions[usize::from(question.who)].leases[n] = LocalLease::default();
            }
        }
        Ok(())
    }

    /// What `fence` would say with a wall clock that was set back: the tracking copy names this
    /// session and this token, the lease is valid on the monotonic clock, and other sessions do not
    /// take over from a process that has ended.
    fn relies(&mut self, state: &State, who: usize, resource: usize) -> bool {
        let session = &state.sessions[who];
        let lease = session.leases[resource];
        let view = session.view[self.rules.cell_of(resource)];
        let is_taken_for_gone = session.life == Life::GoesOn
            && !self.is(Design::GoesOnWithLease)
            && self.rules.is_taken_for_gone(view, resource, session.ahead);
        let release = session.attempts[AHEAD];
        let is_releasing = self.is(Design::ReleaserReliesAgain)
            && release.phase != Phase::None
            && release.kind.ends();
        session.life != Life::Gone
            && !is_releasing
            && lease.left > 0
            && !is_taken_for_gone
            && self.rules.check(view, resource, lease.token)
    }

    /// Returns what is wrong if two sessions may act at once, each as far as it knows.
    pub fn two_rely(&mut self, state: &State) -> Option<String> {
        let mut relying = [[false; SESSIONS]; RESOURCES];
        for (r, row) in relying.iter_mut().enumerate().take(self.scope.resources) {
            for (who, relies) in row.iter_mut().enumerate() {
                let token = state.sessions[who].leases[r].token;
                // A session that overrides a lock knows that its holder may not have heard of it.
                *relies = token > state.overridden[r] && self.relies(state, who, r);
            }
        }
        for r in 0..RESOURCES {
            for other in r..RESOURCES {
                if other != r && !self.scope.one_cell {
                    continue;
                }
                for who in 0..SESSIONS {
                    let them = (0..SESSIONS).filter(|n| *n != who);
                    if relying[r][who] && them.into_iter().any(|n| relying[other][n]) {
                        return Some("two sessions rely on it at once".to_owned());
                    }
                }
            }
        }
        None
    }
}
