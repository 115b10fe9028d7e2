//! What surrounds a command.
//!
//! Owns what a command inherits from the script and the programs around it: depth, standard input,
//! what it runs through and within. Never judges.

use crate::guard::shell::{self, Word};
use crate::guard::targets::Targets;
use crate::guard::verdict::RuleName;
use crate::model::resource::Resource;

/// What surrounds a command.
#[derive(Clone, Debug)]
pub(super) struct ExecContext {
    /// How deep the script is that it stands in.
    pub(super) depth: usize,
    pub(super) through: Vec<String>,
    pub(super) within: Vec<Resource>,
    pub(super) covered: bool,
    /// It runs inside something that any command changes which is not known to read only.
    pub(super) inside: Option<Inside>,
    pub(super) stdin: Input,
}

/// What a command that is not known changes, by where it runs.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    pub(super) targets: Targets,
    pub(super) name: RuleName,
}

#[derive(Clone, Debug)]
pub(super) enum Input {
    /// That of the line.
    Inherited,
    /// A pipe or a file: what it will hold is not known.
    Elsewhere,
    Text(Word),
}

impl ExecContext {
    pub(super) fn top_level() -> Self {
        Self {
            depth: 0,
            through: Vec::new(),
            within: Vec::new(),
            covered: false,
            inside: None,
            stdin: Input::Inherited,
        }
    }

    pub(super) fn nested(&self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    pub(super) fn with_stdin(&self, stdin: Input) -> Self {
        Self {
            stdin,
            ..self.clone()
        }
    }
}

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
