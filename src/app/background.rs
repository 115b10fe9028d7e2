//! Jobs of this program that run in the background, each as a process of its own.
//!
//! Owns [`Background`]: which jobs there are, and the command line that starts each. Never waits
//! for one.

use std::ffi::OsString;

use crate::context::Context;
use crate::model::id::SessionId;
use crate::model::time::Timestamp;

/// What of a sync is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halves {
    /// It pushes, then fetches.
    Both,
    /// It pushes only.
    Push,
    /// It fetches only.
    Fetch,
}

/// A job that the caller does not wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Background {
    /// Syncs with the remote.
    Sync(Halves),
    /// Folds what is over.
    Gc,
    /// Renews the leases of a session.
    RenewLeases {
        /// The session.
        session: SessionId,
    },
    /// Renews the claims of a session, for as long as a process runs.
    Keepalive {
        /// The session.
        session: SessionId,
        /// The process of its harness.
        pid: u32,
    },
    /// Releases what a session held as it ended.
    ReleaseEnded {
        /// The session.
        session: SessionId,
        /// When it ended: what it claims later stays.
        ended_at: Timestamp,
    },
    /// Moves the exclusive claims of a session to the one that goes on from it.
    Inherit {
        /// The session that goes on.
        session: SessionId,
        /// The session before it.
        from: SessionId,
    },
}

impl Background {
    /// Returns the words of the command line after the global options.
    pub fn to_args(&self) -> Vec<OsString> {
        // With `=`, a session whose id begins with a dash is no option.
        let of = |session: &SessionId| format!("--session={}", session.as_str());
        let words: Vec<String> = match self {
            Self::Sync(halves) => {
                let half = match halves {
                    Halves::Both => None,
                    Halves::Push => Some("--push-only".to_owned()),
                    Halves::Fetch => Some("--fetch-only".to_owned()),
                };
                let words = ["sync", "--background"].map(str::to_owned);
                words.into_iter().chain(half).collect()
            }
            Self::Gc => ["gc", "--background"].map(str::to_owned).to_vec(),
            Self::RenewLeases { session } => {
                vec!["heartbeat".to_owned(), "--renew".to_owned(), of(session)]
            }
            Self::Keepalive { session, pid } => {
                vec!["keep".to_owned(), format!("--pid={pid}"), of(session)]
            }
            Self::ReleaseEnded { session, ended_at } => {
                let ended_at = format!("--ended-at={}", ended_at.to_rfc3339());
                [
                    "release".to_owned(),
                    "--all-mine".to_owned(),
                    ended_at,
                    of(session),
                ]
                .to_vec()
            }
            Self::Inherit { session, from } => {
                let from = format!("--inherit={}", from.as_str());
                vec!["heartbeat".to_owned(), from, of(session)]
            }
        };
        words.into_iter().map(OsString::from).collect()
    }

    /// Starts the job for the board of `context`. A job that cannot be started is left out: what
    /// it would do is done by a later command, or expires.
    pub fn start(&self, context: &Context) {
        let mut arguments: Vec<OsString> = Vec::new();
        // The job finds the repository that was found here.
        if let Some(dir) = &context.searched_from {
            arguments.extend(["-C".into(), dir.clone().into()]);
        }
        arguments.extend(["--ledger".into(), context.ledger_dir.clone().into()]);
        arguments.extend(self.to_args());
        context.host.spawn_detached(&arguments);
    }
}
