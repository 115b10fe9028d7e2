//! What happened to a session and what it was not told yet.
//!
//! Owns [`News`], and its words for people. Never knows where it is kept, or how a model is told.

use std::fmt;

use super::departure::Moved;
use super::id::SessionId;
use super::refusal::Refusal;
use super::resource::Resource;
use super::time::Timestamp;
use super::token::Token;
use super::turn::is_turn;

/// One thing that happened to a session without its doing.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// An exclusive claim is lost; the refusal says how.
    Lost(Refusal),
    /// A claim expired.
    Expired {
        /// What was claimed.
        resource: Resource,
        /// When it expired.
        at: Timestamp,
    },
    /// A queued request expired before it was granted.
    RequestExpired {
        /// What was requested.
        resource: Resource,
        /// When it expired.
        at: Timestamp,
    },
    /// A claim was released because another session replaced this one.
    Superseded {
        /// What was claimed.
        resource: Resource,
        /// The newer session.
        by: SessionId,
        /// When it was released.
        at: Timestamp,
    },
    /// A queued request was granted.
    Granted {
        /// What the session holds exclusively since.
        resource: Resource,
        /// The fencing token of the grant.
        token: Token,
        /// When it was granted.
        at: Timestamp,
    },
    /// Another session waits for what this one holds.
    WaitedFor {
        /// What this session holds.
        resource: Resource,
        /// The session that waits.
        by: SessionId,
        /// Since when.
        at: Timestamp,
    },
    /// Another agent was started with the id of this session, and has one of its own now.
    IdShared {
        /// The other session.
        by: SessionId,
        /// When it began.
        at: Timestamp,
    },
    /// What the session had frozen is so no longer: the time that it named is over.
    FreezeEnded {
        /// What it had frozen.
        resource: Resource,
        /// When that ended.
        at: Timestamp,
    },
    /// What the session did not get is free.
    Freed {
        /// What it wanted.
        resource: Resource,
        /// What the code here lacks of the last holder.
        moved: Option<Moved>,
    },
}

impl News {
    /// Returns what it is about; `None` for a refusal that names no resource.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            Self::Lost(
                Refusal::Expired { resource, .. }
                | Refusal::LeaseUntrusted { resource }
                | Refusal::TakenOver { resource, .. },
            )
            | Self::Expired { resource, .. }
            | Self::RequestExpired { resource, .. }
            | Self::Superseded { resource, .. }
            | Self::Granted { resource, .. }
            | Self::FreezeEnded { resource, .. }
            | Self::WaitedFor { resource, .. }
            | Self::Freed { resource, .. } => Some(resource),
            Self::Lost(_) | Self::IdShared { .. } => None,
        }
    }

    /// Returns the word for it in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Lost(Refusal::Expired { .. }) | Self::Expired { .. } => "expired",
            Self::Lost(_) => "lost",
            Self::RequestExpired { .. } => "request_expired",
            Self::Superseded { .. } => "superseded",
            Self::Granted { .. } => "granted",
            Self::WaitedFor { .. } => "waited_for",
            Self::IdShared { .. } => "id_shared",
            Self::FreezeEnded { .. } => "freeze_ended",
            Self::Freed { .. } => "free",
        }
    }

    /// Returns true if a claim of the session ended because no heartbeat or renewal came.
    pub const fn is_expiry(&self) -> bool {
        matches!(
            self,
            Self::Expired { .. } | Self::Lost(Refusal::Expired { .. })
        )
    }
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(refusal) => refusal.fmt(f),
            Self::Expired { resource, at } => {
                write!(f, "your claim of {resource} expired at {}", at.to_rfc3339())
            }
            Self::RequestExpired { resource, at } => write!(
                f,
                "your queued request for {resource} expired at {}",
                at.to_rfc3339()
            ),
            Self::Superseded { resource, by, at } => write!(
                f,
                "your claim of {resource} was released at {}: {by} replaced this session",
                at.to_rfc3339()
            ),
            Self::Granted {
                resource,
                token,
                at,
            } => write!(
                f,
                "your queued request was granted at {}: you hold {resource} exclusively, token \
                 {token}",
                at.to_rfc3339()
            ),
            Self::WaitedFor { resource, by, at } => write!(
                f,
                "{by} waits for {resource} since {}: {} as soon as you are done",
                at.to_rfc3339(),
                if is_turn(resource) {
                    "pass it on"
                } else {
                    "release it"
                }
            ),
            Self::IdShared { by, at } => write!(
                f,
                "another agent was started with your session id at {} and is {by} now: what it \
                 claims is not yours",
                at.to_rfc3339()
            ),
            Self::FreezeEnded { resource, at } => write!(
                f,
                "your freeze of {resource} ended at {}: other sessions can claim it again",
                at.to_rfc3339()
            ),
            Self::Freed { resource, moved } => {
                write!(f, "{resource} is free now: no other session claims it")?;
                match moved {
                    Some(moved) => write!(f, "; {}", moved.advice()),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_what_happened_and_when() {
        let resource = Resource::parse("stack:dns").unwrap();
        let at = Timestamp::from_millis(1_763_719_200_123);
        let by = SessionId::parse("b").unwrap();
        let said = |news: News| format!("{} {news}", news.word());
        let expired = Refusal::Expired {
            resource: resource.clone(),
            at,
        };
        assert!(said(News::Lost(expired)).starts_with("expired your exclusive claim of stack:dns"));
        assert_eq!(
            said(News::Superseded {
                resource: resource.clone(),
                by,
                at
            }),
            "superseded your claim of stack:dns was released at 2025-11-21T10:00:00.123Z: b \
             replaced this session"
        );
        let granted = News::Granted {
            resource: resource.clone(),
            token: Token::new(7),
            at,
        };
        assert!(!granted.is_expiry());
        assert!(said(granted).ends_with("you hold stack:dns exclusively, token 7"));
        for (news, word) in [
            (
                News::Expired {
                    resource: resource.clone(),
                    at,
                },
                "expired your claim of",
            ),
            (
                News::RequestExpired { resource, at },
                "request_expired your queued request for",
            ),
        ] {
            assert!(news.resource().is_some());
            assert!(said(news).starts_with(word));
        }
    }
}
