//! The step of a session, by tables. Against a second, simpler writing of the rules: `laws`.

mod laws;

use super::*;
use crate::model::event::Around;
use crate::model::id::SessionId;

const START_MILLIS: i64 = 1_763_719_200_000;

fn actor(id: &str) -> Actor {
    Actor::example(id, 0)
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(START_MILLIS + secs * 1000)
}

fn resources(labels: &[&str]) -> Vec<Resource> {
    let parse = |label: &&str| Resource::parse(label).unwrap();
    labels.iter().map(parse).collect()
}

fn claim(labels: &[&str], purpose: &str, ttl_secs: u64) -> Request {
    Request::Claim {
        wanted: resources(labels),
        purpose: Purpose::parse(purpose).unwrap(),
        ttl: Ttl::from_secs(ttl_secs).unwrap(),
    }
}

fn release(labels: &[&str]) -> Request {
    Request::Release(resources(labels))
}

/// Apply requests at their times and return the last session and event.
fn play(script: &[(i64, Request)]) -> (Option<Session>, Option<Event>) {
    let me = actor("me");
    let mut session = None;
    let mut event = None;
    for (secs, request) in script {
        let stepped = step(session.as_ref(), &me, request, at(*secs), Ttl::DEFAULT).unwrap();
        event = stepped.as_ref().map(|step| step.event.clone());
        session = stepped.map(|step| step.session).or(session);
    }
    (session, event)
}

/// What the script leaves behind: `resource@claimed_at`, the event's kind, what it dropped.
fn check(script: &[(i64, Request)], claims: &[&str], kind: Option<&str>, expired: &[&str]) {
    let (session, event) = play(script);
    let left: Vec<String> = session
        .iter()
        .flat_map(|session| &session.claims)
        .map(|c| {
            format!(
                "{}@{}",
                c.resource,
                (c.claimed_at.as_millis() - START_MILLIS) / 1000
            )
        })
        .collect();
    assert_eq!(left, claims);
    assert_eq!(event.as_ref().map(|event| event.kind.word()), kind);
    let dropped = event.map(|event| event.expired).unwrap_or_default();
    assert_eq!(dropped, resources(expired));
}

#[test]
fn claiming_again_renews_and_keeps_since_when() {
    let again = claim(&["node:a"], "still", 20);
    let script = [(0, claim(&["node:a"], "first", 900)), (60, again)];
    check(&script, &["node:a@0"], Some("renew"), &[]);
    let (session, _) = play(&script);
    let session = session.unwrap();
    assert_eq!(session.claims[0].purpose.as_str(), "still");
    assert_eq!(session.claims[0].expires_at(session.seen_at), at(80));
    let one_more = claim(&["node:a", "node:b"], "both", 900);
    let script = [(0, claim(&["node:a"], "first", 900)), (9, one_more)];
    check(&script, &["node:a@0", "node:b@9"], Some("claim"), &[]);
}

#[test]
fn a_bypass_names_the_holders_and_changes_nothing() {
    let bypass = Request::Bypass(Bypass {
        about: resources(&["branch:main"]),
        holders: vec![SessionId::parse("you").unwrap()],
        around: vec![Around {
            session: SessionId::parse("you").unwrap(),
            resource: resources(&["branch:main"]).remove(0),
        }],
        reason: Purpose::parse("hotfix").unwrap(),
    });
    check(&[(0, bypass.clone())], &[], Some("bypass"), &[]);
    let script = [(0, claim(&["node:a"], "p", 900)), (1, bypass)];
    check(&script, &["node:a@0"], Some("bypass"), &[]);
    let event = play(&script).1.unwrap();
    assert_eq!(event.resources, resources(&["branch:main"]));
    let EventKind::Bypassed {
        holders,
        around,
        reason,
    } = event.kind
    else {
        panic!("{event:?}")
    };
    assert_eq!(holders, [SessionId::parse("you").unwrap()]);
    assert_eq!(around.len(), 1);
    assert_eq!(reason, Purpose::parse("hotfix").unwrap());
}

#[test]
fn expired_claims_are_dropped_and_never_revived() {
    let short = || claim(&["node:a"], "p", 10);
    // Live until, and not at, the instant it expires.
    check(
        &[(0, short()), (9, Request::Heartbeat)],
        &["node:a@0"],
        Some("heartbeat"),
        &[],
    );
    check(
        &[(0, short()), (10, Request::Heartbeat)],
        &[],
        Some("lapse"),
        &["node:a"],
    );
    check(
        &[(0, short()), (10, short())],
        &["node:a@10"],
        Some("claim"),
        &["node:a"],
    );
    let long = claim(&["node:b"], "p", 900);
    check(
        &[(0, short()), (11, long)],
        &["node:b@11"],
        Some("claim"),
        &["node:a"],
    );
    let beats = [
        (0, short()),
        (9, Request::Heartbeat),
        (18, Request::Heartbeat),
    ];
    check(&beats, &["node:a@0"], Some("heartbeat"), &[]);
}

#[test]
fn releasing() {
    let two = || (0, claim(&["node:a", "node:b"], "p", 900));
    check(
        &[two(), (1, release(&["node:a"]))],
        &["node:b@0"],
        Some("release"),
        &[],
    );
    check(
        &[two(), (1, Request::ReleaseAll)],
        &[],
        Some("release"),
        &[],
    );
    check(&[(0, Request::ReleaseAll)], &[], None, &[]);
    check(
        &[two(), (1, Request::ReleaseAll), (2, Request::ReleaseAll)],
        &[],
        None,
        &[],
    );
    // It expired a moment ago: that is as good as released.
    let late = (901, release(&["node:a"]));
    check(&[two(), late], &[], Some("lapse"), &["node:a", "node:b"]);
    let by = SessionId::parse("newer").unwrap();
    let superseded = [two(), (5, Request::Supersede { by: by.clone() })];
    check(&superseded, &[], Some("supersede"), &[]);
    assert_eq!(
        play(&superseded).1.unwrap().kind,
        EventKind::Superseded { by }
    );
}

#[test]
fn releasing_what_is_not_mine_is_refused_whole() {
    let (session, _) = play(&[(0, claim(&["node:a"], "p", 900))]);
    let request = release(&["node:a", "node:z"]);
    let refused = step(
        session.as_ref(),
        &actor("me"),
        &request,
        at(1),
        Ttl::DEFAULT,
    );
    match refused.unwrap_err() {
        Refusal::NotYours { resource, .. } => assert_eq!(resource.label(), "node:z"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_session_holds_at_most_64_claims() {
    let labels: Vec<String> = (0..65).map(|n| format!("node:n{n}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let all = |count: usize| claim(&labels[..count], "p", 900);
    assert_eq!(play(&[(0, all(64))]).0.unwrap().claims.len(), 64);
    assert_eq!(
        play(&[(0, all(64)), (1, all(64))]).0.unwrap().claims.len(),
        64
    );
    let refused = step(None, &actor("me"), &all(65), at(0), Ttl::DEFAULT);
    assert_eq!(
        refused.unwrap_err(),
        Refusal::TooManyClaims { claims_max: 64 }
    );
}

#[test]
fn time_never_runs_backwards_within_a_session() {
    let script = [(100, claim(&["node:a"], "p", 10)), (0, Request::Heartbeat)];
    check(&script, &["node:a@100"], Some("heartbeat"), &[]);
    assert_eq!(play(&script).0.unwrap().seen_at, at(100));
}

#[test]
fn a_session_leaves_an_impossible_hour() {
    let script = [
        (90_000, claim(&["node:a"], "p", 10)),
        (0, Request::Heartbeat),
    ];
    check(&script, &["node:a@0"], Some("heartbeat"), &[]);
    let session = play(&script).0.unwrap();
    assert_eq!(session.seen_at, at(0));
    assert_eq!(session.claims[0].expires_at(session.seen_at), at(10));
    // Within a day, the clock of now may be the wrong one.
    let script = [
        (86_400, claim(&["node:a"], "p", 10)),
        (0, Request::Heartbeat),
    ];
    assert_eq!(play(&script).0.unwrap().seen_at, at(86_400));
}

#[test]
fn a_queued_request_holds_nothing_and_is_no_second_claim() {
    let me = actor("me");
    let wait = |labels: &[&str]| Request::Enqueue {
        wanted: labels.iter().map(|l| Resource::parse(l).unwrap()).collect(),
        purpose: Purpose::parse("p").unwrap(),
        ttl: Ttl::DEFAULT,
        place_until: None,
    };
    let claim = Request::Claim {
        wanted: vec![Resource::parse("node:a").unwrap()],
        purpose: Purpose::parse("p").unwrap(),
        ttl: Ttl::DEFAULT,
    };
    let go = |before: Option<&Session>, request: &Request, secs| {
        step(before, &me, request, at(secs), Ttl::DEFAULT)
            .unwrap()
            .unwrap()
    };
    let held = go(None, &claim, 0).session;
    let queued = go(Some(&held), &wait(&["node:a", "node:b"]), 1);
    assert_eq!(queued.event.kind.word(), "wait");
    assert_eq!(
        queued.event.resources.len(),
        1,
        "what is held is not requested"
    );
    let modes: Vec<Mode> = queued.session.claims.iter().map(|c| c.mode).collect();
    assert_eq!(modes, [Mode::Shared, Mode::Waiting]);
    let again = go(Some(&queued.session), &wait(&["node:b"]), 5);
    assert_eq!(
        again.session.claims[1].claimed_at,
        at(1),
        "a waiting session keeps its position"
    );
    let gone = Request::Release(vec![Resource::parse("node:b").unwrap()]);
    assert_eq!(go(Some(&again.session), &gone, 6).session.claims.len(), 1);
}

#[test]
fn a_place_ends_whatever_the_session_does_and_stays_the_first() {
    let me = actor("me");
    let wait = |until: i64| Request::Enqueue {
        wanted: vec![Resource::parse("node:a").unwrap()],
        purpose: Purpose::parse("p").unwrap(),
        ttl: Ttl::DEFAULT,
        place_until: Some(at(until)),
    };
    let go = |before: Option<&Session>, request: &Request, secs| {
        step(before, &me, request, at(secs), Ttl::DEFAULT)
            .unwrap()
            .unwrap()
    };
    let queued = go(None, &wait(30), 0).session;
    let again = go(Some(&queued), &wait(60), 20);
    assert_eq!(again.event.kind, EventKind::Heartbeat);
    assert_eq!(again.session.claims[0].claimed_at, at(0));
    let beaten = go(Some(&again.session), &Request::Heartbeat, 50).session;
    assert_eq!(beaten.claims[0].expires_at(beaten.seen_at), at(60));
    let gone = go(Some(&beaten), &Request::Heartbeat, 60);
    assert_eq!(gone.session.claims, Vec::new());
    // A claim of it lasts as any other.
    let claim = Request::Claim {
        wanted: vec![Resource::parse("node:a").unwrap()],
        purpose: Purpose::parse("p").unwrap(),
        ttl: Ttl::DEFAULT,
    };
    let claimed = go(Some(&beaten), &claim, 55).session;
    assert!(claimed.claims[0].is_live(claimed.seen_at, at(90)));
}
