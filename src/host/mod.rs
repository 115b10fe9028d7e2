//! The real world, once.
//!
//! Owns the clock, randomness, sleeping, the environment, the current directory, the terminal
//! and the process table. Everything else gets values. Never decides anything.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the one place where the world is read"
)]

mod child;
mod clock;
mod files;
mod machine;
mod process;
mod signals;
mod stdin;
mod terminal;
mod watch;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use child::{Child, NotStarted};
pub use files::FileState;
pub use signals::Signals;
pub use stdin::StdinRead;
pub use watch::Watch;

/// This process and the machine below it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Host {
    pub fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// Those of `names` that are set and not empty.
    pub fn env_of(&self, names: &[&str]) -> BTreeMap<String, String> {
        let set = |name: &&str| Some(((*name).to_owned(), self.env(name)?));
        names.iter().filter_map(set).collect()
    }

    pub fn arguments(&self) -> Vec<OsString> {
        std::env::args_os().collect()
    }

    pub fn current_dir(&self) -> std::io::Result<PathBuf> {
        std::env::current_dir()
    }

    pub fn change_dir(&self, dir: &Path) -> std::io::Result<()> {
        std::env::set_current_dir(dir)
    }

    pub fn home(&self) -> Option<PathBuf> {
        self.env("HOME")
            .or_else(|| self.env("USERPROFILE"))
            .map(PathBuf::from)
    }
}
