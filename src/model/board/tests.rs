//! Owns the tests of the board: what is live, what is held, and what conflicts, by one example.

use super::*;
use crate::model::actor::Actor;
use crate::model::holding::{Asker, split_by};
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::model::token::Token;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000)
}

fn actor(id: &str) -> Actor {
    Actor::example(id, 0)
}

fn resource(label: &str) -> Resource {
    Resource::parse(label).unwrap()
}

fn purpose() -> Purpose {
    Purpose::parse("drain").unwrap()
}

fn ttl() -> Ttl {
    Ttl::from_secs(60).unwrap()
}

/// A session that claimed these at the given seconds, and was seen then.
fn session(id: &str, claims: &[(&str, Mode)], secs: i64) -> Session {
    let claim = |(label, mode): &(&str, Mode)| Claim {
        resource: resource(label),
        purpose: purpose(),
        mode: *mode,
        claimed_at: at(secs),
        ttl: ttl(),
        place_until: None,
    };
    Session {
        who: actor(id),
        seen_at: at(secs),
        ttl: ttl(),
        claims: claims.iter().map(claim).collect(),
        states: Vec::new(),
        life: Default::default(),
    }
}

fn board() -> Board {
    let (shared, waiting) = (Mode::Shared, Mode::Waiting);
    Board {
        offers: Vec::new(),
        mail: MailDigest::default(),
        lists: Vec::new(),
        margin_secs: 30,
        sessions: vec![
            session("alice", &[("path:src", shared), ("node:a", waiting)], 100),
            session("bob", &[("path:src/a.rs", shared), ("db:x", shared)], 110),
            session("carol", &[("path:**", shared)], 40),
        ],
        locks: vec![Lock {
            resource: resource("node:a"),
            token: Token::new(7),
            holder: actor("bob"),
            purpose: purpose(),
            granted_at: at(90),
            renewed_at: at(105),
            ttl: ttl(),
            with: None,
        }],
        pending: vec![Pending {
            session: actor("bob").id,
            node: actor("bob").node,
            resource: resource("db:x"),
        }],
        unreadable: Vec::new(),
    }
}

fn shown(holdings: &[Holding]) -> Vec<(&str, &str)> {
    holdings
        .iter()
        .map(|h| (h.resource.label(), h.session.as_str()))
        .collect()
}

fn asker(id: &str) -> Asker {
    let who = actor(id);
    Asker {
        id: who.id,
        node: Some(who.node),
        attempt: None,
    }
}

#[test]
fn claims_are_sorted_and_expired_ones_are_not_live() {
    let all = [
        ("db:x", "bob"),
        ("node:a", "bob"),
        ("node:a", "alice"),
        ("path:**", "carol"),
        ("path:src", "alice"),
        ("path:src/a.rs", "bob"),
    ];
    let board = board();
    assert_eq!(shown(&board.holdings()), all);
    assert_eq!(shown(&board.live(at(99))), all);
    let mut live = all.to_vec();
    live.remove(3);
    assert_eq!(
        shown(&board.live(at(100))),
        live,
        "carol's claim lasts until 100 s"
    );
    live.remove(1);
    live.retain(|(_, session)| *session == "bob");
    assert_eq!(
        shown(&board.live(at(165))),
        live,
        "the lease of bob ends, too"
    );
}

#[test]
fn a_queued_request_holds_nothing() {
    let expected = [
        ("db:x", "bob"),
        ("node:a", "bob"),
        ("path:src", "alice"),
        ("path:src/a.rs", "bob"),
    ];
    assert_eq!(shown(&board().held(at(120))), expected);
}

#[test]
fn overlapping_claims_of_other_sessions_conflict() {
    let board = board();
    for (label, me, expected) in [
        ("path:src", "alice", &[("path:src/a.rs", "bob")][..]),
        (
            "path:src",
            "carol",
            &[("path:src", "alice"), ("path:src/a.rs", "bob")],
        ),
        ("path:docs", "alice", &[]),
        ("node:a", "alice", &[("node:a", "bob")]),
        ("node:a", "bob", &[]),
        ("node:b", "carol", &[]),
    ] {
        let found = board.conflicts_with(&resource(label), &asker(me), at(120));
        assert_eq!(shown(&found), expected, "{label} for {me}");
    }
}

#[test]
fn an_exclusive_claim_of_another_session_counts_while_its_clock_may_be_behind() {
    let board = board();
    let has = |me: &str, label: &str, secs| {
        let others = board.held_by_others(at(secs), |held| asker(me).owns(held));
        shown(&others).contains(&(label, "bob"))
    };
    // It expires at 165, a shared one of the same session at 170.
    assert!(has("me", "node:a", 194) && !has("me", "node:a", 195));
    assert!(has("me", "db:x", 169) && !has("me", "db:x", 170));
    assert!(!has("bob", "node:a", 194));
    let none = board.conflicts_with(&resource("node:a"), &asker("carol"), at(195));
    assert!(none.is_empty());
}

#[test]
fn a_claim_has_what_its_record_says() {
    let board = board();
    let held = board.held(at(120));
    let (mine, others) = split_by(held, &asker("bob"));
    assert_eq!(shown(&others), [("path:src", "alice")]);
    let [pending, lock, shared] = &mine[..] else {
        panic!("{mine:?}")
    };
    assert_eq!(
        (pending.confirmed, lock.confirmed, shared.confirmed),
        (false, true, true)
    );
    assert_eq!((lock.token, shared.token), (Some(Token::new(7)), None));
    assert_eq!((lock.mode, shared.mode), (Mode::Exclusive, Mode::Shared));
    assert_eq!(
        (lock.claimed_at, lock.seen_at, lock.expires_at),
        (at(90), at(105), at(165))
    );
    assert_eq!((shared.claimed_at, shared.expires_at), (at(110), at(170)));
    assert!(lock.is_live(at(164)) && !lock.is_live(at(165)));
    assert_eq!(board.session(&actor("carol").id), Some(&board.sessions[2]));
    assert_eq!(board.session(&actor("dora").id), None);
    let all: Vec<Holding> = Holding::all_of(board.sessions[1].clone(), &board.pending).collect();
    assert_eq!(shown(&all), [("path:src/a.rs", "bob"), ("db:x", "bob")]);
    assert!(all[0].confirmed && !all[1].confirmed);
}

#[test]
fn a_session_of_the_same_id_in_another_clone_is_another_one() {
    let board = board();
    let mut elsewhere = asker("alice");
    elsewhere.node = None;
    let found = board.conflicts_with(&resource("path:src"), &elsewhere, at(120));
    assert!(shown(&found).contains(&("path:src", "alice")));
    assert!(found.iter().any(|held| elsewhere.has_its_id(held)));
    elsewhere.node = Some(NodeId::from_bytes([99; 16]));
    assert!(split_by(board.held(at(120)), &elsewhere).0.is_empty());
}
