//! Whether a lock register contradicts itself, and what replaces one that was lost.
//!
//! Owns [`LockRegister::is_sound`] and [`LockRegister::restored`]. Never knows where a register is
//! kept.

use super::LockRegister;
use crate::model::offer::Offered;
use crate::model::time::Timestamp;
use crate::model::token::Token;

impl LockRegister {
    /// Returns the register to put in place of one whose later states may be lost.
    ///
    /// Locks under the tokens in `counted`, on which sessions still rely, last as if they were
    /// renewed at `now`. No token up to `given`, or up to the one by the clock, is granted again.
    #[must_use]
    pub fn restored(mut self, counted: &[Token], given: Token, now: Timestamp) -> Self {
        let locks = self.locks.iter_mut();
        for lock in locks.filter(|lock| counted.contains(&lock.token)) {
            lock.renewed_at = lock.renewed_at.max(now);
        }
        let given = given.max(Token::by_clock(now)).min(Token::MAX);
        self.high_water = self.high_water.max(given);
        self
    }

    /// Returns true if no token is above the high-water mark, nothing that is held is offered, and
    /// no two locks of different holders overlap. Every register that this program wrote is sound.
    pub fn is_sound(&self) -> bool {
        let tokens = self.locks.iter().map(|lock| lock.token);
        let offered = self.offers.iter().map(|offered| offered.token);
        let below = tokens.chain(offered).all(|token| token <= self.high_water);
        let is_held = |offered: &Offered| self.lock_on(&offered.resource).is_some();
        let free = !self.offers.iter().any(is_held);
        let apart = self.locks.iter().enumerate().all(|(n, a)| {
            self.locks[n + 1..].iter().all(|b| {
                let same_holder = a.holder.id == b.holder.id && a.holder.node == b.holder.node;
                a.resource != b.resource && (same_holder || !a.resource.overlaps(&b.resource))
            })
        });
        below && free && apart
    }
}
