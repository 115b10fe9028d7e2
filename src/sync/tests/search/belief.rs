//! Who believes to hold what, and who is told otherwise.
//!
//! Owns the two rules about that: two never believe at once, and a loser who asks is told, as is
//! nobody else. Never changes what somebody counts on but for that.

use super::rules::{Question, Rules};
use super::scope::Design;
use super::state::{AHEAD, Kind, Life, LocalLease, Phase, RESOURCES, SESSIONS, State};
use super::steps::{World, name};

impl World {
    /// A loser who asks is told, and nobody else is. What is told is not counted on any more.
    pub fn learn(&self, state: &mut State, question: Question, lost: u8) -> Result<(), String> {
        if question.kind != Kind::Renew {
            return Ok(());
        }
        for n in (0..RESOURCES).filter(|n| question.about & (1 << n) != 0) {
            let mine = self.rules.lock(question.cells, n).is_some_and(|lock| {
                let lapses = Rules::renewed(lock) + i64::from(self.scope.ttl);
                Rules::holder_of(lock) == question.who
                    && Rules::token_of(lock) == question.tokens[n]
                    && lapses > i64::from(question.ahead)
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
    /// session and this token, the belief is in force on the clock that nobody sets, and others do
    /// not take over from a process that is gone.
    fn believes(&mut self, state: &State, who: usize, resource: usize) -> bool {
        let session = &state.sessions[who];
        let belief = session.leases[resource];
        let view = session.view[self.rules.cell_of(resource)];
        let is_taken_for_gone = session.life == Life::GoesOn
            && !self.is(Design::GoesOnBelieving)
            && self.rules.is_taken_for_gone(view, resource, session.ahead);
        let given_back = session.attempts[AHEAD];
        let is_given_back = self.is(Design::ReleaserCountsAgain)
            && given_back.phase != Phase::None
            && given_back.kind == Kind::Release;
        session.life != Life::Gone
            && !is_given_back
            && belief.left > 0
            && !is_taken_for_gone
            && self.rules.check(view, resource, belief.token)
    }

    /// Two of whom each may act, as far as he knows.
    pub fn two_believe(&mut self, state: &State) -> Option<String> {
        let mut believers = [[false; SESSIONS]; RESOURCES];
        for (r, row) in believers.iter_mut().enumerate().take(self.scope.resources) {
            for (who, believes) in row.iter_mut().enumerate() {
                let token = state.sessions[who].leases[r].token;
                // Whoever takes it by name knows that its holder may not have heard of it.
                *believes = token > state.overridden[r] && self.believes(state, who, r);
            }
        }
        for r in 0..RESOURCES {
            for other in r..RESOURCES {
                if other != r && !self.scope.one_cell {
                    continue;
                }
                for who in 0..SESSIONS {
                    let them = (0..SESSIONS).filter(|n| *n != who);
                    if believers[r][who] && them.into_iter().any(|n| believers[other][n]) {
                        return Some("two believe at once".to_owned());
                    }
                }
            }
        }
        None
    }
}
