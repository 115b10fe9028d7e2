//! Files that an agent is about to write, or has written.
//!
//! Owns how they meet the claims of paths, and of stacks whose folder they are in. An agent does
//! not claim every file that it edits, so only claims of other sessions matter. Never decides what
//! happens then.

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
use crate::model::stack::{self, Stack, is_stack_file};
use crate::model::unreadable::Unreadable;

/// At most this many files are looked up in other repositories.
const FILES_MAX: usize = 32;
/// At most this many other repositories are looked at.
const VISITS_MAX: usize = 4;
/// With more resources in question than this, the whole board is read.
const RESOURCES_MAX: usize = 64;

/// How the files of a tool meet the claims of paths and stacks.
#[derive(Default)]
pub(crate) struct Met {
    /// The files that other sessions claim, with those claims.
    pub(crate) met: Vec<Mutation>,
    /// Records that could not be read, and may claim any file.
    pub(crate) unreadable: Vec<Unreadable>,
}

/// A file that a tool writes.
struct Written {
    /// Its names from the top of the work tree: its own, and that of what it links to.
    names: Vec<String>,
    /// The stacks that may have it.
    stacks: Vec<Stack>,
}

/// Returns how the files of `tool` meet the claims of paths and stacks.
pub(crate) fn met(context: &Context, tool: &Tool) -> Result<Met, Failure> {
    if tool.files.is_empty() {
        return Ok(Met::default());
    }
    let files = tool.files.iter().map(|file| Written::of(context, file));
    let files: Vec<Written> = files.collect();
    let about = resources_of(&files);
    let board = match about.len() > RESOURCES_MAX {
        true => context.ledger.board()?,
        false => context.ledger.board_about(&about)?,
    };
    let (now, me) = (context.now(), context.asker());
    let (mine, _) = split_by(board.held(now), &me);
    let others = board.held_by_others(now, |held| me.owns(held));
    let mut edited = Met {
        met: Vec::new(),
        unreadable: hidden(&board, &about),
    };
    if !others.is_empty() {
        let met = files.iter().filter_map(|file| {
            let own = file.claims_in(context, &mine);
            let others = file.claims_in(context, &others);
            file.meeting(context, &tool.name, &own, others)
        });
        edited.met.extend(met);
    }
    Ok(edited)
}

/// Returns what claims may be about to concern the files: paths, and the stacks that may have one.
fn resources_of(files: &[Written]) -> Vec<Resource> {
    let stacks = files.iter().flat_map(|file| &file.stacks);
    let mut about: Vec<Resource> = stacks.map(|stack| stack.resource.clone()).collect();
    about.sort_by(|one, two| one.label().cmp(two.label()));
    about.dedup();
    about.push(Resource::every_path());
    about
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

impl Written {
    /// Takes a file as a tool names it.
    fn of(context: &Context, file: &str) -> Self {
        let names = context.names_of(file);
        let stacks = names.iter().flat_map(|name| stack::about(name));
        Self {
            stacks: stacks.collect(),
            names,
        }
    }

    /// Returns those of `held` that are about the file.
    fn claims_in(&self, context: &Context, held: &[Holding]) -> Vec<Holding> {
        let is_about = |held: &&Holding| match held.resource.kind() {
            ResourceKind::Path => self
                .names
                .iter()
                .any(|name| held.resource.names_file(&context.name_on_board(name))),
            ResourceKind::Named("stack") => {
                let mut stacks = self.stacks.iter();
                stacks.any(|stack| stack.resource == held.resource && self.is_in(context, stack))
            }
            ResourceKind::Branch | ResourceKind::Named(_) => false,
        };
        held.iter().filter(is_about).cloned().collect()
    }

    /// Returns true if the file is in the folder of a stack.
    fn is_in(&self, context: &Context, stack: &Stack) -> bool {
        let is_file_of_it = |name: &String| {
            let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
            folder == stack.folder && is_stack_file(file)
        };
        !stack.by_last_part
            || self.names.iter().any(is_file_of_it)
            || context.is_folder_of_a_stack(&stack.folder)
    }

    /// Returns the file as a change, if other sessions claim it.
    fn meeting(
        &self,
        context: &Context,
        tool: &str,
        own: &[Holding],
        others: Vec<Holding>,
    ) -> Option<Mutation> {
        if others.is_empty() {
            return None;
        }
        let order = |held: &Holding| (held.claimed_at, held.session.clone());
        let own = own.iter().map(order).min();
        // Who shares a stack may share the edits of its files.
        let is_first = |other: &&Holding| {
            let is_earlier = own.as_ref().is_none_or(|own| *own > order(other));
            other.token.is_some() || is_earlier && other.resource.kind() == ResourceKind::Path
        };
        Some(Mutation {
            tool: tool.to_owned(),
            resources: self.resource(context).into_iter().collect(),
            unclaimed: Vec::new(),
            doubt: None,
            covered: true,
            first: others.iter().filter(is_first).cloned().collect(),
            others,
        })
    }

    /// Returns the file as a resource on the board.
    fn resource(&self, context: &Context) -> Option<Resource> {
        let name = context.name_on_board(self.names.first()?);
        Resource::from_record(&format!("path:{}", literal(&name))).ok()
    }
}
