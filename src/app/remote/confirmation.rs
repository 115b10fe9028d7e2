//! What a verb can say about the remote.
//!
//! Owns who knows of a change ([`Confirmation`]), how fresh the view of other sessions is
//! ([`Freshness`]), and the words for what a remote did not do. Never talks to a remote.

use crate::failure::Failure;
use crate::model::time::Timestamp;
use crate::sync::{FailureKind, Report};

/// Who knows of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// There is no remote: this repository is all there is.
    Local,
    Confirmed {
        remote: String,
    },
    /// It is recorded here, and will be sent.
    Unconfirmed {
        remote: String,
        why: String,
    },
}

/// How fresh the view of what others do is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    pub remote: String,
    /// `None`: the remote was never looked at.
    pub as_of: Option<Timestamp>,
}

pub fn no_such_remote(name: &str) -> Failure {
    Failure::usage(format!("there is no remote {name:?} here"))
        .hint("see which there are: git remote -v; choose: git config presence.remote <name>")
}

/// Returns what a remote that refuses a ref said.
pub(super) fn refuses(remote: &str, said: &str) -> String {
    format!("{remote} refuses it: {}", said.trim_end_matches('.'))
}

/// Returns why a sync did not do all that was requested.
pub fn why(report: &Report, remote: &str) -> String {
    if let Some(said) = &report.refuses {
        return refuses(remote, said);
    }
    if report.busy {
        return format!("another sync with {remote} is running");
    }
    if let Some(failure) = &report.synced.failure {
        let said = failure.said.trim_end_matches('.');
        return match failure.kind {
            FailureKind::Unreachable | FailureKind::Interrupted => {
                format!("{remote} could not be reached: {said}")
            }
            FailureKind::NoCredentials => format!("authentication to {remote} failed: {said}"),
            _ => format!("the sync with {remote} failed: {said}"),
        };
    }
    if report.synced.gave_up {
        let said = report
            .synced
            .last_words
            .as_deref()
            .unwrap_or("other clones were faster");
        return format!("{remote} rejected it repeatedly: {said}");
    }
    match report.refused.values().next() {
        Some(said) => refuses(remote, said),
        None => format!("{remote} does not have it yet"),
    }
}
