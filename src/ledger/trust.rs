//! Trust in a repository that was found, as Git judges it.
//!
//! Owns who owns a repository, what `safe.directory` and `safe.bareRepository` allow, and from
//! which scopes they count: those of the system, of the user and of the command, never those of the
//! repository itself. Never opens a repository.

use std::path::{Path, PathBuf};

use gix::config::File;
use gix::config::file::Metadata;
use gix::config::source::Kind;

use crate::ledger::look;

/// The name of the Git folder in a work tree.
const GIT_FOLDER: &str = ".git";

/// The user for whom repositories are opened.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The ids of the owners whose repositories are the user's own.
    pub owners: Vec<u32>,
    /// The folder that `~` stands for.
    pub home: Option<PathBuf>,
}

/// Where a repository was found.
struct Place {
    /// The folder with the entry `.git`; `None` for a repository without one.
    top: Option<PathBuf>,
    git_dir: PathBuf,
}

/// Whether a repository may be used whose Git folder is `git_dir`, found from the folder `start`:
/// it belongs to the user, or `safe.directory` lists it.
pub(super) fn is_trusted(config: &File, user: &User, start: &Path, git_dir: &Path) -> bool {
    let place = Place::of(start, git_dir);
    place.is_owned_by(user) || is_listed(config, user, place.path())
}

/// Whether `safe.bareRepository` forbids to use a bare repository that was only found. A value that
/// Git does not know counts as that.
pub(super) fn forbids_found_bare(config: &File) -> bool {
    let values = config.strings_filter("safe.bareRepository", &mut is_protected);
    let last = values.and_then(|values| values.last().map(ToString::to_string));
    last.is_some_and(|value| value != "all")
}

/// Whether a search from the folder `start` found the Git folder `git_dir` by walking into it, and
/// not by an entry `.git`. Those that belong to a work tree are no repositories of their own.
pub(super) fn is_found_bare(start: &Path, git_dir: &Path) -> bool {
    start.starts_with(git_dir) && !is_of_work_tree(git_dir)
}

/// Returns the first folder at `start` or above it that is a bare repository, if a search finds
/// that before any other. Git folders are only read where a folder looks like a bare one.
pub(super) fn bare_around(start: &Path) -> Option<&Path> {
    let is_git =
        |dir: &Path| look::of_git_folder(dir).is_ok() && gix::discover::is_git(dir).is_ok();
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let mut entries = Vec::new();
    for dir in start.ancestors() {
        let entry = dir.join(GIT_FOLDER);
        if is_there(&entry) {
            entries.push(entry);
        }
        if is_there(&dir.join("HEAD")) {
            if entries.drain(..).any(|entry| is_git(&entry)) {
                return None;
            }
            if is_git(dir) {
                return Some(dir).filter(|dir| !is_of_work_tree(dir));
            }
        }
    }
    None
}

/// Whether `dir` is inside something that may be a repository, also one that cannot be used, and
/// across file systems.
pub(super) fn is_inside(dir: &Path) -> bool {
    let has_entry = |dir: &Path| dir.join(GIT_FOLDER).symlink_metadata().is_ok();
    dir.ancestors().any(has_entry) || bare_around(dir).is_some()
}

/// Whether a Git folder is that of a work tree or of a submodule, by its path.
fn is_of_work_tree(git_dir: &Path) -> bool {
    let parts: Vec<_> = git_dir.iter().collect();
    let is_own = |pair: &[&std::ffi::OsStr]| {
        pair[0] == GIT_FOLDER && (pair[1] == "worktrees" || pair[1] == "modules")
    };
    git_dir.ends_with(GIT_FOLDER) || parts.windows(2).any(is_own)
}

impl Place {
    fn of(start: &Path, git_dir: &Path) -> Self {
        let top = if git_dir.ends_with(GIT_FOLDER) {
            git_dir.parent().map(Path::to_owned)
        } else {
            let has_entry = |dir: &&Path| dir.join(GIT_FOLDER).symlink_metadata().is_ok();
            let mut below = start.ancestors().take_while(|dir| *dir != git_dir);
            below.find(has_entry).map(Path::to_owned)
        };
        Self {
            top,
            git_dir: git_dir.to_owned(),
        }
    }

    /// Returns the path that `safe.directory` has to list.
    fn path(&self) -> &Path {
        self.top.as_deref().unwrap_or(&self.git_dir)
    }

    fn is_owned_by(&self, user: &User) -> bool {
        let entry = self.top.as_ref().map(|top| top.join(GIT_FOLDER));
        let mut all = [self.top.as_ref(), entry.as_ref(), Some(&self.git_dir)]
            .into_iter()
            .flatten();
        all.all(|path| owner(path).is_some_and(|owner| user.owners.contains(&owner)))
    }
}

#[cfg(unix)]
fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().ok().map(|meta| meta.uid())
}

#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}

/// Whether a setting is not one of the repository itself.
fn is_protected(meta: &Metadata) -> bool {
    meta.source.kind() != Kind::Repository
}

fn is_listed(config: &File, user: &User, path: &Path) -> bool {
    let values = config.strings_filter("safe.directory", &mut is_protected);
    let values = values.unwrap_or_default();
    let path = canonical(path);
    values
        .iter()
        .fold(false, |is_safe, value| match value.to_string().as_str() {
            // An empty value forgets those before it.
            "" => false,
            "*" => true,
            "." => is_safe || Path::new(".").canonicalize().is_ok_and(|here| here == path),
            value => is_safe || lists(value, user, &path),
        })
}

/// Whether one value of `safe.directory` lists `path`: by its name, or as one below a folder.
fn lists(value: &str, user: &User, path: &Path) -> bool {
    let (value, is_below) = match value.strip_suffix("/*") {
        Some(above) => (above, true),
        None => (value, false),
    };
    let value = match (value.strip_prefix('~'), &user.home) {
        (Some(""), Some(home)) => home.clone(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(&rest[1..]),
        _ => PathBuf::from(value),
    };
    if value.as_os_str().is_empty() && is_below {
        return true;
    }
    let value = canonical(&value);
    match is_below {
        _ if !value.is_absolute() => false,
        true => path.starts_with(&value) && path != value,
        false => path == value,
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lists_a_folder_or_what_is_below_it() {
        let user = User {
            home: Some(PathBuf::from("/no/home")),
            ..User::default()
        };
        for (value, path, is_listed) in [
            ("/no/x", "/no/x", true),
            ("/no/x/", "/no/x", true),
            ("/no/x", "/no/x/y", false),
            ("/no/*", "/no/x/y", true),
            ("/no/*", "/no", false),
            ("/n/*", "/no/x", false),
            ("/*", "/no/x", true),
            ("~/x", "/no/home/x", true),
            ("~/*", "/no/home/x", true),
            ("no/x", "/no/x", false),
        ] {
            assert_eq!(
                lists(value, &user, Path::new(path)),
                is_listed,
                "{value} {path}"
            );
        }
    }

    #[test]
    fn later_values_count_after_an_empty_one() {
        let user = User::default();
        let path = Path::new("/no/x");
        for (lines, is_safe) in [
            ("directory = *", true),
            ("directory = *\n directory =", false),
            ("directory =\n directory = /no/x", true),
            ("directory = /no/y", false),
        ] {
            let config = File::try_from(format!("[safe]\n {lines}\n").as_str()).unwrap();
            assert_eq!(is_listed(&config, &user, path), is_safe, "{lines}");
        }
    }

    #[test]
    fn a_bare_repository_is_told_from_the_folder_of_a_work_tree() {
        for (start, git_dir, is_bare) in [
            ("/r/x.git", "/r/x.git", true),
            ("/r/x.git/refs", "/r/x.git", true),
            ("/r", "/r/.git", false),
            ("/r/.git/hooks", "/r/.git", false),
            ("/r/.git/modules/m", "/r/.git/modules/m", false),
            ("/r/.git/worktrees/w", "/r/.git/worktrees/w", false),
            ("/r/tree", "/r/x.git/worktrees/tree", false),
        ] {
            let found = is_found_bare(Path::new(start), Path::new(git_dir));
            assert_eq!(found, is_bare, "{start} {git_dir}");
        }
    }
}
