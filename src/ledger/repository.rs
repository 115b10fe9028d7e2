//! Opening the repository that keeps the board.
//!
//! Owns discovery, trust (`safe.directory`, as Git judges it), the kind of ref storage, and the
//! raw settings below `presence.` and `color.`. Never interprets a setting.

use std::path::{Path, PathBuf};

use gix::error::Class;
use gix::open::Options;
use gix::sec::Permission;

/// Where a setting of `git -c` comes from.
const COMMAND_LINE: &str = "git -c";

/// Why there is no repository to work with.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("no Git repository here or above: {}", path.display())]
    NotFound { path: PathBuf },
    #[error("the repository at {} belongs to another user", path.display())]
    Foreign { path: PathBuf },
    #[error("cannot open the repository: {detail}")]
    Failed { detail: String },
}

/// One line of Git configuration, with where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSetting {
    /// `presence.onconflict`, lower case.
    pub key: String,
    pub value: String,
    pub origin: String,
}

pub struct Repository {
    pub(super) gix: gix::Repository,
    /// Whether refs are files; where they are not, only Git itself knows how to read them.
    pub(super) refs_are_files: bool,
    /// What all work trees have in common, and what the one in which we stand has of its own.
    common_dir: PathBuf,
    own_dir: PathBuf,
    worktree: Option<PathBuf>,
}

/// Where Git looks for hooks, as a setting has its key here.
pub const HOOKS_PATH: &str = "core.hookspath";

/// What the surroundings say about opening a repository.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Settings of `git -c`, as `key=value`.
    pub overrides: Vec<String>,
    /// The ref storage that the environment forces, for the repository that is discovered.
    pub backend: Option<String>,
    /// The system-wide configuration, where it is not `/etc/gitconfig`.
    pub system_config: Option<PathBuf>,
}

fn options(surroundings: &Surroundings) -> Options {
    let mut options = Options::default()
        .cli_overrides(surroundings.overrides.iter().map(String::as_str))
        .bail_if_untrusted(true);
    if let Some(path) = &surroundings.system_config {
        options = options.system_config_path(path);
    }
    options.permissions.env.objects = Permission::Deny;
    options.permissions.env.identity = Permission::Deny;
    options.permissions.env.http_transport = Permission::Deny;
    options
}

impl Repository {
    /// The repository of `dir`, as Git would find it there: `GIT_DIR` counts, ceilings count.
    pub fn discover(dir: &Path, surroundings: &Surroundings) -> Result<Self, OpenError> {
        let trust = gix::sec::trust::Mapping {
            full: options(surroundings),
            reduced: options(surroundings),
        };
        let upwards = gix::discover::upwards::Options {
            match_ceiling_dir_or_error: false,
            ..Default::default()
        };
        gix::ThreadSafeRepository::discover_with_environment_overrides_opts(dir, upwards, trust)
            .map_err(|error| classify(&found_at(dir), &error))
            .map(|repo| Self::new(repo, surroundings.backend.as_deref()))
    }

    /// Exactly the repository at `path`, whose ref storage is its own business.
    pub fn open(path: &Path, surroundings: &Surroundings) -> Result<Self, OpenError> {
        gix::ThreadSafeRepository::open_opts(path, options(surroundings))
            .map_err(|error| classify(path, &error))
            .map(|repo| Self::new(repo, None))
    }

    fn new(repo: gix::ThreadSafeRepository, backend: Option<&str>) -> Self {
        let gix = repo.to_thread_local();
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
            worktree: gix.workdir().map(canonical),
            gix,
        }
    }

    pub fn settings(&self) -> Vec<RawSetting> {
        read_settings(self.gix.config_snapshot().plumbing())
    }

    /// The value of `core.sharedRepository`.
    pub(super) fn shared(&self) -> Option<String> {
        let value = self.gix.config_snapshot().string("core.sharedRepository")?;
        Some(value.to_string())
    }

    /// The remotes that are configured here.
    pub fn remote_names(&self) -> Vec<String> {
        let names = self.gix.remote_names();
        names.into_iter().map(|name| name.to_string()).collect()
    }

    /// Whether git will call ssh for this remote.
    pub fn talks_ssh(&self, remote: &str) -> bool {
        let Ok(remote) = self.gix.find_remote(remote) else {
            return false;
        };
        let directions = [gix::remote::Direction::Push, gix::remote::Direction::Fetch];
        let mut urls = directions.into_iter().filter_map(|way| remote.url(way));
        urls.any(|url| url.scheme == gix::url::Scheme::Ssh)
    }

    /// How many URLs a push to this remote goes to.
    pub fn push_urls(&self, remote: &str) -> usize {
        let snapshot = self.gix.config_snapshot();
        let file = snapshot.plumbing();
        let count = |key: &str| {
            let key = format!("remote.{remote}.{key}");
            file.raw_values(key.as_str())
                .map_or(0, |values| values.len())
        };
        match count("pushurl") {
            0 => count("url"),
            several => several,
        }
    }

    /// Whether a remote has promised objects that are not here.
    pub(super) fn is_partial(&self) -> bool {
        let snapshot = self.gix.config_snapshot();
        let mut promisors = self.gix.remote_names().into_iter().map(|name| {
            let key = format!("remote.{name}.promisor");
            snapshot.boolean(key.as_str()) == Some(true)
        });
        promisors.any(|promises| promises) || snapshot.string("extensions.partialClone").is_some()
    }

    /// Whether the user says in the configuration how to call ssh.
    pub fn says_how_to_ssh(&self) -> bool {
        let snapshot = self.gix.config_snapshot();
        snapshot.string("core.sshCommand").is_some()
    }

    /// The top of the work tree; `None` in a bare repository.
    pub fn worktree(&self) -> Option<PathBuf> {
        self.worktree.clone()
    }

    /// The folder of the work tree in which we stand, where that is a linked one.
    pub fn own_git_dir(&self) -> PathBuf {
        self.own_dir.clone()
    }

    /// What all work trees have in common.
    pub fn git_dir(&self) -> PathBuf {
        self.common_dir.clone()
    }

    /// The branch that is checked out; unknown where HEAD is detached or not in a file.
    pub fn branch(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.gix.git_dir().join("HEAD")).ok()?;
        let name = text.trim_end().strip_prefix("ref: refs/heads/")?;
        (self.refs_are_files).then(|| name.to_owned())
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Settings outside any repository: system and user level, the environment, and `git -c`.
pub fn settings_outside(overrides: &[String]) -> Vec<RawSetting> {
    let files = [
        gix::config::File::from_globals(),
        gix::config::File::from_environment_overrides(),
    ];
    let mut found = Vec::new();
    for file in files.into_iter().flatten() {
        found.extend(read_settings(&file));
    }
    for setting in overrides {
        let (key, value) = setting.split_once('=').unwrap_or((setting, "true"));
        found.push(RawSetting {
            key: key.to_ascii_lowercase(),
            value: value.to_owned(),
            origin: COMMAND_LINE.to_owned(),
        });
    }
    found
}

fn read_settings(file: &gix::config::File) -> Vec<RawSetting> {
    let mut found = Vec::new();
    for section in file.sections() {
        let header = section.header();
        let name = header.name().to_string().to_ascii_lowercase();
        if !matches!(name.as_str(), "presence" | "color" | "core")
            || header.subsection_name().is_some()
        {
            continue;
        }
        let meta = section.meta();
        let origin = match &meta.path {
            Some(path) => path.display().to_string(),
            None => match meta.source {
                gix::config::Source::Cli => COMMAND_LINE.to_owned(),
                _ => "the environment".to_owned(),
            },
        };
        let names: Vec<String> = section.body().value_names().collect();
        let is_same = |at: usize, other: &String| other.eq_ignore_ascii_case(&names[at]);
        for (at, value_name) in names.iter().enumerate() {
            let key = format!("{name}.{}", value_name.to_ascii_lowercase());
            // Of Git's own settings, one says where hooks are.
            if name == "core" && key != HOOKS_PATH {
                continue;
            }
            let before = names[..at].iter().filter(|n| is_same(at, n)).count();
            let all = names.iter().filter(|n| is_same(at, n)).count();
            let values = section.body().values(value_name);
            // A key without `=` is Git's way to say "true".
            let value = match values.get(before) {
                Some(value) if all > 1 && values.len() == all => Some(value.clone()),
                _ => section.body().value(value_name),
            };
            let value = value.map_or_else(|| "true".to_owned(), |value| value.to_string());
            found.push(RawSetting {
                key,
                value,
                origin: origin.clone(),
            });
        }
    }
    found
}

/// The top of the repository that a search from `dir` meets first, or `dir` itself.
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
    // What a file may not be read for is an error of the file system; whom it belongs to, gix says.
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
