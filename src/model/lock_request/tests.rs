//! Owns the tests of lock requests: which event and which locks each request comes to, by tables.

mod beside_tasks;
mod tasks;

use super::*;
use crate::model::handoff::{Parting, Said};
use crate::model::offer::{Offer, OfferPolicy};
use crate::model::time::{Timestamp, Ttl};

const MARGIN_SECS: u64 = 30;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000)
}

fn actor(id: &str) -> Actor {
    Actor::example(id, 0)
}

fn resource(label: &str) -> Resource {
    Resource::parse(label).unwrap()
}

fn resources(labels: &[&str]) -> Vec<Resource> {
    labels.iter().map(|label| resource(label)).collect()
}

fn purpose(text: &str) -> Purpose {
    Purpose::parse(text).unwrap()
}

/// Requests each of these for a minute.
fn grant(labels: &[&str]) -> Request {
    let one = |resource| GrantRequest {
        resource,
        purpose: purpose("drain"),
        ttl: Ttl::from_secs(60).unwrap(),
    };
    Request::Grant(resources(labels).into_iter().map(one).collect())
}

/// All paths are decided in one register, any other resource in one of its own.
fn register_of(resource: &Resource) -> String {
    match resource.kind().as_str() {
        "path" => "path".to_owned(),
        _ => resource.label().to_owned(),
    }
}

/// The registers of an arbiter, in memory.
struct Arbiter(Vec<Named>);

impl Arbiter {
    fn of(names: &[&str]) -> Self {
        let empty = |name: &&str| ((*name).to_owned(), LockRegister::default());
        Self(names.iter().map(empty).collect())
    }

    /// Decides without a change.
    fn try_ask(&self, who: &str, request: &Request, secs: i64) -> Result<Decision, Denied> {
        let who = actor(who);
        let is_mine = |lock: &Lock| lock.is_of(&who);
        let policy = TakeoverPolicy {
            now: at(secs),
            margin_secs: MARGIN_SECS,
            holder_is_dead: &|_| false,
            program_is_gone: &|_| false,
            is_mine: &is_mine,
            offers: OfferPolicy::BY_NAME,
        };
        decide(&self.0, &who, request, &policy, &register_of)
    }

    /// Decides, and puts the decision in force.
    fn ask(&mut self, who: &str, request: &Request, secs: i64) -> Decision {
        let decision = self.try_ask(who, request, secs).unwrap();
        for (name, register, _) in &decision.changed {
            let at = self.0.iter_mut().find(|(known, _)| known == name);
            at.unwrap().1 = register.clone();
        }
        decision
    }

    fn token_of(&self, label: &str) -> Token {
        let locks = self.0.iter().flat_map(|(_, register)| &register.locks);
        let mut locks = locks.filter(|lock| lock.resource.label() == label);
        locks.next().unwrap().token
    }
}

/// Each event as its register, its word and its resources.
fn events(decision: &Decision) -> Vec<(&str, &str, Vec<&str>)> {
    let changed = decision.changed.iter();
    let shown = changed.map(|(name, _, event)| {
        let about = event.resources.iter().map(Resource::label);
        (name.as_str(), event.kind.word(), about.collect())
    });
    shown.collect()
}

fn labels(locks: &[Lock]) -> Vec<&str> {
    locks.iter().map(|lock| lock.resource.label()).collect()
}

#[test]
fn a_grant_is_a_claim_unless_all_is_held_or_something_is_taken_over() {
    let mut arbiter = Arbiter::of(&["path"]);
    for (who, wanted, secs, word, taken_from) in [
        ("alice", &["path:a"][..], 100, "claim", &[][..]),
        ("alice", &["path:a"], 110, "renew", &[]),
        ("alice", &["path:a", "path:b"], 120, "claim", &[]),
        ("alice", &["path:b", "path:a"], 130, "renew", &[]),
        ("bob", &["path:c"], 140, "claim", &[]),
        ("bob", &["path:a", "path:c"], 221, "takeover", &["alice"]),
        ("carol", &["path:d", "path:c"], 400, "takeover", &["bob"]),
    ] {
        let decision = arbiter.ask(who, &grant(wanted), secs);
        assert_eq!(events(&decision), [("path", word, wanted.to_vec())]);
        assert_eq!(labels(&decision.locks), wanted);
        let former: Vec<&str> = decision
            .taken_from
            .iter()
            .map(|former| former.holder.as_str())
            .collect();
        assert_eq!(former, taken_from, "{who} at {secs}");
        let details = decision.changed[0].2.kind.details();
        assert_eq!(
            details.token,
            Some(arbiter.token_of(wanted[wanted.len() - 1]))
        );
        assert_eq!(details.purpose, Some(&purpose("drain")));
        let from: Vec<&str> = details.from.iter().map(SessionId::as_str).collect();
        assert_eq!(from, taken_from, "{who} at {secs}");
        assert!(decision.lost.is_empty());
    }
}

#[test]
fn each_register_has_an_event_about_its_own_resources() {
    let mut arbiter = Arbiter::of(&["node:a", "path", "node:b", "node:c"]);
    let wanted = grant(&["path:x", "node:b", "path:y", "node:a"]);
    let decision = arbiter.ask("alice", &wanted, 100);
    let expected = [
        ("node:a", "claim", vec!["node:a"]),
        ("path", "claim", vec!["path:x", "path:y"]),
        ("node:b", "claim", vec!["node:b"]),
    ];
    assert_eq!(events(&decision), expected);
    assert_eq!(decision.changed[0].2.session, actor("alice").id);
    let about: Vec<&str> = wanted
        .resources()
        .into_iter()
        .map(Resource::label)
        .collect();
    assert_eq!(about, ["path:x", "node:b", "path:y", "node:a"]);
}

#[test]
fn a_request_takes_effect_as_a_whole_or_not_at_all() {
    let mut arbiter = Arbiter::of(&["node:a", "node:b"]);
    arbiter.ask("bob", &grant(&["node:b"]), 100);
    let denied = arbiter.try_ask("alice", &grant(&["node:a", "node:b"]), 110);
    assert!(matches!(denied, Err(Denied::Held(lock)) if lock.resource == resource("node:b")));
    let both = Request::Release(resources(&["node:a", "node:b"]));
    assert_eq!(
        arbiter.try_ask("bob", &both, 110).unwrap_err(),
        Denied::Free
    );
}

#[test]
fn what_is_not_held_any_more_is_lost_and_the_rest_is_renewed() {
    let mut arbiter = Arbiter::of(&["path"]);
    arbiter.ask("alice", &grant(&["path:a", "path:b"]), 100);
    let (a, b) = (arbiter.token_of("path:a"), arbiter.token_of("path:b"));
    let leases = [(resource("path:a"), a), (resource("path:b"), b)].to_vec();
    let all = Request::Renew(leases);
    assert_eq!(all.resources().len(), 2);
    let decision = arbiter.ask("alice", &all, 110);
    assert_eq!(
        events(&decision),
        [("path", "renew", vec!["path:a", "path:b"])]
    );
    let details = decision.changed[0].2.kind.details();
    assert_eq!((details.token, details.purpose), (Some(b), None));

    arbiter.ask("alice", &Request::Release(resources(&["path:a"])), 120);
    let decision = arbiter.ask("alice", &all, 130);
    assert_eq!(events(&decision), [("path", "renew", vec!["path:b"])]);
    assert_eq!(labels(&decision.locks), ["path:b"]);
    assert_eq!(decision.lost, [(resource("path:a"), Denied::Free)]);

    let decision = arbiter.ask("alice", &all, 190);
    assert_eq!(
        (decision.changed.len(), decision.lost.len()),
        (0, 2),
        "expired"
    );
}

#[test]
fn a_release_and_an_override_return_what_was_held() {
    let mut arbiter = Arbiter::of(&["path", "node:c"]);
    arbiter.ask("alice", &grant(&["path:a", "path:b", "node:c"]), 100);
    let (b, c) = (arbiter.token_of("path:b"), arbiter.token_of("node:c"));
    let release = Request::Release(resources(&["path:a", "path:b"]));
    let decision = arbiter.ask("alice", &release, 110);
    assert_eq!(
        events(&decision),
        [("path", "release", vec!["path:a", "path:b"])]
    );
    assert_eq!(labels(&decision.locks), ["path:a", "path:b"]);
    assert_eq!(
        decision.changed[0].2.kind,
        EventKind::Released {
            token: Some(b),
            to: None,
        }
    );

    let request = |token| Request::Override {
        resource: resource("node:c"),
        holder: actor("alice").id,
        token,
        reason: purpose("on leave"),
    };
    // Registers that a request is not about are not handed in.
    let only_there = Arbiter(arbiter.0[1..].to_vec());
    let denied = only_there.try_ask("bob", &request(b), 120).unwrap_err();
    assert!(matches!(denied, Denied::OtherToken { .. }));
    let decision = only_there.try_ask("bob", &request(c), 120).unwrap();
    assert_eq!(events(&decision), [("node:c", "override", vec!["node:c"])]);
    assert_eq!(labels(&decision.locks), ["node:c"]);
    let kind = EventKind::Overridden {
        holder: actor("alice").id,
        reason: purpose("on leave"),
        token: c,
    };
    assert_eq!(decision.changed[0].2.kind, kind);
    assert!(decision.changed[0].1.locks.is_empty());
}

/// A release of each of these with words, and an offer to that session for 100 s.
fn pass(labels: &[&str], to: Option<&str>) -> Request {
    let offer = |to: &str| Offer {
        to: SessionId::parse(to).unwrap(),
        lasts: Ttl::from_secs(100).unwrap(),
    };
    Request::Pass {
        resources: resources(labels),
        to: to.map(offer),
        parting: Some(Box::new(Parting::of(Said::example("half", "rest")))),
    }
}

#[test]
fn a_pass_is_a_release_that_names_who_is_next() {
    let mut arbiter = Arbiter::of(&["turn:a", "turn:b"]);
    let all = ["turn:a", "turn:b"];
    arbiter.ask("alice", &grant(&all), 100);
    let before = arbiter.token_of("turn:b");
    // All or none.
    let more = pass(&["turn:a", "turn:b", "turn:c"], Some("bob"));
    let none = Arbiter::of(&["turn:a", "turn:b", "turn:c"]);
    assert!(none.try_ask("alice", &more, 110).is_err());
    let decision = arbiter.ask("alice", &pass(&all, Some("bob")), 110);
    assert_eq!(
        events(&decision),
        [
            ("turn:a", "release", vec!["turn:a"]),
            ("turn:b", "release", vec!["turn:b"])
        ]
    );
    let details = decision.changed[1].2.kind.details();
    assert_eq!(details.token, Some(before));
    assert_eq!(details.to.map(SessionId::as_str), Some("bob"));
    let denied = |who: &str, secs| arbiter.try_ask(who, &grant(&all), secs).unwrap_err();
    assert!(matches!(denied("carol", 111), Denied::Offered(_)));
    assert!(matches!(denied("alice", 111), Denied::Offered(_)));
    // One register that is offered to another session denies the whole request.
    assert!(arbiter.try_ask("bob", &grant(&all), 111).is_ok());
    assert!(arbiter.try_ask("carol", &grant(&all), 210).is_ok());
}

#[test]
fn a_seizure_takes_and_grants_in_one_step() {
    let seize = |from: &str, token| Request::Seize {
        wanted: GrantRequest {
            resource: resource("turn:a"),
            purpose: purpose("drain"),
            ttl: Ttl::from_secs(60).unwrap(),
        },
        holder: SessionId::parse(from).unwrap(),
        token,
        reason: purpose("stuck"),
    };
    let mut arbiter = Arbiter::of(&["turn:a"]);
    arbiter.ask("alice", &grant(&["turn:a"]), 100);
    let token = arbiter.token_of("turn:a");
    for (from, token) in [("bob", token), ("alice", Token::new(1))] {
        assert!(arbiter.try_ask("carol", &seize(from, token), 101).is_err());
    }
    let decision = arbiter.ask("carol", &seize("alice", token), 101);
    assert_eq!(events(&decision), [("turn:a", "override", vec!["turn:a"])]);
    let details = decision.changed[0].2.kind.details();
    assert_eq!((details.token, details.from.len()), (Some(token), 1));
    assert_eq!(decision.locks[0].holder.id.as_str(), "carol");
    assert!(arbiter.token_of("turn:a") > token);
    // What is offered is taken by the name of the session that it is offered to.
    arbiter.ask("carol", &pass(&["turn:a"], Some("dave")), 110);
    let token = decision.locks[0].token;
    assert!(arbiter.try_ask("bob", &seize("carol", token), 111).is_err());
    let decision = arbiter.ask("bob", &seize("dave", token), 111);
    assert_eq!(decision.locks[0].holder.id.as_str(), "bob");
    let register = &decision.changed[0].1;
    assert!(register.offers.is_empty() && register.handoffs.len() == 1);
}
