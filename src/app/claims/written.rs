//! Files that are written, and the claims that are about them.
//!
//! Owns which claims those are: of paths, and of stacks whose folder has the file. Never decides
//! what follows from one.

use std::path::PathBuf;

use crate::context::Context;
use crate::context::trees::Whose;
use crate::failure::Failure;
use crate::guard::{Reach, UnnamedWrite, Write};
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::path::literal;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::stack::{self, Stack, is_stack_file};

/// With more resources in question than this, the whole board is read.
const RESOURCES_MAX: usize = 64;

/// A file that is written.
pub(crate) struct Written {
    /// Its names from the top of the work tree: its own, and that of what it links to.
    names: Vec<String>,
    /// The stacks that may have it.
    stacks: Vec<Stack>,
    /// All files below it, if it may be a folder; those that a pattern names.
    below: Vec<Resource>,
    /// Whether no folder is meant with what is below it.
    is_shallow: bool,
    /// Whether it is not known which of them are written.
    is_doubt: bool,
    /// Paths that are claimed for the command before it runs.
    claimed: Vec<Resource>,
    /// The work tree in which alone it is written.
    only_in: Option<String>,
}

/// Returns the part of the board that is about `files`, and what claims on it are about: paths, and
/// the stacks that may have one.
pub(crate) fn board_about(
    context: &Context,
    files: &[Written],
) -> Result<(Board, Vec<Resource>), Failure> {
    let stacks = files.iter().flat_map(|file| &file.stacks);
    let mut about: Vec<Resource> = stacks.map(|stack| stack.resource.clone()).collect();
    about.sort_by(|one, two| one.label().cmp(two.label()));
    about.dedup();
    about.push(Resource::every_path());
    // Which stacks lie below a folder is seen by their claims.
    let has_folder = files.iter().any(|file| file.is_folder() && !file.is_doubt);
    let board = match about.len() > RESOURCES_MAX || has_folder {
        true => context.ledger.board()?,
        false => context.ledger.board_about(&about)?,
    };
    Ok((board, about))
}

impl Written {
    /// Takes a file as a tool names it.
    pub(crate) fn of(context: &Context, file: &str) -> Self {
        Self::named(context.names_of(file))
    }

    /// Takes a file by its names from the top of the work tree.
    pub(crate) fn named(names: Vec<String>) -> Self {
        let stacks = names.iter().flat_map(|name| stack::about(name));
        Self {
            stacks: stacks.collect(),
            names,
            below: Vec::new(),
            is_shallow: false,
            is_doubt: false,
            claimed: Vec::new(),
            only_in: None,
        }
    }

    /// Takes the files below a folder that a pattern matches; `None` for what is in no work tree of
    /// this repository.
    fn matching(context: &Context, folder: &str, pattern: &str, is_deep: bool) -> Option<Self> {
        let tree = context.tree_of(folder)?;
        if tree.whose == Whose::Other {
            return None;
        }
        // The top itself has no name.
        let names = context.names_of(&format!("{folder}/_"));
        let names = names.iter().filter_map(|name| name.strip_suffix('_'));
        let labels = names.flat_map(|name| {
            let name = format!("path:{}{pattern}", literal(name));
            let deep = is_deep.then(|| format!("{name}/**"));
            [Some(name), deep].into_iter().flatten()
        });
        let of = |label: String| Resource::from_record(&label).ok();
        // What is no pattern for a claim may be any file there.
        let all: Option<Vec<Resource>> = labels.map(of).collect();
        Some(Self {
            below: all.unwrap_or_else(|| vec![Resource::every_path()]),
            is_shallow: !is_deep,
            ..Self::named(Vec::new())
        })
    }

    /// Takes files of which it is not known which ones a command writes.
    pub(crate) fn unnamed(context: &Context, write: &UnnamedWrite) -> Option<Self> {
        let files = match &write.within {
            Some((folder, pattern)) => Self::matching(context, folder, pattern, true)?,
            None => Self {
                below: vec![Resource::every_path()],
                ..Self::named(Vec::new())
            },
        };
        Some(Self {
            is_doubt: true,
            ..files
        })
    }

    /// Takes what a command writes; `None` for what is in no work tree of this repository. The
    /// folder of another repository, as of a submodule, is an entry of the one around it, and so is
    /// what is in it if no board is kept there.
    pub(crate) fn by_command(context: &Context, write: &Write) -> Option<Self> {
        let written = match &write.pattern {
            Some(pattern) => {
                Self::matching(context, &write.path, pattern, write.reach != Reach::File)
            }
            None => Self::at(context, write),
        };
        Some(Self {
            claimed: write.claimed.clone(),
            ..written?
        })
    }

    fn at(context: &Context, write: &Write) -> Option<Self> {
        let is_entry = || {
            let names = context.names_of(&write.path);
            let is_of_it = matches!(write.reach, Reach::Below | Reach::File);
            is_of_it && names.iter().any(|name| !name.is_empty())
        };
        let tree = context.tree_of(&write.path);
        let tree = tree.filter(|tree| tree.whose != Whose::Other || is_entry())?;
        let top = tree.top.display().to_string();
        let mut written = match write.reach {
            Reach::Tree => Self::named(Vec::new()),
            Reach::File | Reach::Below | Reach::Discarded => Self::of(context, &write.path),
        };
        let name = written.names.first().filter(|name| !name.is_empty());
        let below = match (write.reach, name) {
            (Reach::File, _) => None,
            (Reach::Tree, _) | (_, None) => Some(Resource::every_path()),
            (_, Some(name)) => Resource::from_record(&format!("path:{}/**", literal(name))).ok(),
        };
        written.below = below.into_iter().collect();
        let is_here = matches!(write.reach, Reach::Discarded | Reach::Tree);
        written.only_in = is_here.then_some(top);
        (!written.names.is_empty() || written.is_folder()).then_some(written)
    }

    /// Takes the work trees of this repository that go with a folder: each as all that is claimed
    /// by those who work in it.
    pub(crate) fn trees_in(context: &Context, write: &Write) -> Vec<Self> {
        let trees = match write.reach {
            Reach::Below => context.trees_below(&write.path),
            Reach::File | Reach::Discarded | Reach::Tree => Vec::new(),
        };
        let pattern = write
            .pattern
            .as_ref()
            .map(|pattern| format!("path:{pattern}/**"));
        let pattern = pattern.and_then(|pattern| Resource::from_record(&pattern).ok());
        let is_meant = |top: &PathBuf| {
            let rest = top.strip_prefix(&write.path).ok();
            let inside = rest.and_then(|rest| rest.join("file").to_str().map(str::to_owned));
            let pattern = pattern.as_ref().zip(inside);
            pattern.is_none_or(|(pattern, inside)| pattern.names_file(&inside))
        };
        let trees = trees.into_iter().filter(is_meant);
        let whole = |top: PathBuf| Self {
            below: vec![Resource::every_path()],
            only_in: Some(top.display().to_string()),
            ..Self::named(Vec::new())
        };
        trees.map(whole).collect()
    }

    /// Checks whether a claim is of a session that works where the file is written. What is not
    /// known of it may be so.
    fn is_of_this_tree(&self, context: &Context, held: &Holding) -> bool {
        let Some(top) = &self.only_in else {
            return true;
        };
        let folder = held.whereabouts.folder.as_deref();
        let is_this_clone = Some(held.node) == context.asker().node;
        is_this_clone && folder.is_none_or(|folder| folder == top)
    }

    /// Returns true if it may be a folder, and stands for all files below it.
    pub(crate) const fn is_folder(&self) -> bool {
        !self.below.is_empty()
    }

    /// Returns true if it is not known which of the files are written.
    pub(crate) const fn is_doubt(&self) -> bool {
        self.is_doubt
    }

    /// Checks whether a claim of `resource` is about a file below it.
    fn has_below(&self, context: &Context, resource: &Resource) -> bool {
        let all = self.below.iter();
        let all: Vec<Resource> = all.flat_map(|all| context.on_board(all)).collect();
        let meets = |resource: &Resource| all.iter().any(|all| all.overlaps(resource));
        meets(resource)
            && (!self.is_shallow || inside(context, resource).is_none_or(|all| meets(&all)))
    }

    /// Checks whether the folder of a stack, as its name says, is below it.
    fn has_stack_below(&self, context: &Context, stack: &Resource) -> bool {
        let files = Resource::from_record(&format!("path:{}/**", literal(stack.name())));
        let files = files.map(|files| context.on_board(&files));
        let mut files = files.into_iter().flatten();
        files.any(|files| self.has_below(context, &files))
    }

    /// Returns those of `held` that are about the file.
    pub(crate) fn claims_in(&self, context: &Context, held: &[Holding]) -> Vec<Holding> {
        let claimed = self.claimed.iter().flat_map(|one| context.on_board(one));
        let claimed: Vec<Resource> = claimed.collect();
        let is_about = |held: &&Holding| {
            if claimed.iter().any(|one| one.overlaps(&held.resource)) {
                return false;
            }
            let (resource, is_here) = (&held.resource, self.is_of_this_tree(context, held));
            match resource.kind() {
                ResourceKind::Path => is_here && self.is_about(context, resource),
                ResourceKind::Named("stack") => {
                    self.is_about(context, resource)
                        || is_here && self.has_stack_below(context, resource)
                }
                ResourceKind::Branch | ResourceKind::Named(_) => false,
            }
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

    /// Checks whether a claim of `resource` in this work tree is about the file.
    pub(crate) fn is_about(&self, context: &Context, resource: &Resource) -> bool {
        match resource.kind() {
            ResourceKind::Path => {
                let names = self.names.iter();
                let mut names = names.flat_map(|name| context.names_on_board(name));
                names.any(|name| resource.names_file(&name)) || self.has_below(context, resource)
            }
            ResourceKind::Named("stack") => {
                let mut stacks = self.stacks.iter();
                stacks.any(|stack| stack.resource == *resource && self.is_in(context, stack))
            }
            ResourceKind::Branch | ResourceKind::Named(_) => false,
        }
    }

    /// Returns the file as a resource on the board.
    pub(crate) fn resource(&self, context: &Context) -> Option<Resource> {
        if let Some(all) = self.below.first() {
            return context.on_board(all).into_iter().next();
        }
        let names = context.names_on_board(self.names.first()?);
        let name = names.into_iter().next()?;
        Resource::from_record(&format!("path:{}", literal(&name))).ok()
    }
}

/// Returns what is in a folder that a claim names. `*` names folders, too, and a command for files
/// does nothing to these.
fn inside(context: &Context, resource: &Resource) -> Option<Resource> {
    let is_path = resource.kind() == ResourceKind::Path && context.projects().is_empty();
    let top = context.worktree().filter(|_| is_path)?;
    let is_folder = top.join(resource.name()).is_dir();
    let inside = is_folder.then(|| Resource::from_record(&format!("{}/**", resource.label())));
    inside?.ok()
}
