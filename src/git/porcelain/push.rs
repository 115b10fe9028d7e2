//! Push reports: [`PushAnswer`], with the [`Outcome`] of each ref.
//!
//! Owns the parser of `push --porcelain` and the classes of outcomes. Never decides whether to
//! retry. The messages of a server are a hint and no proof: if a ref neither landed nor was surely
//! refused, the caller has to fetch.

use std::collections::BTreeSet;

use super::failure::{RemoteFailure, unquoted};
use super::words::{explained, of_server};
use super::{Malformed, harmless, lines, ref_name, split_at_byte};

/// The outcome of a push for one ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Created, moved or deleted as requested.
    Landed,
    /// The remote had this very value already. The server checked nothing.
    UpToDate,
    /// Another writer was faster, or the ref was locked at that moment: fetch and decide again.
    Lost {
        /// The message of git or the server, sanitized.
        reason: String,
    },
    /// Not applied because another ref of the same `--atomic` push failed.
    HeldBack,
    /// The server moves this ref by fast-forward only, whatever the lease is.
    ForwardOnly,
    /// A rule of the server forbids it; a retry does not help.
    Refused {
        /// The message of git or the server, sanitized.
        reason: String,
    },
    /// It may have landed or not: fetch.
    Unknown {
        /// The message of git or the server, sanitized.
        reason: String,
    },
}

impl Outcome {
    fn is_done(&self) -> bool {
        matches!(self, Self::Landed | Self::UpToDate)
    }
}

/// One ref of a push report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// The full name on the remote.
    pub name: String,
    /// The outcome for this ref.
    pub outcome: Outcome,
}

/// The report of one URL. A remote with several push URLs yields one report for each, in their
/// order, up to the first one that git could not talk to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushReport {
    /// The URL, sanitized; `None` if git reported on no ref: a lone `Done`.
    pub to: Option<String>,
    /// The same as git printed it, to compare it; not to be shown.
    pub printed: Option<String>,
    /// The refs that the report names, in its order.
    pub refs: Vec<PushedRef>,
    /// True if git printed `Done`: it read the server's report to its end. Git also prints it after
    /// refusals and, over http, after a hang-up: it is no proof that anything landed.
    pub done: bool,
}

/// Parses the standard output of `push --porcelain`.
///
/// # Errors
///
/// [`Malformed`] for an unknown line, for output that was cut, and if a report names a ref twice.
pub fn parse_push(stdout: &[u8]) -> Result<Vec<PushReport>, Malformed> {
    let mut reports: Vec<PushReport> = Vec::new();
    for line in lines(stdout)? {
        let open = reports.last_mut().filter(|report| !report.done);
        if let Some(url) = line.strip_prefix(b"To ") {
            let url = String::from_utf8_lossy(url);
            reports.push(PushReport {
                to: Some(harmless(&url)),
                printed: Some(url.into_owned()),
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

/// Returns a ref that a report names twice: none of its outcomes can be relied on.
fn named_twice(report: &PushReport) -> Option<&str> {
    let mut seen = BTreeSet::new();
    let mut names = report.refs.iter().map(|pushed| pushed.name.as_str());
    names.find(|name| !seen.insert(*name))
}

/// Parses `<flag>\t<from>:<to>\t<summary>[ (<reason>)]`. The reason is of the server and can
/// contain anything, tabs included. Neither side of `<from>:<to>` can contain a tab, and `<to>` no
/// colon.
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
        Some(("[rejected]", reason)) => rejected_by_git(reason),
        Some(("[remote rejected]", reason)) => rejected_by_server(reason),
        Some((_, reason)) => unknown(reason),
        None => unknown(verdict),
    }
}

/// Classifies a reason of the local git, which compared the refs that the server advertised and
/// sent nothing.
fn rejected_by_git(reason: &str) -> Outcome {
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

/// Reasons of the local git, which sent nothing about the ref: no word of the server explains them.
const BY_GIT: [&str; 6] = [
    "stale info",
    "fetch first",
    "non-fast-forward",
    "remote ref updated since checkout",
    "remote does not support deleting refs",
    "new shallow roots not allowed",
];

/// Messages of a server whose compare-and-swap failed. Before 2.50 git prints `failed to update
/// ref` for all of them; `failed to lock` is of JGit, `cannot lock ref` of GitHub.
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

/// Parts of the messages of servers with a rule that forbids the update, in lower case.
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

/// Classifies a reason of the server.
fn rejected_by_server(reason: &str) -> Outcome {
    // A name inside a reason is no reason: a ref may be called `protected`.
    let message = unquoted(reason).to_lowercase();
    let forbids = || REFUSED.iter().any(|part| message.contains(part));
    match message.as_str() {
        "atomic push failure" | "transaction aborted" => Outcome::HeldBack,
        "non-fast-forward" | "non-fast forward" => Outcome::ForwardOnly,
        exact if LOST.contains(&exact) => lost(reason),
        _ if forbids() => refused(reason),
        _ if message.starts_with("cannot lock ref") => lost(reason),
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

/// Reasons without an explanation; it is on standard error.
const UNEXPLAINED: [&str; 2] = ["remote failed to report status", "unpacker error"];

/// The answer to a push. The outcome of a ref that is in no report is unknown, unless the failure
/// says that the remote is [untouched](RemoteFailure::is_untouched). If there are more reports than
/// push URLs, a server forged some, and none can be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushAnswer {
    /// The reports, one for each URL that git talked to.
    pub reports: Vec<PushReport>,
    /// The failure that the reports do not explain; `None` if they explain all.
    pub failure: Option<RemoteFailure>,
}

/// Reads the result of a `push --porcelain` that exited with `exit`, or `None` if a signal ended
/// it.
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
    let reports = with_words(reports, &of_server(stderr));
    PushAnswer { reports, failure }
}

/// Puts the words of the server behind its reasons. A hook explains on a stream that all refs of a
/// push share, so each ref that the server rejected gets them.
fn with_words(mut reports: Vec<PushReport>, words: &str) -> Vec<PushReport> {
    for pushed in reports.iter_mut().flat_map(|report| &mut report.refs) {
        match &mut pushed.outcome {
            Outcome::Lost { reason }
            | Outcome::Refused { reason }
            | Outcome::Unknown { reason }
                if !BY_GIT.contains(&reason.as_str()) =>
            {
                *reason = explained(reason, words);
            }
            _ => {}
        }
    }
    reports
}

/// Returns true if the reports alone explain why a push exited with 1: each URL that failed has a
/// ref that failed, with a reason of its own.
fn explains(reports: &[PushReport], stderr: &[u8]) -> bool {
    let complaint: &[u8] = b"error: failed to push some refs to ";
    let failed = stderr
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(complaint));
    let not_done = |report: &&PushReport| !report.refs.iter().all(|r| r.outcome.is_done());
    let explained = reports.iter().filter(not_done).count();
    let mut refs = reports.iter().flat_map(|report| &report.refs);
    let dumb = refs.any(|r| {
        matches!(&r.outcome, Outcome::Unknown { reason } if UNEXPLAINED.contains(&reason.as_str()))
    });
    !dumb && explained > 0 && failed.count() <= explained
}
