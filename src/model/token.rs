//! The fencing token of an exclusive claim.
//!
//! Owns [`Token`], its greatest value, and which one comes next. Never knows what it is given
//! out for.

use std::fmt;

use super::time::Timestamp;

/// A number that grows with every grant: whoever comes with a lower one is too late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(u64);

impl Token {
    /// The greatest that is given out. Programs read tokens as numbers, and many hold no more than
    /// this; no clock comes near it.
    pub const MAX: Self = Self(1 << 52);

    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    pub const fn number(self) -> u64 {
        self.0
    }

    /// The token of a grant after all those up to `self`. Also later than any grant by the clock,
    /// so that a cell that was lost does not begin again below what was given out. `None`: there
    /// is none left.
    pub(super) fn next(self, now: Timestamp) -> Option<Self> {
        let next = Self(self.0.saturating_add(1)).max(Self::by_clock(now));
        (next <= Self::MAX).then_some(next)
    }

    pub(super) fn by_clock(now: Timestamp) -> Self {
        Self(u64::try_from(now.as_millis()).unwrap_or_default())
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
