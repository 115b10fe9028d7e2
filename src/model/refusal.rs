//! "No" as an answer.
//!
//! Owns every reason for which a well-formed request is turned down, as data: who, until when,
//! what. Never words hints for a terminal; `commands` adds those.

use std::fmt;

use super::holding::Holding;
use super::id::SessionId;
use super::resource::Resource;
use super::text::Purpose;
use super::time::Timestamp;
use super::token::Token;
use super::unreadable::Unreadable;

#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Others hold it, and the request does not want to share.
    Held {
        by: Vec<Holding>,
    },
    /// A record that may hold it cannot be read; unreadable is never free.
    MayBeHeld {
        resource: Resource,
        by: Vec<Unreadable>,
    },
    /// The request is for claims of another session, or of nobody.
    NotYours {
        resource: Resource,
        by: Vec<Holding>,
    },
    /// The token is not the one that is in force.
    OtherToken {
        asked: Token,
        current: Token,
    },
    /// It was yours, and the lease is over.
    Expired {
        resource: Resource,
        at: Timestamp,
    },
    /// It is yours in the cell, and nothing here says that you may count on it still.
    LeaseUntrusted {
        resource: Resource,
    },
    /// It was yours, and is not any more.
    TakenOver {
        resource: Resource,
        /// By whom and when, as far as the history tells.
        by: Option<(SessionId, Timestamp)>,
        reason: Option<Purpose>,
    },
    TooManyClaims {
        claims_max: usize,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { by } => {
                let names: Vec<&str> = by.iter().map(|h| h.session.as_str()).collect();
                let what = by.first().map_or("it", |h| h.resource.label());
                write!(f, "{what} is claimed by {}", names.join(", "))
            }
            Self::MayBeHeld { resource, by } => {
                let places: Vec<String> = by.iter().map(Unreadable::to_string).collect();
                write!(
                    f,
                    "{resource} may be claimed in an unreadable record: {}",
                    places.join("; ")
                )
            }
            Self::NotYours { resource, by } if by.is_empty() => {
                write!(f, "you do not hold {resource}, and no other session does")
            }
            Self::NotYours { resource, by } => {
                let names: Vec<&str> = by.iter().map(|h| h.session.as_str()).collect();
                write!(
                    f,
                    "{resource} is not yours: it is claimed by {}",
                    names.join(", ")
                )
            }
            Self::OtherToken { asked, current } => {
                write!(
                    f,
                    "the token {asked} is not in force; the current one is {current}"
                )
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
                    Some(reason) => write!(f, ": {}", reason.as_str()),
                    None => Ok(()),
                }
            }
            Self::TooManyClaims { claims_max } => {
                write!(f, "a session holds at most {claims_max} claims")
            }
        }
    }
}
