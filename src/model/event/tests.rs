//! Owns the tests of the words and details of each kind of event.

use super::*;
use crate::model::transition::{Cause, TaskState, Transition};

fn all_details() -> Details {
    let you = SessionId::parse("you").unwrap();
    Details {
        purpose: Purpose::parse("drain").ok(),
        by: SessionId::parse("newer").ok(),
        from: vec![you.clone()],
        around: vec![Around {
            session: you,
            resource: Resource::parse("node:a").unwrap(),
        }],
        token: Some(Token::new(7)),
        to: SessionId::parse("bob").ok(),
        addresses: vec!["session:you".to_owned()],
        state: Word::parse("deploying"),
        version: Version::parse("1.4.0").ok(),
        transition: Some(Transition {
            from: Some(TaskState::Held),
            to: Some(TaskState::Done),
            cause: Cause::Done,
        }),
    }
}

fn owned(details: DetailsRef<'_>) -> Details {
    Details {
        purpose: details.purpose.cloned(),
        by: details.by.cloned(),
        from: details.from.to_vec(),
        around: details.around.to_vec(),
        token: details.token,
        to: details.to.cloned(),
        addresses: details.addresses.to_vec(),
        state: details.state.cloned(),
        version: details.version.cloned(),
        transition: details.transition,
    }
}

#[test]
fn each_kind_is_read_as_it_is_recorded() {
    for row in &KINDS {
        let kind = EventKind::read(row.word, all_details());
        assert!(!matches!(kind, EventKind::Other { .. }), "{}", row.word);
        assert_eq!(kind.word(), row.word);
        let again = EventKind::read(kind.word(), owned(kind.details()));
        assert_eq!(again, kind);
    }
}

#[test]
fn each_kind_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<&str> = KINDS.iter().map(|row| row.word).collect();
    assert_eq!(words.len(), KINDS.len());
}

#[test]
fn what_is_not_known_is_kept() {
    for (word, details) in [
        ("fax", all_details()),
        ("", Details::default()),
        ("claim", Details::default()),
        ("wait", Details::default()),
        ("supersede", Details::default()),
        ("bypass", Details::default()),
        (
            "takeover",
            Details {
                token: None,
                ..all_details()
            },
        ),
        (
            "override",
            Details {
                from: Vec::new(),
                ..all_details()
            },
        ),
    ] {
        let kind = EventKind::read(word, details.clone());
        assert!(matches!(kind, EventKind::Other { .. }), "{word}");
        assert_eq!((kind.word(), owned(kind.details())), (word, details));
    }
}
