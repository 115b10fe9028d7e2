//! Offers and handoffs, as an onlooker keeps them.
//!
//! Owns the two rules about them: until an offer is over only its session is granted what is free,
//! and a handoff stays until the next one. Never grants anything.

use super::rules::{Question, Rules};
use super::scope::Design;
use super::state::{Attempt, CellId, Kind, OfferMade, RESOURCES, State};
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

impl State {
    /// A tick later: what is over is over for every session.
    pub fn age_offers(&mut self) {
        for offered in &mut self.offered {
            offered.left = offered.left.saturating_sub(1);
            if offered.left == 0 {
                offered.to = 0;
            }
        }
    }
}

impl Rules {
    /// Whether something is left for the next holder, and whether what is offered stands in the
    /// register.
    pub fn left(&self, id: CellId, resource: usize) -> (bool, bool) {
        let (cell, resource) = (self.cell(id), &self.resources[resource]);
        (
            cell.handoff_of(resource).is_some(),
            cell.offer_of(resource).is_some(),
        )
    }

    /// The same without what a broken design does not keep in it.
    pub fn as_kept(&mut self, id: CellId, kind: Kind) -> CellId {
        let mut cell = self.cell(id).clone();
        match self.scope.design {
            Design::OfferOutside => cell.offers.clear(),
            Design::GrantTakesHandoff if kind == Kind::Grant => cell.handoffs.clear(),
            Design::DoneStays if kind == Kind::Done => cell.tasks = self.listed().tasks,
            _ => return id,
        }
        self.number(cell)
    }
}

mod tests {
    use super::super::scope::Scope;
    use super::super::{NARROW, found_out, holds, is_long};
    use super::*;

    /// Three sessions that offer each other what they release.
    const OFFERED: Scope = Scope {
        sessions: 3,
        skew: 0,
        ttl: 2,
        offers: true,
        ..NARROW
    };

    #[test]
    fn what_is_offered_and_what_is_left() {
        holds(OFFERED, 5_000);
        let apart = Scope { skew: 1, ..OFFERED };
        holds(apart, 20_000);
        let with_a_fault = Scope {
            faults: 1,
            ..OFFERED
        };
        holds(with_a_fault, 20_000);
        if is_long() {
            let more = Scope {
                tokens: [3, 3],
                faults: 1,
                ..OFFERED
            };
            holds(more, 100_000);
        }
    }

    #[test]
    fn an_offer_outside_of_the_register_that_is_swapped() {
        let wrong = "x is granted to a session that it is not offered to";
        let found = found_out(Scope {
            design: Design::OfferOutside,
            ..OFFERED
        });
        assert_eq!(found.wrong, wrong);
    }

    #[test]
    fn a_grant_that_takes_what_was_left() {
        let wrong = "a grant of x loses what was left";
        let found = found_out(Scope {
            design: Design::GrantTakesHandoff,
            ..OFFERED
        });
        assert_eq!(found.wrong, wrong);
    }
}
