//! What a tool changes in other repositories.
//!
//! Owns how their boards are read for a tool. Never opens one: that is `elsewhere` and `edits`.

use crate::app::hooks::agent::edits;
use crate::app::hooks::agent::known::{known, time_to_compare};
use crate::app::hooks::agent::weigh::Found;
use crate::app::hooks::coverage::{Mutation, coverage_of, unlooked};
use crate::app::hooks::elsewhere::There;
use crate::context::Context;
use crate::integrations::harness::{ChangeKind, Tool};
use crate::model::holding::Holding;

/// Returns what a command changes in another repository, with its folder.
pub(super) fn changed_there(there: &There) -> Option<(String, Found)> {
    let known = known(&there.context).ok()?;
    let others: Vec<Holding> = known.others.into_iter().map(|(held, _)| held).collect();
    let found = Found {
        what: ChangeKind::Command,
        now: known.now,
        all: coverage_of(
            &there.verdict,
            &known.mine,
            &others,
            &time_to_compare(&there.context),
        ),
        known: known.known,
        unreadable: known.unreadable,
        ..Found::nothing(known.now)
    };
    Some((folder(&there.context)?, found))
}

/// Returns the edits of files of other repositories, with the folders of those. Adds to `all` what
/// was not looked at.
pub(super) fn edited_elsewhere(
    context: &Context,
    tool: &Tool,
    all: &mut Vec<Mutation>,
) -> Vec<(String, Found)> {
    let edits::Elsewhere { visited, left_out } = edits::elsewhere(context, tool);
    let found = visited.iter().filter_map(|there| {
        let edited = edits::met(there, tool).ok()?;
        let found = Found {
            what: ChangeKind::Edit,
            now: context.now(),
            all: edited.met,
            unreadable: edited.unreadable,
            ..Found::nothing(context.now())
        };
        Some((folder(there)?, found))
    });
    all.extend(left_out.map(|why| unlooked(&tool.name, why)));
    found.collect()
}

fn folder(context: &Context) -> Option<String> {
    let top = context.worktree()?;
    Some(top.display().to_string())
}
