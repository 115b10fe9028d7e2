//! Where a command would run.
//!
//! Owns what is known of the place (folder, branch, machine, variables) and how a path on the line
//! becomes one of the repository. Never looks at a disk.

use std::collections::BTreeMap;

use super::shell::Word;

/// No file system takes a longer path.
const PATH_BYTES_MAX: usize = 4096;

/// What the caller knows. What he does not know is `None`, and then nothing rests on it.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The top of the work tree, absolute, with `/`.
    pub root: Option<String>,
    /// The working directory, relative to the top; empty at the top, `None` outside.
    pub dir: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// The name of this machine.
    pub host: Option<String>,
    /// The environment; see [`super::Rules::variables`] for what is looked at.
    pub variables: BTreeMap<String, String>,
}

/// What a line has changed of its place so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShellState {
    /// Relative to the top of the work tree, or why that is not known.
    pub(super) dir: Result<String, String>,
    pub(super) host: Option<String>,
    pub(super) variables: BTreeMap<String, Word>,
}

impl ShellState {
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
        }
    }

    /// Change the working directory to `path`.
    pub(super) fn change_dir(&mut self, path: &Word, place: &Place) {
        self.dir = self.path(path, place);
    }

    /// The path that `word` names, relative to the top of the work tree; empty for the top.
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

    /// Go somewhere else: a machine, a container, a function that is called later.
    pub(super) fn elsewhere(&mut self, why: &str) {
        self.dir = Err(why.to_owned());
        self.host = None;
    }

    /// Keep only what holds in `other` as well.
    pub(super) fn intersect(&mut self, other: &Self) {
        if self.dir != other.dir {
            self.dir = Err("the working directory depends on what succeeds".to_owned());
        }
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

/// `path` seen from `dir`, without `.` and `..`; `None` where it leaves the top
/// or is longer than any path.
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

/// The folder that holds `path`.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
