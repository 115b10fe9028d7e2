//! A message: a text from one session to others.
//!
//! Owns [`Message`], its id, its text ([`Text`]) and how long it lasts. Whom it reaches is in
//! [`address`], what a session may send in [`outbox`], what a reader has seen in [`marks`],
//! what changed in [`digest`], what is unread in [`post`], and how it is shown in [`shape`]. Never
//! knows where it is kept.

pub mod address;
pub mod digest;
pub mod marks;
pub mod outbox;
pub mod post;
pub mod shape;

use std::fmt;

use super::event::EventKind;
use super::id::SessionId;
use super::resource::Resource;
use super::text::{Purpose, TextError, check_lines, harmless_lines};
use super::time::Timestamp;
use address::Address;

/// The longest text of a message, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// The most addresses of a message.
pub const ADDRESSES_MAX: usize = 16;
/// How long a message lasts, and the longest that it may.
pub const LASTS_SECS: u64 = 7 * 24 * 60 * 60;
/// How long a message to all sessions lasts.
pub const LASTS_FOR_ALL_SECS: u64 = 24 * 60 * 60;
/// How long an urgent message lasts.
pub const LASTS_URGENT_SECS: u64 = 60 * 60;

const ID_HEX_DIGITS: usize = 12;

/// The id of a message: it follows from what the message says, so two of one id are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Parses 12 lower-case hex digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == ID_HEX_DIGITS && is_hex).then(|| Self(text.to_owned()))
    }

    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text of a message: lines, of which the first is the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// Accepts what a user typed or piped. Tabs become spaces, and empty lines around it and spaces
    /// at the end of a line are left out; a text that is too long is refused, never cut.
    ///
    /// # Errors
    ///
    /// An empty text, one that is too long, or one with characters that cannot be seen.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let bytes = text.len();
        let bytes_max = TEXT_BYTES_MAX;
        if bytes > bytes_max {
            return Err(TextError::TooLong { bytes, bytes_max });
        }
        let spaced = text.replace("\r\n", "\n").replace('\t', "    ");
        let lines: Vec<&str> = spaced.lines().map(str::trim_end).collect();
        let joined = lines.join("\n");
        let text = joined.trim();
        check_lines(text, bytes_max)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes what a record holds, and makes it harmless. What is too long is cut at a line.
    pub fn from_record(text: &str) -> Self {
        let mut cut = harmless_lines(text);
        while cut.len() > TEXT_BYTES_MAX {
            let end = cut.trim_end_matches('\n').rfind('\n');
            cut.truncate(end.unwrap_or_default());
        }
        Self(cut)
    }

    /// Returns all of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first line.
    pub fn subject(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    /// Returns what follows the first line, without the empty lines between them.
    pub fn body(&self) -> &str {
        let rest = self.0.split_once('\n').map_or("", |(_, rest)| rest);
        rest.trim_start_matches('\n')
    }

    /// Returns the first line as the history records it.
    pub fn as_purpose(&self) -> Purpose {
        Purpose::from_record(self.subject())
    }
}

/// What a session says to others, before it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// To whom, at least one.
    pub to: Vec<Address>,
    /// The sessions that were at a resource of `to`, as far as the sender saw.
    pub reached: Vec<SessionId>,
    /// What it is about.
    pub about: Option<Resource>,
    /// What it says.
    pub text: Text,
    /// Whether an answer is wanted.
    pub asks: bool,
    /// Whether it is handed over after the next tool.
    pub urgent: bool,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// How many answers of agents came before it in its thread.
    pub hops: u8,
    /// How long it lasts, in seconds.
    pub lasts_secs: u64,
}

/// A message as its sender recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place among those of its sender, from 1.
    pub number: u64,
    /// The session that wrote it.
    pub from: SessionId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// What it says, and to whom.
    pub draft: Draft,
}

impl Message {
    /// Returns when it is over, on the clock of the sender.
    pub fn expires_at(&self) -> Timestamp {
        self.sent_at.plus_secs(self.draft.lasts_secs)
    }

    /// Returns true until it is over.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// Returns true if it waits for the holders of a resource.
    pub fn is_to_a_resource(&self) -> bool {
        let mut to = self.draft.to.iter();
        to.any(|address| matches!(address, Address::Resource(_)))
    }

    /// Returns the event of sending it, and what it is about.
    pub fn happened(&self) -> (EventKind, Vec<Resource>) {
        let draft = &self.draft;
        let mut to: Vec<String> = draft.to.iter().map(ToString::to_string).collect();
        for id in &draft.reached {
            let reached = Address::Session(id.clone()).to_string();
            if !to.contains(&reached) {
                to.push(reached);
            }
        }
        let subject = draft.text.as_purpose();
        let about = draft.about.iter().cloned().collect();
        (EventKind::Messaged { subject, to }, about)
    }

    /// Returns its id, which follows from all that it says.
    pub fn id(&self) -> MessageId {
        let mut hash = blake3::Hasher::new();
        let mut add = |part: &str| {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        };
        let draft = &self.draft;
        add(self.from.as_str());
        add(&format!(
            "{} {} {} {} {} {}",
            self.number,
            self.sent_at.as_millis(),
            draft.lasts_secs,
            draft.asks,
            draft.urgent,
            draft.hops
        ));
        draft.to.iter().for_each(|to| add(&to.to_string()));
        add("reached");
        draft.reached.iter().for_each(|id| add(id.as_str()));
        add(draft.about.as_ref().map_or("", Resource::label));
        add(draft.reply_to.as_ref().map_or("", MessageId::as_str));
        add(draft.text.as_str());
        MessageId(hash.finalize().to_hex()[..ID_HEX_DIGITS].to_owned())
    }
}

#[cfg(test)]
mod tests;
