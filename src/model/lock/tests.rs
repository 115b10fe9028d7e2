//! Owns the tests of locks: each step by a table, and random steps that must keep every
//! register sound.

use super::*;
use crate::model::id::NodeId;
use proptest::prelude::*;

const MARGIN_SECS: u64 = 30;

fn actor(name: &str) -> Actor {
    Actor::example(name, name.as_bytes()[0])
}

fn former(name: &str, had_expired: bool) -> FormerHolder {
    FormerHolder {
        holder: actor(name).id,
        had_expired,
    }
}

fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
}

fn request(label: &str) -> GrantRequest {
    GrantRequest {
        resource: Resource::parse(label).unwrap(),
        purpose: Purpose::parse("test").unwrap(),
        ttl: Ttl::from_secs(60).unwrap(),
    }
}

fn grant(
    register: &mut LockRegister,
    who: &str,
    label: &str,
    secs: u64,
) -> Result<(Granted, Token), Denied> {
    let policy = TakeoverPolicy {
        now: at(secs),
        margin_secs: MARGIN_SECS,
        holder_is_dead: &|_| false,
        program_is_gone: &|_| false,
        is_mine: &|lock| lock.is_of(&actor(who)),
        offers: OfferPolicy::BY_NAME,
    };
    register.grant(&actor(who), &request(label), &policy)
}

fn x() -> Resource {
    Resource::parse("node:x").unwrap()
}

#[test]
fn one_holder_until_the_lease_and_the_margin_are_over() {
    let check = |secs: u64, expected: Option<Granted>| {
        let mut register = LockRegister::default();
        let (granted, first) = grant(&mut register, "alice", "node:x", 0).unwrap();
        assert_eq!(granted, Granted::Free);
        let answer = grant(&mut register, "bob", "node:x", secs);
        match (answer, expected) {
            (Ok((granted, token)), Some(expected)) => {
                assert_eq!(granted, expected, "after {secs} s");
                assert!(token > first);
            }
            (Err(Denied::Held(lock)), None) => assert_eq!(lock.holder, actor("alice")),
            (answer, _) => panic!("after {secs} s: {answer:?}"),
        }
        assert!(register.is_sound());
    };
    let taken_over = || Granted::TakenOver {
        from: vec![former("alice", true)],
    };
    check(0, None);
    check(59, None);
    check(60, None);
    check(90, None);
    check(91, Some(taken_over()));
}

#[test]
fn a_dead_holder_is_taken_over_before_its_lease_expires() {
    let mut register = LockRegister::default();
    grant(&mut register, "alice", "node:x", 0).unwrap();
    let policy = TakeoverPolicy {
        now: at(5),
        margin_secs: MARGIN_SECS,
        holder_is_dead: &|lock| lock.holder == actor("alice"),
        program_is_gone: &|_| false,
        is_mine: &|lock| lock.is_of(&actor("bob")),
        offers: OfferPolicy::BY_NAME,
    };
    let (granted, _) = register
        .grant(&actor("bob"), &request("node:x"), &policy)
        .unwrap();
    let from = vec![former("alice", false)];
    assert_eq!(granted, Granted::TakenOver { from });
}

#[test]
fn mine_is_renewed_while_it_is_in_force_and_granted_anew_after() {
    let mut register = LockRegister::default();
    let (_, first) = grant(&mut register, "alice", "node:x", 0).unwrap();
    assert_eq!(
        grant(&mut register, "alice", "node:x", 59).unwrap(),
        (Granted::Renewed, first)
    );
    assert_eq!(register.lock_on(&x()).unwrap().granted_at, at(0));
    // The clock went back: the lease does not.
    grant(&mut register, "alice", "node:x", 10).unwrap();
    assert_eq!(register.lock_on(&x()).unwrap().renewed_at, at(59));
    let (granted, second) = grant(&mut register, "alice", "node:x", 119).unwrap();
    assert_eq!(granted, Granted::Free);
    assert!(second > first);
}

#[test]
fn a_renewal_never_creates_nor_revives() {
    let mut register = LockRegister::default();
    let alice = actor("alice");
    assert_eq!(
        register.renew(&alice, &x(), Token::new(1), at(0)),
        Err(Denied::Free)
    );
    let (_, first) = grant(&mut register, "alice", "node:x", 0).unwrap();
    register.renew(&alice, &x(), first, at(30)).unwrap();
    assert_eq!(register.lock_on(&x()).unwrap().expires_at(), at(90));
    let expired = register.renew(&alice, &x(), first, at(90));
    assert!(matches!(expired, Err(Denied::Expired(_))), "{expired:?}");
    let (_, second) = grant(&mut register, "bob", "node:x", 121).unwrap();
    assert_eq!(
        register.renew(&alice, &x(), first, at(122)),
        Err(Denied::OtherToken {
            asked: first,
            current: second
        })
    );
    assert!(matches!(
        register.renew(&alice, &x(), second, at(122)),
        Err(Denied::Held(_))
    ));
}

#[test]
fn tokens_grow_through_release_and_a_clock_that_went_back() {
    let mut register = LockRegister::default();
    let mut last = Token::default();
    for secs in [100, 70, 100, 80, 200] {
        let (_, token) = grant(&mut register, "alice", "node:x", secs).unwrap();
        assert!(token > last);
        last = token;
        assert_eq!(
            register.release(&actor("alice"), &x()).unwrap().token,
            token
        );
        assert_eq!(register.locks, []);
        assert_eq!(register.high_water, token);
    }
    // A register that was lost begins by the clock.
    let (_, token) = grant(&mut LockRegister::default(), "alice", "node:x", 201).unwrap();
    assert!(token > last);
}

/// With a clock that is behind, others would see the lease expire early.
#[test]
fn a_clock_behind_that_of_the_last_grant_by_more_than_the_margin_gets_nothing() {
    for (secs, behind) in [(100, None), (70, None), (69, Some(31)), (0, Some(100))] {
        let mut register = LockRegister::default();
        grant(&mut register, "alice", "node:x", 100).unwrap();
        register.release(&actor("alice"), &x()).unwrap();
        let before = register.clone();
        let answer = grant(&mut register, "bob", "node:x", secs);
        let denied = behind.map(|secs| Denied::ClockBehind { secs });
        assert_eq!(answer.err(), denied, "{secs}");
        assert_eq!(denied.is_some(), register == before, "{secs}");
    }
    // That another session holds it is said first, and what is held is renewed.
    let mut register = LockRegister::default();
    let (_, token) = grant(&mut register, "alice", "node:x", 100).unwrap();
    let held = grant(&mut register, "bob", "node:x", 0);
    assert!(matches!(held, Err(Denied::Held(_))), "{held:?}");
    let renewed = grant(&mut register, "alice", "node:x", 0).unwrap();
    assert_eq!(renewed, (Granted::Renewed, token));
}

#[test]
fn no_token_is_given_out_that_cannot_be_read() {
    let greatest = Token::MAX.number();
    for (high_water, expected) in [
        (greatest - 1, Ok((Granted::Free, Token::MAX))),
        (greatest, Err(Denied::NoTokenLeft)),
        (u64::MAX, Err(Denied::NoTokenLeft)),
    ] {
        let mut register = LockRegister {
            high_water: Token::new(high_water),
            ..LockRegister::default()
        };
        let before = register.clone();
        let policy = TakeoverPolicy {
            now: at(0),
            // Clocks may differ as they like.
            margin_secs: u64::MAX,
            holder_is_dead: &|_| false,
            program_is_gone: &|_| false,
            is_mine: &|_| false,
            offers: OfferPolicy::BY_NAME,
        };
        let answer = register.grant(&actor("alice"), &request("node:x"), &policy);
        assert_eq!(answer, expected, "{high_water}");
        assert_eq!(answer.is_err(), register == before, "{high_water}");
    }
}

#[test]
fn what_is_restored_ends_nothing_early_and_gives_no_token_out_again() {
    let mut register = LockRegister::default();
    let (_, alice) = grant(&mut register, "alice", "path:a", 0).unwrap();
    let (_, bob) = grant(&mut register, "bob", "path:b", 1).unwrap();
    let clock = Token::new(u64::try_from(at(50).as_millis()).unwrap());
    for (given, secs, high_water) in [
        (bob, 50, clock),
        (
            Token::new(clock.number() + 7),
            50,
            Token::new(clock.number() + 7),
        ),
        // The clock went back.
        (alice, 0, bob),
        (Token::new(u64::MAX), 50, Token::MAX),
    ] {
        let restored = register.clone().restored(&[alice], given, at(secs));
        assert_eq!(restored.high_water, high_water, "{given} at {secs}");
        let renewed: Vec<Timestamp> = restored.locks.iter().map(|l| l.renewed_at).collect();
        assert_eq!(renewed, [at(secs), at(1)], "{given} at {secs}");
        assert!(restored.is_sound());
    }
}

#[test]
fn only_the_holder_releases_and_only_the_named_grant_is_overridden() {
    let mut register = LockRegister::default();
    assert_eq!(register.release(&actor("bob"), &x()), Err(Denied::Free));
    let (_, token) = grant(&mut register, "alice", "node:x", 0).unwrap();
    assert!(matches!(
        register.release(&actor("bob"), &x()),
        Err(Denied::Held(_))
    ));
    // The same name from another clone is another session.
    let twin = Actor {
        node: NodeId::from_bytes([7; 16]),
        ..actor("alice")
    };
    assert!(matches!(
        register.release(&twin, &x()),
        Err(Denied::Held(_))
    ));
    let (alice, bob) = (actor("alice").id, actor("bob").id);
    let other = Token::new(token.number() - 1);
    assert!(matches!(
        register.override_lock(&x(), &alice, other),
        Err(Denied::OtherToken { .. })
    ));
    assert!(matches!(
        register.override_lock(&x(), &bob, token),
        Err(Denied::Held(_))
    ));
    assert_eq!(
        register.override_lock(&x(), &alice, token).unwrap().token,
        token
    );
    assert_eq!(
        register.override_lock(&x(), &alice, token),
        Err(Denied::Free)
    );
}

#[test]
fn paths_share_a_cell_and_overlaps_exclude_each_other() {
    let mut register = LockRegister::default();
    grant(&mut register, "alice", "path:src/**", 0).unwrap();
    assert!(matches!(
        grant(&mut register, "bob", "path:src/a.rs", 1),
        Err(Denied::Held(_))
    ));
    grant(&mut register, "bob", "path:docs/**", 1).unwrap();
    grant(&mut register, "alice", "path:src/b.rs", 2).unwrap();
    assert_eq!(register.locks.len(), 3, "my own may overlap");
    assert!(register.is_sound());
    // Both of alice's expire; bob takes what overlaps, and only that.
    let (granted, _) = grant(&mut register, "carol", "path:src/a.rs", 200).unwrap();
    assert!(matches!(granted, Granted::TakenOver { .. }));
    let left: Vec<&str> = register.locks.iter().map(|l| l.resource.label()).collect();
    assert_eq!(left, ["path:docs/**", "path:src/b.rs", "path:src/a.rs"]);
    assert!(register.is_sound());
}

proptest! {
    /// Any requests of any sessions, with clocks that jump: two sessions never hold at once what
    /// has not expired, tokens grow, the register stays sound.
    #[test]
    fn any_steps_keep_the_cell_sound(
        steps in proptest::collection::vec((0..3_usize, 0..3_usize, 0..4_u8, 0..400_u64), 1..60),
    ) {
        let names = ["alice", "bob", "carol"];
        let labels = ["path:src/**", "path:src/a.rs", "path:docs/x"];
        let mut register = LockRegister::default();
        let mut last = Token::default();
        for (who, what, kind, secs) in steps {
            let before = register.clone();
            let (me, label) = (actor(names[who]), labels[what]);
            let resource = Resource::parse(label).unwrap();
            match kind {
                0 | 1 => {
                    let answer = grant(&mut register, names[who], label, secs);
                    if let Ok((granted, token)) = answer {
                        let is_new = granted != Granted::Renewed;
                        prop_assert!(!is_new || token > last);
                        last = last.max(token);
                        let in_force = before.locks.iter().any(|lock| {
                            !lock.is_of(&me)
                                && lock.resource.overlaps(&resource)
                                && at(secs) <= lock.expires_at().plus_secs(MARGIN_SECS)
                        });
                        prop_assert!(!in_force, "{before:?}");
                    } else {
                        prop_assert_eq!(&before, &register);
                    }
                }
                2 => drop(register.release(&me, &resource)),
                _ => {
                    let token = register.lock_on(&resource).map_or(Token::new(1), |lock| lock.token);
                    drop(register.renew(&me, &resource, token, at(secs)));
                }
            }
            prop_assert!(register.is_sound());
            prop_assert!(register.high_water >= before.high_water);
        }
    }
}
