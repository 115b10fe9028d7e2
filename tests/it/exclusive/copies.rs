//! Copies of a clone, as in an image that many containers start from.
//!
//! Owns the case in which names cannot tell two holders apart: the same session id, the same node
//! id. What each asked for does. Copies and their own session refs are `machines`' business.

use super::{ask, take, token};
use crate::machines::{Team, copied};
use crate::world::{ALICE, BOB, World};

/// A clone that has its name already, and a copy of it.
fn twins() -> (Team, World, World) {
    let (team, a, _) = Team::pair();
    a.alice("claim infra:other --purpose p").done();
    a.alice("release infra:other").done();
    let b = copied(&a, "twin");
    (team, a, b)
}

#[test]
fn one_of_two_copies_holds_it() {
    let (_team, a, b) = twins();
    let first = take(&a, ALICE, "infra:x");
    b.alice(&ask("infra:x")).refuses(ALICE);
    b.alice("fence infra:x").exits(3);
    // Who keeps it does not change by that.
    assert_eq!(take(&a, ALICE, "infra:x"), first);
    a.alice(&format!("fence infra:x --token {first} --remote"))
        .says("Yours");
}

/// The end of one does not end the other.
#[test]
fn a_copy_that_releases_all_of_its_own_leaves_the_other_alone() {
    let (_team, a, b) = twins();
    let first = take(&a, ALICE, "infra:x");
    b.anyone("sync").done();
    b.alice("release --all-mine").exits(0);
    a.alice(&format!("fence infra:x --token {first} --remote"))
        .says("Yours");
}

#[test]
fn copies_take_turns() {
    let (_team, a, b) = twins();
    let mut last = 0;
    for clone in [&a, &b, &a, &b] {
        let next = take(clone, ALICE, "infra:x");
        assert!(next > last);
        last = next;
        clone.alice("release infra:x").done();
    }
}

/// The token is above the clock, so that the next one is the same for both; the request of one of
/// them is lost, and the other one is granted it.
#[test]
fn a_lost_request_is_not_the_grant_of_a_copy() {
    let (team, a, _) = Team::pair();
    let ahead = a.with("GIT_PRESENCE_TEST_NOW", "2026-11-21T10:00:25Z");
    take(&ahead, BOB, "infra:x");
    ahead.bob("release infra:x").done();
    a.anyone("sync").done();
    let b = copied(&a, "twin");
    team.hook("pre-receive", "kill -9 $PPID");
    b.alice(&ask("infra:x")).exits(5);
    team.no_hook("pre-receive");
    a.later("1s");
    let token = take(&a, ALICE, "infra:x");
    b.alice(&ask("infra:x")).refuses(ALICE);
    b.alice("fence infra:x --remote").exits(3);
    a.alice(&format!("fence infra:x --token {token} --remote"))
        .says("Yours");
}

/// In the same millisecond: the token would be the same, and only one push lands.
#[test]
fn copies_at_the_same_moment() {
    let (_team, a, b) = twins();
    let line = format!("{} --json", ask("infra:x"));
    let said = super::races::together(2, |i| [&a, &b][i].session(ALICE, &line));
    let won: Vec<_> = said.iter().filter(|said| said.code == Some(0)).collect();
    assert_eq!(won.len(), 1, "{} {}", said[0].out, said[1].out);
    assert!(token(won[0]) > 0);
}
