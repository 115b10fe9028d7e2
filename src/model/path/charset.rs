//! Sets of characters: what one place of a pattern may read.
//!
//! This file owns how a pattern spells a set (an escape, a class) and the algebra of sets. It
//! never knows where in a pattern a set stands, and no set ever holds NUL or a surrogate.

use std::str::Chars;

use super::PathError;

/// Disjoint inclusive ranges of code points, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CharSet(Vec<(u32, u32)>);

/// The places of the three sets with which every list of sets begins.
pub(super) const SLASH: usize = 0;
pub(super) const NAME: usize = 1;
pub(super) const ANY: usize = 2;

/// What a file name may hold: every character but NUL and `/`.
const NAME_RANGES: [(u32, u32); 3] = [(1, 0x2e), (0x30, 0xd7ff), (0xe000, 0x10_ffff)];

/// The sets at `SLASH`, `NAME` and `ANY`.
pub(super) fn first_sets() -> Vec<CharSet> {
    let any = vec![(1, 0xd7ff), (0xe000, 0x10_ffff)];
    vec![
        CharSet::just('/'),
        CharSet(NAME_RANGES.to_vec()),
        CharSet(any),
    ]
}

/// Returns the place of a set in a list, to which it is added if it is new.
pub(super) fn set_of(sets: &mut Vec<CharSet>, set: CharSet) -> usize {
    let known = sets.iter().position(|known| *known == set);
    known.unwrap_or_else(|| {
        sets.push(set);
        sets.len() - 1
    })
}

impl CharSet {
    pub(super) fn just(c: char) -> Self {
        Self(vec![(u32::from(c), u32::from(c))])
    }

    /// Reads a class from just after its `[` to just after its `]`.
    pub(super) fn class(chars: &mut Chars<'_>) -> Result<Self, PathError> {
        let negated = chars.as_str().starts_with(['!', '^']);
        if negated {
            chars.next();
        }
        let mut ranges = Vec::new();
        // A `]` in first place is a member; so is a `-` that does not stand between two others.
        while ranges.is_empty() || !chars.as_str().starts_with(']') {
            let low = member(chars)?;
            let mut high = low;
            let rest = chars.as_str();
            if rest.starts_with('-') && !rest.starts_with("-]") {
                chars.next();
                high = member(chars)?;
            }
            if low > high {
                return Err(PathError::ReversedRange);
            }
            ranges.push((u32::from(low), u32::from(high)));
        }
        chars.next();
        let ranges = union(ranges);
        let ranges = if negated { complement(&ranges) } else { ranges };
        Ok(Self(intersection(&NAME_RANGES, &ranges)))
    }

    pub(super) fn contains(&self, c: char) -> bool {
        let holds = |range: &(u32, u32)| (range.0..=range.1).contains(&u32::from(c));
        self.0.iter().any(holds)
    }

    /// Whether both sets hold a slash, both a dot, and both some one other character.
    pub(super) fn shares(&self, other: &Self) -> [bool; 3] {
        let common = Self(intersection(&self.0, &other.0));
        let (slash, dot) = (common.contains('/'), common.contains('.'));
        let size: u32 = common.0.iter().map(|(low, high)| high - low + 1).sum();
        [slash, dot, size > u32::from(slash) + u32::from(dot)]
    }
}

/// Reads the character behind a backslash.
pub(super) fn escaped(chars: &mut Chars<'_>) -> Result<char, PathError> {
    match chars.next() {
        None => Err(PathError::TrailingBackslash),
        Some('/') => Err(PathError::EscapedSlash),
        // Most likely `src\main.rs`, which must not become `srcmain.rs`.
        Some(c) if c.is_ascii_alphanumeric() => Err(PathError::EscapedLetter),
        Some(c) => Ok(c),
    }
}

fn member(chars: &mut Chars<'_>) -> Result<char, PathError> {
    match chars.next() {
        None | Some('/') => Err(PathError::UnclosedClass),
        Some('\\') => escaped(chars),
        Some(c) => Ok(c),
    }
}

fn union(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let joins = next.0 <= last.1;
        if joins {
            last.1 = last.1.max(next.1);
        }
        joins
    });
    ranges
}

fn complement(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let starts = [0].into_iter().chain(ranges.iter().map(|r| r.1 + 1));
    let ends = ranges.iter().map(|r| r.0).chain([0x11_0000]);
    let gaps = starts.zip(ends).filter(|(start, end)| start < end);
    gaps.map(|(start, end)| (start, end - 1)).collect()
}

fn intersection(a: &[(u32, u32)], b: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let (mut common, mut i, mut j) = (Vec::new(), 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (low, high) = (x.0.max(y.0), x.1.min(y.1));
        if low <= high {
            common.push((low, high));
        }
        *(if x.1 < y.1 { &mut i } else { &mut j }) += 1;
    }
    common
}
