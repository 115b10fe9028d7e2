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
    /// The working directory, absolute; it may be outside of `root`.
    pub cwd: Option<String>,
    /// The home directory of the user.
    pub home: Option<String>,
    /// Other work trees of the same repository: a path in one of them has the same name in all.
    pub siblings: Vec<Tree>,
    /// Tops of work trees of other repositories, below `root` or not. What is in them is not a part
    /// of this one.
    pub foreign: Vec<String>,
    /// The branch that is checked out, without `refs/heads/`.
    pub branch: Option<String>,
    /// The name of this machine.
    pub host: Option<String>,
    /// Environment variables by name; [`super::Rules::variables`] names those that matter.
    pub variables: BTreeMap<String, String>,
}

/// Another work tree of the same repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its top, absolute.
    pub top: String,
    /// The branch that is checked out there.
    pub branch: Option<String>,
}

/// State of the shell that runs a line: what `cd` and assignments have changed so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShellState {
    /// The working directory relative to the top of the work tree, or why it is not known.
    pub(super) dir: Result<String, String>,
    /// The working directory, absolute, if that is known.
    pub(super) at: Option<String>,
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
        let dir = dir.and_then(|dir| joined("", dir).ok_or_else(outside));
        let below = place.root.as_deref().zip(dir.as_deref().ok());
        let below = below.map(|(root, dir)| format!("{}/{dir}", root.trim_end_matches('/')));
        let variables = place.variables.iter();
        Self {
            at: place.cwd.clone().or(below),
            dir,
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
        let at = self.absolute(path, place);
        self.dir = self.path(path, place);
        self.at = at;
    }

    /// Forgets the directory, and says why.
    pub(super) fn lose_dir(&mut self, why: String) {
        self.dir = Err(why);
        self.at = None;
    }

    /// Returns the branch that is checked out where the command runs.
    pub(super) fn branch(&self, place: &Place) -> Option<String> {
        let at = self.at.as_deref();
        let here = at.and_then(|at| {
            place
                .siblings
                .iter()
                .find(|tree| below(&tree.top, at).is_some())
        });
        match here {
            Some(tree) => tree.branch.clone(),
            None => place.branch.clone(),
        }
    }

    /// Resolves `word` to an absolute path, if that is certain.
    pub(super) fn absolute(&self, word: &Word, place: &Place) -> Option<String> {
        let path = word.known()?;
        let home = || place.home.as_deref();
        let (from, path) = match path.strip_prefix('~') {
            Some("") => (home()?, ""),
            Some(rest) if rest.starts_with('/') => (home()?, rest),
            _ if path.starts_with('/') => ("", path),
            _ => (self.at.as_deref()?, path),
        };
        // The top of all is above itself.
        let parts = from.split('/').chain(path.split(['/', '\\']));
        let mut kept: Vec<&str> = Vec::new();
        for part in parts {
            match part {
                "" | "." => {}
                ".." => drop(kept.pop()),
                part => kept.push(part),
            }
        }
        let is_short = from.len() + path.len() <= PATH_BYTES_MAX;
        if !(from.is_empty() || from.starts_with('/')) {
            return None;
        }
        is_short.then(|| format!("/{}", kept.join("/")))
    }

    /// Resolves `word` to a path relative to the top of the work tree; the top itself is empty.
    /// Fails with the reason if the word is an expansion or the path leaves the work tree.
    pub(super) fn path(&self, word: &Word, place: &Place) -> Result<String, String> {
        let Some(path) = word.known() else {
            return Err(format!("{} is an expansion", word.excerpt));
        };
        let outside = || format!("{} is outside the repository", word.excerpt);
        if let Some(at) = self.absolute(word, place) {
            let own = place
                .siblings
                .iter()
                .map(|tree| &tree.top)
                .chain(&place.root);
            let tops = own
                .map(|top| (top, true))
                .chain(place.foreign.iter().map(|top| (top, false)));
            // The innermost tree has it.
            let in_it =
                |(top, is_own): (&String, bool)| Some((top.len(), below(top, &at)?, is_own));
            match tops.filter_map(in_it).max_by_key(|(length, ..)| *length) {
                Some((_, path, true)) => return Ok(path),
                Some(_) => return Err(format!("{} is in another repository", word.excerpt)),
                None if place.root.is_some() || place.cwd.is_some() => return Err(outside()),
                None => {}
            }
        }
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
        self.lose_dir(why.to_owned());
        self.host = None;
    }

    /// Keeps only what also holds in `other`, since either branch may have run.
    pub(super) fn intersect(&mut self, other: &Self) {
        if self.dir != other.dir {
            self.dir = Err("the working directory depends on what succeeds".to_owned());
        }
        if self.at != other.at {
            self.lose_dir("the working directory depends on what succeeds".to_owned());
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

/// Returns what of `path` is below `top`, both absolute.
fn below(top: &str, path: &str) -> Option<String> {
    let rest = path.strip_prefix(top.trim_end_matches('/'))?;
    let is_whole = rest.is_empty() || rest.starts_with('/');
    is_whole.then(|| rest.trim_start_matches('/').to_owned())
}

/// Returns the folder that holds `path`; empty for a file at the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
