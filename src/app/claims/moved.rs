//! Whether the code here lacks what the last holder of a resource had.
//!
//! Owns the question: it is asked of the repository of the code, and only if that keeps the board.
//! Never fetches.

use std::collections::BTreeMap;

use crate::context::{Code, Context};
use crate::model::departure::{Departure, Lack, Moved};
use crate::model::id::SessionId;
use crate::model::resource::Resource;

/// The most commits about which the repository of the code is asked at once.
const COMMITS_MAX: usize = 8;

/// Returns what the code here lacks of the last session besides `me` that claimed any of
/// `resources`; `None` if it lacks nothing, or that cannot be told.
pub fn since_last_holder(
    context: &Context,
    me: &SessionId,
    resources: &[Resource],
) -> Option<Moved> {
    let last = last_departures(context, me, resources)
        .into_iter()
        .flatten();
    lack(context, last.max_by_key(|last| last.at)?)
}

/// Returns the same for each of `resources` by itself.
pub fn since_last_holders(
    context: &Context,
    me: &SessionId,
    resources: &[Resource],
) -> Vec<Option<Moved>> {
    let mut known: BTreeMap<String, Option<Moved>> = BTreeMap::new();
    let mut lack_once = |last: Departure| {
        if !known.contains_key(&last.commit) && known.len() < COMMITS_MAX {
            known.insert(last.commit.clone(), lack(context, last.clone()));
        }
        let moved = known.get(&last.commit)?.clone()?;
        Some(Moved { last, ..moved })
    };
    let all = last_departures(context, me, resources).into_iter();
    all.map(|last| lack_once(last?)).collect()
}

/// Returns the last departure from each resource, where the code is in the repository of the board.
fn last_departures(
    context: &Context,
    me: &SessionId,
    resources: &[Resource],
) -> Vec<Option<Departure>> {
    let none = vec![None; resources.len()];
    let has_code = context.code.is_some() && context.keeps_its_own_board;
    if resources.is_empty() || !has_code {
        return none;
    }
    let found = context.ledger.last_departures(me, resources, context.now());
    found.unwrap_or(none)
}

fn lack(context: &Context, last: Departure) -> Option<Moved> {
    let code = context.code.as_ref()?;
    if code.git.descends_from(&last.commit).ok()? {
        return None;
    }
    let lack = match code.git.has_commit(&last.commit).ok()? {
        false => Lack::Absent,
        true => where_it_is(code, &last)?,
    };
    Some(Moved { last, lack })
}

/// Returns the branch that has a commit which is here: one of a remote before one of this
/// repository, and of each that of its name first, since what came after it is there, too. `None`
/// if no branch has it and there is nothing of it to merge.
fn where_it_is(code: &Code, last: &Departure) -> Option<Lack> {
    let named = last.branch.as_deref();
    let found = named.and_then(|name| code.git.branch_with(&last.commit, Some(name)).ok()?);
    // What a remote has is what others merge; a branch here may be of another session.
    let is_shared = found.as_ref().is_some_and(|one| one.is_tracking);
    let any = match is_shared {
        true => None,
        false => code.git.branch_with(&last.commit, None).ok()?,
    };
    let found = match (found, any) {
        (_, Some(any)) if any.is_tracking => Some(any),
        (found, any) => found.or(any),
    };
    if let Some(branch) = found {
        return Some(match branch.is_tracking {
            true => Lack::OnTracking(branch.name),
            false => Lack::OnBranch(branch.name),
        });
    }
    let named = named.filter(|name| code.git.lacks_branch(name).unwrap_or(false));
    named.map(|name| Lack::Rewritten(name.to_owned()))
}
