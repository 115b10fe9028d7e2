//! What was written is read again, and is kept.

use std::io::{Seek as _, Write as _};

use gix::ObjectId;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::*;
use crate::model::actor::{Actor, Process, ProcessRole};
use crate::model::claim::{Claim, Mode};
use crate::model::id::{HarnessId, LABEL_BYTES_MAX, NodeId, SessionId};
use crate::model::resource::Resource;
use crate::model::session::Life;
use crate::model::state::{Lifted, Saying, Statement, Version, Word};
use crate::model::text::Purpose;
use crate::model::time::{Timestamp, Ttl};

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Zäß\\\\\"'/ {}:,.-]{1,30}"
        .prop_map(|text| crate::model::text::harmless_name(&text, LABEL_BYTES_MAX))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_000_i64).prop_map(Timestamp::from_millis)
}

fn ttl() -> impl Strategy<Value = Ttl> {
    (60..86_400_u64).prop_map(|secs| Ttl::from_secs(secs).unwrap())
}

fn process() -> impl Strategy<Value = Process> {
    let role = prop_oneof![
        Just(ProcessRole::Program),
        Just(ProcessRole::Caller),
        Just(ProcessRole::Terminal)
    ];
    (any::<u32>(), instant(), word(), word(), role).prop_map(
        |(pid, started_at, host_id, boot_id, role)| Process {
            pid,
            started_at,
            host_id,
            boot_id,
            role,
        },
    )
}

fn claim() -> impl Strategy<Value = Claim> {
    let label = "(node|path|db):[a-z0-9]{1,9}".prop_map(|label| Resource::parse(&label).unwrap());
    let place = proptest::option::of(instant());
    (label, word(), any::<bool>(), instant(), ttl(), place).prop_map(
        |(resource, purpose, waits, claimed_at, ttl, place)| Claim {
            resource,
            purpose: Purpose::from_record(&purpose),
            mode: if waits { Mode::Waiting } else { Mode::Shared },
            claimed_at,
            ttl,
            place_until: place.filter(|_| waits),
        },
    )
}

fn lifted() -> impl Strategy<Value = Lifted> {
    ("[a-z@]{1,20}", instant(), instant()).prop_map(|(by, at, until)| Lifted {
        by: SessionId::parse(&by).unwrap(),
        at,
        until,
    })
}

fn statement() -> impl Strategy<Value = Statement> {
    let label = "(node|path|db):[a-z0-9]{1,9}".prop_map(|label| Resource::parse(&label).unwrap());
    let optional = || proptest::option::of(word());
    let said = ("[a-z0-9-]{1,32}", optional(), optional());
    (
        label,
        said,
        0..99_999_999_u64,
        proptest::collection::vec(lifted(), 0..3),
        instant(),
    )
        .prop_map(
            |(resource, (word, version, notes), lasts_secs, lifts, at)| Statement {
                saying: Saying {
                    resource,
                    word: Word::parse(&word).unwrap(),
                    version: version.as_deref().and_then(Version::from_record),
                    notes: notes.as_deref().map(Purpose::from_record),
                    lasts_secs,
                    lifts,
                },
                at,
            },
        )
}

fn actor() -> impl Strategy<Value = Actor> {
    let optional = || proptest::option::of(word());
    let process = proptest::option::of(process());
    (
        "[a-z@]{1,20}",
        any::<[u8; 16]>(),
        optional(),
        (word(), word()),
        process,
        optional(),
        optional(),
    )
        .prop_map(
            |(id, node, agent, (user, host), process, worktree, branch)| Actor {
                id: SessionId::parse(&id).unwrap(),
                node: NodeId::from_bytes(node),
                agent,
                user,
                host,
                process,
                worktree,
                branch,
            },
        )
}

fn life() -> impl Strategy<Value = Life> {
    let optional = || proptest::option::of(instant());
    let harness_id = proptest::option::of("[a-z0-9][a-z0-9._-]{0,9}");
    (optional(), optional(), harness_id).prop_map(|(began_at, ended_at, id)| Life {
        began_at,
        ended_at,
        harness_id: id.as_deref().and_then(HarnessId::parse),
    })
}

fn session() -> impl Strategy<Value = Session> {
    let claims = proptest::collection::vec(claim(), 0..5);
    let states = proptest::collection::vec(statement(), 0..3);
    let parts = (actor(), instant(), ttl(), claims, states, life());
    parts.prop_map(|(who, seen_at, ttl, claims, states, life)| Session {
        who,
        seen_at,
        ttl,
        claims,
        states,
        life,
    })
}

proptest! {
    #[test]
    fn every_session_is_read_as_it_was_written(session in session(), other in session()) {
        let at = |n: u8| RefValue::At(ObjectId::from_bytes_or_panic(&[n; 20]));
        let key = |n: u8| CacheKey::from_bytes([n; 32]);
        let mut first = SessionCache::of(None, None);
        first.add("refs/a", &at(1), (&session, 1));
        first.add("refs/b", &at(2), (&other, 2));
        let text = first.text(&key(1)).unwrap();
        let stored = || {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.rewind().unwrap();
            Some(file)
        };
        for other in [Some(key(2)), None] {
            let mut other = SessionCache::of(stored(), other);
            prop_assert_eq!(other.find("refs/a", &at(1)), None, "another key");
        }
        let mut second = SessionCache::of(stored(), Some(key(1)));
        prop_assert_eq!(second.find("refs/a", &at(1)), Some((session.clone(), 1)));
        prop_assert_eq!(second.find("refs/a", &at(2)), None, "another name");
        prop_assert_eq!(second.find("refs/b", &at(3)), None, "another commit");
        prop_assert_eq!(second.find("refs/b", &at(2)), Some((other, 2)));
        second.add("refs/c", &at(4), (&session, 4));
        for end in ['\t', '\n'] {
            let mut odd = session.clone();
            odd.who.user.push(end);
            second.add("refs/d", &at(5), (&odd, 5));
        }
        let kept = second.text(&key(1)).unwrap();
        prop_assert!(kept.starts_with(&text), "what was found is kept");
        prop_assert_eq!(kept.lines().count(), 4, "with what is new");
    }
}

#[test]
fn a_file_is_outdated_once_most_of_its_lines_are_of_sessions_that_are_gone() {
    let tip = RefValue::At(ObjectId::from_bytes_or_panic(&[1; 20]));
    let key = || CacheKey::from_bytes([1; 32]);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let session = session().new_tree(&mut runner).unwrap().current();
    let names: Vec<String> = (10..60).map(|n| format!("refs/{n}")).collect();
    let read = |text: &str, names: &[String]| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        let mut cache = SessionCache::of(Some(file), Some(key()));
        for name in names {
            assert!(cache.find(name, &tip).is_some(), "{name}");
        }
        cache
    };
    let mut first = SessionCache::of(None, None);
    for name in &names {
        first.add(name, &tip, (&session, 1));
    }
    assert!(first.is_outdated(), "new sessions");
    let text = first.text(&key()).unwrap();
    assert!(!read(&text, &names).is_outdated());
    assert!(
        !read(&text, &names[25..]).is_outdated(),
        "half of them are gone"
    );
    let mut few = read(&text, &names[45..]);
    assert!(few.is_outdated(), "45 of 50 are gone");
    let text = few.text(&key()).unwrap();
    assert_eq!(text.lines().count(), 6);
    assert!(!read(&text, &names[45..]).is_outdated());
}
