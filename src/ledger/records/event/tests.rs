//! Owns the tests of events as commit messages: each kind by its bytes, messages of any content.

use super::*;
use crate::model::event::KINDS;
use crate::model::transition::{Cause, TaskState, Transition};
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

fn stated() -> EventKind {
    EventKind::StateSaid {
        word: Word::parse("cleared").unwrap(),
        version: Version::parse("1.4.0").ok(),
        notes: Some(why()),
        over: vec![id("you")],
    }
}

fn done() -> EventKind {
    EventKind::Task {
        transition: Transition {
            from: Some(TaskState::Held),
            to: Some(TaskState::Done),
            cause: Cause::Done,
        },
        words: Some(why()),
        token: Some(Token::new(7)),
    }
}

const DONE: &str =
    "Presence-From-State: held\nPresence-To-State: done\nPresence-Cause: done\nPresence-Token: 7\n";

/// Returns one event of each kind, with its subject, whether it has a purpose, and the trailers
/// of its kind.
fn each_kind() -> Vec<(Event, &'static str, bool, &'static str)> {
    let token = Some(Token::new(7));
    let both = event(EventKind::RELEASED, &["node:a", "db:b"]);
    let with_token = Details {
        token,
        ..Details::default()
    };
    let own = |kind, own: &'static str| (event(kind, &["node:a"]), "node:a", true, own);
    let without = |kind, own: &'static str| (event(kind, &[]), "", false, own);
    let claimed = |token| EventKind::Claimed {
        purpose: why(),
        token,
    };
    let to = Some(id("bob"));
    let passed = EventKind::Released { token, to };
    let renewed = |purpose| EventKind::Renewed { purpose, token };
    vec![
        own(claimed(None), ""),
        own(claimed(token), "Presence-Token: 7\n"),
        own(renewed(Some(why())), "Presence-Token: 7\n"),
        without(renewed(None), "Presence-Token: 7\n"),
        own(EventKind::Queued { purpose: why() }, ""),
        own(
            stated(),
            "Presence-From: you\nPresence-State: cleared\nPresence-Version: 1.4.0\n",
        ),
        own(done(), DONE),
        without(passed, "Presence-Token: 7\nPresence-To: bob\n"),
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
        (both, "node:a and 1 more", false, ""),
        without(
            EventKind::read("message", with_token),
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
        (EventKind::RELEASED, &["node:a"], "release node:a"),
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
    let page = include_str!("../../../../docs/ledger-format.md");
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

#[test]
fn no_more_of_a_message_counts_than_this_program_writes() {
    let trailers = |key: &str| format!("{key}: node:a\n").repeat(3_000);
    let message = format!(
        "claim node:a\n\n{}\n\nPresence-Event: claim\nPresence-Session: eve\n{}{}",
        "x".repeat(100_000),
        trailers("Presence-Resource"),
        trailers("Presence-Lapsed"),
    );
    let (event, _) = read(&message, Timestamp::from_millis(0)).unwrap();
    assert!(event.resources.len() <= VALUES_MAX && event.expired.len() <= VALUES_MAX);
    assert!(!event.resources.is_empty());
    let short = write_bounded(&event, Timestamp::from_millis(7), &message);
    assert!(short.len() < 16_384, "{}", short.len());
    let (again, at) = read(&short, Timestamp::from_millis(0)).unwrap();
    assert_eq!((again, at), (event, Timestamp::from_millis(7)));
    let id = "0123456789abcdef0123456789abcdef01234567";
    let named = format!("{short}{COMMIT}: {id}\n{HEAD}: {id} main\n");
    let (event, at) = read(&named, Timestamp::from_millis(0)).unwrap();
    let kept = write_bounded(&event, at, &named);
    assert_eq!(first_commit(&kept), Some(id));
    assert_eq!(
        head_of(&kept),
        Some((id.to_owned(), Some("main".to_owned())))
    );
}
