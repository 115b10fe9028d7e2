//! Events as commit messages.
//!
//! Owns the subject (`claim node:k8s-1`) and the trailers (`Presence-Event`, `Presence-Session`,
//! `Presence-Resource`, …) of an [`Event`], and reading them from a message of any content. Never
//! touches Git.

use gix::ObjectId;

use crate::model::event::{Around, Details, Event, EventKind};
use crate::model::id::{RandomId, SessionId};
use crate::model::resource::Resource;
use crate::model::text::{Purpose, harmless_name};
use crate::model::time::Timestamp;
use crate::model::token::Token;

const EVENT: &str = "Presence-Event";
const SESSION: &str = "Presence-Session";
const RESOURCE: &str = "Presence-Resource";
const EXPIRED: &str = "Presence-Lapsed";
const BY: &str = "Presence-By";
const FROM: &str = "Presence-From";
const AROUND: &str = "Presence-Around";
const TOKEN: &str = "Presence-Token";
const COMMIT: &str = "Presence-Commit";
const AT: &str = "Presence-At";
const HEAD: &str = "Presence-Head";
const NONCE: &str = "Presence-Nonce";

/// The separator of an id and a label, neither of which can have one.
const BETWEEN: char = '\t';
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
    if let Some(token) = details.token {
        trailer(TOKEN, &token.to_string());
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
            .filter_map(move |line| line.split_once(": "))
            .filter(move |(found, _)| *found == key)
            .map(|(_, value)| value)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::KINDS;
    use proptest::prelude::*;

    fn id(text: &str) -> SessionId {
        SessionId::parse(text).unwrap()
    }

    fn why() -> Purpose {
        Purpose::parse("Presence-Event: release").unwrap()
    }

    fn event(kind: EventKind, resources: &[&str]) -> Event {
        let parse = |label: &&str| Resource::parse(label).unwrap();
        Event {
            session: id("wizard@devvm@a1"),
            resources: resources.iter().map(parse).collect(),
            expired: Vec::new(),
            kind,
        }
    }

    /// Returns one event of each kind, with its subject, whether it has a purpose, and the trailers
    /// of its kind.
    fn each_kind() -> Vec<(Event, &'static str, bool, &'static str)> {
        let token = Some(Token::new(7));
        let a_and_b = ["node:a", "db:b"];
        let own = |kind, own: &'static str| (event(kind, &["node:a"]), "node:a", true, own);
        let without = |kind, own: &'static str| (event(kind, &[]), "", false, own);
        let claimed = |token| EventKind::Claimed {
            purpose: why(),
            token,
        };
        let renewed = |purpose| EventKind::Renewed { purpose, token };
        vec![
            own(claimed(None), ""),
            own(claimed(token), "Presence-Token: 7\n"),
            own(renewed(Some(why())), "Presence-Token: 7\n"),
            without(renewed(None), "Presence-Token: 7\n"),
            own(EventKind::Queued { purpose: why() }, ""),
            without(EventKind::Released { token }, "Presence-Token: 7\n"),
            without(EventKind::Heartbeat, ""),
            without(EventKind::Expired, ""),
            without(EventKind::Reidentified, ""),
            without(
                EventKind::Superseded { by: id("newer") },
                "Presence-By: newer\n",
            ),
            own(
                EventKind::TakenOver {
                    from: vec![id("you"), id("me too")],
                    purpose: why(),
                    token: Token::new(7),
                },
                "Presence-From: you\nPresence-From: me too\nPresence-Token: 7\n",
            ),
            own(
                EventKind::Overridden {
                    holder: id("you"),
                    reason: why(),
                    token: Token::new(7),
                },
                "Presence-From: you\nPresence-Token: 7\n",
            ),
            own(
                EventKind::Bypassed {
                    holders: vec![id("you and me")],
                    around: vec![Around {
                        session: id("you and me"),
                        resource: Resource::parse("branch:main").unwrap(),
                    }],
                    reason: why(),
                },
                "Presence-From: you and me\nPresence-Around: you and me\tbranch:main\n",
            ),
            without(EventKind::Repaired { token: None }, ""),
            (
                event(EventKind::Released { token: None }, &a_and_b),
                "node:a and 1 more",
                false,
                "",
            ),
            without(
                EventKind::read(
                    "message",
                    Details {
                        token,
                        ..Details::default()
                    },
                ),
                "Presence-Token: 7\n",
            ),
        ]
    }

    #[test]
    fn each_kind_is_stored_in_these_bytes_and_reads_as_it_was_written() {
        let at = Timestamp::from_millis(1_763_719_200_123);
        for (event, subject, has_purpose, own) in each_kind() {
            let word = event.kind.word();
            let resources = event
                .resources
                .iter()
                .map(|r| format!("Presence-Resource: {r}\n"));
            let expected = format!(
                "{}\n\n{}Presence-Event: {word}\nPresence-Session: wizard@devvm@a1\n{}{own}\
                 Presence-At: 2025-11-21T10:00:00.123Z\n\
                 Presence-Nonce: 07070707070707070707070707070707\n",
                format!("{word} {subject}").trim_end(),
                if has_purpose {
                    "Presence-Event: release\n\n"
                } else {
                    ""
                },
                resources.collect::<String>(),
            );
            let text = write(&event, at, RandomId::from_bytes([7; 16]));
            assert_eq!(text, expected);
            let later = Timestamp::from_millis(5);
            assert_eq!(read(&text, later), Some((event, at)), "{text}");
        }
    }

    #[test]
    fn expired_claims_have_a_trailer_and_stand_in_the_subject_of_nothing_else() {
        let at = Timestamp::from_millis(0);
        for (kind, resources, subject) in [
            (EventKind::Expired, &[][..], "lapse db:old"),
            (
                EventKind::Released { token: None },
                &["node:a"],
                "release node:a",
            ),
        ] {
            let expired = vec![Resource::parse("db:old").unwrap()];
            let event = Event {
                expired,
                ..event(kind, resources)
            };
            let text = write(&event, at, RandomId::from_bytes([7; 16]));
            assert_eq!(text.lines().next(), Some(subject));
            assert!(text.contains("\nPresence-Lapsed: db:old\n"), "{text}");
            assert_eq!(read(&text, at), Some((event, at)), "{text}");
        }
    }

    #[test]
    fn a_message_that_is_written_again_says_the_same_and_names_the_first_commit() {
        let at = Timestamp::from_millis(5);
        let id = |digit: &str| digit.repeat(40);
        for (event, ..) in each_kind() {
            let text = write(&event, at, RandomId::from_bytes([7; 16]));
            assert_eq!(first_commit(&text), None);
            let again = write_again(&text, &id("a"), RandomId::from_bytes([8; 16]));
            let last = write_again(&again, &id("b"), RandomId::from_bytes([9; 16]));
            for text in [&again, &last] {
                assert_eq!(read(text, at), Some((event.clone(), at)), "{text}");
                assert_eq!(first_commit(text), Some(id("a").as_str()), "{text}");
            }
            assert_ne!(again, last);
        }
        let odd = "claim\n\nPresence-Commit: ../../x\n";
        assert_eq!(first_commit(odd), None);
    }

    #[test]
    fn the_format_lists_the_kinds() {
        let page = include_str!("../../../docs/ledger-format.md");
        let rows = KINDS
            .iter()
            .map(|row| format!("| `{}` | {} |\n", row.word, row.meaning));
        let table = format!(
            "| Event | What happened |\n|---|---|\n{}\n",
            rows.collect::<String>()
        );
        assert!(
            page.contains(&table),
            "docs/ledger-format.md has to have\n{table}"
        );
    }

    proptest! {
        #[test]
        fn no_message_panics(text in any::<String>()) {
            let _ = read(&text, Timestamp::from_millis(0));
        }
    }
}
