//! What git prints, taken apart.
//!
//! Owns the pure and strict parsers of `LC_ALL=C git` output: `ls-remote`, `push --porcelain`,
//! `--version`, and the words of a command that failed. A line that is not
//! understood is an error, an outcome that is not understood is `Unknown` with the words made
//! harmless. Never spawns, never prints, never guesses, never decides what a sync does next.

mod failure;
mod push;

pub use failure::{FailureKind, RemoteFailure};
pub use push::{Outcome, PushAnswer, PushReport, PushedRef, parse_push, push_answer};

use std::fmt;

/// The longest text of somebody else that is passed on.
const SAID_BYTES_MAX: usize = 300;

/// An object id as git prints it: 40 or 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(String);

impl Oid {
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        let fits = matches!(text.len(), 40 | 64) && text.bytes().all(digit);
        fits.then(|| Self(text.to_owned()))
    }

    /// Whether it is the id that stands for "no object".
    pub fn is_null(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Git printed something that it is not known to print; nothing of that output counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    expected: &'static str,
    /// Made harmless.
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
    pub refs: Vec<(Oid, String)>,
    /// Names that no ref of ours can have, made harmless. Whoever may push can make one (git takes
    /// any byte above the space), and that must not hide everybody else's.
    pub unreadable: Vec<String>,
}

/// Read `ls-remote --refs`. Its patterns match the end of a name: `refs/x/*` also lists
/// `refs/heads/refs/x/y`, so the caller looks at the beginning.
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

/// A version of git; the parts of a number compare one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitVersion {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

/// Read `git --version`. What a vendor adds is passed over; a development version without a third
/// number counts as `.0`.
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

/// Digits alone; `u32` would also take a sign.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The lines of an output that was printed to its end: a cut name can look like a whole one.
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

/// A full ref name that git would take and that is UTF-8.
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

fn shown(bytes: &[u8]) -> String {
    harmless(&String::from_utf8_lossy(bytes))
}

/// One line that can be shown: letters, digits and ASCII signs only, so that nothing in it moves
/// the cursor or reorders text, cut to [`SAID_BYTES_MAX`], and without the user part of a URL.
/// Git itself prints that part where it asks for the password, and it can be a token.
fn harmless(text: &str) -> String {
    let mut out = String::new();
    for c in without_user(text).chars() {
        let plain = c.is_ascii_graphic() || c.is_alphanumeric() || c == char::REPLACEMENT_CHARACTER;
        let c = if plain { c } else { ' ' };
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + c.len_utf8() > SAID_BYTES_MAX {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out
}

/// `text` with `scheme://user:password@host` written as `scheme://host`.
fn without_user(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let host_end = part.find(|c: char| c == '/' || c == '\'' || c == '"' || c.is_whitespace());
        let host = &part[..host_end.unwrap_or(part.len())];
        let user_end = host.rfind('@').map_or(0, |at| at + 1);
        out.push_str("://");
        out.push_str(&part[user_end..]);
    }
    out
}

#[cfg(test)]
mod tests;
