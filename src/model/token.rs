//! The fencing token of an exclusive claim.
//!
//! Owns [`Token`], the highest one, and which one comes next. Never knows what it is granted for.

use std::fmt;

use super::time::{AHEAD_SECS_MAX, Timestamp};

/// A number that grows with each grant, so that a protected system can reject an old holder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(u64);

impl Token {
    /// The highest token that is granted. Programs read tokens as numbers, and many represent no
    /// higher ones exactly; no clock comes near it.
    pub const MAX: Self = Self(1 << 52);

    /// Takes any number; 0 is below every token that is granted.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Returns the token of the next grant, if `self` is the highest one so far; `None` if there is
    /// none left. It is at least the milliseconds of the clock, so that a register that was lost
    /// does not begin again below what it had granted.
    pub(super) fn next(self, now: Timestamp) -> Option<Self> {
        let next = Self(self.0.saturating_add(1)).max(Self::by_clock(now));
        (next <= Self::MAX).then_some(next)
    }

    /// Returns by how many whole seconds the token is ahead of the clock: the register that gave it
    /// has seen a later clock. 0 if it is not ahead.
    pub fn ahead_secs_of(self, now: Timestamp) -> u64 {
        self.0.saturating_sub(Self::by_clock(now).0) / 1000
    }

    /// Returns true if the token is further ahead of the clock than clocks differ in earnest, so
    /// that no register can have granted it.
    pub fn is_impossible(self, now: Timestamp) -> bool {
        self.ahead_secs_of(now) > AHEAD_SECS_MAX
    }

    /// Returns the lowest token that a register grants at this time.
    pub fn by_clock(now: Timestamp) -> Self {
        Self(u64::try_from(now.as_millis()).unwrap_or_default())
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_a_day_to_come_is_impossible() {
        let now = Timestamp::from_millis(1_000_000);
        let ahead = |secs: u64| Token::new(1_000_000 + secs * 1000);
        assert!(!ahead(AHEAD_SECS_MAX).is_impossible(now));
        assert!(ahead(AHEAD_SECS_MAX + 1).is_impossible(now));
        assert!(Token::MAX.is_impossible(now));
        assert!(!Token::default().is_impossible(now));
    }
}
