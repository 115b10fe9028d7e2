//! What a fetch did, ref by ref.
//!
//! Owns the reading of `fetch --porcelain`, which git has since 2.41. Never judges what came: a
//! tracking ref that moved is a claim until it is read and validated.

use super::failure::RemoteFailure;
use super::{Malformed, Oid, lines, oid, ref_name, shown, split_at_byte};

/// What a fetch did to one tracking ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Forwarded,
    Forced,
    Pruned,
    TagMoved,
    /// New, or moved from or to something that is no commit.
    New,
    /// Not moved: no fast-forward where none was forced, or the ref could not be written.
    Refused,
    /// Printed with `--verbose` only.
    Same,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedRef {
    /// The local name.
    pub name: String,
    pub change: Change,
    /// Null where there was none.
    pub old: Oid,
    /// Null where it is gone.
    pub new: Oid,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    pub refs: Vec<FetchedRef>,
    /// As in a [`Listing`](super::Listing).
    pub unreadable: Vec<String>,
}

/// Read `fetch --porcelain` (git 2.41 or later; with `--quiet` it prints nothing at all).
pub fn parse_fetch(stdout: &[u8]) -> Result<Fetched, Malformed> {
    let mut fetched = Fetched::default();
    for line in lines(stdout)? {
        let odd = || Malformed::new("\"<flag> <old> <new> <ref>\"", line);
        let (change, rest) = match line {
            [flag, b' ', rest @ ..] => (change(*flag).ok_or_else(odd)?, rest),
            _ => return Err(odd()),
        };
        let (old, rest) = split_at_byte(rest, b' ').ok_or_else(odd)?;
        let (new, name) = split_at_byte(rest, b' ').ok_or_else(odd)?;
        let (old, new) = oid(old).zip(oid(new)).ok_or_else(odd)?;
        let fits = match change {
            Change::Pruned => new.is_null() && !old.is_null(),
            Change::Same => old == new,
            Change::Forwarded | Change::Forced | Change::TagMoved => !old.is_null(),
            Change::New | Change::Refused => true,
        };
        if !fits || old.as_str().len() != new.as_str().len() || !name.starts_with(b"refs/") {
            return Err(odd());
        }
        match ref_name(name) {
            Some(name) => fetched.refs.push(FetchedRef {
                name,
                change,
                old,
                new,
            }),
            None => fetched.unreadable.push(shown(name)),
        }
    }
    Ok(fetched)
}

fn change(flag: u8) -> Option<Change> {
    Some(match flag {
        b' ' => Change::Forwarded,
        b'+' => Change::Forced,
        b'-' => Change::Pruned,
        b't' => Change::TagMoved,
        b'*' => Change::New,
        b'!' => Change::Refused,
        b'=' => Change::Same,
        _ => return None,
    })
}

/// What is known after a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchAnswer {
    /// Beside a failure these are claims, to be checked by reading the refs: git 2.55 prints a
    /// `--atomic` fetch as done and then fails to do it.
    pub fetched: Fetched,
    pub failure: Option<RemoteFailure>,
}

/// Judge a `fetch --porcelain` that ended with `exit` (none: a signal ended it).
pub fn fetch_answer(exit: Option<i32>, stdout: &[u8], stderr: &[u8]) -> FetchAnswer {
    let failed = (exit != Some(0)).then(|| RemoteFailure::read(exit, stderr));
    match parse_fetch(stdout) {
        Ok(fetched) => FetchAnswer {
            fetched,
            failure: failed,
        },
        Err(malformed) => FetchAnswer {
            fetched: Fetched::default(),
            failure: Some(failed.unwrap_or_else(|| RemoteFailure::unknown(&malformed.to_string()))),
        },
    }
}
