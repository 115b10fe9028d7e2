//! The step of a session: by tables, and against a second, simpler writing of the rules.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::id::NodeId;

const START_MILLIS: i64 = 1_763_719_200_000;

fn actor(id: &str) -> Actor {
    Actor {
        id: SessionId::parse(id).unwrap(),
        node: NodeId::from_bytes([0; 16]),
        agent: None,
        user: "wizard".into(),
        host: "devvm".into(),
        process: None,
        worktree: None,
        branch: None,
    }
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

#[derive(Clone, Debug)]
enum Move {
    Claim(Vec<u8>, u64),
    Release(Vec<u8>),
    ReleaseAll,
    Heartbeat,
}

fn a_move() -> impl Strategy<Value = Move> {
    let some = || proptest::collection::vec(0u8..5, 1..4);
    prop_oneof![
        4 => (some(), 10u64..60).prop_map(|(which, ttl)| Move::Claim(which, ttl)),
        2 => some().prop_map(Move::Release),
        1 => Just(Move::ReleaseAll),
        3 => Just(Move::Heartbeat),
    ]
}

fn request(step: &Move) -> Request {
    let labels = |which: &[u8]| {
        let mut labels: Vec<Resource> = Vec::new();
        for n in which {
            let resource = Resource::parse(&format!("node:n{n}")).unwrap();
            if !labels.contains(&resource) {
                labels.push(resource);
            }
        }
        labels
    };
    match step {
        Move::Claim(which, ttl) => Request::Claim {
            wanted: labels(which),
            purpose: Purpose::parse("p").unwrap(),
            ttl: Ttl::from_secs(*ttl).unwrap(),
        },
        Move::Release(which) => Request::Release(labels(which)),
        Move::ReleaseAll => Request::ReleaseAll,
        Move::Heartbeat => Request::Heartbeat,
    }
}

/// The rules once more, as simply as can be: who holds what until when.
#[derive(Clone, Debug, Default)]
struct Reference {
    seen: i64,
    held: BTreeMap<String, (i64, u64)>,
}

impl Reference {
    /// Apply a request; `false` when it is refused and changes nothing.
    fn apply(&mut self, request: &Request, now: i64) -> bool {
        let before = self.clone();
        let now = now.max(self.seen);
        let (seen, mut expired) = (self.seen, Vec::new());
        self.held.retain(|label, (claimed, ttl)| {
            let live = now < seen.max(*claimed) + i64::try_from(*ttl).unwrap() * 1000;
            if !live {
                expired.push(label.clone());
            }
            live
        });
        self.seen = now;
        match request {
            Request::Claim { wanted, ttl, .. } => {
                for resource in wanted {
                    let entry = self.held.entry(resource.label().to_owned());
                    entry.or_insert((now, 0)).1 = ttl.as_secs();
                }
            }
            Request::Enqueue { wanted, ttl, .. } => {
                for resource in wanted {
                    let entry = self.held.entry(resource.label().to_owned());
                    entry.or_insert((now, ttl.as_secs()));
                }
            }
            Request::Release(which) => {
                for resource in which {
                    let label = resource.label();
                    if self.held.remove(label).is_none() && !expired.iter().any(|l| l == label) {
                        *self = before;
                        return false;
                    }
                }
            }
            Request::ReleaseAll | Request::Supersede { .. } => {
                if self.held.is_empty() && expired.is_empty() {
                    *self = before;
                }
                self.held.clear();
            }
            Request::Heartbeat | Request::Bypass(_) => {}
        }
        true
    }
}

proptest! {
    #[test]
    fn a_session_follows_the_reference(
        moves in proptest::collection::vec((a_move(), -30i64..90), 1..40)
    ) {
        let me = actor("me");
        let mut reference = Reference { seen: START_MILLIS, ..Reference::default() };
        let mut session: Option<Session> = None;
        let mut clock = 0;
        for (a_move, delta) in &moves {
            clock += delta;
            let request = request(a_move);
            let now = at(clock);
            let floor = session.as_ref().map_or(now, |s| s.seen_at);
            if session.is_none() {
                reference.seen = now.as_millis();
            }
            let accepted = reference.apply(&request, now.as_millis());
            let result = step(session.as_ref(), &me, &request, now, Ttl::DEFAULT);
            prop_assert_eq!(result.is_ok(), accepted);
            let Ok(Some(stepped)) = result else { continue };
            let after = stepped.session;
            prop_assert!(after.seen_at >= floor);
            let held: BTreeMap<String, (i64, u64)> = after
                .claims
                .iter()
                .map(|c| (c.resource.label().to_owned(), (c.claimed_at.as_millis(), c.ttl.as_secs())))
                .collect();
            prop_assert_eq!(held.len(), after.claims.len(), "no claim twice");
            prop_assert_eq!(&held, &reference.held);
            prop_assert!(after.claims.iter().all(|c| c.is_live(after.seen_at, after.seen_at)));
            // What this step dropped is not what it left.
            let reclaimed = |gone: &Resource| stepped.event.resources.contains(gone);
            let left = |gone: &Resource| held.contains_key(gone.label());
            let dropped = stepped.event.expired.iter();
            let dropped_for_good = dropped.filter(|gone| !reclaimed(gone)).all(|gone| !left(gone));
            prop_assert!(dropped_for_good);
            session = Some(after);
        }
    }
}

#[test]
fn a_queued_request_holds_nothing_and_is_no_second_claim() {
    let me = actor("me");
    let wait = |labels: &[&str]| Request::Enqueue {
        wanted: labels.iter().map(|l| Resource::parse(l).unwrap()).collect(),
        purpose: Purpose::parse("p").unwrap(),
        ttl: Ttl::DEFAULT,
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
