//! Files that an agent is about to write, or has written.
//!
//! Owns how they meet the claims of paths. An agent does not claim every file that it edits, so
//! only claims of other sessions matter. Never decides what happens then.

use std::path::PathBuf;

use crate::app::claims::conflicts::hidden;
use crate::app::hooks::coverage::Mutation;
use crate::context::Context;
use crate::context::trees::Whose;
use crate::failure::Failure;
use crate::integrations::harness::Tool;
use crate::model::holding::{Holding, split_by};
use crate::model::path::literal;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::unreadable::Unreadable;

/// At most this many files are looked up in other repositories.
const FILES_MAX: usize = 32;
/// At most this many other repositories are looked at.
const VISITS_MAX: usize = 4;

/// How the files of a tool meet the claims of paths.
#[derive(Default)]
pub(crate) struct Met {
    /// The files that other sessions claim, with those claims.
    pub(crate) met: Vec<Mutation>,
    /// Records that could not be read, and may claim any file.
    pub(crate) unreadable: Vec<Unreadable>,
}

/// Returns how the files of `tool` meet the claims of paths.
pub(crate) fn met(context: &Context, tool: &Tool) -> Result<Met, Failure> {
    if tool.files.is_empty() {
        return Ok(Met::default());
    }
    let board = context.ledger.board_about(&[Resource::every_path()])?;
    let (now, me) = (context.now(), context.asker());
    let (mut mine, _) = split_by(board.held(now), &me);
    let mut others = board.held_by_others(now, |held| me.owns(held));
    for held in [&mut mine, &mut others] {
        held.retain(|held| held.resource.kind() == ResourceKind::Path);
    }
    let every_path = [Resource::every_path()];
    let mut edited = Met {
        met: Vec::new(),
        unreadable: hidden(&board, &every_path),
    };
    if others.is_empty() {
        return Ok(edited);
    }
    let met = tool.files.iter().filter_map(|file| {
        let names = context.names_of(file).into_iter();
        let names: Vec<String> = names.map(|name| context.name_on_board(&name)).collect();
        meeting(&tool.name, &names, &mine, &others)
    });
    edited.met.extend(met);
    Ok(edited)
}

/// Returns the other repositories that have files of `tool`, for a look at their boards.
pub(crate) fn elsewhere(context: &Context, tool: &Tool) -> Vec<Context> {
    let mut tops: Vec<PathBuf> = Vec::new();
    for file in tool.files.iter().take(FILES_MAX) {
        if !context.names_of(file).is_empty() {
            continue;
        }
        let tree = context.tree_of(&context.absolute(file));
        let top = tree
            .filter(|tree| tree.whose == Whose::Other)
            .map(|tree| tree.top);
        tops.extend(top.filter(|top| !tops.contains(top)));
    }
    let visited = tops
        .iter()
        .take(VISITS_MAX)
        .filter_map(|top| context.visit(top).ok());
    visited.filter(Context::has_board).collect()
}

/// Returns one file, under all of its names, if other sessions claim it.
fn meeting(tool: &str, names: &[String], mine: &[Holding], others: &[Holding]) -> Option<Mutation> {
    let is_about = |held: &&Holding| names.iter().any(|name| held.resource.names_file(name));
    let others: Vec<Holding> = others.iter().filter(is_about).cloned().collect();
    if others.is_empty() {
        return None;
    }
    let order = |held: &Holding| (held.claimed_at, held.session.clone());
    let own = mine.iter().filter(is_about).map(order).min();
    let is_first = |other: &&Holding| {
        other.token.is_some() || own.as_ref().is_none_or(|own| *own > order(other))
    };
    let labels = names
        .iter()
        .take(1)
        .map(|name| format!("path:{}", literal(name)));
    Some(Mutation {
        tool: tool.to_owned(),
        resources: labels
            .filter_map(|label| Resource::from_record(&label).ok())
            .collect(),
        unclaimed: Vec::new(),
        doubt: None,
        covered: true,
        first: others.iter().filter(is_first).cloned().collect(),
        others,
    })
}
