//! Opening the repository that stores the board.
//!
//! Owns [`Repository`]: discovery, trust (`safe.directory`, as Git judges it), the kind of ref
//! storage. Never interprets a setting of ours.

use std::path::{Path, PathBuf};

use gix::ThreadSafeRepository as Opened;
use gix::error::Class;
use gix::open::Options;
use gix::sec::Permission;

use crate::model::endpoint::Endpoints;

use crate::ledger::look::{self, Looked, OddFile};
use crate::ledger::overrides::{self, Conditioned, Override};
use crate::ledger::raw_settings::{RawSetting, read_settings};
pub use crate::ledger::trust::User;
use crate::ledger::trust::{bare_around, forbids_found_bare, is_found_bare, is_inside, is_trusted};
use crate::ledger::{urls, worktree};

/// The name of the Git folder in a work tree.
const GIT_FOLDER: &str = ".git";
/// Replacement objects never count: a ref outside the ledger would change what a record says.
const NO_REPLACEMENTS: &str = "core.useReplaceRefs=false";

/// Why no repository could be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither the folder nor one above it is in a Git repository.
    #[error("no Git repository here or above: {}", path.display())]
    NotFound {
        /// Where the search began.
        path: PathBuf,
    },
    /// The repository belongs to another user, and `safe.directory` does not list it.
    #[error("the repository at {} belongs to another user", path.display())]
    Foreign {
        /// The repository.
        path: PathBuf,
    },
    /// The repository is bare, was only found, and `safe.bareRepository` is `explicit`.
    #[error("the bare repository at {} has to be named", path.display())]
    FoundBare {
        /// The repository.
        path: PathBuf,
    },
    /// The repository is there and cannot be opened.
    #[error("cannot open the repository: {detail}")]
    Failed {
        /// What failed, for messages.
        detail: String,
    },
}

/// An open Git repository.
pub struct Repository {
    pub(super) gix: gix::Repository,
    /// Whether refs are files; if they are not, only Git itself can read them.
    pub(super) refs_are_files: bool,
    /// The git directory that all work trees share.
    common_dir: PathBuf,
    /// The git directory of the current work tree.
    own_dir: PathBuf,
    worktree: Option<PathBuf>,
}

/// Settings from the command line and the environment for opening a repository.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Settings of `git -c`.
    pub overrides: Vec<Override>,
    /// The ref storage that the environment forces on the repository that is discovered.
    pub backend: Option<String>,
    /// The system-wide configuration file, if it is not `/etc/gitconfig`.
    pub system_config: Option<PathBuf>,
    /// The user, where owners can be told; `None`: gix judges.
    pub user: Option<User>,
    /// Whether the environment names the repository, so that none is searched.
    pub is_named: bool,
    /// Whether the folder alone says which repository it is, whatever the environment names.
    pub by_place: bool,
}

fn options(surroundings: &Surroundings) -> Options {
    let mut options = Options::default()
        .cli_overrides([NO_REPLACEMENTS])
        // The object store of gix is not used: with an odd alternate it cannot be opened.
        .object_store_slots(gix::odb::store::init::Slots::Given(1))
        .bail_if_untrusted(surroundings.user.is_none());
    if surroundings.user.is_some() {
        // Git's rule decides after this; then every setting of the repository counts.
        options = options.filter_config_section(|_| true);
    }
    if let Some(path) = &surroundings.system_config {
        options = options.system_config_path(path);
    }
    options.permissions.env.objects = Permission::Deny;
    options.permissions.env.identity = Permission::Deny;
    options.permissions.env.http_transport = Permission::Deny;
    options
}

impl Repository {
    /// Opens the repository of `dir` as Git would find it, respecting `GIT_DIR` and
    /// `GIT_CEILING_DIRECTORIES`. Fails if there is none, or if it belongs to another user.
    pub fn discover(dir: &Path, surroundings: &Surroundings) -> Result<Self, OpenError> {
        let trust = gix::sec::trust::Mapping {
            full: options(surroundings),
            reduced: options(surroundings),
        };
        let safe = match surroundings.is_named {
            true => dir.to_owned(),
            false => look_from(dir)?,
        };
        let dir = safe.as_path();
        let upwards = gix::discover::upwards::Options {
            match_ceiling_dir_or_error: false,
            ..Default::default()
        };
        let upwards = upwards.apply_environment();
        let found = match surroundings.by_place {
            true => Opened::discover_opts(dir, upwards, trust),
            false => Opened::discover_with_environment_overrides_opts(dir, upwards, trust),
        };
        let found = found.map_err(|error| classify(&found_at(dir), &error))?;
        let found = Self::new(found, surroundings.backend.as_deref(), surroundings);
        let start = canonical(dir);
        let is_bare = !surroundings.is_named && is_found_bare(&start, &found.own_dir);
        if is_bare && forbids_found_bare(found.gix.config_snapshot().plumbing()) {
            let path = found.own_dir;
            return Err(OpenError::FoundBare { path });
        }
        found.if_trusted(&start, surroundings)
    }

    /// Returns the folder from which to search instead of `dir`, if a search from there finds a
    /// bare repository that stands inside another repository. Such a one may be a part of what was
    /// checked out, and nothing of it is read. What is around it need not be in order, nor on the
    /// same file system: an entry `.git` is enough.
    pub fn outside_embedded(dir: &Path) -> Option<PathBuf> {
        let mut outside: Option<&Path> = None;
        while let Some(bare) = bare_around(outside.unwrap_or(dir)) {
            let above = bare.parent().filter(|above| is_inside(above));
            match above {
                Some(above) => outside = Some(above),
                None => break,
            }
        }
        outside.map(Path::to_owned)
    }

    /// Opens exactly the repository at `path`, with the ref storage of its own configuration.
    pub fn open(path: &Path, surroundings: &Surroundings) -> Result<Self, OpenError> {
        look::of_named(path).map_err(failed_look)?;
        Opened::open_opts(path, options(surroundings))
            .map_err(|error| classify(path, &error))
            .and_then(|repo| {
                Self::new(repo, None, surroundings).if_trusted(&canonical(path), surroundings)
            })
    }

    /// Returns the repository if it belongs to the user, or the user trusts it. `start` is the
    /// folder from which it was found, without links.
    fn if_trusted(self, start: &Path, surroundings: &Surroundings) -> Result<Self, OpenError> {
        let config = self.gix.config_snapshot();
        let is_trusted = |user| is_trusted(config.plumbing(), user, start, &self.own_dir);
        if surroundings.user.as_ref().is_none_or(is_trusted) {
            return Ok(self);
        }
        let path = self
            .worktree
            .clone()
            .unwrap_or_else(|| self.own_dir.clone());
        Err(OpenError::Foreign { path })
    }

    fn new(repo: Opened, backend: Option<&str>, surroundings: &Surroundings) -> Self {
        let mut gix = repo.to_thread_local();
        apply(&mut gix, &surroundings.overrides);
        let configured = gix.config_snapshot().string("extensions.refStorage");
        let configured = configured.map(|value| value.to_string());
        let backend = backend.or(configured.as_deref()).unwrap_or("files");
        let own_dir = canonical(gix.git_dir());
        Self {
            refs_are_files: backend.eq_ignore_ascii_case("files"),
            common_dir: match gix.common_dir() == gix.git_dir() {
                true => own_dir.clone(),
                false => canonical(gix.common_dir()),
            },
            own_dir,
            worktree: worktree::of(&gix, surroundings.by_place),
            gix,
        }
    }

    /// Returns the settings below `presence.` and `color.`, and the hooks path, in the order in
    /// which Git reads them.
    pub fn settings(&self) -> Vec<RawSetting> {
        read_settings(self.gix.config_snapshot().plumbing())
    }

    /// Returns the value of `core.sharedRepository`.
    pub(super) fn shared(&self) -> Option<String> {
        let value = self.gix.config_snapshot().string("core.sharedRepository")?;
        Some(value.to_string())
    }

    /// Returns the names of the configured remotes.
    pub fn remote_names(&self) -> Vec<String> {
        let names = self.gix.remote_names();
        names.into_iter().map(|name| name.to_string()).collect()
    }

    /// Whether Git calls ssh to fetch from this remote or to push to it.
    pub fn talks_ssh(&self, remote: &str) -> bool {
        let Ok(remote) = self.gix.find_remote(remote) else {
            return false;
        };
        let directions = [gix::remote::Direction::Push, gix::remote::Direction::Fetch];
        let mut urls = directions.into_iter().filter_map(|way| remote.url(way));
        urls.any(|url| url.scheme == gix::url::Scheme::Ssh)
    }

    /// Returns where a remote is fetched from and pushed to, by the settings that Git reads when it
    /// is called for [`Repository::git_dir`].
    pub fn endpoints(&self, remote: &str, surroundings: &Surroundings) -> Endpoints {
        let from = self.remotes_from();
        let read = |gix: &gix::Repository| {
            urls::endpoints(gix.config_snapshot().plumbing(), remote, &from)
        };
        // A linked work tree may have settings of its own, and so may the main one: by a file, or
        // by a condition, since the branch and the Git folder are others there.
        let differs = self.own_dir != self.common_dir && has_conditions(&self.gix);
        match differs.then(|| Self::open(&self.common_dir, surroundings)) {
            Some(Ok(main)) => read(&main.gix),
            Some(Err(_)) => Endpoints::default(),
            None => read(&self.gix),
        }
    }

    /// Returns the folder from which Git resolves a relative URL when it is called for
    /// [`Repository::git_dir`]: the top of the work tree there, or the Git folder of a bare one.
    /// It is the same for all work trees, as the tracking refs are.
    pub fn remotes_from(&self) -> PathBuf {
        let top = match self.own_dir == self.common_dir {
            true => self.worktree.clone(),
            false => self.main_worktree(),
        };
        let top = top.filter(|top| top.is_dir());
        top.unwrap_or_else(|| self.common_dir.clone())
    }

    /// Returns the top of the main work tree, from a linked one. Not known for a Git folder that
    /// stands elsewhere.
    fn main_worktree(&self) -> Option<PathBuf> {
        let snapshot = self.gix.config_snapshot();
        if snapshot.boolean("core.bare") == Some(true) {
            return None;
        }
        if let Some(named) = snapshot.string("core.worktree") {
            return Some(canonical(&self.common_dir.join(named.to_string())));
        }
        let is_inside = self.common_dir.ends_with(GIT_FOLDER);
        let top = self.common_dir.parent().filter(|_| is_inside);
        top.map(Path::to_owned)
    }

    /// Whether the repository is a partial clone, in which a fetch may leave out objects.
    pub(super) fn is_partial(&self) -> bool {
        let snapshot = self.gix.config_snapshot();
        let mut promisors = self.gix.remote_names().into_iter().map(|name| {
            let key = format!("remote.{name}.promisor");
            snapshot.boolean(key.as_str()) == Some(true)
        });
        promisors.any(|promises| promises) || snapshot.string("extensions.partialClone").is_some()
    }

    /// Whether the user has configured `core.sshCommand`.
    pub fn says_how_to_ssh(&self) -> bool {
        let snapshot = self.gix.config_snapshot();
        snapshot.string("core.sshCommand").is_some()
    }

    /// Returns the top of the work tree; `None` in a bare repository.
    pub fn worktree(&self) -> Option<PathBuf> {
        self.worktree.clone()
    }

    /// Returns the git directory of the current work tree; in a linked one it is its own.
    pub fn own_git_dir(&self) -> PathBuf {
        self.own_dir.clone()
    }

    /// Returns the git directory that all work trees share.
    pub fn git_dir(&self) -> PathBuf {
        self.common_dir.clone()
    }

    /// Returns the branch that is checked out; `None` if HEAD is detached or refs are not files.
    pub fn branch(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.gix.git_dir().join("HEAD")).ok()?;
        let name = text.trim_end().strip_prefix("ref: refs/heads/")?;
        (self.refs_are_files).then(|| name.to_owned())
    }
}

/// Returns the folder from which a search opens no odd file.
fn look_from(dir: &Path) -> Result<PathBuf, OpenError> {
    match look::upwards(dir) {
        Looked::From(start) => Ok(start),
        Looked::Odd(odd) => Err(failed_look(odd)),
    }
}

fn failed_look(odd: OddFile) -> OpenError {
    let detail = format!("{} {}", odd.path.display(), odd.what);
    OpenError::Failed { detail }
}

/// Applies the settings of the command, as the last ones.
fn apply(gix: &mut gix::Repository, overrides: &[Override]) {
    if overrides.is_empty() {
        return;
    }
    let branch = gix.head_name().ok().flatten();
    let on = Conditioned {
        git_dir: Some(gix.git_dir()),
        branch: branch.as_ref(),
    };
    let file = overrides::file(overrides, on);
    let mut settings = gix.config_snapshot_mut();
    let _ = settings.append(file);
    let _ = settings.commit();
}

/// Checks whether some settings hold in one work tree only.
fn has_conditions(gix: &gix::Repository) -> bool {
    let snapshot = gix.config_snapshot();
    let mut sections = snapshot.plumbing().sections();
    snapshot.boolean("extensions.worktreeConfig") == Some(true)
        || sections.any(|section| section.header().name().eq_ignore_ascii_case(b"includeif"))
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Returns the top of the first repository at `dir` or above it, or `dir` itself.
fn found_at(dir: &Path) -> PathBuf {
    let found = gix::discover::upwards(dir).ok();
    let dirs = found.map(|(path, _)| path.into_repository_and_work_tree_directories());
    let top = dirs.map(|(git_dir, worktree)| worktree.unwrap_or(git_dir));
    let top = top.map(|top| top.canonicalize().unwrap_or(top));
    top.unwrap_or_else(|| dir.to_owned())
}

fn classify(path: &Path, error: &gix::Error) -> OpenError {
    let detail = || {
        let mut texts: Vec<String> = error.iter_errors().map(ToString::to_string).collect();
        texts.dedup();
        texts.join(": ")
    };
    // A file that may not be read is an error of the file system; gix reports a foreign owner.
    let mut classes = error.classify();
    if classes.any(|c| c.class() == Class::PermissionDenied && c.io_kind().is_none()) {
        return OpenError::Foreign {
            path: path.to_owned(),
        };
    }
    match error.is_not_found() {
        true => OpenError::NotFound {
            path: path.to_owned(),
        },
        false => OpenError::Failed { detail: detail() },
    }
}

#[cfg(test)]
mod tests {
    use gix::error::{ErrorExt as _, message};

    use super::*;

    #[test]
    fn another_owner_is_told_from_a_file_that_may_not_be_read() {
        let path = Path::new("/home/safe/repository");
        let foreign = message("its owner is another user").permission_denied_error();
        let foreign = classify(path, &foreign);
        assert!(matches!(foreign, OpenError::Foreign { .. }), "{foreign}");
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let denied = classify(path, &denied.raise());
        assert!(matches!(denied, OpenError::Failed { .. }), "{denied}");
        let absent = std::io::Error::from(std::io::ErrorKind::NotFound);
        let absent = classify(path, &absent.raise());
        assert!(matches!(absent, OpenError::NotFound { .. }), "{absent}");
    }
}
