//! Working directory, machine and variables of a command.
//!
//! [`Place`] is what the caller knows before the line runs, [`ShellState`] what the line has
//! changed of it so far.
//!
//! Owns how a path on the line becomes one of the repository. Never looks at a disk.

use std::collections::BTreeMap;

use super::shell::Word;

/// No file system accepts a longer path.
const PATH_BYTES_MAX: usize = 4096;

/// Where a command line would run. A field that the caller does not know is `None`; a verdict then
/// does not depend on it.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The top of the work tree: absolute, with `/` as separator.
    pub root: Option<String>,
    /// The working directory relative to `root`. Empty at the top, `None` outside the work tree.
    pub dir: Option<String>,
    /// The branch that is checked out, without `refs/heads/`.
    pub branch: Option<String>,
    /// The name of this machine.
    pub host: Option<String>,
    /// Environment variables by name; [`super::Rules::variables`] names those that matter.
    pub variables: BTreeMap<String, String>,
}

/// State of the shell that runs a line: what `cd` and assignments have changed so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShellState {
    /// The working directory relative to the top of the work tree, or why it is not known.
    pub(super) dir: Result<String, String>,
    /// The machine, if it is known.
    pub(super) host: Option<String>,
    /// Variables by name.
    pub(super) variables: BTreeMap<String, Word>,
    /// Aliases by name, with what each stands for.
    pub(super) aliases: BTreeMap<String, Word>,
    /// Whether `exec` gave the shell another standard input.
    pub(super) has_other_input: bool,
}

impl ShellState {
    /// Returns the state in which a line starts at `place`.
    pub(super) fn new(place: &Place) -> Self {
        let outside = || "the working directory is outside the repository".to_owned();
        let dir = place.dir.as_deref().ok_or_else(outside);
        let variables = place.variables.iter();
        Self {
            dir: dir.and_then(|dir| joined("", dir).ok_or_else(outside)),
            host: place.host.clone(),
            variables: variables
                .map(|(name, value)| (name.clone(), Word::literal(value)))
                .collect(),
            aliases: BTreeMap::new(),
            has_other_input: false,
        }
    }

    /// Changes the working directory to `path`.
    pub(super) fn change_dir(&mut self, path: &Word, place: &Place) {
        self.dir = self.path(path, place);
    }

    /// Resolves `word` to a path relative to the top of the work tree; the top itself is empty.
    /// Fails with the reason if the word is an expansion or the path leaves the work tree.
    pub(super) fn path(&self, word: &Word, place: &Place) -> Result<String, String> {
        let Some(path) = word.known() else {
            return Err(format!("{} is an expansion", word.excerpt));
        };
        let outside = || format!("{} is outside the repository", word.excerpt);
        if path == "~" || path.starts_with("~/") {
            return Err(outside());
        }
        if path.starts_with('/') {
            let root = place.root.as_deref().map(|root| root.trim_end_matches('/'));
            let below = root.and_then(|root| path.strip_prefix(root));
            let below = below.filter(|below| below.is_empty() || below.starts_with('/'));
            return below.and_then(|p| joined("", p)).ok_or_else(outside);
        }
        let dir = self.dir.as_deref().map_err(Clone::clone)?;
        joined(dir, path).ok_or_else(outside)
    }

    /// Forgets directory and machine: what follows runs on another machine, in a container, or
    /// later.
    pub(super) fn elsewhere(&mut self, why: &str) {
        self.dir = Err(why.to_owned());
        self.host = None;
    }

    /// Keeps only what also holds in `other`, since either branch may have run.
    pub(super) fn intersect(&mut self, other: &Self) {
        if self.dir != other.dir {
            self.dir = Err("the working directory depends on what succeeds".to_owned());
        }
        for (name, meaning) in &other.aliases {
            let mine = self.aliases.entry(name.clone());
            mine.or_insert_with(|| meaning.clone());
        }
        self.has_other_input |= other.has_other_input;
        let names: Vec<String> = self
            .variables
            .keys()
            .chain(other.variables.keys())
            .cloned()
            .collect();
        for name in names {
            if self.variables.get(&name) != other.variables.get(&name) {
                let unknown = Word::unknown(&format!("${name}"));
                self.variables.insert(name, unknown);
            }
        }
    }
}

/// Joins `path` to `dir` and resolves `.` and `..`. Returns `None` if the result leaves the top or
/// is too long.
fn joined(dir: &str, path: &str) -> Option<String> {
    if dir.len() + path.len() > PATH_BYTES_MAX {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns the folder that holds `path`; empty for a file at the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
