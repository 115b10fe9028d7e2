//! Working directory, machine and variables of a command.
//!
//! [`Place`] is what the caller knows before the line runs, [`ShellState`] what the line has
//! changed of it so far.
//!
//! Owns how a path on the line becomes one of the repository. Never looks at a disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::Files;
use super::named::Named;
use super::shell::{List, Word};

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
    /// Links, each with what it leads to; absolute. A path through one is a path in that.
    pub links: Vec<(String, String)>,
    /// The branch that is checked out, without `refs/heads/`.
    pub branch: Option<String>,
    /// The name of this machine.
    pub host: Option<String>,
    /// Reads files that the line names, such as a Makefile.
    pub files: Option<Files>,
    /// Environment variables by name; [`super::Rules::variables`] names those that matter.
    pub variables: BTreeMap<String, String>,
}

/// At most this many links lead from one to the next.
const LINKS_MAX: usize = 8;

impl Place {
    /// Returns an absolute path without the links that are known.
    pub(super) fn real(&self, mut path: String) -> String {
        for _ in 0..LINKS_MAX {
            let through = self.links.iter().filter_map(|(link, to)| {
                let rest = below(link, &path)?;
                Some((link.len(), to, rest))
            });
            let Some((_, to, rest)) = through.max_by_key(|(length, ..)| *length) else {
                break;
            };
            path = match rest.as_str() {
                "" => to.clone(),
                rest => format!("{}/{rest}", to.trim_end_matches('/')),
            };
        }
        path
    }
}

/// Another work tree of the same repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its top, absolute.
    pub top: String,
    /// The branch that is checked out there.
    pub branch: Option<String>,
}

/// What a function of the line runs.
#[derive(Clone, Debug)]
pub(super) struct Body(pub(super) Arc<Vec<List>>);

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// State of the shell that runs a line: what `cd` and assignments have changed so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShellState {
    /// The working directory relative to the top of the work tree, or why it is not known.
    pub(super) dir: Result<String, String>,
    /// The working directory, absolute, if that is known, as the shell spells it.
    pub(super) at: Option<String>,
    /// The machine, if it is known.
    pub(super) host: Option<String>,
    /// Variables by name.
    pub(super) variables: BTreeMap<String, Word>,
    /// Certain values of variables that the line sets.
    pub(super) literals: BTreeMap<String, String>,
    /// Files that a variable stands for, one after the other.
    pub(super) files: BTreeMap<String, Vec<Named>>,
    /// The folder of the script that runs.
    pub(super) script_folder: Option<String>,
    /// Aliases by name, with what each stands for.
    pub(super) aliases: BTreeMap<String, Word>,
    /// Whether `exec` gave the shell another standard input.
    pub(super) has_other_input: bool,
    /// Functions that the line defines, by name.
    pub(super) functions: BTreeMap<String, Body>,
    /// Whether one of them changes the working directory.
    pub(super) has_moving_function: bool,
    /// Whether the shell changed its working directory since this was last set to false.
    pub(super) has_moved: bool,
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
            literals: BTreeMap::new(),
            files: BTreeMap::new(),
            script_folder: None,
            aliases: BTreeMap::new(),
            has_other_input: false,
            functions: BTreeMap::new(),
            has_moving_function: false,
            has_moved: false,
        }
    }

    /// Changes the working directory to `path`, as `cd` does: `..` leaves the folder as spelled.
    pub(super) fn change_dir(&mut self, path: &Word, place: &Place) {
        let at = self.resolved(path, place, false);
        let real = at.clone().map(|at| place.real(at));
        self.dir = self.path_at(path, real, place);
        self.at = at;
        self.has_moved = true;
    }

    /// Changes the working directory to `path`, as a program does: `..` leaves the folder itself.
    pub(super) fn enter(&mut self, path: &Word, place: &Place) {
        let at = self.absolute(path, place);
        self.dir = self.path_at(path, at.clone(), place);
        self.at = at;
        self.has_moved = true;
    }

    /// Forgets the directory, and says why.
    pub(super) fn lose_dir(&mut self, why: String) {
        self.dir = Err(why);
        self.at = None;
        self.has_moved = true;
    }

    /// Returns the working directory without links.
    pub(super) fn real_at(&self, place: &Place) -> Option<String> {
        Some(place.real(self.at.clone()?))
    }

    /// Returns the branch that is checked out where the command runs.
    pub(super) fn branch(&self, place: &Place) -> Option<String> {
        let at = self.real_at(place);
        let here = at.as_deref().and_then(|at| {
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

    /// Resolves `word` to an absolute path without links, if that is certain.
    pub(super) fn absolute(&self, word: &Word, place: &Place) -> Option<String> {
        self.resolved(word, place, true)
            .map(|path| place.real(path))
    }

    /// Resolves `word` to an absolute path, if that is certain. With `is_real`, `..` leaves a
    /// folder itself, and not the link to it.
    fn resolved(&self, word: &Word, place: &Place, is_real: bool) -> Option<String> {
        let path = word.known().filter(|path| !is_home_of_another(path))?;
        let real = |path: String| if is_real { place.real(path) } else { path };
        // A line that sets the home directory means another one.
        let home = || {
            let home = place.home.clone()?;
            let is_set = self.variables.contains_key("HOME");
            (!is_set).then_some(home)
        };
        let (from, path) = match path.strip_prefix('~') {
            Some("") => (home()?, ""),
            Some(rest) if rest.starts_with('/') => (home()?, rest),
            _ if path.starts_with('/') => (String::new(), path),
            _ => (real(self.at.clone()?), path),
        };
        let is_short = from.len() + path.len() <= PATH_BYTES_MAX;
        if !is_short || !(from.is_empty() || from.starts_with('/')) {
            return None;
        }
        // The top of all is above itself.
        let mut kept = String::new();
        for part in from.split('/').chain(path.split(['/', '\\'])) {
            match part {
                "" | "." => {}
                ".." => {
                    kept = real(kept);
                    kept.truncate(kept.rfind('/').unwrap_or_default());
                }
                part => {
                    kept.push('/');
                    kept.push_str(part);
                }
            }
        }
        Some(if kept.is_empty() {
            "/".to_owned()
        } else {
            kept
        })
    }

    /// Resolves `word` to a path relative to the top of the work tree; the top itself is empty.
    /// Fails with the reason if the word is an expansion or the path leaves the work tree.
    pub(super) fn path(&self, word: &Word, place: &Place) -> Result<String, String> {
        self.path_at(word, self.absolute(word, place), place)
    }

    /// Returns the path of `word`, of which the absolute path is `at` if that is certain.
    fn path_at(&self, word: &Word, at: Option<String>, place: &Place) -> Result<String, String> {
        let known = word.known().filter(|path| !is_home_of_another(path));
        let Some(path) = known else {
            return Err(format!("{} is an expansion", word.excerpt));
        };
        let outside = || format!("{} is outside the repository", word.excerpt);
        if let Some(at) = at {
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
        self.literals.clear();
        self.files.clear();
        self.script_folder = None;
    }

    /// Gives a variable a value.
    pub(super) fn assign(&mut self, name: &str, value: Word) {
        let adds = value.excerpt.starts_with(&format!("{name}+="));
        match value.known().filter(|_| !adds) {
            Some(text) => self.literals.insert(name.to_owned(), text.to_owned()),
            None => self.literals.remove(name),
        };
        self.files.remove(name);
        self.variables.insert(name.to_owned(), value);
    }

    /// Adds the functions that `other` has.
    pub(super) fn learn_functions(&mut self, other: &Self) {
        for (name, body) in &other.functions {
            self.functions.insert(name.clone(), body.clone());
        }
        self.has_moving_function |= other.has_moving_function;
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
        let theirs = &other.literals;
        self.literals
            .retain(|name, value| theirs.get(name) == Some(value));
        let theirs = &other.files;
        self.files
            .retain(|name, value| theirs.get(name) == Some(value));
        if self.script_folder != other.script_folder {
            self.script_folder = None;
        }
        self.has_other_input |= other.has_other_input;
        self.learn_functions(other);
        self.has_moved |= other.has_moved;
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

/// Checks whether a path begins with the home directory of another user, or with `~+`, `~-`, `~1`.
fn is_home_of_another(path: &str) -> bool {
    let rest = path.strip_prefix('~');
    rest.is_some_and(|rest| !(rest.is_empty() || rest.starts_with('/')))
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
pub(super) fn below(top: &str, path: &str) -> Option<String> {
    let rest = path.strip_prefix(top.trim_end_matches('/'))?;
    let is_whole = rest.is_empty() || rest.starts_with('/');
    is_whole.then(|| rest.trim_start_matches('/').to_owned())
}

/// Returns the folder that holds `path`; empty for a file at the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
