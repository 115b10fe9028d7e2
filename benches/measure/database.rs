//! The same acts in a database: a row a claim, a process of `sqlite3` a statement.
//!
//! Owns the database, which waits for writers as ours does and syncs nothing. Never measures.

use std::process::{Command, Stdio};

use crate::measure::{Place, run};

/// How long a writer waits for the others, in milliseconds.
const WAIT_MILLIS: u32 = 20_000;

/// A database with a table of claims.
#[derive(Clone)]
pub(crate) struct Database(Place);

impl Database {
    /// Makes it in a repository; `None` where there is no `sqlite3`.
    pub(crate) fn new(place: Place) -> Option<Self> {
        let mut sqlite = place.command("sqlite3");
        sqlite.arg("-version");
        sqlite
            .status()
            .ok()
            .filter(std::process::ExitStatus::success)?;
        let database = Self(place);
        run(database.does(
            "pragma journal_mode=wal; create table claims(resource text primary key, holder text);",
        ));
        Some(database)
    }

    /// Makes a process that runs a statement.
    pub(crate) fn does(&self, statement: &str) -> Command {
        let mut command = self.0.command("sqlite3");
        command.args(["-cmd", &format!(".timeout {WAIT_MILLIS}")]);
        command.args(["-cmd", "pragma synchronous=off"]);
        command.args(["-bail", "claims.db", statement]);
        command.stderr(Stdio::null());
        command
    }

    /// Claims a resource. The process fails if it is claimed.
    pub(crate) fn claims(&self, resource: &str, holder: usize) -> Command {
        self.does(&format!(
            "insert into claims values('{resource}', 'wizard@devvm@{holder}');"
        ))
    }
}
