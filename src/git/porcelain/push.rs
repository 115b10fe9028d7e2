//! What a push did, ref by ref.
//!
//! Owns the reading of `push --porcelain` and the classes of its outcomes. Never decides whether
//! to try again. A server's words are a hint, never a proof: what is neither landed nor surely
//! refused is looked up on the remote by whoever asked.

use std::collections::BTreeSet;

use super::failure::{RemoteFailure, unquoted};
use super::{Malformed, harmless, lines, ref_name, split_at_byte};

/// What became of one ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Created, moved or deleted as asked.
    Landed,
    /// The remote had that very value already. The server did not check anything.
    UpToDate,
    /// Somebody was faster, or the ref was locked at that moment: read again.
    Lost { reason: String },
    /// This ref was fine; another ref of the same `--atomic` push was not.
    HeldBack,
    /// The server moves this ref forward only, whatever the lease says.
    ForwardOnly,
    /// A rule of the server; trying again does not help.
    Refused { reason: String },
    /// It may have landed or not: read again.
    Unknown { reason: String },
}

impl Outcome {
    fn is_done(&self) -> bool {
        matches!(self, Self::Landed | Self::UpToDate)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// The name on the remote.
    pub name: String,
    pub outcome: Outcome,
}

/// What one URL answered. A remote with several push URLs gives one report each, in their order,
/// up to the first that git could not talk to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushReport {
    /// The URL, made harmless. None where git reported on no ref: a lone `Done`.
    pub to: Option<String>,
    pub refs: Vec<PushedRef>,
    /// Git said `Done`: it heard the end of the server's report. It says so after refusals too
    /// and, over http, after a hang-up: it is never a proof that anything landed.
    pub done: bool,
}

/// Read the standard output of `push --porcelain`.
pub fn parse_push(stdout: &[u8]) -> Result<Vec<PushReport>, Malformed> {
    let mut reports: Vec<PushReport> = Vec::new();
    for line in lines(stdout)? {
        let open = reports.last_mut().filter(|report| !report.done);
        if let Some(url) = line.strip_prefix(b"To ") {
            reports.push(PushReport {
                to: Some(harmless(&String::from_utf8_lossy(url))),
                ..PushReport::default()
            });
        } else if line == b"Done" {
            match open {
                Some(report) => report.done = true,
                None => reports.push(PushReport {
                    done: true,
                    ..PushReport::default()
                }),
            }
        } else {
            let odd = || Malformed::new("part of a push report", line);
            let report = open.ok_or_else(odd)?;
            report.refs.push(parse_ref(line).ok_or_else(odd)?);
        }
    }
    let twice = reports.iter().find_map(named_twice);
    let malformed = |name: &str| Malformed::new("the only one about its ref", name.as_bytes());
    twice.map(malformed).map_or(Ok(reports), Err)
}

/// A ref with two outcomes has none.
fn named_twice(report: &PushReport) -> Option<&str> {
    let mut seen = BTreeSet::new();
    let mut names = report.refs.iter().map(|pushed| pushed.name.as_str());
    names.find(|name| !seen.insert(*name))
}

/// Read `<flag>\t<from>:<to>\t<summary>[ (<reason>)]`. The reason is the server's and can hold
/// anything, tabs included; neither end of `<from>:<to>` can hold a tab and `<to>` no colon.
fn parse_ref(line: &[u8]) -> Option<PushedRef> {
    let (flag, rest) = split_at_byte(line, b'\t')?;
    let (pair, verdict) = split_at_byte(rest, b'\t')?;
    let colon = pair.iter().rposition(|byte| *byte == b':')?;
    let name = ref_name(&pair[colon + 1..])?;
    let verdict = String::from_utf8_lossy(verdict);
    let outcome = match flag {
        b" " | b"+" | b"-" | b"*" => Outcome::Landed,
        b"=" => Outcome::UpToDate,
        b"!" => rejected(&verdict),
        [_] => unknown(&verdict),
        _ => return None,
    };
    Some(PushedRef { name, outcome })
}

fn rejected(verdict: &str) -> Outcome {
    let parts = verdict.split_once(" (");
    let parts = parts.and_then(|(by, reason)| Some((by, reason.strip_suffix(')')?)));
    match parts {
        Some(("[rejected]", reason)) => rejected_here(reason),
        Some(("[remote rejected]", reason)) => rejected_there(reason),
        Some((_, reason)) => unknown(reason),
        None => unknown(verdict),
    }
}

/// Reasons of our own git, which compared with what the server advertised and sent nothing.
fn rejected_here(reason: &str) -> Outcome {
    match reason {
        "stale info" | "fetch first" | "non-fast-forward" | "remote ref updated since checkout" => {
            lost(reason)
        }
        "atomic push failed" => Outcome::HeldBack,
        "remote does not support deleting refs" | "new shallow roots not allowed" => {
            refused(reason)
        }
        _ => unknown(reason),
    }
}

/// The compare-and-swap of a server failed. Before 2.50 git says `failed to update ref` for all;
/// `failed to lock` is JGit, `cannot lock ref` GitHub.
const LOST: [&str; 9] = [
    "stale info",
    "failed to update ref",
    "failed to update refs",
    "failed to delete",
    "failed to lock",
    "reference already exists",
    "reference does not exist",
    "incorrect old value provided",
    "atomic transaction failed",
];

/// Parts of what servers say when a rule forbids it, in lower case.
const REFUSED: [&str; 22] = [
    "hidden ref",
    "hook declined",
    "push declined",
    "funny refname",
    "refname conflict",
    "case-insensitive filesystem",
    "exists; cannot create",
    "currently checked out",
    "prohibited",
    "forbidden",
    "denied",
    "protected",
    "not permitted",
    "not allowed",
    "not authorized",
    "do not allow",
    "policy",
    "policies",
    "rule violations",
    "read-only",
    "read only",
    "refusing",
];

/// Reasons of the server.
fn rejected_there(reason: &str) -> Outcome {
    // A name inside a reason is no reason: a ref may be called `protected`.
    let said = unquoted(reason).to_lowercase();
    let forbids = || REFUSED.iter().any(|part| said.contains(part));
    match said.as_str() {
        "atomic push failure" | "transaction aborted" => Outcome::HeldBack,
        "non-fast-forward" | "non-fast forward" => Outcome::ForwardOnly,
        exact if LOST.contains(&exact) => lost(reason),
        _ if forbids() => refused(reason),
        _ if said.starts_with("cannot lock ref") => lost(reason),
        _ => unknown(reason),
    }
}

fn lost(reason: &str) -> Outcome {
    Outcome::Lost {
        reason: harmless(reason),
    }
}

fn refused(reason: &str) -> Outcome {
    Outcome::Refused {
        reason: harmless(reason),
    }
}

fn unknown(reason: &str) -> Outcome {
    Outcome::Unknown {
        reason: harmless(reason),
    }
}

/// Reasons that leave it to standard error to say why.
const SAYS_NOTHING: [&str; 2] = ["remote failed to report status", "unpacker error"];

/// What is known after a push. A ref that was pushed and stands in no report is unknown, unless
/// the failure says that the remote is [untouched](RemoteFailure::is_untouched). More reports
/// than push URLs: a server forged some, and none counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushAnswer {
    pub reports: Vec<PushReport>,
    /// What the reports do not tell.
    pub failure: Option<RemoteFailure>,
}

/// Judge a `push --porcelain` that ended with `exit` (none: a signal ended it).
pub fn push_answer(exit: Option<i32>, stdout: &[u8], stderr: &[u8]) -> PushAnswer {
    let reports = match parse_push(stdout) {
        Ok(reports) => reports,
        Err(malformed) => {
            let failure = RemoteFailure::unknown(&malformed.to_string());
            return PushAnswer {
                reports: Vec::new(),
                failure: Some(failure),
            };
        }
    };
    let silent = reports.is_empty() || reports.iter().any(|report| report.refs.is_empty());
    let failure = match exit {
        Some(0) if silent => Some(RemoteFailure::unknown("git reported on no ref")),
        Some(0) => None,
        Some(1) if !silent && explains(&reports, stderr) => None,
        _ => Some(RemoteFailure::read(exit, stderr)),
    };
    let failure = RemoteFailure::too_many_refs(stderr).or(failure);
    PushAnswer { reports, failure }
}

/// Whether the reports alone say why a push ended with 1: each URL that failed has a ref that did,
/// and with words of its own.
fn explains(reports: &[PushReport], stderr: &[u8]) -> bool {
    let complaint: &[u8] = b"error: failed to push some refs to ";
    let failed = stderr
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(complaint));
    let not_done = |report: &&PushReport| !report.refs.iter().all(|r| r.outcome.is_done());
    let explained = reports.iter().filter(not_done).count();
    let mut refs = reports.iter().flat_map(|report| &report.refs);
    let dumb = refs.any(|r| {
        matches!(&r.outcome, Outcome::Unknown { reason } if SAYS_NOTHING.contains(&reason.as_str()))
    });
    !dumb && explained > 0 && failed.count() <= explained
}
