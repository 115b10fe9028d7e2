//! The refusal of a well-formed request, as data.
//!
//! Owns [`Refusal`]: each reason with the claims, the times and the words of other sessions that
//! belong to it. Never words a hint; `app` adds those.

use std::fmt;

use super::claim::Mode;
use super::holding::Holding;
use super::id::SessionId;
use super::offer::Offered;
use super::resource::Resource;
use super::task::TaskDenied;
use super::text::{Purpose, list};
use super::time::Timestamp;
use super::token::Token;
use super::unreadable::Unreadable;

/// Why a request is turned down although it is well formed.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Other sessions hold it, and the request does not want to share or cannot.
    Held {
        /// Their claims, at least one.
        by: Vec<Holding>,
    },
    /// A record that may hold it cannot be read; what is unreadable is not free.
    MayBeHeld {
        /// What was requested.
        resource: Resource,
        /// The records, at least one.
        by: Vec<Unreadable>,
    },
    /// The caller does not hold what the request is about.
    NotYours {
        /// What was requested.
        resource: Resource,
        /// The claims of the sessions that hold it; empty if there are none.
        by: Vec<Holding>,
    },
    /// No session holds it, and it is offered to another one.
    Offered {
        /// The offer.
        offered: Box<Offered>,
    },
    /// It was released a moment ago, and other sessions wait for it.
    Queued {
        /// What was requested.
        resource: Resource,
        /// The session that is first in line.
        first: SessionId,
        /// Until when only that one is granted it.
        until: Timestamp,
    },
    /// The caller takes only what is offered to it, and it is not.
    NotOffered {
        /// What was requested.
        resource: Resource,
    },
    /// The lock stands under another token.
    OtherToken {
        /// The token that the caller named.
        asked: Token,
        /// The token of the lock.
        current: Token,
    },
    /// The caller held it, and its lease has expired.
    Expired {
        /// What the caller held.
        resource: Resource,
        /// When the lease expired.
        at: Timestamp,
    },
    /// The caller holds the lock, but this clone cannot vouch for the lease.
    LeaseUntrusted {
        /// What the caller holds.
        resource: Resource,
    },
    /// The caller held it, and another grant or a release replaced the lock.
    TakenOver {
        /// What the caller held.
        resource: Resource,
        /// By which session and when, as far as the history shows it.
        by: Option<(SessionId, Timestamp)>,
        /// Why it was taken by force, if it was.
        reason: Option<Purpose>,
    },
    /// The session would have more claims than it may.
    TooManyClaims {
        /// The most claims that a session may have.
        claims_max: usize,
    },
    /// The tasks of a list do not allow it.
    Task {
        /// Why.
        why: Box<TaskDenied>,
    },
    /// The session would have more states in force than it may.
    TooManyStates {
        /// The most states of a session.
        states_max: usize,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { by } => f.write_str(&held(by)),
            Self::MayBeHeld { resource, by } => {
                let places = list(by.iter());
                write!(
                    f,
                    "{resource} may be claimed in an unreadable record: {places}"
                )
            }
            Self::NotYours { resource, by } if by.is_empty() => {
                write!(f, "you do not hold {resource}, and no other session does")
            }
            Self::NotYours { resource, by } => {
                write!(
                    f,
                    "{resource} is not yours: it is claimed by {}",
                    holders(by)
                )
            }
            Self::Offered { offered } => f.write_str(&of_offer(offered)),
            Self::Queued {
                resource,
                first,
                until,
            } => f.write_str(&of_queue(resource, first, *until)),
            Self::NotOffered { resource } => write!(f, "{resource} is not offered to you"),
            Self::OtherToken { asked, current } => {
                let tokens = format_args!("{asked} is not in force; the current one is {current}");
                write!(f, "the token {tokens}")
            }
            Self::Expired { resource, at } => {
                write!(
                    f,
                    "your exclusive claim of {resource} expired at {}",
                    at.to_rfc3339()
                )
            }
            Self::LeaseUntrusted { resource } => {
                write!(
                    f,
                    "your lease on {resource} can no longer be trusted on this machine"
                )
            }
            Self::TakenOver {
                resource,
                by,
                reason,
            } => {
                write!(f, "{resource} is no longer yours: taken over")?;
                if let Some((by, at)) = by {
                    write!(f, " by {by} at {}", at.to_rfc3339())?;
                }
                match reason {
                    Some(reason) => write!(f, ": {reason}"),
                    None => Ok(()),
                }
            }
            Self::TooManyClaims { claims_max } => {
                write!(f, "a session holds at most {claims_max} claims")
            }
            Self::Task { why } => why.fmt(f),
            Self::TooManyStates { states_max } => {
                write!(f, "a session has at most {states_max} states in force")
            }
        }
    }
}

/// Returns what stands against a request: what only waits holds nothing, and comes first all the
/// same.
fn held(by: &[Holding]) -> String {
    let mut all: Vec<&Resource> = by.iter().map(|held| &held.resource).collect();
    all.dedup();
    let are = if all.len() > 1 { "are" } else { "is" };
    let all = list(all.into_iter());
    let is_all = |mode: Mode| by.iter().all(|one| one.mode == mode);
    if is_all(Mode::Frozen) {
        return format!("{all} {are} frozen by {}", holders(by));
    }
    match is_all(Mode::Waiting) {
        true => format!(
            "{all}: it is the turn of {}, which waits for it",
            holders(by)
        ),
        false => format!("{all} {are} claimed by {}", holders(by)),
    }
}

fn of_offer(offered: &Offered) -> String {
    let until = offered.until.to_rfc3339();
    let (what, to, by) = (&offered.resource, &offered.to, &offered.by.id);
    format!("{what} is offered to {to} until {until}, by {by}")
}

fn of_queue(resource: &Resource, first: &SessionId, until: Timestamp) -> String {
    let until = until.to_rfc3339();
    format!("{resource} is kept for {first} until {until}, the first in line")
}

/// Returns the session of claims, or how many there are: an id alone says nothing to a reader.
fn holders(by: &[Holding]) -> String {
    let mut each: Vec<&Holding> = Vec::new();
    for held in by {
        let is_same = |other: &&Holding| other.session == held.session && other.node == held.node;
        if !each.iter().any(is_same) {
            each.push(held);
        }
    }
    match each.as_slice() {
        [one] => one.holder().to_string(),
        many => format!("{} other sessions", many.len()),
    }
}
