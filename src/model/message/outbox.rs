//! What a session may send.
//!
//! Owns the rule of [`send`]: how many messages a session has and how fast it sends them, when two
//! are one, and how long two agents answer each other ([`hops_of_answer`]). Never decides whom a
//! message reaches.

use std::fmt;

use super::super::id::SessionId;
use super::super::time::Timestamp;
use super::{Draft, Message};

/// The most messages that a session keeps.
pub const MESSAGES_MAX: usize = 64;
/// The most messages that a session sends within [`WINDOW_SECS`].
pub const SENDS_MAX: usize = 30;
/// The time in which sent messages are counted.
pub const WINDOW_SECS: u64 = 10 * 60;
/// How soon the same text to the same address is the same message.
pub const SAME_SECS: u64 = 60;
/// The most answers of agents in a thread without a person between them.
pub const HOPS_MAX: u8 = 8;

/// What became of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It is a new message, the last of those that the session keeps now.
    New {
        /// All that it keeps.
        kept: Vec<Message>,
        /// The new one.
        message: Message,
    },
    /// The session sent it a moment ago.
    Again(Message),
}

/// Why a message is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The session keeps as many messages as it may, and none was read by all whom it names.
    TooMany {
        /// When the first of them expires.
        until: Timestamp,
    },
    /// The session sent too many within a short time.
    TooFast {
        /// After how many seconds it may send again.
        retry_after_secs: u64,
    },
    /// Agents answered each other for too long.
    AskAPerson,
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { until } => write!(
                f,
                "this session has {MESSAGES_MAX} messages that were not read yet; the first one \
                 expires at {}",
                until.to_rfc3339()
            ),
            Self::TooFast { .. } => write!(
                f,
                "this session sent {SENDS_MAX} messages within {} minutes",
                WINDOW_SECS / 60
            ),
            Self::AskAPerson => write!(
                f,
                "{HOPS_MAX} answers of agents followed one another without a person between them"
            ),
        }
    }
}

/// Returns the hop count of an answer to `parent`: what a person says begins a new count.
///
/// # Errors
///
/// [`NotSent::AskAPerson`] after [`HOPS_MAX`] answers of agents.
pub fn hops_of_answer(parent: &Message, is_person: bool) -> Result<u8, NotSent> {
    match parent.draft.hops {
        _ if is_person => Ok(0),
        hops if hops >= HOPS_MAX => Err(NotSent::AskAPerson),
        hops => Ok(hops + 1),
    }
}

/// Returns what `from` keeps after it sent `draft`. `recorded` are the messages that it has, and
/// `is_settled` says of one of them that all whom it names have read it.
///
/// # Errors
///
/// [`NotSent::TooMany`] and [`NotSent::TooFast`].
pub fn send(
    recorded: &[Message],
    is_settled: &dyn Fn(&Message) -> bool,
    from: &SessionId,
    draft: &Draft,
    now: Timestamp,
) -> Result<Sending, NotSent> {
    let age_secs = |message: &Message| now.secs_since(message.sent_at);
    let is_same = |message: &&Message| message.draft == *draft && age_secs(message) < SAME_SECS;
    if let Some(message) = recorded.iter().rfind(is_same) {
        return Ok(Sending::Again(message.clone()));
    }
    // One that is over still counts for how fast messages follow.
    let counts = |message: &&Message| {
        !message.sent_at.is_impossible(now)
            && (message.is_live(now) || age_secs(message) < WINDOW_SECS)
    };
    let mut kept: Vec<Message> = recorded.iter().filter(counts).cloned().collect();
    let recent: Vec<u64> = kept.iter().map(age_secs).collect();
    let mut recent: Vec<u64> = recent
        .into_iter()
        .filter(|age| *age < WINDOW_SECS)
        .collect();
    recent.sort_unstable();
    if recent.len() >= SENDS_MAX {
        let oldest = recent[SENDS_MAX - 1];
        return Err(NotSent::TooFast {
            retry_after_secs: WINDOW_SECS - oldest,
        });
    }
    if kept.len() >= MESSAGES_MAX {
        let spare = kept
            .iter()
            .position(|message| !message.is_live(now) || is_settled(message));
        match spare {
            Some(at) => drop(kept.remove(at)),
            None => {
                let until = kept.iter().map(Message::expires_at).min().unwrap_or(now);
                return Err(NotSent::TooMany { until });
            }
        }
    }
    let last = recorded.iter().map(|message| message.number).max();
    let message = Message {
        number: last.unwrap_or_default().saturating_add(1),
        from: from.clone(),
        sent_at: now,
        draft: draft.clone(),
    };
    kept.push(message.clone());
    Ok(Sending::New { kept, message })
}
