//! Push plans: [`plan()`], for the refs of this clone that the remote does not have yet.
//!
//! Owns the verdict as a truth table, and the order and the size of pushes. It is pure: its only
//! question, whether one commit descends from another, is an argument. Never touches a ref.

use crate::ledger::{Ahead, Tip};

/// The most refs of one push. Hosts limit them, some to a few dozen.
pub(super) const BATCH_REFS_MAX: usize = 25;

/// What to do about one ref that the remote does not have in its local state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Push it, under the lease of the value in the tracking ref.
    Push,
    /// The remote has a value that this clone never wrote: another clone has the same node id.
    Foreign,
    /// The session is over and the remote does not have it: it was removed there, or it ended
    /// before it was ever pushed. It stays away; folding it removes it here.
    Over,
}

/// Returns the verdict on one ref. An owned ref has one writer, so the remote has an ancestor of
/// the local value or nothing (the ref is new, or a user removed it); a copy of this clone wrote
/// any other value.
pub(super) fn verdict(ahead: &Ahead, descends_from: impl FnOnce(Tip, Tip) -> bool) -> Verdict {
    match ahead.tracked {
        None if ahead.stays_away() => Verdict::Over,
        None => Verdict::Push,
        Some(there) if descends_from(ahead.local, there) => Verdict::Push,
        Some(_) => Verdict::Foreign,
    }
}

/// The next step of a sync towards the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Push these refs in this order.
    Push(Vec<Ahead>),
    /// Take a new node id first: a copy of this clone uses the present one.
    Reidentify,
}

/// Returns the plan for all refs that are ahead. `first` goes first: a caller waits for it.
pub(super) fn plan(
    mut ahead: Vec<Ahead>,
    first: Option<&str>,
    descends_from: impl Fn(Tip, Tip) -> bool,
) -> Plan {
    let is = |ahead: &Ahead, what| verdict(ahead, &descends_from) == what;
    if ahead.iter().any(|ahead| is(ahead, Verdict::Foreign)) {
        return Plan::Reidentify;
    }
    ahead.retain(|ahead| !is(ahead, Verdict::Over));
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
            is_over: false,
        }
    }

    fn over(ahead: Ahead) -> Ahead {
        Ahead {
            is_over: true,
            ..ahead
        }
    }

    /// Each of these values descends from the smaller ones of its decade.
    fn descends_from(local: Tip, found: Tip) -> bool {
        let (local, found) = (local.as_bytes()[0], found.as_bytes()[0]);
        local / 10 == found / 10 && found <= local
    }

    #[test]
    fn the_truth_table() {
        let check = |tracked: Option<u8>, expected: Verdict| {
            let ahead = ahead("a", 15, tracked);
            assert_eq!(verdict(&ahead, descends_from), expected, "{tracked:?}");
        };
        // New, or wiped by `push --mirror`.
        check(None, Verdict::Push);
        // An earlier state of this clone: the last one seen, or one whose answer was lost.
        check(Some(14), Verdict::Push);
        check(Some(11), Verdict::Push);
        // A later state of the same ref, or one of another line: a copy wrote it.
        check(Some(16), Verdict::Foreign);
        check(Some(21), Verdict::Foreign);
    }

    #[test]
    fn what_is_over_is_not_pushed_anew() {
        let check = |tracked: Option<u8>, expected: Verdict| {
            let ahead = over(ahead("a", 15, tracked));
            assert_eq!(verdict(&ahead, descends_from), expected, "{tracked:?}");
        };
        check(None, Verdict::Over);
        // The remote shows an earlier state: what happened since must not stay unknown.
        check(Some(14), Verdict::Push);
        check(Some(16), Verdict::Foreign);
        let all = vec![over(ahead("a", 15, None)), ahead("b", 15, None)];
        let pushed = Plan::Push(vec![ahead("b", 15, None)]);
        assert_eq!(plan(all, Some("a"), descends_from), pushed);
    }

    #[test]
    fn one_foreign_value_is_enough_and_the_awaited_ref_goes_first() {
        let names = |plan: Plan| match plan {
            Plan::Push(refs) => refs.into_iter().map(|r| r.name).collect::<Vec<_>>(),
            Plan::Reidentify => vec!["reidentify".to_owned()],
        };
        let all = vec![
            ahead("a", 15, None),
            ahead("b", 15, Some(14)),
            ahead("c", 15, None),
        ];
        assert_eq!(
            names(plan(all.clone(), None, descends_from)),
            ["a", "b", "c"]
        );
        assert_eq!(
            names(plan(all.clone(), Some("c"), descends_from)),
            ["c", "a", "b"]
        );
        let foreign = [all, vec![ahead("d", 15, Some(16))]].concat();
        assert_eq!(names(plan(foreign, None, descends_from)), ["reidentify"]);
        assert_eq!(
            names(plan(Vec::new(), None, descends_from)),
            Vec::<String>::new()
        );
    }
}
