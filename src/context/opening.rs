//! Opening of the repository.
//!
//! [`Opener`] owns how a repository is found and opened, what the environment says about that, and
//! the errors. Never reads what the repository contains.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};
use crate::guard::shell::quote;
use crate::host::Host;
use crate::ledger::raw_settings::user_settings_are_plain;
use crate::ledger::repository::{OpenError, Repository, Surroundings, User};

use super::OpenOptions;
use super::parameters::parse_parameters;

/// How repositories are opened in this process.
pub(super) struct Opener {
    host: Host,
    pub surroundings: Surroundings,
}

impl Opener {
    /// Returns what opens the repositories that `options` are about.
    ///
    /// # Errors
    ///
    /// Fails if settings of the user are no plain file: reading them could take forever.
    pub(super) fn of(host: Host, options: &OpenOptions) -> Result<Self, Failure> {
        let opener = Self::new(host);
        let settings = host.user_settings(opener.surroundings.system_config.as_deref());
        user_settings_are_plain(&settings, host.home().as_deref()).map_err(unplain_settings)?;
        Ok(match options.follows_payload || options.visits.is_some() {
            true => opener.by_place(),
            false => opener,
        })
    }

    /// Opens what a payload or a command line is about: the environment names a repository for the
    /// harness, which Git started, and not for what its agent does.
    pub(super) fn by_place(mut self) -> Self {
        self.surroundings.is_named = false;
        self.surroundings.by_place = true;
        self
    }

    /// Reads what the environment says about repositories.
    pub(super) fn new(host: Host) -> Self {
        let overrides = host.env("GIT_CONFIG_PARAMETERS");
        let overrides = overrides.map(|text| parse_parameters(&text));
        Self {
            host,
            surroundings: Surroundings {
                overrides: overrides.unwrap_or_default(),
                backend: host.env("GIT_REFERENCE_BACKEND"),
                system_config: host.system_config(),
                user: host.owners().map(|owners| User {
                    owners,
                    home: host.home(),
                }),
                is_named: host.env("GIT_DIR").is_some(),
                // As for the hooks of `git -C .git push`; gix opens nothing of that name.
                by_place: host.env("GIT_DIR").is_some_and(|dir| dir == "."),
            },
        }
    }

    /// Returns the folder in which the repository is searched: the working directory. For a payload
    /// that names it, an embedded bare repository is a folder like any other.
    pub(super) fn start(&self, options: &OpenOptions) -> Result<Start, Failure> {
        let here = || self.host.current_dir().map_err(|error| gone(&error));
        let visited = options.visits.clone().map(Ok);
        let dir = visited.unwrap_or_else(here)?;
        let skips = options.follows_payload && !self.surroundings.is_named;
        let outside = skips.then(|| Repository::outside_embedded(&dir)).flatten();
        Ok(Start {
            moved: outside.is_some() || options.visits.is_some(),
            dir: outside.unwrap_or(dir),
        })
    }

    /// Finds the repository of the folder `dir`.
    pub(super) fn discover(&self, dir: PathBuf) -> Result<Repository, Failure> {
        let found = Repository::discover(&dir, &self.surroundings);
        let found = found.map_err(open_failure)?;
        // Git does not go up into a ceiling; gix goes into it, and not beyond.
        let Some(ceilings) = self.host.env("GIT_CEILING_DIRECTORIES") else {
            return Ok(found);
        };
        let top = found.worktree().unwrap_or_else(|| found.git_dir());
        let is_ceiling = std::env::split_paths(&ceilings).any(|ceiling| ceiling == top);
        let above = dir
            .canonicalize()
            .is_ok_and(|dir| dir != top && dir.starts_with(&top));
        if is_ceiling && above && !self.surroundings.is_named {
            return Err(open_failure(OpenError::NotFound { path: dir }));
        }
        Ok(found)
    }

    /// Opens the repository at `path`.
    pub(super) fn exactly(&self, path: &Path) -> Result<Repository, Failure> {
        // gix and Git ask for the working directory, which is not there if it was removed.
        if path.is_absolute() && self.host.current_dir().is_err() {
            self.host.change_dir(path).map_err(|error| gone(&error))?;
        }
        Repository::open(path, &self.surroundings).map_err(open_failure)
    }
}

/// The folder in which the repository is searched.
pub(super) struct Start {
    pub dir: PathBuf,
    /// Whether that is not the working directory.
    pub moved: bool,
}

impl Start {
    /// Returns the folder, if it is not the working directory.
    pub(super) fn elsewhere(&self) -> Option<PathBuf> {
        self.moved.then(|| self.dir.clone())
    }
}

/// Expands `~/`, and resolves a relative path against the repository.
pub(super) fn expand(host: Host, path: &str, base: Option<PathBuf>) -> PathBuf {
    if let Some(below_home) = path.strip_prefix("~/")
        && let Some(home) = host.home()
    {
        return home.join(below_home);
    }
    base.map_or_else(|| PathBuf::from(path), |base| base.join(path))
}

/// Returns the failure for a working directory that was removed, or may not be read.
fn gone(error: &std::io::Error) -> Failure {
    let what = match error.kind() {
        std::io::ErrorKind::NotFound => "the working directory does not exist any more".to_owned(),
        _ => format!("the working directory cannot be determined: {error}"),
    };
    Failure::new(Kind::NoRepository, anyhow::anyhow!(what))
        .hint("go to a folder that exists, or name one: git-presence -C <dir> …")
}

/// Returns the failure for settings of the user that are no plain file.
fn unplain_settings(detail: String) -> Failure {
    let what = anyhow::anyhow!("the settings of the user cannot be read: {detail}");
    Failure::new(Kind::NoRepository, what)
        .hint("put a plain file in its place; git itself may wait for it without end")
}

/// Returns the path of a repository of others as an argument of a command.
fn argument(path: &Path) -> String {
    let text = path.display().to_string();
    match text.chars().any(char::is_control) {
        true => "\"$PWD\" (there)".to_owned(),
        false => quote(&text),
    }
}

/// Returns the failure for a repository that cannot be opened.
fn open_failure(error: OpenError) -> Failure {
    match &error {
        OpenError::NotFound { path } => Failure::new(
            Kind::NoRepository,
            anyhow::anyhow!("no Git repository in {} or above", path.display()),
        )
        .hint("run it inside a repository, or name one: git presence -C <dir> …")
        .hint(
            "to keep a board for work outside any repository: git init --bare <dir>, then \
             git config --global presence.ledger <dir>",
        ),
        OpenError::Foreign { path } => Failure::new(
            Kind::NoRepository,
            anyhow::anyhow!("{} belongs to another user", path.display()),
        )
        .hint(format!(
            "if you trust it: git config --global --add safe.directory {}",
            argument(path)
        )),
        OpenError::FoundBare { path } => Failure::new(
            Kind::NoRepository,
            anyhow::anyhow!(
                "{} is a bare repository, and safe.bareRepository is 'explicit'",
                path.display()
            ),
        )
        .hint(format!(
            "to use it all the same, name it: GIT_DIR={}",
            argument(path)
        )),
        OpenError::Failed { detail } => Failure::new(
            Kind::NoRepository,
            anyhow::anyhow!("cannot open the repository: {detail}"),
        )
        .hint("see what Git says: git status"),
    }
}
