//! What a verb can say about the remote.
//!
//! Owns who knows of a change ([`Confirmation`]), and the words for what a remote did not do. Never
//! talks to a remote.

use crate::failure::Failure;
use crate::model::forbidden::Forbidden;
use crate::model::text::{WORDS_BYTES_MAX, quote};
use crate::sync::{FailureKind, Report};

/// Who knows of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// There is no remote.
    Local,
    /// The remote has it.
    Confirmed {
        /// The name of the remote.
        remote: String,
    },
    /// It is recorded here, and published by a later sync.
    Unconfirmed {
        /// The name of the remote.
        remote: String,
        /// Why the remote does not have it.
        why: String,
    },
}

/// Returns the failure for a remote that the settings name and that does not exist.
pub fn no_such_remote(name: &str) -> Failure {
    Failure::usage(format!("there is no remote {name:?} here"))
        .hint("see which there are: git remote -v; choose: git config presence.remote <name>")
}

/// What is wrong where a remote has to be chosen.
pub const NONE_CHOSEN: &str = "there are several remotes and none is chosen";

/// Returns the failure for a request to a remote where none is chosen.
pub fn none_chosen() -> Failure {
    Failure::usage(NONE_CHOSEN)
        .hint("see which there are: git remote -v; choose: git config presence.remote <name>")
}

/// Returns what a remote that refuses a ref does not do, and what it said.
pub fn refuses(remote: &str, forbidden: &Forbidden) -> String {
    let said = quote(forbidden.said.trim_end_matches('.'), WORDS_BYTES_MAX);
    let cannot = forbidden.change.cannot();
    format!("{remote} refuses it ({cannot}): {said}")
}

/// Returns why a sync did not bring the ref `name` to a remote that refuses it.
pub(super) fn why_refused(report: &Report, remote: &str, name: &str) -> String {
    match report.refused.get(name) {
        Some(forbidden) => refuses(remote, forbidden),
        None => why(report, remote),
    }
}

/// Returns why a sync did not do all that was requested.
pub fn why(report: &Report, remote: &str) -> String {
    if let Some(said) = &report.refuses {
        let said = quote(said.trim_end_matches('.'), WORDS_BYTES_MAX);
        return format!("{remote} refuses it, as every push: {said}");
    }
    if report.busy {
        return format!("another sync with {remote} is running");
    }
    if let Some(failure) = &report.synced.failure {
        if let Some(secs) = failure.come_back_secs {
            return format!("{remote} asks to come back in {secs} s");
        }
        let said = quote(failure.message.trim_end_matches('.'), WORDS_BYTES_MAX);
        return match failure.kind {
            FailureKind::Unreachable | FailureKind::Interrupted => {
                format!("{remote} could not be reached: {said}")
            }
            FailureKind::NoCredentials => format!("authentication to {remote} failed: {said}"),
            FailureKind::NotTrusted => {
                format!("git does not trust the repository of {remote} where it is: {said}")
            }
            FailureKind::Local => format!("git here did not ask {remote}: {said}"),
            _ => format!("the sync with {remote} failed: {said}"),
        };
    }
    if report.synced.gave_up {
        return match report.synced.last_words.as_deref() {
            Some(said) => {
                let said = quote(said, WORDS_BYTES_MAX);
                format!("{remote} rejected it repeatedly: {said}")
            }
            None => format!("{remote} rejected it repeatedly: other clones were faster"),
        };
    }
    match report.refused.values().next() {
        Some(forbidden) => refuses(remote, forbidden),
        None => format!("{remote} does not have it yet"),
    }
}
