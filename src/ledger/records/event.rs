//! Events as commit messages.
//!
//! Owns the subject (`claim node:k8s-1`) and the trailers (`Presence-Event`, `Presence-Session`,
//! `Presence-Resource`, …) of an [`Event`], and reading them from a message of any content. Never
//! touches Git.

use gix::ObjectId;

use crate::model::event::{Around, Details, Event, EventKind};
use crate::model::id::{RandomId, SessionId};
use crate::model::resource::Resource;
use crate::model::state::{Version, Word};
use crate::model::text::{Purpose, harmless_name};
use crate::model::time::Timestamp;
use crate::model::token::Token;
use crate::model::transition::{Cause, TaskState, Transition};

const EVENT: &str = "Presence-Event";
const SESSION: &str = "Presence-Session";
const RESOURCE: &str = "Presence-Resource";
const EXPIRED: &str = "Presence-Lapsed";
const BY: &str = "Presence-By";
const FROM: &str = "Presence-From";
const AROUND: &str = "Presence-Around";
const TOKEN: &str = "Presence-Token";
const COMMIT: &str = "Presence-Commit";
const TO: &str = "Presence-To";
const ADDRESS: &str = "Presence-Address";
const STATE: &str = "Presence-State";
const VERSION: &str = "Presence-Version";
const FROM_STATE: &str = "Presence-From-State";
const TO_STATE: &str = "Presence-To-State";
const CAUSE: &str = "Presence-Cause";
const AT: &str = "Presence-At";
const HEAD: &str = "Presence-Head";
const NONCE: &str = "Presence-Nonce";

/// The separator of an id and a label, neither of which can have one.
const BETWEEN: char = '\t';
/// The most values of one trailer that are read: a session has at most 64 claims.
const VALUES_MAX: usize = 128;
/// The most bytes of an address: a word and a label.
const ADDRESS_BYTES_MAX: usize = 300;
/// The most lines of trailers that are looked at.
const LINES_MAX: usize = 8 * VALUES_MAX;
/// The most bytes of an unknown event kind that are shown.
const KIND_BYTES_MAX: usize = 32;

/// Returns the commit message of an event. The nonce makes equal events different commits.
pub fn write(event: &Event, at: Timestamp, nonce: RandomId) -> String {
    let details = event.kind.details();
    let mut out = subject(event);
    out.push_str("\n\n");
    if let Some(purpose) = details.purpose {
        out.push_str(purpose.as_str());
        out.push_str("\n\n");
    }
    let mut trailer = |key: &str, value: &str| out.push_str(&format!("{key}: {value}\n"));
    trailer(EVENT, event.kind.word());
    trailer(SESSION, event.session.as_str());
    for resource in &event.resources {
        trailer(RESOURCE, resource.label());
    }
    for resource in &event.expired {
        trailer(EXPIRED, resource.label());
    }
    if let Some(by) = details.by {
        trailer(BY, by.as_str());
    }
    for session in details.from {
        trailer(FROM, session.as_str());
    }
    for Around { session, resource } in details.around {
        let (session, resource) = (session.as_str(), resource.label());
        trailer(AROUND, &format!("{session}{BETWEEN}{resource}"));
    }
    for address in details.addresses {
        trailer(ADDRESS, address);
    }
    if let Some(state) = details.state {
        trailer(STATE, state.as_str());
    }
    if let Some(version) = details.version {
        trailer(VERSION, version.as_str());
    }
    if let Some(transition) = details.transition {
        for (key, state) in [(FROM_STATE, transition.from), (TO_STATE, transition.to)] {
            if let Some(state) = state {
                trailer(key, state.as_str());
            }
        }
        trailer(CAUSE, transition.cause.as_str());
    }
    if let Some(token) = details.token {
        trailer(TOKEN, &token.to_string());
    }
    if let Some(to) = details.to {
        trailer(TO, to.as_str());
    }
    trailer(AT, &at.to_rfc3339());
    trailer(NONCE, &nonce.to_string());
    out
}

fn subject(event: &Event) -> String {
    let about = match event.kind {
        EventKind::Expired => &event.expired,
        _ => &event.resources,
    };
    let word = event.kind.word();
    match about.as_slice() {
        [] => word.to_owned(),
        [one] => format!("{word} {}", one.label()),
        [first, rest @ ..] => format!("{word} {} and {} more", first.label(), rest.len()),
    }
}

/// Reads a commit message; `None` if it records no event. `committed_at` is the time of an event
/// whose message has none.
pub fn read(message: &str, committed_at: Timestamp) -> Option<(Event, Timestamp)> {
    let (head, trailers) = message.trim_end().rsplit_once("\n\n")?;
    let values = |key: &str| {
        trailers
            .lines()
            .take(LINES_MAX)
            .filter_map(move |line| line.split_once(": "))
            .filter(move |(found, _)| *found == key)
            .map(|(_, value)| value)
            .take(VALUES_MAX)
            .collect::<Vec<_>>()
    };
    let one = |key: &str| values(key).first().copied();
    let resources = |key: &str| {
        let parsed = values(key).into_iter().map(Resource::from_record);
        parsed.filter_map(Result::ok).collect()
    };
    let sessions = |key: &str| {
        let parsed = values(key).into_iter().map(SessionId::from_record);
        parsed.filter_map(Result::ok).collect()
    };
    let around = |value: &str| {
        let (session, resource) = value.split_once(BETWEEN)?;
        Some(Around {
            session: SessionId::from_record(session).ok()?,
            resource: Resource::from_record(resource).ok()?,
        })
    };
    let details = Details {
        purpose: head
            .split_once("\n\n")
            .map(|(_, body)| Purpose::from_record(body)),
        by: one(BY).and_then(|by| SessionId::from_record(by).ok()),
        from: sessions(FROM),
        around: values(AROUND).into_iter().filter_map(around).collect(),
        token: one(TOKEN)
            .and_then(|token| token.parse().ok())
            .map(Token::new),
        to: one(TO).and_then(|to| SessionId::from_record(to).ok()),
        state: one(STATE).and_then(Word::parse),
        version: one(VERSION).and_then(Version::from_record),
        transition: one(CAUSE).and_then(Cause::parse).map(|cause| Transition {
            from: one(FROM_STATE).and_then(TaskState::parse),
            to: one(TO_STATE).and_then(TaskState::parse),
            cause,
        }),
        addresses: { values(ADDRESS).into_iter() }
            .map(|to| harmless_name(to, ADDRESS_BYTES_MAX))
            .collect(),
    };
    let event = Event {
        session: SessionId::from_record(one(SESSION)?).ok()?,
        resources: resources(RESOURCE),
        expired: resources(EXPIRED),
        kind: EventKind::read(&harmless_name(one(EVENT)?, KIND_BYTES_MAX), details),
    };
    let at = one(AT).and_then(Timestamp::parse).unwrap_or(committed_at);
    Some((event, at))
}

/// Returns the message of an event that was read from a message that is too long to keep, with the
/// first commit and the commit of the code that it names.
pub fn write_bounded(event: &Event, at: Timestamp, message: &str) -> String {
    let mut short = write(event, at, RandomId::from_bytes([0; 16]));
    if let Some(first) = first_commit(message) {
        short.push_str(&format!("{COMMIT}: {first}\n"));
    }
    match head_of(message) {
        Some((commit, branch)) => with_head(short, &commit, branch.as_deref()),
        None => short,
    }
}

/// Returns the message once more, for a commit that replaces `commit`: of several that replace one
/// another, the first one is named. The nonce makes it another commit.
pub fn write_again(message: &str, commit: &str, nonce: RandomId) -> String {
    let first = first_commit(message).unwrap_or(commit).to_owned();
    let keys = [COMMIT, NONCE].map(|key| format!("{key}: "));
    let is_kept = |line: &&str| !keys.iter().any(|key| line.starts_with(key));
    let message = message.trim_end();
    let (head, trailers) = message.rsplit_once("\n\n").unwrap_or((message, ""));
    let kept: String = { trailers.lines() }
        .filter(is_kept)
        .map(|line| format!("{line}\n"))
        .collect();
    format!("{head}\n\n{kept}{COMMIT}: {first}\n{NONCE}: {nonce}\n")
}

/// Returns a message with the commit of the code that was checked out, and its branch.
pub fn with_head(mut message: String, commit: &str, branch: Option<&str>) -> String {
    let branch = branch.map(|branch| format!(" {branch}"));
    message.push_str(&format!("{HEAD}: {commit}{}\n", branch.unwrap_or_default()));
    message
}

/// Returns the commit of the code that a message names, and its branch. Another session wrote both.
pub fn head_of(message: &str) -> Option<(String, Option<String>)> {
    let (_, trailers) = message.trim_end().rsplit_once("\n\n")?;
    let found = trailers.lines().filter_map(|line| line.split_once(": "));
    let (_, value) = { found }.find(|(key, _)| *key == HEAD)?;
    let (commit, branch) = match value.split_once(' ') {
        Some((commit, branch)) => (commit, Some(branch.to_owned())),
        None => (value, None),
    };
    let is_id = ObjectId::from_hex(commit.as_bytes()).is_ok();
    is_id.then(|| (commit.to_ascii_lowercase(), branch))
}

/// Returns the id of the commit that recorded the event of this message first, if the message was
/// written again.
pub fn first_commit(message: &str) -> Option<&str> {
    let (_, trailers) = message.trim_end().rsplit_once("\n\n")?;
    let found = trailers.lines().filter_map(|line| line.split_once(": "));
    let id = found
        .filter(|(key, _)| *key == COMMIT)
        .map(|(_, id)| id)
        .next()?;
    let is_id = ObjectId::from_hex(id.as_bytes()).is_ok();
    is_id.then_some(id)
}

/// Whether this commit message records a heartbeat, which the next heartbeat replaces.
pub fn is_heartbeat(message: &str) -> bool {
    let event = read(message, Timestamp::from_millis(0));
    event.is_some_and(|(event, _)| event.kind == EventKind::Heartbeat)
}

/// Whether this commit message records a renewal, which the next renewal replaces.
pub fn is_renewal(message: &str) -> bool {
    let event = read(message, Timestamp::from_millis(0));
    event.is_some_and(|(event, _)| matches!(event.kind, EventKind::Renewed { .. }))
}

#[cfg(test)]
mod tests;
