//! Batches of a look that has much to bring: what comes first ([`Order`]), and how much at a time
//! ([`Pace`]).
//!
//! Owns that a look which is cut off was of use: registers and what changes come before sessions
//! that may have ended, and no batch is begun that would not end in time. Never fetches.

use std::cmp::Reverse;
use std::time::Duration;

use crate::ledger::{Tips, layout};

/// The size of the first batch.
const FIRST: usize = 16;
/// The most refs of a batch: each is a line of a command.
const BATCH_MAX: usize = 1000;
/// How long a batch should take: a quarter of what is left, within these bounds. Git checks what
/// it has at each fetch, so short ones are dear once there are thousands of refs.
const BATCH_TIME: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];
/// How much a batch may be larger or smaller than the one before.
const STEP: usize = 4;
/// Below this no batch is begun.
const LEFT_MIN: Duration = Duration::from_millis(50);

/// The refs of a remote that this clone does not have as the remote has them, in order.
pub(super) struct Order<'t> {
    /// Those of which an earlier value is here.
    pub changed: Vec<&'t str>,
    /// Those of which nothing is here.
    pub new: Vec<&'t str>,
}

impl<'t> Order<'t> {
    /// Compares the list of the remote with the tracking refs. `is_own` tells the refs of this
    /// clone, which come first; then registers; then sessions, of which those with the highest
    /// name are likely to be the newest.
    pub(super) fn of(there: &'t Tips, tracked: &Tips, is_own: impl Fn(&str) -> bool) -> Self {
        let differs = there
            .iter()
            .filter(|(name, tip)| tracked.get(*name) != Some(*tip));
        let names = differs.map(|(name, _)| name.as_str());
        let (mut changed, mut new): (Vec<_>, Vec<_>) =
            names.partition(|name| tracked.contains_key(*name));
        for part in [&mut changed, &mut new] {
            part.sort_by_cached_key(|name| {
                let is_register = layout::folder_of(name) == Some(layout::LOCKS_FOLDER);
                (!is_own(name), !is_register, Reverse(by_numbers(name)))
            });
        }
        Self { changed, new }
    }

    /// Returns all of them, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &'t str> {
        self.changed.iter().chain(&self.new).copied()
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.changed.len() + self.new.len()
    }
}

/// Returns a key under which `job-9` comes before `job-10`: the length of each number goes before
/// its digits.
fn by_numbers(name: &str) -> Vec<u8> {
    // The hash at the end tells nothing.
    let readable = name.rsplit_once('-').map_or(name, |(readable, _)| readable);
    let mut key = Vec::with_capacity(name.len() + 8);
    let mut rest = readable.as_bytes();
    while let Some(first) = rest.first() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 {
            let (number, after) = rest.split_at(digits);
            let zeros = number.iter().take_while(|b| **b == b'0').count();
            key.push(b'0');
            key.push(u8::try_from(digits - zeros).unwrap_or(u8::MAX));
            key.extend(&number[zeros..]);
            rest = after;
        } else {
            key.push(*first);
            rest = &rest[1..];
        }
    }
    key.extend(name.as_bytes());
    key
}

/// How many refs the next batch has.
#[derive(Debug)]
pub(super) struct Pace {
    size: usize,
    /// The time that a ref took in the last batch.
    each: Option<Duration>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            size: FIRST,
            each: None,
        }
    }

    /// Returns the size of the next batch, which has to end within `left`; 0 if there is no time.
    pub(super) fn next(&self, left: Duration) -> usize {
        if left < LEFT_MIN {
            return 0;
        }
        let Some(each) = self.each else {
            return self.size;
        };
        // A margin for a link that becomes slower.
        let fits = left.as_micros() * 2 / 3 / each.as_micros().max(1);
        self.size.min(usize::try_from(fits).unwrap_or(usize::MAX))
    }

    /// Returns how many of `rest` refs the next batch has; 0 if there is no time. A few that would
    /// be left over go with it, as one more command costs more than they do.
    pub(super) fn next_of(&self, rest: usize, left: Duration) -> usize {
        let size = self.next(left);
        match size + size / 2 {
            with_more if size > 0 && with_more >= rest => rest,
            _ => size,
        }
    }

    /// Notes that a batch of `count` took so long, and how much time is left.
    pub(super) fn took(&mut self, count: usize, time: Duration, left: Duration) {
        let count = count.max(1);
        let each = time / u32::try_from(count).unwrap_or(u32::MAX);
        self.each = Some(each);
        let [shortest, longest] = BATCH_TIME;
        let wanted = (left / 4).clamp(shortest, longest);
        let fits = wanted.as_micros() / each.as_micros().max(1);
        let fits = usize::try_from(fits).unwrap_or(usize::MAX);
        let least = (count / STEP).max(1);
        self.size = fits.clamp(least, count.saturating_mul(STEP)).min(BATCH_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Tip;

    fn tips(names: &[&str], digit: u8) -> Tips {
        let tip = Tip::from([digit; 20]);
        names.iter().map(|name| ((*name).to_owned(), tip)).collect()
    }

    const OWN: &str = "refs/presence/sessions/me-0";
    const REGISTER: &str = "refs/presence/locks/node-0";
    const NINTH: &str = "refs/presence/sessions/job-9-aa";
    const TENTH: &str = "refs/presence/sessions/job-10-00";

    #[test]
    fn registers_come_first_and_then_the_newest_names() {
        let there = tips(&[NINTH, TENTH, REGISTER, OWN], 1);
        let wanted = Order::of(&there, &Tips::new(), |name| name == OWN);
        assert_eq!(wanted.new, [OWN, REGISTER, TENTH, NINTH]);
        assert!(wanted.changed.is_empty());
    }

    #[test]
    fn what_is_here_is_not_wanted_and_what_changed_is_apart() {
        let there = tips(&[NINTH, TENTH, REGISTER], 1);
        let mut tracked = tips(&[NINTH], 1);
        tracked.extend(tips(&[TENTH], 2));
        let wanted = Order::of(&there, &tracked, |_| false);
        assert_eq!((wanted.changed.as_slice(), wanted.len()), (&[TENTH][..], 2));
        assert_eq!(wanted.new, [REGISTER]);
    }

    #[test]
    fn batches_grow_while_they_are_fast_and_shrink_when_they_are_slow() {
        let mut pace = Pace::new();
        let minute = Duration::from_secs(60);
        let soon = Duration::from_secs(8);
        assert_eq!(pace.next(minute), FIRST);
        pace.took(FIRST, Duration::from_millis(100), soon);
        assert_eq!(pace.next(minute), FIRST * STEP);
        pace.took(1000, Duration::from_millis(1), soon);
        assert_eq!(pace.next(minute), BATCH_MAX);
        pace.took(100, Duration::from_secs(4), soon);
        assert_eq!(pace.next(minute), 50);
        pace.took(100, Duration::from_secs(4), minute);
        assert_eq!(pace.next(minute), 250, "with more time, larger ones");
        pace.took(1, minute, soon);
        assert_eq!(pace.next(Duration::from_secs(600)), 1);
    }

    #[test]
    fn a_few_that_would_be_left_over_go_with_the_batch() {
        let (pace, minute) = (Pace::new(), Duration::from_secs(60));
        assert_eq!(pace.next_of(FIRST / 2, minute), FIRST / 2);
        assert_eq!(pace.next_of(FIRST + FIRST / 2, minute), FIRST + FIRST / 2);
        assert_eq!(pace.next_of(FIRST * 2, minute), FIRST);
        assert_eq!(pace.next_of(1, Duration::ZERO), 0);
    }

    #[test]
    fn no_batch_is_begun_that_would_be_cut_off() {
        let mut pace = Pace::new();
        pace.took(10, Duration::from_secs(1), Duration::from_secs(1));
        assert_eq!(pace.next(Duration::from_millis(900)), 6);
        assert_eq!(pace.next(Duration::from_millis(120)), 0);
        assert_eq!(Pace::new().next(Duration::from_millis(10)), 0);
    }
}
