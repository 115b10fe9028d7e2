//! The event of a change: what happened to a session or to a lock.
//!
//! Owns [`Event`], the words of its kinds, and which details each kind needs. Never knows how an
//! event is stored.

mod details;
mod kinds;
mod life;

pub use details::{Around, Details, DetailsRef};
pub use kinds::{KINDS, KindRow};
pub use life::LifeStep;

use super::id::SessionId;
use super::resource::Resource;
use super::state::{Version, Word};
use super::text::Purpose;
use super::time::Timestamp;
use super::token::Token;
use super::transition::Transition;

/// What one commit of the history says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The session that it happened to.
    pub session: SessionId,
    /// What it is about; empty for a heartbeat.
    pub resources: Vec<Resource>,
    /// Claims of the session that had expired and were dropped by the same change.
    pub expired: Vec<Resource>,
    /// What happened.
    pub kind: EventKind,
}

/// An event of the history, with when and where it was recorded.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The time of the commit.
    pub at: Timestamp,
    /// The full object id of the commit.
    pub commit: String,
    /// The ref whose history it is in, by its name at the remote; `None` in an archive.
    pub ref_name: Option<String>,
    /// What happened.
    pub event: Event,
}

/// What happened, with what only this kind of event has to say.
///
/// A new kind is a variant, its row in [`KINDS`], and its lines in `word` and `details`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// At least one resource was claimed, shared or exclusively.
    Claimed {
        /// What the session is doing.
        purpose: Purpose,
        /// The fencing token of an exclusive claim; of several, the last one.
        token: Option<Token>,
    },
    /// All resources were held already, and are held for longer.
    Renewed {
        /// The new purpose; `None` where only the lease was renewed.
        purpose: Option<Purpose>,
        /// The fencing token of an exclusive claim; of several, the last one.
        token: Option<Token>,
    },
    /// The session queued a request for exclusive claims.
    Queued {
        /// What the session is going to do.
        purpose: Purpose,
    },
    /// Claims were released.
    Released {
        /// The fencing token of an exclusive claim; of several, the last one.
        token: Option<Token>,
        /// The session that an exclusive claim is offered to.
        to: Option<SessionId>,
    },
    /// The session was active and nothing else happened; the next heartbeat replaces it.
    Heartbeat,
    /// A heartbeat, or a release, found expired claims only.
    Expired,
    /// A newer session of the same process replaced this one.
    Superseded {
        /// The newer session.
        by: SessionId,
    },
    /// Another session released claims of this one, whose program has ended.
    Cleared {
        /// The other session.
        by: SessionId,
        /// Why.
        reason: Purpose,
    },
    /// The clone took a new node id, and the session moved to a ref under that id.
    Reidentified,
    /// An exclusive claim was granted over an expired lease, or over a dead holder.
    TakenOver {
        /// The former holders; at least one.
        from: Vec<SessionId>,
        /// What the new holder is doing.
        purpose: Purpose,
        /// The new fencing token; of several, the last one.
        token: Token,
    },
    /// An exclusive claim was taken from its holder by name.
    Overridden {
        /// The former holder.
        holder: SessionId,
        /// Why.
        reason: Purpose,
        /// The token under which it was held.
        token: Token,
    },
    /// An action went on despite claims of other sessions; no claim changed.
    Bypassed {
        /// The sessions that hold these claims.
        holders: Vec<SessionId>,
        /// The claims; empty if an older version recorded the event.
        around: Vec<Around>,
        /// Why.
        reason: Purpose,
    },
    /// The session sent a message.
    Messaged {
        /// Its first line.
        subject: Purpose,
        /// To whom, as addresses are stored, with the sessions that it reached.
        to: Vec<String>,
    },
    /// The session said something of resources.
    StateSaid {
        /// What is true of them.
        word: Word,
        /// The version that is meant.
        version: Option<Version>,
        /// What else there is to say.
        notes: Option<Purpose>,
        /// The sessions whose `frozen` was lifted by force.
        over: Vec<SessionId>,
    },
    /// A task of a list changed its state.
    Task {
        /// From which to which, and why.
        transition: Transition,
        /// Its title, or what the session said.
        words: Option<Purpose>,
        /// The token under which it is or was held.
        token: Option<Token>,
    },
    /// The session started, went on, or ended.
    Lived {
        /// Which of them.
        step: LifeStep,
        /// What began or ended it.
        how: Purpose,
    },
    /// `doctor --repair` dropped records that could not be read.
    Repaired {
        /// The highest token of a register that was repaired; `None` for a session.
        token: Option<Token>,
    },
    /// A kind that this version does not know, or that lacks what its kind needs.
    Other {
        /// The word under which it was recorded.
        word: String,
        /// All that it says.
        details: Details,
    },
}

impl EventKind {
    /// A release of what is not exclusive.
    pub const RELEASED: Self = Self::Released {
        token: None,
        to: None,
    };

    /// Returns the kind that was recorded under `word` with these details.
    pub fn read(word: &str, details: Details) -> Self {
        let row = KINDS.iter().find(|row| row.word == word);
        let known = row.and_then(|row| (row.read)(details.clone()));
        known.unwrap_or_else(|| Self::Other {
            word: word.to_owned(),
            details,
        })
    }

    /// Returns the word under which this kind is recorded, as in [`KINDS`].
    pub fn word(&self) -> &str {
        match self {
            Self::Claimed { .. } => "claim",
            Self::Renewed { .. } => "renew",
            Self::Queued { .. } => "wait",
            Self::Released { .. } => "release",
            Self::Heartbeat => "heartbeat",
            Self::Expired => "lapse",
            Self::Superseded { .. } => "supersede",
            Self::Cleared { .. } => "clear",
            Self::Reidentified => "rename",
            Self::TakenOver { .. } => "takeover",
            Self::Overridden { .. } => "override",
            Self::Bypassed { .. } => "bypass",
            Self::Messaged { .. } => "message",
            Self::StateSaid { .. } => "state",
            Self::Task { .. } => "task",
            Self::Lived { step, .. } => step.as_str(),
            Self::Repaired { .. } => "repair",
            Self::Other { word, .. } => word,
        }
    }

    /// Returns what this kind says besides the session and the resources.
    pub fn details(&self) -> DetailsRef<'_> {
        let mut all = DetailsRef::default();
        match self {
            Self::Claimed { purpose, token } => {
                all.purpose = Some(purpose);
                all.token = *token;
            }
            Self::Renewed { purpose, token } => {
                all.purpose = purpose.as_ref();
                all.token = *token;
            }
            Self::Queued { purpose } | Self::Lived { how: purpose, .. } => {
                all.purpose = Some(purpose);
            }
            Self::Released { token, to } => {
                all.token = *token;
                all.to = to.as_ref();
            }
            Self::Repaired { token } => all.token = *token,
            Self::Heartbeat | Self::Expired | Self::Reidentified => {}
            Self::Superseded { by } => all.by = Some(by),
            Self::Cleared { by, reason } => {
                all.by = Some(by);
                all.purpose = Some(reason);
            }
            Self::TakenOver {
                from,
                purpose,
                token,
            } => {
                all.from = from;
                all.purpose = Some(purpose);
                all.token = Some(*token);
            }
            Self::Overridden {
                holder,
                reason,
                token,
            } => {
                all.from = std::slice::from_ref(holder);
                all.purpose = Some(reason);
                all.token = Some(*token);
            }
            Self::Bypassed {
                holders,
                around,
                reason,
            } => {
                all.from = holders;
                all.around = around;
                all.purpose = Some(reason);
            }
            Self::Messaged { subject, to } => {
                all.purpose = Some(subject);
                all.addresses = to;
            }
            Self::StateSaid { .. } | Self::Task { .. } => all = self.of_what_is_said(),
            Self::Other { details, .. } => all = details.borrowed(),
        }
        all
    }

    /// Returns the details of what is true of a resource, and of what is done.
    fn of_what_is_said(&self) -> DetailsRef<'_> {
        match self {
            Self::StateSaid {
                word,
                version,
                notes,
                over,
            } => DetailsRef {
                state: Some(word),
                version: version.as_ref(),
                purpose: notes.as_ref(),
                from: over,
                ..DetailsRef::default()
            },
            Self::Task {
                transition,
                words,
                token,
            } => DetailsRef {
                transition: Some(*transition),
                purpose: words.as_ref(),
                token: *token,
                ..DetailsRef::default()
            },
            _ => DetailsRef::default(),
        }
    }
}

#[cfg(test)]
mod tests;
