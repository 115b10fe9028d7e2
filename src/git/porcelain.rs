//! Parsers of git's output: [`parse_ls_remote`], [`parse_push`], [`parse_version`] and
//! [`RemoteFailure::read`].
//!
//! Owns the pure and strict parsers of `LC_ALL=C git` output: `ls-remote`, `push --porcelain`,
//! `--version`, and the messages of a command that failed. An unknown line is an error. An unknown
//! outcome is [`Outcome::Unknown`] with its text sanitized. Never spawns, never prints, never
//! guesses, never decides what a sync does next.

mod come_back;
mod failure;
mod masked;
mod push;
mod words;

pub(in crate::git) use come_back::{come_back_secs, untraced};
pub use failure::{FailureKind, RemoteFailure};
pub use push::{Outcome, PushAnswer, PushReport, PushedRef, parse_push, push_answer};

use std::fmt;

use words::{harmless, shown};

/// An object id as git prints it: 40 or 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(String);

impl Oid {
    /// Parses a whole id; `None` for anything else, an abbreviated id included.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        let fits = matches!(text.len(), 40 | 64) && text.bytes().all(digit);
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns true for the id of zeros, which stands for "no object".
    pub fn is_null(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }

    /// Returns the hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error for output that no known git prints; all of that output is discarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    expected: &'static str,
    /// Sanitized.
    line: String,
}

impl Malformed {
    fn new(expected: &'static str, line: &[u8]) -> Self {
        Self {
            expected,
            line: harmless(&String::from_utf8_lossy(line)),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, line } = self;
        write!(f, "git printed a line that is not {expected}: {line:?}")
    }
}

impl std::error::Error for Malformed {}

/// The refs of a remote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Ids and full names, in the order of the remote.
    pub refs: Vec<(Oid, String)>,
    /// Sanitized names that no ref of a board can have. Every user who may push can create one (git
    /// takes any byte above the space); it must not hide the other refs.
    pub unreadable: Vec<String>,
}

/// Parses the output of `ls-remote --refs`. Patterns of `ls-remote` match the end of a name:
/// `refs/x/*` also lists `refs/heads/refs/x/y`, so the caller has to check the beginning.
///
/// # Errors
///
/// [`Malformed`] for a line that is not an id and a name, and for output that was cut.
pub fn parse_ls_remote(stdout: &[u8]) -> Result<Listing, Malformed> {
    let mut listing = Listing::default();
    for line in lines(stdout)? {
        let odd = || Malformed::new("\"<id>\\t<ref>\"", line);
        let (id, name) = split_at_byte(line, b'\t').ok_or_else(odd)?;
        let id = oid(id).filter(|id| !id.is_null()).ok_or_else(odd)?;
        match ref_name(name) {
            Some(name) => listing.refs.push((id, name)),
            None => listing.unreadable.push(shown(name)),
        }
    }
    Ok(listing)
}

/// A version of git. Versions compare by their parts, the major one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

/// Parses the output of `git --version`. Suffixes of vendors are ignored; a development version
/// without a third number counts as `.0`.
///
/// # Errors
///
/// [`Malformed`] for any other output.
pub fn parse_version(stdout: &[u8]) -> Result<GitVersion, Malformed> {
    let read = || {
        let text = std::str::from_utf8(stdout).ok()?;
        let version = text.lines().next()?.strip_prefix("git version ")?;
        let mut parts = version.split_whitespace().next()?.split('.');
        let major = number(parts.next()?)?;
        let minor = number(parts.next()?)?;
        let third = parts.next().unwrap_or("0");
        let digits = third
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(third.len());
        let patch = match &third[..digits] {
            "" => 0,
            digits => number(digits)?,
        };
        Some(GitVersion {
            major,
            minor,
            patch,
        })
    };
    read().ok_or_else(|| Malformed::new("\"git version <number>\"", stdout))
}

/// Parses digits; `u32` would also accept a sign.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Splits output into lines. Output without a final newline is an error: a name that was cut can
/// look like a complete one.
fn lines(stdout: &[u8]) -> Result<impl Iterator<Item = &[u8]>, Malformed> {
    let whole = match stdout {
        [] => None,
        [lines @ .., b'\n'] => Some(lines),
        _ => {
            let last = stdout.rsplit(|byte| *byte == b'\n').next();
            return Err(Malformed::new("whole", last.unwrap_or_default()));
        }
    };
    Ok(whole
        .into_iter()
        .flat_map(|lines| lines.split(|byte| *byte == b'\n')))
}

fn split_at_byte(line: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = line.iter().position(|found| *found == byte)?;
    Some((&line[..at], &line[at + 1..]))
}

fn oid(bytes: &[u8]) -> Option<Oid> {
    std::str::from_utf8(bytes).ok().and_then(Oid::parse)
}

/// Parses a full ref name; `None` unless git accepts it and it is UTF-8.
fn ref_name(bytes: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(bytes).ok()?;
    let parts = name.strip_prefix("refs/")?.split('/');
    let good = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.ends_with(".lock")
    };
    let bad =
        |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let fits = parts.into_iter().all(good) && !name.contains("..") && !name.contains("@{");
    (fits && !name.contains(bad)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
