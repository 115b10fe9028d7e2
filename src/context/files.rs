//! Names of files in the repository.
//!
//! Owns the way from a path, as a tool of an agent writes it, to the names that claims of paths
//! use: relative to the top of the work tree, with `/`. A path outside, in the Git folder or in
//! another repository has none. Never opens a file.

use std::path::{Component, Path, PathBuf};

use super::Context;
use super::opening::Opener;
use crate::ledger::repository::Repository;
use crate::model::stack::is_stack_file;

const GIT_FOLDER: &str = ".git";
/// No file system accepts a longer path.
const PATH_BYTES_MAX: usize = 4096;
/// At most this many names of a folder are looked at.
const ENTRIES_MAX: usize = 4096;

impl Context {
    /// Returns the names of the file at `path`: its own and, for a link, that of the file that is
    /// written through it. `path` may be relative and need not exist.
    pub fn names_of(&self, path: &str) -> Vec<String> {
        let here = self.host.current_dir().unwrap_or_default();
        let mut names = Vec::new();
        for path in readings(path) {
            let path = here.join(path);
            for place in [itself(&path), target(&path)].into_iter().flatten() {
                for name in [self.name_of(&place), self.name_below_odd(&place)] {
                    names.extend(name.filter(|name| !names.contains(name)));
                }
            }
            let typed = self.name_through_links(&path);
            names.extend(typed.filter(|name| !names.contains(name)));
        }
        names
    }

    /// Returns true if a folder of the work tree, named from its top, has a file by which a stack
    /// is known.
    pub fn is_folder_of_a_stack(&self, folder: &str) -> bool {
        let folder = self.worktree.as_ref().map(|top| top.join(folder));
        let entries = folder.and_then(|folder| folder.read_dir().ok());
        let mut names = entries.into_iter().flatten().take(ENTRIES_MAX);
        names.any(|entry| {
            let name = entry.map(|entry| entry.file_name());
            name.is_ok_and(|name| name.to_str().is_some_and(is_stack_file))
        })
    }

    /// Returns true if the file at `path` is certainly in this work tree, and in no other one.
    pub fn is_inside(&self, path: &str) -> bool {
        let here = self.host.current_dir().unwrap_or_default();
        let is_in = |path: &Path| {
            let top = self.worktree.as_deref()?;
            let place = itself(&here.join(path))?;
            let rest = place.strip_prefix(top).ok()?;
            (!place.is_symlink() && !is_of_another(top, rest)).then_some(())
        };
        readings(path).iter().all(|path| is_in(path).is_some())
    }

    /// Returns the name of a file in the work tree as it is typed, if a folder on the way is a link
    /// that leads out of it: the name can be claimed, whatever is behind it.
    fn name_through_links(&self, path: &Path) -> Option<String> {
        self.code.as_ref()?;
        let top = self.worktree.as_deref()?;
        // Most paths have no link.
        if itself(path)? == path {
            return None;
        }
        let is_top = |dir: &&Path| *dir == top || dir.canonicalize().is_ok_and(|dir| dir == top);
        let spelled = path.ancestors().skip(1).find(is_top)?;
        let rest = path.strip_prefix(spelled).ok()?;
        let mut folders = rest.ancestors().skip(1);
        let is_link =
            folders.any(|folder| spelled.join(folder).is_symlink() && folder != Path::new(""));
        slashed(rest).filter(|_| is_link)
    }

    /// Returns the name of a place in this work tree that is below another `.git`, if that is no
    /// other repository, or one of which no board was ever kept: nothing else gives the file a
    /// name, and it can be claimed by this one.
    fn name_below_odd(&self, place: &Path) -> Option<String> {
        let code = self.code.as_ref()?;
        // Where the agent stands may be such a place itself.
        let is_inside = code.common_dir.ends_with(GIT_FOLDER);
        let main = code.common_dir.parent().filter(|_| is_inside);
        let tops = self.worktree.as_deref().into_iter().chain(main);
        let rests = tops.filter_map(|top| Some((top, place.strip_prefix(top).ok()?)));
        let mut odd = rests.filter(|(top, rest)| is_of_another(top, rest));
        let (_, rest) = odd.next()?;
        let folder = place.ancestors().skip(1).find(|dir| dir.is_dir())?;
        let there = Repository::discover(folder, &Opener::new(self.host).by_place().surroundings);
        let is_odd = match there {
            // A file `.git` may lead back to the Git folder of this work tree.
            Ok(there) if there.own_git_dir() == code.common_dir => true,
            Ok(_) => self.visit(folder).is_ok_and(|there| !there.has_board()),
            Err(_) => true,
        };
        slashed(rest).filter(|_| is_odd)
    }

    /// Returns `path` as an absolute one.
    pub fn absolute(&self, path: &str) -> String {
        let here = self.host.current_dir().unwrap_or_default();
        here.join(path).display().to_string()
    }

    /// Returns the name of a place whose folders have no links.
    fn name_of(&self, place: &Path) -> Option<String> {
        self.code.as_ref()?;
        if let Some(top) = &self.worktree
            && let Ok(rest) = place.strip_prefix(top)
            && !is_of_another(top, rest)
        {
            return slashed(rest);
        }
        // Another work tree of the same repository has the same names.
        slashed(place.strip_prefix(self.other_top(place)?).ok()?)
    }

    /// Returns the top of the work tree of this repository that has `place`, if it is another one.
    pub(super) fn other_top(&self, place: &Path) -> Option<PathBuf> {
        let code = self.code.as_ref()?;
        let folder = place.ancestors().skip(1).find(|dir| dir.is_dir())?;
        let there =
            Repository::discover(folder, &Opener::new(self.host).by_place().surroundings).ok()?;
        there
            .worktree()
            .filter(|_| there.git_dir() == code.common_dir)
    }
}

/// Returns what a path may mean. Some tools resolve `..` in the text, others leave it to the
/// system, which follows links first; Windows writes backslashes.
fn readings(path: &str) -> Vec<PathBuf> {
    let mut all = vec![PathBuf::from(path)];
    if path.contains('\\') {
        all.push(PathBuf::from(path.replace('\\', "/")));
    }
    for at in 0..all.len() {
        let tidy = without_dots(&all[at]);
        if !all.contains(&tidy) {
            all.push(tidy);
        }
    }
    all
}

/// Removes `.`, and `..` as far as the text says which folder it leaves.
fn without_dots(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        let leaves = matches!(tidy.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if leaves => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
    }
    tidy
}

/// Returns the place of a file. Those of its folders that exist are resolved.
pub(super) fn itself(path: &Path) -> Option<PathBuf> {
    if path.as_os_str().len() > PATH_BYTES_MAX {
        return None;
    }
    let mut new = vec![path.file_name()?];
    let mut folder = path.parent()?;
    loop {
        if let Ok(real) = folder.canonicalize() {
            return Some(new.iter().rev().fold(real, |at, part| at.join(part)));
        }
        new.push(folder.file_name()?);
        folder = folder.parent()?;
    }
}

/// Returns the target of a link, even if it does not exist yet.
fn target(path: &Path) -> Option<PathBuf> {
    let to = path.read_link().ok()?;
    path.canonicalize()
        .ok()
        .or_else(|| itself(&path.parent()?.join(to)))
}

/// Checks whether another repository or work tree begins on the way down to `file`.
pub(super) fn is_of_another(top: &Path, file: &Path) -> bool {
    let folders = file.ancestors().skip(1);
    let mut folders = folders.filter(|folder| !folder.as_os_str().is_empty());
    folders.any(|folder| top.join(folder).join(GIT_FOLDER).exists())
}

/// Joins a path with `/`, as claims do. Returns `None` for what is not a file of a work tree.
fn slashed(path: &Path) -> Option<String> {
    let parts = path.components().map(|part| part.as_os_str().to_str());
    let parts = parts.collect::<Option<Vec<&str>>>()?;
    let is_git = |part: &&str| part.eq_ignore_ascii_case(GIT_FOLDER);
    (!parts.is_empty() && !parts.iter().any(is_git)).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_tools_and_systems_do() {
        let read = |path: &str| -> Vec<String> {
            let all = readings(path).into_iter();
            all.map(|path| path.display().to_string()).collect()
        };
        assert_eq!(read("src/a"), ["src/a"]);
        assert_eq!(read("/r/./a/../b"), ["/r/./a/../b", "/r/b"]);
        assert_eq!(read("../../b"), ["../../b"]);
        assert_eq!(read("a/../../b"), ["a/../../b", "../b"]);
        #[cfg(unix)]
        assert_eq!(read(r"src\x\..\a"), [r"src\x\..\a", "src/x/../a", "src/a"]);
    }

    #[test]
    fn only_files_of_a_work_tree_have_a_name() {
        for (path, name) in [
            ("src/a", Some("src/a")),
            ("", None),
            (".git/config", None),
            ("sub/.GIT/config", None),
            (".gitignore", Some(".gitignore")),
        ] {
            assert_eq!(slashed(Path::new(path)).as_deref(), name, "{path}");
        }
    }
}
