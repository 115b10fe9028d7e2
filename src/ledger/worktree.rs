//! The work tree of a repository that was opened.
//!
//! Owns which folder that is where a folder alone says which repository is meant: then a
//! `GIT_WORK_TREE` in the environment, which Git sets for the hooks and commands that it starts,
//! is about another one. Never searches a repository.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use gix::config::Source;
use gix::config::file::Metadata;

use crate::ledger::plain::open_without_waiting;

const KEY: &str = "core.worktree";
const GIT_FOLDER: &str = ".git";
/// At most this many linked work trees are looked at.
const TREES_MAX: usize = 1024;
/// No file system accepts a longer path.
const PATH_BYTES_MAX: u64 = 4096;

/// Returns the top of the work tree, without links; `None` in a bare repository. `by_place` says
/// that the environment does not count.
pub(super) fn of(gix: &gix::Repository, by_place: bool) -> Option<PathBuf> {
    let snapshot = gix.config_snapshot();
    let config = snapshot.plumbing();
    let is_of_environment = |meta: &Metadata| meta.source == Source::EnvOverride;
    let is_redirected = config.string_filter(KEY, is_of_environment).is_some();
    let top = match by_place && is_redirected {
        false => gix.workdir().map(Path::to_owned)?,
        true => {
            let is_bare = config.boolean("core.bare").ok().flatten();
            let set = config.string_filter(KEY, |meta| !is_of_environment(meta));
            match set.filter(|_| is_bare != Some(true)) {
                Some(set) => gix.git_dir().join(set.to_string()),
                None if gix.common_dir() != gix.git_dir() => linked(gix.git_dir())?,
                None if is_bare == Some(true) => return None,
                None => beside(gix.git_dir())?,
            }
        }
    };
    Some(top.canonicalize().unwrap_or(top))
}

/// Returns the Git folder to which the refs belong: another one if refs and objects are links into
/// that, as `git new-workdir` makes them. Both are one clone then, with one folder of ours.
pub(super) fn home_of_refs(common_dir: &Path) -> PathBuf {
    let other = || {
        let refs = common_dir.join("refs");
        let is_link = refs.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        let refs = is_link.then(|| refs.canonicalize().ok()).flatten()?;
        let objects = common_dir.join("objects").canonicalize().ok()?;
        let home = refs.parent()?;
        let is_git = objects.parent() == Some(home) && home.join("HEAD").is_file();
        is_git.then(|| home.to_owned())
    };
    other().unwrap_or_else(|| common_dir.to_owned())
}

/// Returns the tops of the work trees that share a Git folder, without links, as far as they exist.
pub fn all_of(common_dir: &Path) -> Vec<PathBuf> {
    let linked_ones = common_dir.join("worktrees").read_dir();
    let linked_ones = linked_ones.into_iter().flatten().flatten().take(TREES_MAX);
    let tops = linked_ones.filter_map(|one| linked(&one.path()));
    let all = beside(common_dir).into_iter().chain(tops);
    all.filter_map(|top| top.canonicalize().ok()).collect()
}

/// Returns the top of a linked work tree from its Git folder, whose `gitdir` has the path of the
/// file `.git` there.
fn linked(git_dir: &Path) -> Option<PathBuf> {
    let mut text = String::new();
    let file = open_without_waiting(&git_dir.join("gitdir")).ok()?;
    file.take(PATH_BYTES_MAX).read_to_string(&mut text).ok()?;
    beside(&git_dir.join(text.trim_end()))
}

fn beside(git: &Path) -> Option<PathBuf> {
    let is_inside = git.file_name().is_some_and(|name| name == GIT_FOLDER);
    git.parent().filter(|_| is_inside).map(Path::to_owned)
}
