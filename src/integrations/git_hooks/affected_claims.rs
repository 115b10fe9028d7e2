//! Claims of other sessions that a push conflicts with.
//!
//! Owns the rule: a push conflicts with a claim on a branch that it moves or deletes, or on a file
//! that its commits change. Pure. Never decides what follows from a conflict.

use std::collections::BTreeSet;

use super::pushed::Moved;
use crate::model::holding::Holding;
use crate::model::resource::ResourceKind;

/// At most this many files are named for one claim.
const NAMED_MAX: usize = 3;

/// So many files are compared before the time is looked at again.
const ASKED_EVERY: usize = 16;

/// A claim that a push conflicts with.
#[derive(Clone, Debug, PartialEq)]
pub struct AffectedClaim {
    /// The claim.
    pub holding: Holding,
    /// Some of the files that conflict; empty for a claim on a branch.
    pub files: Vec<String>,
    /// Number of further files.
    pub more: usize,
}

/// Returns those of `others`, the claims that other sessions hold, that a push can conflict with:
/// claims on branches and paths.
pub fn candidates(others: Vec<Holding>) -> Vec<Holding> {
    let mut found = others;
    found.retain(|holding| {
        matches!(
            holding.resource.kind(),
            ResourceKind::Branch | ResourceKind::Path
        )
    });
    found
}

/// Checks whether the files of the push must be known.
pub fn needs_files(candidates: &[Holding]) -> bool {
    candidates
        .iter()
        .any(|h| h.resource.kind() == ResourceKind::Path)
}

/// The claims that a push conflicts with.
#[derive(Debug, Default)]
pub struct Affected {
    /// Those claims. An exclusive one that was not compared is among them: nothing says that its
    /// files are left alone.
    pub claims: Vec<AffectedClaim>,
    /// How many claims were not compared with all files.
    pub not_compared: usize,
}

/// Returns the candidates that the push conflicts with. Once `is_up` returns true, paths are not
/// compared any more: other sessions write the patterns, and may write many that take long.
pub fn affected(
    mut candidates: Vec<Holding>,
    moved: &[Moved],
    files: &BTreeSet<String>,
    is_up: &dyn Fn() -> bool,
) -> Affected {
    let branches: BTreeSet<&str> = moved.iter().filter_map(Moved::branch).collect();
    // What is compared quickly comes first.
    candidates.sort_by_key(|holding| holding.resource.label().contains(['*', '?', '[', '{']));
    let mut found = Affected::default();
    let whole = |holding: Holding| AffectedClaim {
        holding,
        files: Vec::new(),
        more: 0,
    };
    for holding in candidates {
        let resource = &holding.resource;
        if resource.kind() == ResourceKind::Branch {
            let moves = branches.contains(resource.name());
            found.claims.extend(moves.then(|| whole(holding)));
            continue;
        }
        let (mut first, mut more, mut is_cut) = (Vec::new(), 0, false);
        for (at, file) in files.iter().enumerate() {
            is_cut = at % ASKED_EVERY == 0 && is_up();
            match (is_cut, resource.names_file(file)) {
                (true, _) => break,
                (false, true) if first.len() < NAMED_MAX => first.push(file.clone()),
                (false, is_named) => more += usize::from(is_named),
            }
        }
        found.not_compared += usize::from(is_cut);
        let counts = !first.is_empty() || is_cut && holding.mode.is_for_one();
        found.claims.extend(counts.then(|| AffectedClaim {
            files: first,
            more,
            ..whole(holding)
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::claim::Mode;
    use crate::model::id::NodeId;
    use crate::model::id::SessionId;
    use crate::model::resource::Resource;
    use crate::model::text::Purpose;
    use crate::model::time::Timestamp;
    use std::sync::Arc;

    fn holding(label: &str, session: &str, mode: Mode, expires_secs: i64) -> Holding {
        let at = |secs: i64| Timestamp::from_millis(secs * 1000);
        Holding {
            resource: Resource::parse(label).unwrap(),
            session: SessionId::parse(session).unwrap(),
            node: NodeId::from_bytes([0; 16]),
            user: "wizard".to_owned(),
            host: "devvm".to_owned(),
            agent: None,
            purpose: Purpose::parse("p").unwrap(),
            mode,
            claimed_at: at(0),
            seen_at: at(0),
            expires_at: at(expires_secs),
            token: None,
            confirmed: true,
            whereabouts: Arc::default(),
            with: None,
            is_gone: false,
            runs: false,
        }
    }

    fn moved(name: &str, new: Option<&str>) -> Moved {
        Moved {
            name: name.to_owned(),
            new: new.map(str::to_owned),
            old: None,
        }
    }

    #[test]
    fn only_branches_and_paths_can_be_touched() {
        let all = vec![
            holding("branch:a", "you", Mode::Shared, 11),
            holding("path:b", "you", Mode::Exclusive, 11),
            holding("node:other", "you", Mode::Exclusive, 11),
        ];
        let found = candidates(all);
        let labels: Vec<&str> = found.iter().map(|h| h.resource.label()).collect();
        assert_eq!(labels, ["branch:a", "path:b"]);
    }

    #[test]
    fn what_is_not_compared_in_time_is_not_free() {
        let all = || {
            vec![
                holding("path:**/*.rs", "you", Mode::Exclusive, 11),
                holding("path:**/*.c", "you", Mode::Shared, 11),
                holding("path:README", "you", Mode::Exclusive, 11),
                holding("branch:main", "you", Mode::Shared, 11),
            ]
        };
        let moves = [moved("refs/heads/main", Some("aa"))];
        let files: BTreeSet<String> = ["README".to_owned()].into();
        let asked = std::cell::Cell::new(0);
        let is_up = || asked.replace(asked.get() + 1) > 0;
        let found = affected(all(), &moves, &files, &is_up);
        let labels = found.claims.iter().map(|one| one.holding.resource.label());
        let labels: Vec<&str> = labels.collect();
        // The plain path comes first, and is compared.
        assert_eq!(labels, ["path:README", "branch:main", "path:**/*.rs"]);
        assert_eq!(found.not_compared, 2);
        let found = affected(all(), &moves, &files, &|| false);
        assert_eq!((found.claims.len(), found.not_compared), (2, 0));
    }

    #[test]
    fn branches_and_files() {
        let held = |label: &str| vec![holding(label, "you", Mode::Shared, 11)];
        let moves = [
            moved("refs/heads/main", Some("aa")),
            moved("refs/heads/gone", None),
            moved("refs/tags/v1", Some("aa")),
        ];
        let files: BTreeSet<String> = ["src/a", "src/b", "src/c", "src/d", "README"]
            .map(str::to_owned)
            .into();
        for (label, is_touched) in [
            ("branch:main", true),
            ("branch:gone", true),
            ("branch:v1", false),
            ("branch:mai", false),
            ("path:README", true),
            ("path:docs", false),
        ] {
            let found = affected(held(label), &moves, &files, &|| false).claims;
            assert_eq!(!found.is_empty(), is_touched, "{label}");
        }
        let [found] = &affected(held("path:src"), &moves, &files, &|| false).claims[..] else {
            panic!()
        };
        assert_eq!((found.files.len(), found.more), (3, 1));
        assert!(needs_files(&held("path:src")) && !needs_files(&held("branch:main")));
    }
}
