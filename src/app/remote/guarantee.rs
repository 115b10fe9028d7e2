//! What a verb can say about the remote.
//!
//! Owns who knows of a change ([`Guarantee`]) and how fresh the view of others is ([`View`]). Never
//! talks to a remote.

use crate::failure::Failure;
use crate::model::time::Timestamp;

/// Who knows of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guarantee {
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
pub struct View {
    pub remote: String,
    /// `None`: the remote was never looked at.
    pub as_of: Option<Timestamp>,
}

pub fn no_such_remote(name: &str) -> Failure {
    Failure::usage(format!("there is no remote {name:?} here"))
        .hint("see which there are: git remote -v; choose: git config presence.remote <name>")
}
