//! JSON shapes that several answers share: a claim, an event, labels.
//!
//! Owns how they are spelled for programs. Never knows a report.

use serde_json::{Value, json};

use crate::ledger::Entry;
use crate::model::board::{Holding, Unreadable};
use crate::model::event::Around;
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::text::{Purpose, is_unsafe};
use crate::model::time::Timestamp;

pub fn line(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        // Inside a JSON string an escape means the same, and does nothing to a terminal.
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

pub fn at(instant: Timestamp) -> Value {
    instant.to_rfc3339().into()
}

pub fn holding(holding: &Holding, me: Option<&SessionId>) -> Value {
    let mut value = json!({
        "session_id": holding.session.as_str(),
        "resource": holding.resource.label(),
        "purpose": holding.purpose.as_str(),
        "mode": holding.mode.as_str(),
        "claimed_at": at(holding.claimed_at),
        "seen_at": at(holding.seen_at),
        "expires_at": at(holding.expires_at),
        "user": holding.user,
        "host": holding.host,
        "agent": holding.agent,
        "confirmed": holding.confirmed,
    });
    if let Some(token) = holding.token {
        value["token"] = token.number().into();
    }
    if let Some(me) = me {
        value["is_me"] = (holding.session == *me).into();
    }
    value
}

pub fn holdings(list: &[Holding], me: &SessionId) -> Value {
    list.iter().map(|h| holding(h, Some(me))).collect()
}

pub fn labels(resources: &[Resource]) -> Value {
    resources.iter().map(Resource::label).collect()
}

pub fn unreadable(list: &[Unreadable]) -> Value {
    let one = |u: &Unreadable| json!({ "place": u.place, "defect": u.defect.to_string() });
    list.iter().map(one).collect()
}

/// One event of the log.
pub fn entry(entry: &Entry) -> Value {
    json!({
        "at": at(entry.at),
        "event": entry.event.kind.as_str(),
        "session_id": entry.event.session.as_str(),
        "resources": labels(&entry.event.resources),
        "lapsed": labels(&entry.event.lapsed),
        "purpose": entry.event.purpose.as_ref().map(Purpose::as_str),
        "by": entry.event.by.as_ref().map(SessionId::as_str),
        "from": entry.event.from.iter().map(SessionId::as_str).collect::<Value>(),
        "around": entry.event.around.iter().map(around).collect::<Value>(),
        "commit": entry.commit,
    })
}

pub fn around(around: &Around) -> Value {
    json!({ "session_id": around.session.as_str(), "resource": around.resource.label() })
}
