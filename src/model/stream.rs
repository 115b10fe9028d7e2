//! The order of what is new in several histories.
//!
//! Owns [`merged`] and what a reader is told where something is missing ([`Gap`]). Never reads a
//! history.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::event::{Entry, EventKind};

/// Why a stream of events does not have all that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// What was shown last is not here any more.
    Gone,
    /// More happened than is read at once; the newest of it is shown.
    TooMuch,
    /// Where the reader was could not be read.
    CursorLost,
}

impl Gap {
    /// Returns the word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::TooMuch => "too_much",
            Self::CursorLost => "cursor_lost",
        }
    }
}

/// Returns true if an entry is an event of a stream. What only keeps a claim is none.
pub fn is_news(kind: &EventKind) -> bool {
    let is_renewal = matches!(kind, EventKind::Renewed { purpose: None, .. });
    *kind != EventKind::Heartbeat && !is_renewal
}

/// Returns the entries of several histories, each oldest first, by time. Each history keeps its
/// order, whatever its times say, and each commit is there once.
pub fn merged(histories: Vec<Vec<Entry>>) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let mut rest: Vec<_> = histories
        .into_iter()
        .map(|entries| entries.into_iter().peekable())
        .collect();
    let key = |entry: &Entry, n: usize| Reverse((entry.at, entry.commit.clone(), n));
    let mut heads = BinaryHeap::new();
    for (n, history) in rest.iter_mut().enumerate() {
        heads.extend(history.peek().map(|entry| key(entry, n)));
    }
    let mut all = Vec::new();
    while let Some(Reverse((_, _, n))) = heads.pop() {
        let Some(entry) = rest[n].next() else {
            continue;
        };
        heads.extend(rest[n].peek().map(|next| key(next, n)));
        if seen.insert(entry.commit.clone()) {
            all.push(entry);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::event::Event;
    use crate::model::id::SessionId;
    use crate::model::text::Purpose;
    use crate::model::time::Timestamp;

    fn entry(at: i64, commit: &str) -> Entry {
        Entry {
            at: Timestamp::from_millis(at),
            commit: commit.to_owned(),
            ref_name: None,
            event: Event {
                session: SessionId::parse("s").unwrap(),
                resources: Vec::new(),
                expired: Vec::new(),
                kind: EventKind::Expired,
            },
        }
    }

    fn commits(all: &[Entry]) -> Vec<&str> {
        all.iter().map(|entry| entry.commit.as_str()).collect()
    }

    #[test]
    fn by_time_and_each_once() {
        let one = vec![entry(1, "a"), entry(4, "d")];
        let other = vec![entry(2, "b"), entry(3, "c"), entry(4, "d")];
        let all = merged(vec![one, other, Vec::new()]);
        assert_eq!(commits(&all), ["a", "b", "c", "d"]);
        // A clock that was set back does not turn a history round.
        let odd = vec![entry(9, "x"), entry(1, "y")];
        let all = merged(vec![odd, vec![entry(5, "m")]]);
        assert_eq!(commits(&all), ["m", "x", "y"]);
    }

    #[test]
    fn what_keeps_a_claim_is_no_news() {
        let renewed = |purpose: Option<&str>| EventKind::Renewed {
            purpose: purpose.map(|text| Purpose::parse(text).unwrap()),
            token: None,
        };
        assert!(!is_news(&EventKind::Heartbeat) && !is_news(&renewed(None)));
        assert!(is_news(&renewed(Some("another plan"))) && is_news(&EventKind::Expired));
    }

    proptest! {
        #[test]
        fn none_is_lost_none_comes_twice_and_no_history_is_turned_round(
            histories in proptest::collection::vec(
                proptest::collection::vec((0i64..5, 0u8..20), 0..6), 0..5)
        ) {
            let mut lanes: Vec<Vec<Entry>> = Vec::new();
            let mut used = HashSet::new();
            for history in &histories {
                let fresh = history.iter().filter(|(_, id)| used.insert(*id));
                lanes.push(fresh.map(|(at, id)| entry(*at, &id.to_string())).collect());
            }
            let all = merged(lanes.clone());
            prop_assert_eq!(all.len(), lanes.iter().map(Vec::len).sum::<usize>());
            for lane in &lanes {
                let own: HashSet<&str> = commits(lane).into_iter().collect();
                let kept: Vec<&str> = commits(&all).into_iter().filter(|c| own.contains(c)).collect();
                prop_assert_eq!(kept, commits(lane));
            }
        }
    }
}
