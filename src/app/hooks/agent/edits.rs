//! Files that an agent is about to write, or has written.
//!
//! Owns how they meet the claims of paths, and of stacks whose folder they are in. An agent does
//! not claim every file that it edits, so only claims of other sessions matter. Never decides what
//! happens then.

use std::path::{Path, PathBuf};

use crate::app::claims::conflicts::hidden;
use crate::app::claims::gone;
use crate::app::claims::written::{Written, board_about};
use crate::app::hooks::agent::known::time_to_compare;
use crate::app::hooks::coverage::{Mutation, from_file, unlooked, unseen};
use crate::context::Context;
use crate::context::trees::{Unusable, Whose};
use crate::failure::Failure;
use crate::guard::{Reach, UnnamedWrite, Verdict};
use crate::integrations::harness::Tool;
use crate::model::holding::{Holding, split_by};
use crate::model::resource::{Resource, ResourceKind};
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// Files of at most this many folders are looked up in other repositories.
const FOLDERS_MAX: usize = 64;
/// At most this many other repositories are looked at.
const VISITS_MAX: usize = 16;

/// Why it is not certain what is claimed of all files that a tool writes.
const FOLDERS_LEFT_OUT: &str =
    "it writes files of more folders than are looked up; make it smaller";
const VISITS_LEFT_OUT: &str =
    "it writes files of more repositories than are looked at; make it smaller";
const UNUSABLE: &str = "it writes below a .git that cannot be used, so the repository of the file is \
                        not known";

/// How the files of a tool meet the claims of paths and stacks.
#[derive(Default)]
pub(crate) struct Met {
    /// The files that other sessions claim, with those claims.
    pub(crate) met: Vec<Mutation>,
    /// Records that could not be read, and may claim any file.
    pub(crate) unreadable: Vec<Unreadable>,
}

impl Met {
    /// Returns true if there is nothing to tell.
    pub(crate) fn is_nothing(&self) -> bool {
        self.met.is_empty() && self.unreadable.is_empty()
    }

    /// Adds what other files of the tool meet.
    pub(crate) fn add(&mut self, more: Self) {
        self.met.extend(more.met);
        self.unreadable.extend(more.unreadable);
    }
}

/// A file that a tool writes, and the live claims that are about it.
pub(super) struct Seen {
    /// The file as a resource on the board; `None` for what is in no work tree of this repository.
    pub(super) resource: Option<Resource>,
    /// Whether it may be a folder, and stands for all files below it.
    pub(super) is_folder: bool,
    /// The claims of this session.
    pub(super) own: Vec<Holding>,
    /// The claims of other sessions.
    pub(super) others: Vec<Holding>,
}

/// Returns how the files of `tool` meet the claims of paths and stacks. With
/// `presence.requireClaimFor=edit`, files that this session does not claim are among them.
pub(crate) fn met(context: &Context, tool: &Tool) -> Result<Met, Failure> {
    let (files, unreadable) = seen(context, tool)?;
    let is_required = context.config.required.edit;
    let met = files.into_iter();
    let met = met.filter_map(|file| file.meeting(&tool.name, is_required));
    Ok(Met {
        met: met.collect(),
        unreadable,
    })
}

/// Returns how files that a command of `tool` writes meet the claims of other sessions.
pub(crate) fn met_by_command(
    context: &Context,
    tool: &Tool,
    verdict: &Verdict,
) -> Result<Met, Failure> {
    let mut files = Vec::new();
    for write in &verdict.writes {
        files.extend(Written::by_command(context, write));
        files.extend(Written::trees_in(context, write));
    }
    let named = files.len();
    let unnamed = verdict.unnamed_writes.iter().filter_map(|write| {
        let files = Written::unnamed(context, write)?;
        Some((write, files))
    });
    let (doubts, unnamed): (Vec<&UnnamedWrite>, Vec<Written>) = unnamed.unzip();
    files.extend(unnamed);
    let (mut files, unreadable) = seen_of(context, &files)?;
    let unnamed = files.split_off(named.min(files.len()));
    let met = files.into_iter();
    let met = met.filter_map(|file| file.meeting(&tool.name, false));
    let doubted = unnamed.into_iter().zip(doubts);
    let doubted = doubted.filter_map(|(files, write)| files.doubted(&tool.name, write));
    Ok(Met {
        met: met.chain(doubted).collect(),
        unreadable,
    })
}

/// Returns the files of `tool` with the claims that are about them, and the records that could not
/// be read and may claim any of them.
pub(super) fn seen(
    context: &Context,
    tool: &Tool,
) -> Result<(Vec<Seen>, Vec<Unreadable>), Failure> {
    let files = tool.files.iter().map(|file| Written::of(context, file));
    seen_of(context, &files.collect::<Vec<_>>())
}

/// Returns files with the claims that are about them, as [`seen`] does.
fn seen_of(context: &Context, files: &[Written]) -> Result<(Vec<Seen>, Vec<Unreadable>), Failure> {
    if files.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let (board, about) = board_about(context, files)?;
    let (now, me) = (context.now(), context.asker());
    let (mine, _) = split_by(board.held(now), &me);
    let others = board.held_by_others(now, |held| me.owns(held));
    let is_up = time_to_compare(context);
    let mut unreadable = hidden(&board, &about);
    let mut seen = Vec::with_capacity(files.len());
    for file in files {
        if is_up() {
            let records = others.len();
            let left = Defect::NotRead { records };
            unreadable.push(Unreadable::new("claims", left, MayHold::Anything));
            break;
        }
        let mut others = file.claims_in(context, &others);
        gone::mark(context, &mut others);
        let own = match file.is_doubt() {
            true => mine
                .iter()
                .filter(|own| own.resource.kind() == ResourceKind::Path)
                .cloned()
                .collect(),
            false => file.claims_in(context, &mine),
        };
        seen.push(Seen {
            resource: file.resource(context),
            is_folder: file.is_folder(),
            own,
            others,
        });
    }
    Ok((seen, unreadable))
}

/// Other repositories that have files of a tool.
pub(crate) struct Elsewhere {
    /// Each, for a look at its board; the top of one that cannot be opened.
    pub(crate) visited: Vec<Result<Context, PathBuf>>,
    /// Those of other users, which are not read.
    pub(crate) foreign: Vec<PathBuf>,
    /// Why it is not certain that these are all; `None` if it is.
    pub(crate) left_out: Option<String>,
}

/// Returns the other repositories that have files of `tool`, or what its command writes.
pub(crate) fn elsewhere(context: &Context, tool: &Tool, verdict: &Verdict) -> Elsewhere {
    let mut tops: Vec<PathBuf> = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut foreign = Vec::new();
    let mut left_out = None;
    let edited = tool.files.iter().map(|file| (file, true));
    let written = verdict.written_at().map(|path| (path, false));
    for (file, is_edit) in edited.chain(written) {
        // A command may be about all of a repository that is in this work tree.
        let is_top = !is_edit && Path::new(file).join(".git").exists();
        if !is_top && context.is_inside(file) {
            continue;
        }
        let path = context.absolute(file);
        let place = PathBuf::from(&path);
        // A link may lead from the folder to another one.
        let folder = match place.parent() {
            Some(folder) if !place.is_symlink() && !is_top => folder.to_owned(),
            _ => place,
        };
        if folders.contains(&folder) {
            continue;
        }
        if folders.len() == FOLDERS_MAX {
            left_out = Some(FOLDERS_LEFT_OUT);
            break;
        }
        folders.push(folder);
        let tree = context.tree_of(&path);
        match tree.is_none().then(|| context.unusable_at(&path)).flatten() {
            // What is broken is often removed by a command.
            Some(Unusable::Damaged) if !is_edit => {}
            Some(Unusable::Damaged) => {
                left_out.get_or_insert(UNUSABLE);
            }
            Some(Unusable::Foreign(top)) if !foreign.contains(&top) => foreign.push(top),
            Some(Unusable::Foreign(_)) | None => {}
        }
        let top = tree
            .filter(|tree| tree.whose == Whose::Other)
            .map(|tree| tree.top);
        tops.extend(top.filter(|top| !tops.contains(top)));
    }
    // What is removed, or moved away, goes with the repositories in it.
    let removed = verdict.writes.iter();
    let removed = removed.filter(|write| write.reach == Reach::Below);
    for top in removed.flat_map(|write| context.repositories_below(&write.path)) {
        let tree = context.tree_of(&top.display().to_string());
        let other = tree.filter(|tree| tree.whose == Whose::Other);
        let other = other.map(|tree| tree.top).filter(|top| !tops.contains(top));
        tops.extend(other);
    }
    if tops.len() > VISITS_MAX {
        left_out = Some(VISITS_LEFT_OUT);
    }
    Elsewhere {
        visited: opened(context, tops),
        foreign,
        left_out: left_out.map(str::to_owned),
    }
}

/// Opens the repositories at `tops`, or what is around one of which no board was ever kept: what is
/// in it may be claimed there. That holds for the one where the agent stands as well.
fn opened(context: &Context, tops: Vec<PathBuf>) -> Vec<Result<Context, PathBuf>> {
    let around = context.around_here().filter(|there| {
        let top = there.worktree().map(Path::to_owned);
        top.is_none_or(|top| !tops.contains(&top))
    });
    let visited = tops.into_iter().take(VISITS_MAX);
    let visited = visited.map(|top| match context.visit(&top) {
        Ok(there) if there.has_board() => Ok(there),
        Ok(there) => Ok(context.around(&top).unwrap_or(there)),
        Err(_) => Err(top),
    });
    visited.chain(around.map(Ok)).collect()
}

impl Seen {
    /// Returns the doubt that a command may write files of which it is not known which ones they
    /// are, if other sessions claim some that may be among them.
    fn doubted(self, tool: &str, write: &UnnamedWrite) -> Option<Mutation> {
        let is_path = |held: &Holding| held.resource.kind() == ResourceKind::Path;
        let may_meet: Vec<Holding> = self.others.into_iter().filter(is_path).collect();
        if may_meet.is_empty() {
            return None;
        }
        let why = match write.is_from_file {
            true => from_file(&write.why),
            false => write.why.clone(),
        };
        let doubt = match write.is_rest {
            true => unlooked(tool, &why),
            false => unseen(tool, &self.own, &why),
        };
        Some(Mutation {
            may_meet,
            is_quiet: true,
            ..doubt
        })
    }

    /// Returns the file as a change, if other sessions claim it, or if a claim `is_required` and
    /// this session has none.
    fn meeting(self, tool: &str, is_required: bool) -> Option<Mutation> {
        let needs = self
            .resource
            .clone()
            .filter(|_| self.own.is_empty() && is_required);
        if self.others.is_empty() && needs.is_none() {
            return None;
        }
        let order = |held: &Holding| (held.claimed_at, held.session.clone());
        // A claim of one file below a folder comes before no claim of another file there.
        let is_about = |own: &&Holding, other: &Holding| {
            !self.is_folder || own.resource.overlaps(&other.resource)
        };
        // Who shares a stack may share the edits of its files.
        let is_first = |other: &&Holding| {
            let own = self.own.iter().filter(|own| is_about(own, other));
            let own = own.map(order).min();
            let is_earlier = own.is_none_or(|own| own > order(other));
            other.mode.is_for_one() || is_earlier && other.resource.kind() == ResourceKind::Path
        };
        let first = self.others.iter().filter(is_first).cloned().collect();
        Some(Mutation {
            shared: Vec::new(),
            tool: tool.to_owned(),
            resources: self.resource.into_iter().collect(),
            covered: needs.is_none(),
            // To claim over another session is no advice.
            unclaimed: needs
                .filter(|_| self.others.is_empty())
                .into_iter()
                .collect(),
            doubt: None,
            is_local: false,
            is_quiet: false,
            may_meet: Vec::new(),
            first,
            others: self.others,
        })
    }
}
