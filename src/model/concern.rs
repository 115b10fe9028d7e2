//! What of the history concerns a session that did not do it.
//!
//! Owns the table of reasons ([`REASONS`]), a row for each kind of thing that a session is told of
//! when it asks for what concerns it. Never reads the board: [`Standing`] says what the session
//! has and waits for.

use super::event::{Event, EventKind};
use super::id::SessionId;
use super::message::address::{Address, Reader};
use super::resource::Resource;

/// What a session has and waits for, at the moment of a look.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The session, and what it claims, shared or exclusively.
    pub me: Reader,
    /// What it waits for or did not get, and no other session claims now.
    pub freed: Vec<Resource>,
    /// What it passed on, and did not get again.
    pub passed: Vec<Resource>,
}

/// A reason why an event concerns a session.
#[derive(Debug)]
pub struct Reason {
    /// The word for it in JSON.
    pub word: &'static str,
    /// What it says, for the documentation.
    pub meaning: &'static str,
    applies: fn(&Event, &Standing) -> bool,
}

/// The reasons, the weightier ones first.
pub const REASONS: [Reason; 7] = [
    Reason {
        word: "taken",
        meaning: "another session took over, took away or released what the session held",
        applies: is_taken,
    },
    Reason {
        word: "message",
        meaning: "another session sent a message to this one",
        applies: is_message,
    },
    Reason {
        word: "offer",
        meaning: "another session released a claim and offers it to this one",
        applies: is_offered,
    },
    Reason {
        word: "passed",
        meaning: "another session took what the session passed on, or passed that on",
        applies: is_passed,
    },
    Reason {
        word: "conflict",
        meaning: "another session claimed what the session claims",
        applies: conflicts,
    },
    Reason {
        word: "state",
        meaning: "another session said what is true of what the session claims",
        applies: is_stated,
    },
    Reason {
        word: "free",
        meaning: "what the session waits for, or did not get, is free now",
        applies: frees,
    },
];

/// Returns why an event concerns a session; `None` if it does not. What a session did itself never
/// does.
pub fn concern(event: &Event, standing: &Standing) -> Option<&'static str> {
    if *author(event) == standing.me.id {
        return None;
    }
    let mut reasons = REASONS.iter();
    let found = reasons.find(|reason| (reason.applies)(event, standing));
    found.map(|reason| reason.word)
}

/// Returns the session that did it.
pub fn author(event: &Event) -> &SessionId {
    event.kind.details().by.unwrap_or(&event.session)
}

/// Returns the resources of which a session may hold some, so that the event concerns it.
pub fn about(event: &Event) -> Vec<Resource> {
    let addresses = event.kind.details().addresses.iter();
    let addressed = addresses.filter_map(|text| match Address::from_record(text)? {
        Address::Resource(resource) => Some(resource),
        Address::All | Address::Session(_) | Address::Person { .. } => None,
    });
    event.resources.iter().cloned().chain(addressed).collect()
}

fn is_taken(event: &Event, standing: &Standing) -> bool {
    match &event.kind {
        EventKind::TakenOver { from, .. } => from.contains(&standing.me.id),
        EventKind::Overridden { holder, .. } => *holder == standing.me.id,
        EventKind::Cleared { .. } | EventKind::Superseded { .. } => event.session == standing.me.id,
        _ => false,
    }
}

fn is_message(event: &Event, standing: &Standing) -> bool {
    let addresses = event.kind.details().addresses.iter();
    let mut addresses = addresses.filter_map(|text| Address::from_record(text));
    // Those that were reached are among the addresses, and the next holder of what is at one is
    // meant as well.
    addresses.any(|address| standing.me.is_meant(&address, &[], true).is_some())
}

fn is_offered(event: &Event, standing: &Standing) -> bool {
    event.kind.details().to == Some(&standing.me.id)
}

fn is_passed(event: &Event, standing: &Standing) -> bool {
    let moves = matches!(
        event.kind,
        EventKind::Claimed { token: Some(_), .. }
            | EventKind::TakenOver { .. }
            | EventKind::Overridden { .. }
            | EventKind::Released { token: Some(_), .. }
    );
    moves && meet(&event.resources, &standing.passed)
}

fn conflicts(event: &Event, standing: &Standing) -> bool {
    let claims = matches!(
        event.kind,
        EventKind::Claimed { .. } | EventKind::TakenOver { .. }
    );
    claims && meet(&event.resources, &standing.me.holds)
}

fn is_stated(event: &Event, standing: &Standing) -> bool {
    let says = matches!(event.kind, EventKind::StateSaid { .. });
    says && meet(&event.resources, &standing.me.holds)
}

fn frees(event: &Event, standing: &Standing) -> bool {
    let ends = matches!(
        event.kind,
        EventKind::Released { .. }
            | EventKind::Superseded { .. }
            | EventKind::Cleared { .. }
            | EventKind::Lived { .. }
            | EventKind::Overridden { .. }
            | EventKind::Repaired { .. }
    );
    let ends =
        ends || matches!(&event.kind, EventKind::StateSaid { word, .. } if word.is_cleared());
    let is_over = ends && meet(&event.resources, &standing.freed);
    // Any write of a session drops what has expired.
    is_over || meet(&event.expired, &standing.freed)
}

/// Returns true if one of `some` overlaps one of `others`.
pub fn meet(some: &[Resource], others: &[Resource]) -> bool {
    let overlaps = |one: &Resource| others.iter().any(|other| other.overlaps(one));
    some.iter().any(overlaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::state::Word;
    use crate::model::text::Purpose;
    use crate::model::token::Token;

    fn id(text: &str) -> SessionId {
        SessionId::parse(text).unwrap()
    }

    fn labels(text: &str) -> Vec<Resource> {
        let words = text.split_whitespace();
        words.map(|label| Resource::parse(label).unwrap()).collect()
    }

    fn purpose() -> Purpose {
        Purpose::parse("p").unwrap()
    }

    fn standing(holds: &str) -> Standing {
        Standing {
            me: Reader {
                id: id("me"),
                user: "wizard".to_owned(),
                host: "devvm".to_owned(),
                heir_of: vec![id("before")],
                holds: labels(holds),
            },
            freed: labels("node:wanted"),
            passed: labels("turn:main"),
        }
    }

    fn message(to: &str) -> EventKind {
        EventKind::Messaged {
            subject: purpose(),
            to: to.split_whitespace().map(str::to_owned).collect(),
        }
    }

    fn why(session: &str, about: &str, kind: EventKind) -> Option<&'static str> {
        let standing = standing("node:mine path:src");
        let event = Event {
            session: id(session),
            resources: labels(about),
            expired: Vec::new(),
            kind,
        };
        concern(&event, &standing)
    }

    fn claimed() -> EventKind {
        EventKind::Claimed {
            purpose: purpose(),
            token: None,
        }
    }

    fn granted() -> EventKind {
        EventKind::Claimed {
            purpose: purpose(),
            token: Some(Token::new(1)),
        }
    }

    fn stated(word: &str) -> EventKind {
        EventKind::StateSaid {
            word: Word::parse(word).unwrap(),
            version: None,
            notes: None,
            over: Vec::new(),
        }
    }

    fn taken_over(from: &str) -> EventKind {
        EventKind::TakenOver {
            from: vec![id(from)],
            purpose: purpose(),
            token: Token::new(2),
        }
    }

    fn overridden(holder: &str) -> EventKind {
        EventKind::Overridden {
            holder: id(holder),
            reason: purpose(),
            token: Token::new(1),
        }
    }

    fn offered(to: &str) -> EventKind {
        EventKind::Released {
            token: Some(Token::new(3)),
            to: Some(id(to)),
        }
    }

    fn cleared(by: &str) -> EventKind {
        EventKind::Cleared {
            by: id(by),
            reason: purpose(),
        }
    }

    #[test]
    fn each_row_says_what_concerns_a_session_and_what_does_not() {
        let released = || EventKind::Released {
            token: None,
            to: None,
        };
        let superseded = || EventKind::Superseded { by: id("next") };
        let renewed = EventKind::Renewed {
            purpose: Some(purpose()),
            token: None,
        };
        for (session, about, kind, expected) in [
            // What another session takes from this one, also by way of its own record.
            ("b", "node:mine", taken_over("me"), Some("taken")),
            ("b", "node:gone", taken_over("me"), Some("taken")),
            ("b", "node:mine", overridden("me"), Some("taken")),
            ("me", "node:mine", cleared("b"), Some("taken")),
            ("me", "node:mine", superseded(), Some("taken")),
            ("b", "node:other", offered("me"), Some("offer")),
            ("b", "node:other", offered("c"), None),
            // What is said to it, by name, as an heir, as a person, at what it holds, or to all.
            ("b", "", message("session:c session:me"), Some("message")),
            ("b", "", message("session:before"), Some("message")),
            ("b", "", message("person:wizard@devvm"), Some("message")),
            ("b", "", message("resource:path:src/a.rs"), Some("message")),
            ("b", "", message("all"), Some("message")),
            ("b", "", message("session:c person:a@b nonsense"), None),
            ("me", "", message("all"), None),
            // A claim that conflicts, by label or by path.
            ("b", "node:mine", claimed(), Some("conflict")),
            ("b", "path:src/a.rs", claimed(), Some("conflict")),
            ("b", "path:src", taken_over("c"), Some("conflict")),
            ("b", "node:wanted", claimed(), None),
            ("b", "node:other", claimed(), None),
            ("b", "node:mine", renewed, None),
            // What is said of it.
            ("b", "node:mine", stated("frozen"), Some("state")),
            ("b", "path:src/a.rs", stated("degraded"), Some("state")),
            ("b", "node:other", stated("frozen"), None),
            ("me", "node:mine", stated("frozen"), None),
            // What is free now.
            ("b", "node:wanted", released(), Some("free")),
            ("b", "node:wanted", overridden("c"), Some("free")),
            ("b", "node:wanted", cleared("c"), Some("free")),
            ("b", "node:wanted", superseded(), Some("free")),
            ("b", "node:wanted", stated("cleared"), Some("free")),
            ("b", "node:wanted", stated("frozen"), None),
            ("b", "node:other", released(), None),
            ("b", "node:mine", released(), None),
            // What became of what it passed on.
            ("b", "turn:main", granted(), Some("passed")),
            ("b", "turn:main", taken_over("c"), Some("passed")),
            ("b", "turn:main", offered("c"), Some("passed")),
            ("b", "turn:main", offered("me"), Some("offer")),
            ("b", "turn:main", claimed(), None),
            ("b", "turn:other", granted(), None),
            ("me", "turn:main", granted(), None),
            // What it did itself.
            ("me", "node:mine", claimed(), None),
            ("me", "node:wanted", released(), None),
            ("me", "node:mine", taken_over("me"), None),
            ("b", "node:wanted", cleared("me"), None),
        ] {
            let word = kind.word().to_owned();
            assert_eq!(
                why(session, about, kind),
                expected,
                "{word} {about} of {session}"
            );
        }
    }

    #[test]
    fn an_expired_claim_that_another_write_dropped_frees_what_is_waited_for() {
        let standing = standing("");
        let event = Event {
            session: id("b"),
            resources: Vec::new(),
            expired: labels("node:wanted"),
            kind: EventKind::Expired,
        };
        assert_eq!(concern(&event, &standing), Some("free"));
    }
}
