//! Other labels that may stand for the same thing.
//!
//! Owns which labels are akin: of the same type, with the same last part. A stack is named by its
//! folder or by its name, and two sessions that use one each do not meet. Never refuses anything.

use crate::context::Context;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::resource::{Resource, ResourceKind};

/// Types of which one thing often has a long and a short name.
const TYPES: [&str; 3] = ["stack", "service", "db"];

/// Returns a sentence for each claim of another session under a label that may mean one of
/// `resources`. What cannot be read is told by others.
pub fn sentences(context: &Context, resources: &[Resource]) -> Vec<String> {
    if !resources.iter().any(has_two_names) {
        return Vec::new();
    }
    let (now, me) = (context.now(), context.asker());
    let is_akin = |held: &Holding| {
        let mut named = resources.iter();
        held.mode != Mode::Waiting
            && held.is_live(now)
            && !me.owns(held)
            && named.any(|one| are_akin(one, &held.resource))
    };
    let held = context.ledger.holdings(&is_akin);
    let held = held.map(|held| held.holdings).unwrap_or_default();
    let sentence = |held: &Holding| {
        format!(
            "{} is claimed by {}; if it is the same thing, use that label",
            held.resource,
            held.holder()
        )
    };
    held.iter().map(sentence).collect()
}

fn has_two_names(resource: &Resource) -> bool {
    matches!(resource.kind(), ResourceKind::Named(kind) if TYPES.contains(&kind))
}

/// Returns true for two labels of one type with the same last part.
fn are_akin(one: &Resource, other: &Resource) -> bool {
    let last = |resource: &Resource| {
        let name = resource.name().trim_end_matches('/');
        name.rsplit('/').next().unwrap_or(name).to_lowercase()
    };
    has_two_names(one)
        && one.kind() == other.kind()
        && one.label() != other.label()
        && last(one) == last(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_makes_kin() {
        let akin = |one, other| {
            let parsed = |label| Resource::parse(label).unwrap();
            are_akin(&parsed(one), &parsed(other))
        };
        assert!(akin("stack:dns", "stack:infra/dns"));
        assert!(akin("stack:infra/prod/DNS", "stack:dns"));
        assert!(!akin("stack:dns", "stack:dns"));
        assert!(!akin("stack:dns", "stack:infra/web"));
        assert!(!akin("stack:dns", "service:dns"));
        assert!(!akin("path:dns", "path:infra/dns"));
        assert!(!akin("branch:dns", "branch:infra/dns"));
    }
}
