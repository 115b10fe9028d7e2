//! Offers and handoffs, as an onlooker keeps them.
//!
//! Owns the two rules about them: until an offer is over only its session is granted what is free,
//! and a handoff stays until the next one. Never grants anything.

use super::rules::Question;
use super::scope::Design;
use super::state::{Attempt, Kind, OfferMade, RESOURCES, State};
use super::steps::{World, name};

impl World {
    /// Reports a grant that is decided while what it is about is offered to another session, by
    /// the clock of the session that decides.
    pub fn is_offered_to(&self, state: &State, question: Question) -> Result<(), String> {
        if question.kind != Kind::Grant {
            return Ok(());
        }
        for n in (0..RESOURCES).filter(|n| question.about & (1 << n) != 0) {
            let OfferMade { to, left } = state.offered[n];
            if to != 0 && to != question.who + 1 && left > question.ahead {
                let what = name(n);
                return Err(format!(
                    "{what} is granted to a session that it is not offered to"
                ));
            }
        }
        Ok(())
    }

    /// Keeps what landed, and reports a handoff that is gone.
    pub fn keep_what_is_left(
        &self,
        state: &mut State,
        who: u8,
        place: usize,
        attempt: &Attempt,
    ) -> Result<(), String> {
        let about = |n: &usize| attempt.about & (1 << n) != 0 && self.rules.cell_of(*n) == place;
        for n in (0..RESOURCES).filter(about) {
            if let Kind::Pass(to) = attempt.kind {
                let ahead = state.sessions[usize::from(who)].ahead;
                // It began with the decision, and has grown older in the network.
                let lasts = self.scope.offer_ticks + ahead;
                state.offered[n] = OfferMade {
                    to: to + 1,
                    left: lasts.saturating_sub(attempt.age),
                };
                state.left[n] = true;
            } else if attempt.kind == Kind::Grant {
                state.offered[n] = OfferMade::default();
            }
            let is_left = self.rules.left(state.cells[place], n).0;
            if state.left[n] && !is_left && !self.is(Design::TokensStartAgain) {
                return Err(format!("a grant of {} loses what was left", name(n)));
            }
        }
        Ok(())
    }
}
