//! Registers whose history is cut, and free ones that are removed.
//!
//! Owns what a fold does at the arbiter, and the floor that removed registers leave. Folds are not
//! bounded: one may come between any two other steps. Never changes a lock.

use super::scope::Design;
use super::state::{RESOURCES, State};
use super::steps::{Step, World};
use crate::model::lock::LockRegister;
use crate::model::token::Token;

impl World {
    /// Adds the steps of a fold.
    pub fn folds(&self, steps: &mut Vec<Step>) {
        if self.scope.folds {
            let places = if self.scope.one_cell {
                1
            } else {
                self.scope.resources
            };
            for place in 0..u8::try_from(places).unwrap() {
                steps.push(Step::Cut(place));
                steps.push(Step::Remove(place));
            }
        }
    }

    /// The ref moves to a commit with the same content: what was judged on the one before is lost.
    pub fn cut(&self, state: &mut State, place: u8) {
        state.drop_outrun(1 << place);
    }

    /// A register without a lock goes, after the floor has risen above its tokens. Every register
    /// without a ref begins above the floor. Returns whether it is possible.
    pub fn remove(&mut self, state: &mut State, place: u8) -> bool {
        let cell = self.rules.cell(state.cells[usize::from(place)]);
        let is_free = cell.locks.is_empty() && cell.offers.is_empty() && cell.handoffs.is_empty();
        if !is_free || state.removed & (1 << place) != 0 {
            return false;
        }
        if !self.is(Design::RemovedWithoutFloor) {
            let high_water = u8::try_from(cell.high_water.number()).unwrap();
            state.floor = state.floor.max(high_water);
        }
        state.removed |= 1 << place;
        state.drop_outrun(1 << place);
        let empty = self.rules.number(LockRegister {
            high_water: Token::new(state.floor.into()),
            ..LockRegister::default()
        });
        for n in (0..RESOURCES).filter(|n| state.removed & (1 << n) != 0) {
            state.cells[n] = empty;
        }
        true
    }
}
