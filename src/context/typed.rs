//! Resources as a user types them, read where the user stands.
//!
//! Owns the way from a text to a [`Resource`]: `./`, `..`, absolute paths, links, names that look
//! like patterns, paths without a type, and what is refused with a guess ([`Misread`]). Looks at
//! names on the disk, never into a file. Branches, and the name of the repository in front of a
//! path, are read in `typed_branch` and `typed_project`.

use std::path::{Path, PathBuf};

use super::Context;
use crate::model::meant::{listed, type_meant};
use crate::model::path::literal;
use crate::model::resource::{Resource, ResourceError, ResourceKind};
use crate::model::text;

/// A resource that was typed.
#[derive(Debug)]
pub struct Typed {
    /// What was meant.
    pub resource: Resource,
    /// What the user should know of how it was read.
    pub note: Option<String>,
}

/// Why a text is not accepted.
#[derive(Debug)]
pub enum Misread {
    /// It is no resource.
    Not(ResourceError),
    /// Its type is a slip; this is what was meant.
    Slip(String),
    /// It is a list of these.
    List(Vec<String>),
    /// It is a URL; this is what it may name, without its scheme.
    Url(String),
    /// It is a path outside of the work tree.
    Outside {
        /// The top of the work tree; `None` if there is none.
        top: Option<PathBuf>,
    },
    /// It is most likely, or certainly, no branch; this one may be meant.
    NoBranch {
        /// Whether a branch may have that name.
        may_be: bool,
        /// The label of what may be meant.
        meant: Option<String>,
    },
    /// With the name of the repository in front, its label is too long.
    TooLong,
    /// The repository may have any of these names on the board.
    Unnamed(Vec<String>),
    /// It may be a path as it stands on the board, or one of this repository.
    Twofold {
        /// The first one, spelled so that it is nothing else.
        board: String,
        /// The second one, in the same way.
        file: String,
    },
}

/// A path, as far as its names are known, and the pattern below it.
pub(super) struct Place {
    pub(super) at: PathBuf,
    pattern: Vec<String>,
    /// Why it is not what was typed.
    note: Option<&'static str>,
}

impl Context {
    /// Reads a resource that a user typed.
    ///
    /// # Errors
    ///
    /// [`Misread`] if it is none, or if something else was meant.
    pub fn typed(&self, text: &str) -> Result<Typed, Misread> {
        let parts = text.split_once(':').filter(|(kind, _)| is_type(kind));
        match parts {
            Some(("path", name)) => self.typed_path(name, false),
            Some((kind, name)) => {
                if let Some(place) = name.strip_prefix("//") {
                    return Err(Misread::Url(place.trim_end_matches('/').to_owned()));
                }
                if let Some(meant) = type_meant(kind) {
                    return Err(Misread::Slip(format!("{meant}:{name}")));
                }
                let list = listed(kind, name);
                if !list.is_empty() {
                    return Err(Misread::List(list));
                }
                // A shell completes the name of a folder with one.
                let plain = name.trim_end_matches('/');
                let plain = if plain.is_empty() { name } else { plain };
                let resource = Resource::parse(&format!("{kind}:{plain}"));
                let resource = resource.map_err(Misread::Not)?;
                match resource.kind() {
                    ResourceKind::Branch => self.typed_branch(name),
                    _ => Ok(Typed {
                        resource,
                        note: None,
                    }),
                }
            }
            None if self.looks_like_a_path(text) => self.typed_path(text, true),
            None => Err(Misread::Not(match Resource::parse(text) {
                Err(error) => error,
                Ok(_) => ResourceError::NoType,
            })),
        }
    }

    /// Returns true for a text without a type that names a file, or can only be a path.
    fn looks_like_a_path(&self, text: &str) -> bool {
        let here = self.host.current_dir().unwrap_or_default();
        let is_path = text.contains('/') && !text.contains("://");
        let is_file = || {
            exists(&here.join(text)) || self.worktree().is_some_and(|top| exists(&top.join(text)))
        };
        let is_plain = !text.is_empty() && !text.contains(char::is_control);
        is_plain && (is_path || text == "." || text == ".." || text.starts_with('*') || is_file())
    }

    fn typed_path(&self, name: &str, is_bare: bool) -> Result<Typed, Misread> {
        match self.behind_project(name).filter(|_| !is_bare) {
            Some(rest) => self.typed_behind_project(name, rest),
            None => self.own_path(name, is_bare),
        }
    }

    /// Reads a path of this repository, in which its name does not stand in front.
    pub(super) fn own_path(&self, name: &str, is_bare: bool) -> Result<Typed, Misread> {
        let plain = Resource::parse(&format!("path:{name}"));
        let plain = match plain {
            Err(error @ (ResourceError::Text(_) | ResourceError::NoName)) => {
                return Err(Misread::Not(error));
            }
            plain => plain,
        };
        let here = self.host.current_dir().unwrap_or_default();
        let is_relative =
            matches!(name, "." | "..") || name.starts_with("./") || name.starts_with("../");
        let Some(top) = self.worktree() else {
            let leaves = name == ".." || name.starts_with("../") || name.starts_with('/');
            return match leaves {
                true => Err(Misread::Outside { top: None }),
                false => plain
                    .map_err(Misread::Not)
                    .and_then(|resource| self.named_on_board(&resource))
                    .map(|resource| self.noted(resource, name, is_bare, None)),
            };
        };
        let is_at = |dir: &Path| exists(&follow(dir, name, top).at);
        let start = match is_relative || is_bare && (is_at(&here) || !is_at(top)) {
            true => &here,
            false => top,
        };
        let place = follow(start, name, top);
        let list = listed("path", name);
        let is_file = place.pattern.is_empty() && exists(&place.at);
        if !is_file && !list.is_empty() {
            return Err(Misread::List(list));
        }
        let known = self.below_a_top(&place.at);
        let known = known.ok_or_else(|| Misread::Outside {
            top: Some(top.to_owned()),
        })?;
        let mut parts: Vec<String> = known.split('/').map(literal).collect();
        parts.retain(|part| !part.is_empty());
        parts.extend(place.pattern);
        let pattern = match parts.join("/") {
            empty if empty.is_empty() => ".".to_owned(),
            pattern => pattern,
        };
        let resource = Resource::parse(&format!("path:{pattern}")).map_err(Misread::Not)?;
        let resource = self.named_on_board(&resource)?;
        let strays = start == top && !is_bare && here != *top && !exists(&place.at);
        let there = strays
            .then(|| follow(&here, name, top).at)
            .filter(|at| exists(at));
        let note = match there.and_then(|at| self.below_a_top(&at)) {
            Some(there) => Some(format!(
                "{resource} is read from the top of the repository; the file here is path:{}",
                text::name(&there)
            )),
            None => place
                .note
                .map(|why| format!("{} {why} {resource}", text::name(name))),
        };
        Ok(self.noted(resource, name, is_bare, note))
    }

    fn noted(&self, resource: Resource, name: &str, is_bare: bool, note: Option<String>) -> Typed {
        let taken = is_bare.then(|| format!("{} is taken as {resource}", text::name(name)));
        Typed {
            note: note.or(taken),
            resource,
        }
    }

    /// Returns the name of a place below the top of a work tree of this repository.
    fn below_a_top(&self, place: &Path) -> Option<String> {
        let top = self.worktree()?;
        let rest = match place.strip_prefix(top) {
            Ok(rest) => rest.to_owned(),
            Err(_) => {
                let other = self.other_top(place)?;
                place.strip_prefix(other).ok()?.to_owned()
            }
        };
        let parts = rest.components().map(|part| part.as_os_str().to_str());
        Some(parts.collect::<Option<Vec<&str>>>()?.join("/"))
    }
}

/// Follows `name` from `start`, as far as it has no pattern. Links that lead to a place below `top`
/// are resolved: claims are about files. What looks like a pattern may be the name of a file.
pub(super) fn follow(start: &Path, name: &str, top: &Path) -> Place {
    let mut place = Place {
        at: match name.starts_with('/') {
            true => PathBuf::from("/"),
            false => start.to_owned(),
        },
        pattern: Vec::new(),
        note: None,
    };
    for part in name.split('/') {
        if !place.pattern.is_empty() {
            place.pattern.push(part.to_owned());
            continue;
        }
        match part {
            "" | "." => continue,
            ".." => {
                place.at.pop();
                continue;
            }
            _ => {}
        }
        let is_pattern = has_pattern(part);
        let next = match is_pattern {
            true => place.at.join(part),
            false => place.at.join(unescaped(part)),
        };
        if is_pattern && !(part.contains(['[', '{']) && exists(&next)) {
            place.pattern.push(part.to_owned());
            continue;
        }
        if is_pattern {
            place.note = Some("is the name of a file, and taken as");
        }
        place.at = match next.canonicalize() {
            Ok(real) if real.starts_with(top) && real != next && next.starts_with(top) => {
                place.note = Some("goes through a link, and is taken as");
                real
            }
            // An absolute path may reach the tree through links above it.
            Ok(real) if !next.starts_with(top) => real,
            _ => next,
        };
    }
    place
}

/// Checks for a character outside of escapes that makes a pattern.
fn has_pattern(part: &str) -> bool {
    let mut is_escaped = false;
    part.chars().any(|c| {
        let is_meta = !is_escaped && "*?[{".contains(c);
        is_escaped = c == '\\' && !is_escaped;
        is_meta
    })
}

fn unescaped(part: &str) -> String {
    let mut out = String::new();
    let mut chars = part.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

pub(super) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn is_type(kind: &str) -> bool {
    let starts_well = kind.starts_with(|c: char| c.is_ascii_alphabetic());
    starts_well && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
