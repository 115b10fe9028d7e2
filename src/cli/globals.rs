//! The options of every verb: `-C`, `--ledger`, `--json`.
//!
//! Owns [`Globals`] and how they become what a context is opened with. Never holds what a verb
//! finds out while it runs.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::cli::env::Env;
use crate::context::{Context, OpenOptions};
use crate::failure::Failure;
use crate::host::Host;

/// The heading of the options that go with every verb.
const EVERYWHERE: &str = "Options of every verb";

/// What a user may add to any verb.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Globals {
    /// Run as if started in this directory
    #[arg(
        short = 'C',
        value_name = "DIR",
        global = true,
        action = clap::ArgAction::Append,
        help_heading = EVERYWHERE
    )]
    pub start: Vec<PathBuf>,
    /// Keep the board in this repository instead [config: presence.ledger]
    #[arg(long, value_name = "PATH", global = true, help_heading = EVERYWHERE)]
    pub ledger: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
}

impl Globals {
    /// Changes to the directories that `-C` names, one after the other.
    pub(crate) fn enter(&self, host: Host) -> Result<(), Failure> {
        for dir in &self.start {
            host.change_dir(dir).map_err(|error| {
                let why = match error.kind() {
                    ErrorKind::NotFound => "it does not exist".to_owned(),
                    ErrorKind::NotADirectory => "it is no folder".to_owned(),
                    ErrorKind::PermissionDenied => "you may not enter it".to_owned(),
                    _ => error.to_string(),
                };
                Failure::usage(format!("cannot go to {}: {why}", dir.display()))
                    .hint("give -C a folder that exists: git presence -C <folder> status")
            })?;
        }
        Ok(())
    }

    /// Opens the context that a verb asks for.
    pub(crate) fn context(
        &self,
        env: &Env,
        session: Option<&str>,
        writes: bool,
    ) -> Result<Context, Failure> {
        env.open(&self.options(session, writes))
    }

    /// Returns what most verbs ask of a context; a verb that asks for more adds it.
    pub(crate) fn options(&self, session: Option<&str>, writes: bool) -> OpenOptions {
        OpenOptions {
            ledger: self.ledger.clone(),
            session: session.map(str::to_owned),
            writes,
            ..OpenOptions::default()
        }
    }
}
