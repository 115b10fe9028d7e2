//! What to do about one of our refs that the remote does not have as it is.
//!
//! Owns the verdict as a truth table, the order and the size of pushes. Pure: knows values, asks
//! one question about them, touches nothing.

use crate::ledger::{Ahead, Tip};

/// Hosts limit the refs of one push, some to a few dozen.
pub const BATCH_REFS_MAX: usize = 25;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Push it; the remote must still have what we last saw there.
    Push,
    /// What is there never was ours: another clone has our name, and writes under it.
    Foreign,
}

/// An owned ref has one writer. So what the remote has is something that ours came from, or
/// nothing (it is new, or somebody wiped it); anything else was written by a copy of this clone.
pub fn verdict(ahead: &Ahead, comes_from: impl FnOnce(Tip, Tip) -> bool) -> Verdict {
    match ahead.tracked {
        None => Verdict::Push,
        Some(there) if comes_from(ahead.local, there) => Verdict::Push,
        Some(_) => Verdict::Foreign,
    }
}

/// What to push, in this order, or that this clone needs a new name first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    Push(Vec<Ahead>),
    Rename,
}

/// Plan for all refs that are ahead. `first` goes first: somebody is waiting for it.
pub fn plan(
    mut ahead: Vec<Ahead>,
    first: Option<&str>,
    comes_from: impl Fn(Tip, Tip) -> bool,
) -> Plan {
    let is_foreign = |ahead: &Ahead| verdict(ahead, &comes_from) == Verdict::Foreign;
    if ahead.iter().any(is_foreign) {
        return Plan::Rename;
    }
    ahead.sort_by_key(|ahead| Some(ahead.name.as_str()) != first);
    Plan::Push(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tip(n: u8) -> Tip {
        Tip::from_bytes_or_panic(&[n; 20])
    }

    fn ahead(name: &str, local: u8, tracked: Option<u8>) -> Ahead {
        Ahead {
            name: name.to_owned(),
            local: tip(local),
            tracked: tracked.map(tip),
        }
    }

    /// Of these values each came from the smaller ones of its decade.
    fn comes_from(local: Tip, found: Tip) -> bool {
        let (local, found) = (local.as_bytes()[0], found.as_bytes()[0]);
        local / 10 == found / 10 && found <= local
    }

    #[test]
    fn the_truth_table() {
        let check = |tracked: Option<u8>, expected: Verdict| {
            let ahead = ahead("a", 15, tracked);
            assert_eq!(verdict(&ahead, comes_from), expected, "{tracked:?}");
        };
        // New, or wiped by `push --mirror`.
        check(None, Verdict::Push);
        // An earlier state of ours: what we saw last, or one whose answer was lost.
        check(Some(14), Verdict::Push);
        check(Some(11), Verdict::Push);
        // A later state under our name, or one of another line: a copy wrote it.
        check(Some(16), Verdict::Foreign);
        check(Some(21), Verdict::Foreign);
    }

    #[test]
    fn one_foreign_value_is_enough_and_whoever_waits_goes_first() {
        let names = |plan: Plan| match plan {
            Plan::Push(refs) => refs.into_iter().map(|r| r.name).collect::<Vec<_>>(),
            Plan::Rename => vec!["rename".to_owned()],
        };
        let all = vec![
            ahead("a", 15, None),
            ahead("b", 15, Some(14)),
            ahead("c", 15, None),
        ];
        assert_eq!(names(plan(all.clone(), None, comes_from)), ["a", "b", "c"]);
        assert_eq!(
            names(plan(all.clone(), Some("c"), comes_from)),
            ["c", "a", "b"]
        );
        let foreign = [all, vec![ahead("d", 15, Some(16))]].concat();
        assert_eq!(names(plan(foreign, None, comes_from)), ["rename"]);
        assert_eq!(
            names(plan(Vec::new(), None, comes_from)),
            Vec::<String>::new()
        );
    }
}
