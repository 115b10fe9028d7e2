//! An event as a commit message, and back.
//!
//! Owns the subject (`claim node:k8s-1`), the trailers (`Presence-Event`, `Presence-Session`,
//! `Presence-Resource`, …) and their reading, which takes nothing for granted. Never touches Git.

use crate::model::event::{Around, Event, EventKind};
use crate::model::id::{RandomId, SessionId};
use crate::model::resource::Resource;
use crate::model::text::{Purpose, harmless};
use crate::model::time::Timestamp;
use crate::model::token::Token;

const EVENT: &str = "Presence-Event";
const SESSION: &str = "Presence-Session";
const RESOURCE: &str = "Presence-Resource";
const LAPSED: &str = "Presence-Lapsed";
const BY: &str = "Presence-By";
const FROM: &str = "Presence-From";
const AROUND: &str = "Presence-Around";
const TOKEN: &str = "Presence-Token";
const AT: &str = "Presence-At";
const NONCE: &str = "Presence-Nonce";

/// Neither an id nor a label holds one.
const BETWEEN: char = '\t';
/// The longest word for an event kind that is shown.
const KIND_BYTES_MAX: usize = 32;

pub fn write(event: &Event, at: Timestamp, nonce: RandomId) -> String {
    let mut out = subject(event);
    out.push_str("\n\n");
    if let Some(purpose) = &event.purpose {
        out.push_str(purpose.as_str());
        out.push_str("\n\n");
    }
    let mut trailer = |key: &str, value: &str| out.push_str(&format!("{key}: {value}\n"));
    trailer(EVENT, event.kind.as_str());
    trailer(SESSION, event.session.as_str());
    for resource in &event.resources {
        trailer(RESOURCE, resource.label());
    }
    for resource in &event.lapsed {
        trailer(LAPSED, resource.label());
    }
    if let Some(by) = &event.by {
        trailer(BY, by.as_str());
    }
    for session in &event.from {
        trailer(FROM, session.as_str());
    }
    for Around { session, resource } in &event.around {
        trailer(AROUND, &format!("{session}{BETWEEN}{resource}"));
    }
    if let Some(token) = event.token {
        trailer(TOKEN, &token.to_string());
    }
    trailer(AT, &at.to_rfc3339());
    trailer(NONCE, &nonce.to_string());
    out
}

fn subject(event: &Event) -> String {
    let about = match event.kind {
        EventKind::Lapse => &event.lapsed,
        _ => &event.resources,
    };
    let kind = event.kind.as_str();
    match about.as_slice() {
        [] => kind.to_owned(),
        [one] => format!("{kind} {one}"),
        [first, rest @ ..] => format!("{kind} {first} and {} more", rest.len()),
    }
}

/// Read a message; `None` when it is not one of ours.
pub fn read(message: &str, committed_at: Timestamp) -> Option<(Event, Timestamp)> {
    let (head, trailers) = message.trim_end().rsplit_once("\n\n")?;
    let values = |key: &str| {
        trailers
            .lines()
            .filter_map(move |line| line.split_once(": "))
            .filter(move |(found, _)| *found == key)
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
    };
    let one = |key: &str| values(key).first().copied();
    let resources = |key: &str| {
        let parsed = values(key).into_iter().map(Resource::parse);
        parsed.filter_map(Result::ok).collect()
    };
    let sessions = |key: &str| {
        let parsed = values(key).into_iter().map(SessionId::parse);
        parsed.filter_map(Result::ok).collect()
    };
    let around = |value: &str| {
        let (session, resource) = value.split_once(BETWEEN)?;
        Some(Around {
            session: SessionId::parse(session).ok()?,
            resource: Resource::parse(resource).ok()?,
        })
    };
    let event = Event {
        kind: EventKind::from_word(&harmless(one(EVENT)?, KIND_BYTES_MAX)),
        session: SessionId::parse(one(SESSION)?).ok()?,
        resources: resources(RESOURCE),
        lapsed: resources(LAPSED),
        purpose: head
            .split_once("\n\n")
            .map(|(_, body)| Purpose::from_record(body)),
        by: one(BY).and_then(|by| SessionId::parse(by).ok()),
        from: sessions(FROM),
        around: values(AROUND).into_iter().filter_map(around).collect(),
        token: one(TOKEN)
            .and_then(|token| token.parse().ok())
            .map(Token::new),
    };
    let at = one(AT).and_then(Timestamp::parse).unwrap_or(committed_at);
    Some((event, at))
}

/// Whether this is a mere sign of life, which the next one replaces.
pub fn is_heartbeat(message: &str) -> bool {
    let event = read(message, Timestamp::from_millis(0));
    event.is_some_and(|(event, _)| event.kind == EventKind::Heartbeat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(kind: EventKind, resources: &[&str]) -> Event {
        let parse = |label: &&str| Resource::parse(label).unwrap();
        Event {
            kind,
            session: SessionId::parse("wizard@devvm@a1").unwrap(),
            resources: resources.iter().map(parse).collect(),
            lapsed: vec![Resource::parse("db:old").unwrap()],
            purpose: Purpose::parse("Presence-Event: release").ok(),
            by: None,
            from: Vec::new(),
            around: Vec::new(),
            token: None,
        }
    }

    #[test]
    fn an_event_reads_as_it_was_written() {
        let at = Timestamp::from_millis(1_763_719_200_123);
        for event in [
            event(EventKind::Claim, &["node:a"]),
            event(EventKind::Release, &["node:a", "db:b", "db:c"]),
            event(EventKind::Lapse, &[]),
            Event {
                from: vec![SessionId::parse("you").unwrap()],
                around: vec![Around {
                    session: SessionId::parse("you and me").unwrap(),
                    resource: Resource::parse("branch:main").unwrap(),
                }],
                ..event(EventKind::Bypass, &["branch:main"])
            },
            Event {
                purpose: None,
                by: SessionId::parse("other").ok(),
                ..event(EventKind::Supersede, &[])
            },
        ] {
            let text = write(&event, at, RandomId::from_bytes([7; 16]));
            let later = Timestamp::from_millis(5);
            assert_eq!(read(&text, later), Some((event, at)), "{text}");
        }
    }

    #[test]
    fn subjects_are_short() {
        assert_eq!(
            subject(&event(EventKind::Claim, &["node:a"])),
            "claim node:a"
        );
        assert_eq!(
            subject(&event(EventKind::Claim, &["node:a", "db:b", "db:c"])),
            "claim node:a and 2 more"
        );
        assert_eq!(subject(&event(EventKind::Lapse, &[])), "lapse db:old");
        assert_eq!(subject(&event(EventKind::Heartbeat, &[])), "heartbeat");
    }

    proptest! {
        #[test]
        fn no_message_panics(text in any::<String>()) {
            let _ = read(&text, Timestamp::from_millis(0));
        }
    }
}
