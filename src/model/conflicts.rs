//! Which claims on a board conflict with which.
//!
//! Owns how the pairs are found without looking at each: [`conflicts`]. Equal labels meet by their
//! label, and paths by the folders that they begin with. Patterns that take more than a fraction of
//! a second to tell apart count as conflicts. Never decides what follows.

use std::collections::HashMap;

use super::holding::Holding;
use super::path::Work;
use super::resource::ResourceKind;
use super::time::Timestamp;

/// At most this many conflicts of one claim are told.
const EACH_MAX: usize = 16;

/// Returns for each of `holdings` the places of those that conflict with it: live claims of other
/// sessions that overlap it and hold their resource. `holdings` are ordered by label.
pub fn conflicts(holdings: &[Holding], now: Timestamp) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = vec![Vec::new(); holdings.len()];
    let counts = |held: &Holding| held.mode.holds() && held.is_live(now);
    let mut work = Work::of_a_listing();
    let mut meet = |one: usize, other: usize| {
        let (a, b) = (&holdings[one], &holdings[other]);
        let is_same = a.session == b.session && a.node == b.node;
        let is_full = found[one].len() >= EACH_MAX && found[other].len() >= EACH_MAX;
        if is_same || is_full || !a.resource.may_overlap(&b.resource, &mut work) {
            return;
        }
        for (one, other) in [(one, other), (other, one)] {
            if found[one].len() < EACH_MAX && !found[one].contains(&other) {
                found[one].push(other);
            }
        }
    };
    // Of paths, those by their fixed beginning, and how many begin at or below each folder.
    let mut paths: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut run_start = 0;
    for (at, held) in holdings.iter().enumerate() {
        if held.resource.label() != holdings[run_start].resource.label() {
            run_start = at;
        }
        if !counts(held) {
            continue;
        }
        if held.resource.kind() == ResourceKind::Path {
            paths
                .entry(beginning(held.resource.name()))
                .or_default()
                .push(at);
            continue;
        }
        for other in (run_start..at).filter(|other| counts(&holdings[*other])) {
            meet(other, at);
        }
    }
    for (folder, here) in &paths {
        for (n, one) in here.iter().enumerate() {
            here[n + 1..].iter().for_each(|other| meet(*one, *other));
        }
        let mut above = *folder;
        while !above.is_empty() {
            above = above.rsplit_once('/').map_or("", |(above, _)| above);
            for one in paths.get(above).into_iter().flatten() {
                here.iter().for_each(|other| meet(*one, *other));
            }
        }
    }
    for each in &mut found {
        each.sort_unstable();
    }
    found
}

/// Returns the folders and the name that a path begins with, up to where it is a pattern.
fn beginning(path: &str) -> &str {
    let fixed = path.find(['*', '?', '[', '\\', '{']);
    let start = match fixed {
        None => path,
        Some(end) => path[..end]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder),
    };
    match start {
        "." => "",
        start => start,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::claim::Mode;
    use crate::model::id::{NodeId, SessionId};
    use crate::model::resource::Resource;
    use crate::model::text::Purpose;

    fn held(label: &str, session: u8, mode: Mode, ends: i64) -> Holding {
        let at = |secs: i64| Timestamp::from_millis(secs * 1000);
        Holding {
            resource: Resource::parse(label).unwrap(),
            session: SessionId::parse(&format!("s{session}")).unwrap(),
            node: NodeId::from_bytes([0; 16]),
            user: "u".to_owned(),
            host: "h".to_owned(),
            agent: None,
            purpose: Purpose::parse("p").unwrap(),
            mode,
            claimed_at: at(0),
            seen_at: at(0),
            expires_at: at(ends),
            token: None,
            confirmed: true,
            whereabouts: std::sync::Arc::default(),
            with: None,
            is_gone: false,
            runs: false,
        }
    }

    fn any_label() -> impl Strategy<Value = String> {
        let path = "path:(a|b|\\*|\\*\\*|a\\*)(/(a|b|\\*|\\*\\*)){0,2}";
        prop_oneof![4 => path, 1 => Just("path:.".to_owned()), 2 => "node:[ab]", 1 => "stack:a"]
    }

    proptest! {
        #[test]
        fn they_are_those_that_each_pair_says(
            all in proptest::collection::vec((any_label(), 0u8..4, 0u8..3, 0i64..3), 0..14)
        ) {
            let mode = |n| [Mode::Shared, Mode::Exclusive, Mode::Waiting][usize::from(n)];
            let all = all.iter().filter(|(label, ..)| Resource::parse(label).is_ok());
            let mut all: Vec<Holding> =
                all.map(|(label, session, n, ends)| held(label, *session, mode(*n), *ends)).collect();
            Holding::sort(&mut all);
            let now = Timestamp::from_millis(1000);
            let counts = |h: &Holding| h.mode.holds() && h.is_live(now);
            let found = conflicts(&all, now);
            for (one, a) in all.iter().enumerate() {
                let others = all.iter().enumerate().filter(|(_, b)| {
                    counts(a) && counts(b) && a.session != b.session
                        && a.resource.overlaps(&b.resource)
                });
                let others: Vec<usize> = others.map(|(other, _)| other).collect();
                prop_assert_eq!(&found[one], &others);
            }
        }
    }
}
