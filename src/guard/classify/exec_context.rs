//! Execution context of a command.
//!
//! [`ExecContext`] owns what a command inherits from the script and the programs around it: depth,
//! standard input, wrappers, enclosing resources. Never classifies.

use crate::guard::shell::{self, Word};
use crate::guard::targets::Targets;
use crate::guard::verdict::RuleName;
use crate::model::resource::Resource;

/// What a command inherits from what surrounds it.
#[derive(Clone, Debug)]
pub(super) struct ExecContext {
    /// Nesting depth of the script that holds the command.
    pub(super) depth: usize,
    /// Programs that start the command, outermost first.
    pub(super) through: Vec<String>,
    /// Resources that enclose what the command changes.
    pub(super) within: Vec<Resource>,
    /// Whether `git presence run` starts the command.
    pub(super) covered: bool,
    /// Paths that it claims for the command.
    pub(super) claimed: Vec<Resource>,
    /// Set if the command runs inside something, such as a container, that every command changes
    /// unless a rule says that it only reads.
    pub(super) inside: Option<Inside>,
    /// What standard input holds.
    pub(super) stdin: Input,
    /// Number of files that lead to the command.
    pub(super) files: usize,
}

/// What an unknown command changes because of where it runs.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    pub(super) targets: Targets,
    pub(super) name: RuleName,
}

/// Standard input of a command.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// The standard input of the line itself.
    Inherited,
    /// A pipe or a file, whose content is not known.
    Elsewhere,
    /// A here-document or here-string.
    Text(Word),
}

impl ExecContext {
    /// Returns the context of a command that stands on the line itself.
    pub(super) fn top_level() -> Self {
        Self {
            depth: 0,
            through: Vec::new(),
            within: Vec::new(),
            covered: false,
            claimed: Vec::new(),
            inside: None,
            stdin: Input::Inherited,
            files: 0,
        }
    }

    /// Returns this context one script deeper.
    pub(super) fn nested(&self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    /// Returns this context for a command that the program `name` starts.
    pub(super) fn started_by(&self, name: &str) -> Self {
        let mut inner = self.clone();
        inner.through.push(name.to_owned());
        inner
    }

    /// Returns this context with another standard input.
    pub(super) fn with_stdin(&self, stdin: Input) -> Self {
        Self {
            stdin,
            ..self.clone()
        }
    }
}

/// Combines the redirections of a command with the input that surrounds it.
pub(super) fn input(own: &shell::Stdin, outer: &Input) -> Input {
    match own {
        shell::Stdin::Inherited => outer.clone(),
        shell::Stdin::File => Input::Elsewhere,
        shell::Stdin::Text(document) => document
            .get()
            .cloned()
            .map_or(Input::Elsewhere, Input::Text),
    }
}
