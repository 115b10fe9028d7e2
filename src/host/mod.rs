//! The host: this process and the machine below it.
//!
//! [`Host`] owns the only access to clocks, randomness, environment, processes, files of the user,
//! signals and the terminal. Everything else gets values. Never decides anything.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place where the world is read"
)]

mod browser;
mod caller;
mod child;
mod clock;
mod digest;
mod files;
mod git_at_work;
mod job;
mod leftovers;
mod machine;
mod not_started;
mod panes;
mod process;
mod running;
mod signals;
mod stdin;
mod terminal;
mod tmux;
mod watch;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use caller::Wrapper;
pub use child::Child;
pub use digest::{Bound, NotDigested};
pub use files::FileState;
pub use git_at_work::git_at_work;
pub use job::{Job, JobEnd};
pub use not_started::NotStarted;
pub use running::{Processes, Running};
pub use signals::Signals;
pub use stdin::StdinRead;
pub use tmux::Pane;
pub use watch::Watch;

/// Access to this process and the machine below it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Host {
    /// Returns an environment variable; `None` if it is unset, empty or not UTF-8.
    pub fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// Returns those of `names` that are set and not empty.
    pub fn env_of(&self, names: &[&str]) -> BTreeMap<String, String> {
        let set = |name: &&str| Some(((*name).to_owned(), self.env(name)?));
        names.iter().filter_map(set).collect()
    }

    /// Returns the command line, the name of the program included.
    pub fn arguments(&self) -> Vec<OsString> {
        std::env::args_os().collect()
    }

    /// Returns the working directory.
    pub fn current_dir(&self) -> std::io::Result<PathBuf> {
        std::env::current_dir()
    }

    /// Changes the working directory.
    pub fn change_dir(&self, dir: &Path) -> std::io::Result<()> {
        std::env::set_current_dir(dir)
    }

    /// Returns the home directory of the user.
    pub fn home(&self) -> Option<PathBuf> {
        self.env("HOME")
            .or_else(|| self.env("USERPROFILE"))
            .map(PathBuf::from)
    }
}
