//! The commands of checks and agents, by their names.
//!
//! Owns where they come from: `presence.check.<name>` and `presence.agent.<name>` of this clone, or
//! the tracked `.presence/checks.toml` of the commit that is checked out. What came in a ref names
//! them and is never one. Never runs one.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::checks_file::ChecksFile;
use crate::model::task::Name;

/// The tracked file of a team, from the top of the repository.
pub(super) const FILE: &str = ".presence/checks.toml";
const CHECK: &str = "presence.check.";
const AGENT: &str = "presence.agent.";
/// What stands before the command of a check that answers a question.
const QUESTIONED: [&str; 2] = ["brain:", "agent:"];
const RUN: &str = "run:";

/// How a check says that it passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// By exit code 0.
    ByExitCode,
    /// It gets the question on its standard input, and its answer begins with `PASS` or `FAIL`.
    ByWord,
}

/// The command of a check, for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// How it says that it passed.
    pub answers: Answers,
    /// The line.
    pub line: String,
}

/// All commands that this clone has.
#[derive(Debug, Default)]
pub(super) struct Commands {
    checks: BTreeMap<Name, Check>,
    agents: BTreeMap<Name, String>,
}

impl Commands {
    /// Reads the settings and the tracked file. A setting of this clone counts before the file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read: what it would say is not known.
    pub(super) fn of(context: &Context) -> Result<Self, Failure> {
        let mut all = Self::default();
        let code = context.code.as_ref();
        let file = code.and_then(|code| code.git.file_at_head(FILE).ok().flatten());
        if let Some(text) = file {
            let file = ChecksFile::read(&text).map_err(|why| {
                Failure::usage(format!("{FILE} cannot be used: {why}"))
                    .hint("it has the tables check and agent, of names and command lines")
            })?;
            for (name, line) in &file.check {
                all.check(name, line);
            }
            for (name, line) in &file.agent {
                all.agent(name, line);
            }
        }
        for setting in &context.settings {
            if let Some(name) = setting.key.strip_prefix(CHECK) {
                all.check(name, &setting.value);
            }
            if let Some(name) = setting.key.strip_prefix(AGENT) {
                all.agent(name, &setting.value);
            }
        }
        Ok(all)
    }

    /// Returns a check; `None` if this clone has none of this name.
    pub(super) fn check_named(&self, name: &Name) -> Option<&Check> {
        self.checks.get(name)
    }

    /// Returns the command line of an agent: of this name, or as the user typed it.
    pub(super) fn agent_line(&self, typed: &str) -> String {
        let named = Name::parse(typed).and_then(|name| self.agents.get(&name));
        named.cloned().unwrap_or_else(|| typed.to_owned())
    }

    fn check(&mut self, name: &str, line: &str) {
        let Some(name) = Name::parse(name) else {
            return;
        };
        let questioned = QUESTIONED.iter().find_map(|word| line.strip_prefix(word));
        let check = match questioned {
            Some(line) => Check {
                answers: Answers::ByWord,
                line: line.trim().to_owned(),
            },
            None => Check {
                answers: Answers::ByExitCode,
                line: line.strip_prefix(RUN).unwrap_or(line).trim().to_owned(),
            },
        };
        match check.line.is_empty() {
            true => self.checks.remove(&name),
            false => self.checks.insert(name, check),
        };
    }

    fn agent(&mut self, name: &str, line: &str) {
        if let Some(name) = Name::parse(name) {
            self.agents.insert(name, line.trim().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_a_line_and_says_how_it_answers() {
        let mut all = Commands::default();
        for (name, line) in [
            ("unit", "cargo test"),
            ("plain", "run: make check"),
            ("review", "brain: claude -p"),
            ("second", "agent: codex exec"),
            ("No", "rm -rf"),
        ] {
            all.check(name, line);
        }
        let found = |text: &str| all.check_named(&Name::parse(text)?).cloned();
        for (name, answers, line) in [
            ("unit", Answers::ByExitCode, "cargo test"),
            ("plain", Answers::ByExitCode, "make check"),
            ("review", Answers::ByWord, "claude -p"),
            ("second", Answers::ByWord, "codex exec"),
        ] {
            let line = line.to_owned();
            assert_eq!(found(name), Some(Check { answers, line }), "{name}");
        }
        assert_eq!(found("other"), None);
        assert_eq!(all.checks.len(), 4);
        // An empty one takes that of the file away.
        all.check("unit", "");
        assert_eq!(all.checks.len(), 3);
    }
}
