//! What happened, in one word and its objects.
//!
//! Owns the kinds of event that a change of a session leaves behind. Never knows how an event is
//! stored.

use super::id::SessionId;
use super::resource::Resource;
use super::text::Purpose;
use super::token::Token;

/// The kind of an event. `Other` is one that a newer version wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    Claim,
    Renew,
    /// A wish to hold something alone.
    Wait,
    Release,
    /// A sign of life and nothing else; replaced by the next one.
    Heartbeat,
    /// Claims that had lapsed were dropped.
    Lapse,
    /// A newer session of the same process took this one's place.
    Supersede,
    /// Its clone took a new name, and the session moved to a ref under that name.
    Rename,
    /// An exclusive claim was granted over one that had lapsed.
    Takeover,
    /// An exclusive claim was taken from its holder by name.
    Override,
    /// What others hold was done all the same, for a reason.
    Bypass,
    /// `doctor --repair` dropped records that could not be read.
    Repair,
    Other(String),
}

impl EventKind {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Claim => "claim",
            Self::Renew => "renew",
            Self::Wait => "wait",
            Self::Release => "release",
            Self::Heartbeat => "heartbeat",
            Self::Lapse => "lapse",
            Self::Supersede => "supersede",
            Self::Rename => "rename",
            Self::Takeover => "takeover",
            Self::Override => "override",
            Self::Bypass => "bypass",
            Self::Repair => "repair",
            Self::Other(word) => word,
        }
    }

    pub fn from_word(word: &str) -> Self {
        match word {
            "claim" => Self::Claim,
            "renew" => Self::Renew,
            "wait" => Self::Wait,
            "release" => Self::Release,
            "heartbeat" => Self::Heartbeat,
            "lapse" => Self::Lapse,
            "supersede" => Self::Supersede,
            "rename" => Self::Rename,
            "takeover" => Self::Takeover,
            "override" => Self::Override,
            "bypass" => Self::Bypass,
            "repair" => Self::Repair,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A claim of somebody else that was gone around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    pub session: SessionId,
    pub resource: Resource,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub session: SessionId,
    pub resources: Vec<Resource>,
    /// Claims that had lapsed and were dropped by the same change.
    pub lapsed: Vec<Resource>,
    pub purpose: Option<Purpose>,
    /// The session that caused it, where that is not `session` itself.
    pub by: Option<SessionId>,
    /// Whose it was before, where it was taken over or overridden; whose it is, where it was
    /// bypassed.
    pub from: Vec<SessionId>,
    /// What was bypassed, claim by claim; an older version recorded `from` alone.
    pub around: Vec<Around>,
    /// The token of an exclusive claim.
    pub token: Option<Token>,
}
