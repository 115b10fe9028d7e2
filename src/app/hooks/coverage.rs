//! Coverage: which changes of a command line are claimed, and by which session.
//!
//! Owns how a verdict of `guard` meets the claims on the board ([`Mutation`]). Never decides what
//! happens then.

use crate::guard::{Class, Part, Verdict};
use crate::model::holding::Holding;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::quote;

/// The most bytes that are told of what a file of the repository has.
const FROM_FILE_BYTES_MAX: usize = 120;

/// A command that changes something, and the claims on that.
#[derive(Debug)]
pub struct Mutation {
    /// The program: `kubectl`.
    pub tool: String,
    /// What is changed, as far as that is known.
    pub resources: Vec<Resource>,
    /// Resources that this session does not claim; empty if it is not known what is changed.
    pub unclaimed: Vec<Resource>,
    /// Whether this session claims all of it.
    pub covered: bool,
    /// What of it this session claims only together with others, besides files and branches.
    pub shared: Vec<Resource>,
    /// Claims of other sessions on it.
    pub others: Vec<Holding>,
    /// Those of them that are older than the claim of this session, exclusive, or frozen.
    pub first: Vec<Holding>,
    /// Claims of other sessions that it may meet, if it is not certain what is changed.
    pub may_meet: Vec<Holding>,
    /// Whether it changes this machine alone.
    pub is_local: bool,
    /// Whether no other session can tell, so that no claim is asked for; of a doubt, whether a
    /// warning about it would only be noise.
    pub is_quiet: bool,
    /// Why it is not certain that anything is changed; `None` if it is.
    pub doubt: Option<String>,
}

/// Why it is not known what the rest of a line meets: other sessions write the patterns that it is
/// compared with, and may write many.
const NOT_COMPARED: &str = "it has more commands than could be compared with all claims in time; \
                            run it in pieces";

/// Returns the commands of a line that change something, or may do so, each with the claims on
/// that. Once `is_up` returns true, the rest of them is in doubt.
pub fn coverage_of(
    verdict: &Verdict,
    mine: &[Holding],
    others: &[Holding],
    is_up: &dyn Fn() -> bool,
) -> Vec<Mutation> {
    let may_change = |part: &&Part| matches!(part.class, Class::Mutating | Class::Unknown(_));
    let mut all = Vec::new();
    for part in verdict.parts.iter().filter(may_change) {
        if is_up() {
            all.push(unlooked(&part.program, NOT_COMPARED));
            break;
        }
        let certain = mutation(part, mine, others);
        let more = wider(part, &certain, others);
        all.push(certain);
        all.extend(more);
    }
    all
}

/// Returns the doubt that a command changes more than the line names, if a claim of this session
/// lets it go on, and another session claims something of a type that it changes.
fn wider(part: &Part, certain: &Mutation, others: &[Holding]) -> Option<Mutation> {
    let is_open = part.class == Class::Mutating && !part.unnamed.is_empty();
    if !is_open || part.covered || !certain.covered {
        return None;
    }
    let kinds: Vec<&str> = part.kinds.iter().map(String::as_str).collect();
    let kinds: Vec<&str> = kinds.into_iter().filter(|kind| *kind != "path").collect();
    let is_of_it = |held: &&Holding| match kinds.is_empty() {
        true => is_wide(held),
        false => kinds.contains(&held.resource.kind().as_str()),
    };
    let is_new = |held: &&Holding| !certain.others.contains(held);
    let may_meet: Vec<Holding> = others
        .iter()
        .filter(is_of_it)
        .filter(is_new)
        .cloned()
        .collect();
    let why = format!("{} may change more than the line names", part.program);
    (!may_meet.is_empty()).then(|| Mutation {
        covered: true,
        may_meet,
        ..unseen(&part.program, &[], &why)
    })
}

/// Returns what a tool may change of which only a part is known. Any claim of the session covers
/// it, as it does for a command whose targets are not known.
pub fn unseen(tool: &str, mine: &[Holding], why: &str) -> Mutation {
    Mutation {
        tool: tool.to_owned(),
        resources: Vec::new(),
        unclaimed: Vec::new(),
        covered: !mine.is_empty(),
        shared: Vec::new(),
        others: Vec::new(),
        first: Vec::new(),
        may_meet: Vec::new(),
        is_local: false,
        is_quiet: false,
        doubt: Some(why.to_owned()),
    }
}

/// Returns what a tool changes where nothing was looked at. No claim that is known covers it.
pub fn unlooked(tool: &str, why: &str) -> Mutation {
    unseen(tool, &[], why)
}

fn mutation(part: &Part, mine: &[Holding], others: &[Holding]) -> Mutation {
    let own = |resource: &Resource| mine.iter().find(|own| own.resource.overlaps(resource));
    let is_mine = |resource: &Resource| own(resource).is_some();
    // A claim on what encloses a resource covers it.
    let encloses = part.covered || part.within.iter().any(is_mine);
    let unclaimed = part.resources.iter().filter(|r| !encloses && !is_mine(r));
    let unclaimed: Vec<Resource> = unclaimed.cloned().collect();
    let touched = || part.resources.iter().chain(&part.within);
    let mut all: Vec<Holding> = Vec::new();
    let mut first: Vec<Holding> = Vec::new();
    for other in others {
        let Some(at) = touched().find(|resource| other.resource.overlaps(resource)) else {
            continue;
        };
        let order = |held: &Holding| (held.claimed_at, held.session.clone());
        let came_later = own(at).is_some_and(|own| order(own) < order(other));
        if other.mode.is_for_one() || !came_later {
            first.push(other.clone());
        }
        all.push(other.clone());
    }
    let is_named = !part.resources.is_empty();
    // Where nothing is named, what encloses the change stands in. Without that, a claim of a file
    // or a branch says nothing about it.
    let covered = match (is_named, part.within.is_empty()) {
        (true, _) => unclaimed.is_empty(),
        (false, false) => encloses,
        (false, true) => encloses || mine.iter().any(is_wide),
    };
    let unclaimed = match is_named || covered {
        true => unclaimed,
        false => part.within.clone(),
    };
    let is_doubted = matches!(part.class, Class::Unknown(_));
    let may_meet = match is_doubted && !part.covered {
        true => others
            .iter()
            .filter(|held| is_wide(held))
            .cloned()
            .collect(),
        false => Vec::new(),
    };
    Mutation {
        tool: part.program.clone(),
        resources: part.resources.clone(),
        unclaimed,
        covered,
        shared: shared(part, mine),
        others: all,
        first,
        may_meet,
        is_local: part.is_local,
        is_quiet: false,
        doubt: doubt(part),
    }
}

/// Returns why it is not certain what a command changes, if it is not. Words that a file of the
/// repository has may be of another session, and stand in quotes.
fn doubt(part: &Part) -> Option<String> {
    let Class::Unknown(why) = &part.class else {
        return None;
    };
    Some(match part.is_from_file {
        true => from_file(why),
        false => why.clone(),
    })
}

/// Returns a reason that has words of a file of the repository.
pub(crate) fn from_file(why: &str) -> String {
    let why = quote(why, FROM_FILE_BYTES_MAX);
    format!("of a command in a file that it runs: {why}")
}

/// Checks whether a claim is about more than files and branches of a repository.
fn is_wide(held: &Holding) -> bool {
    matches!(held.resource.kind(), ResourceKind::Named(_))
}

/// Returns what a command changes that the session claims and does not have alone.
fn shared(part: &Part, mine: &[Holding]) -> Vec<Resource> {
    let has_alone = |resource: &Resource| {
        let mut mine = mine.iter().filter(|own| own.token.is_some());
        mine.any(|own| own.resource.overlaps(resource))
    };
    if part.covered || part.class != Class::Mutating || part.within.iter().any(has_alone) {
        return Vec::new();
    }
    let is_for_one = |one: &&Resource| {
        let several = [ResourceKind::Path, ResourceKind::Named("branch")];
        !several.contains(&one.kind())
    };
    let is_shared = |one: &&Resource| {
        let claimed = mine.iter().any(|own| own.resource.overlaps(one));
        claimed && !has_alone(one)
    };
    let all = part.resources.iter().filter(is_for_one).filter(is_shared);
    all.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Place, Rules, classify_line};

    #[test]
    fn what_was_not_compared_in_time_is_in_doubt_and_no_claim_covers_it() {
        let rules = Rules::with([]).unwrap();
        let line = "kubectl delete node a; kubectl delete node b";
        let verdict = classify_line(line, &rules, &Place::default());
        let asked = std::cell::Cell::new(0);
        let is_up = || {
            asked.set(asked.get() + 1);
            asked.get() > 1
        };
        let all = coverage_of(&verdict, &[], &[], &is_up);
        assert_eq!(all.len(), 2);
        assert!(all[0].doubt.is_none());
        assert_eq!(all[1].doubt.as_deref(), Some(NOT_COMPARED));
        assert!(!all[1].covered);
    }
}
