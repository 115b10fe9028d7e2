//! The record of a message, `message-<number>.toml`.
//!
//! Owns its shape on disk, and its conversion from and to the model ([`decode`], [`encode`]). Never
//! decides whom a message reaches, never touches Git.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{Lines, Rest, instant, known_format, malformed, parse};
use crate::model::id::SessionId;
use crate::model::message::address::Address;
use crate::model::message::{ADDRESSES_MAX, Draft, LASTS_SECS, Message, MessageId, Text};
use crate::model::resource::Resource;
use crate::model::unreadable::Defect;

/// The most sessions that a message records as reached.
pub const REACHED_MAX: usize = 64;

#[derive(Deserialize)]
struct MessageWire {
    format: u64,
    number: u64,
    from: String,
    to: Vec<String>,
    #[serde(default)]
    reached: Vec<String>,
    about: Option<String>,
    sent_at: Datetime,
    lasts_seconds: u64,
    #[serde(default)]
    asks: bool,
    #[serde(default)]
    urgent: bool,
    reply_to: Option<String>,
    #[serde(default)]
    hops: u8,
    text: String,
    #[serde(flatten)]
    rest: Rest,
}

/// Reads a message from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Message, Rest), Defect> {
    let wire: MessageWire = parse(bytes)?;
    known_format(wire.format)?;
    let session = |id: &String| SessionId::from_record(id);
    let from = session(&wire.from).map_err(|e| malformed(format!("from: {e}")))?;
    if wire.to.is_empty() || wire.to.len() > ADDRESSES_MAX || wire.reached.len() > REACHED_MAX {
        return Err(malformed("it has no address, or too many"));
    }
    // An address of a later kind means no session of this version.
    let to = wire.to.iter().filter_map(|to| Address::from_record(to));
    let reached: Result<Vec<SessionId>, _> = wire.reached.iter().map(session).collect();
    let about = wire.about.as_deref().map(Resource::from_record).transpose();
    let message = Message {
        number: wire.number,
        from,
        sent_at: instant("sent_at", wire.sent_at)?,
        draft: Draft {
            to: to.collect(),
            reached: reached.map_err(|e| malformed(format!("reached: {e}")))?,
            about: about.map_err(|e| malformed(format!("about: {e}")))?,
            text: Text::from_record(&wire.text),
            asks: wire.asks,
            urgent: wire.urgent,
            reply_to: wire.reply_to.as_deref().and_then(MessageId::parse),
            hops: wire.hops,
            lasts_secs: wire.lasts_seconds.min(LASTS_SECS),
        },
    };
    Ok((message, wire.rest))
}

/// Writes a message as TOML.
pub fn encode(message: &Message, rest: &Rest) -> Vec<u8> {
    let draft = &message.draft;
    let list = |all: Vec<String>| toml::Value::from(all);
    let mut out = Lines::default();
    out.line("number", message.number);
    out.text("from", message.from.as_str());
    out.line(
        "to",
        list(draft.to.iter().map(ToString::to_string).collect()),
    );
    if !draft.reached.is_empty() {
        let reached = draft.reached.iter().map(|id| id.as_str().to_owned());
        out.line("reached", list(reached.collect()));
    }
    if let Some(about) = &draft.about {
        out.text("about", about.label());
    }
    out.line("sent_at", message.sent_at.to_rfc3339());
    out.line("lasts_seconds", draft.lasts_secs);
    for (key, value) in [("asks", draft.asks), ("urgent", draft.urgent)] {
        if value {
            out.line(key, value);
        }
    }
    if let Some(reply_to) = &draft.reply_to {
        out.text("reply_to", reply_to.as_str());
    }
    if draft.hops > 0 {
        out.line("hops", draft.hops);
    }
    out.text("text", draft.text.as_str());
    out.finish(rest)
}
