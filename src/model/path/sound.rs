//! Whether all that the braces of a pattern spell are paths.
//!
//! This file owns the answer without spelling them out: other sessions write patterns, and each
//! reader reads all of them. It walks over the symbols once, with all that the component so far may
//! be. Never makes an automaton.

use super::PathError;
use super::charset::SLASH;
use super::spelling::{Kind, Lexeme, MAX_ALTERNATIVES};

/// What the component so far may be, as bits: nothing yet and the first one, nothing yet, `.`,
/// `..`, and anything else.
const FIRST: u8 = 1;
const EMPTY: u8 = 2;
const DOT: u8 = 4;
const DOTS: u8 = 8;
const OTHER: u8 = 16;

/// What the walk has seen so far.
struct Walk<'l, 't> {
    lexemes: &'l [Lexeme<'t>],
    at: usize,
    error: Option<PathError>,
}

/// Refuses a pattern with an alternative that no path can match, or with too many of them.
pub(super) fn check(lexemes: &[Lexeme<'_>]) -> Result<(), PathError> {
    let mut walk = Walk {
        lexemes,
        at: 0,
        error: None,
    };
    let (last, count) = walk.list(FIRST);
    if count > MAX_ALTERNATIVES {
        return Err(PathError::TooManyAlternatives);
    }
    match walk.error {
        Some(error) => Err(error),
        None if last & FIRST != 0 => Err(PathError::Empty),
        None if last & DOTS != 0 => Err(PathError::ParentComponent),
        None => Ok(()),
    }
}

impl Walk<'_, '_> {
    /// Walks up to the end of the enclosing brace, or of the pattern. Returns what the component
    /// may be there, and how many alternatives lead to it.
    fn list(&mut self, before: u8) -> (u8, usize) {
        let (mut now, mut count) = (before, 1_usize);
        let (mut all, mut finished) = (0, 0_usize);
        while let Some(&lexeme) = self.lexemes.get(self.at) {
            self.at += 1;
            match lexeme.kind {
                Kind::Open => {
                    let (inside, times) = self.list(now);
                    (now, count) = (inside, count.saturating_mul(times));
                }
                Kind::Comma => {
                    all |= now;
                    finished = finished.saturating_add(count);
                    (now, count) = (before, 1);
                }
                Kind::Close => break,
                Kind::One(SLASH) => now = self.slash(now),
                Kind::One(_) if lexeme.source == "." => now = dot(now),
                Kind::One(_) | Kind::Star => now = OTHER,
            }
        }
        (all | now, finished.saturating_add(count))
    }

    /// Returns what the next component is after a slash, and keeps why the one before is refused.
    fn slash(&mut self, now: u8) -> u8 {
        for (bad, error) in [
            (FIRST, PathError::Absolute),
            (EMPTY, PathError::EmptyComponent),
            (DOTS, PathError::ParentComponent),
        ] {
            if now & bad != 0 {
                self.error.get_or_insert(error);
            }
        }
        EMPTY
    }
}

fn dot(now: u8) -> u8 {
    let mut next = 0;
    for (from, to) in [(FIRST | EMPTY, DOT), (DOT, DOTS), (DOTS | OTHER, OTHER)] {
        if now & from != 0 {
            next |= to;
        }
    }
    next
}
