//! Cells that are deleted or set back on the remote with plain Git.
//!
//! Owns what a holder may still believe then, and what the next one gets.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use super::{ask, cell, held, take};
use crate::machines::{Team, agree, are_sound, copied, sync};
use crate::said::holds;
use crate::world::{ALICE, BOB, World};

/// Alice holds it in A; then `wipe` happens to the hub.
fn wiped(wipe: impl FnOnce(&Team)) -> (Team, World, World, u64) {
    let (team, a, b) = Team::pair();
    let token = take(&a, ALICE, "infra:x");
    sync(&[&b]);
    wipe(&team);
    (team, a, b, token)
}

/// The holder finds that out, and the next grant has a greater number.
#[track_caller]
fn is_lost_and_granted_anew(team: &Team, a: &World, b: &World, token: u64) {
    let fence = format!("fence infra:x --token {token}");
    a.alice(&fence).says("Yours");
    b.later("1s");
    let next = take(b, BOB, "infra:x");
    assert!(next > token, "{next} after {token}");
    a.alice(&format!("{fence} --remote"))
        .refuses("infra:x is no longer yours")
        .refuses(BOB);
    a.alice(&fence).exits(3);
    a.alice(&ask("infra:x")).refuses(BOB);
    b.bob(&format!("fence infra:x --token {next} --remote"))
        .done();
    a.alice("heartbeat").done();
    sync(&[a, b, a]);
    agree(&[a, b]);
    are_sound(&[a, b, &team.hub()]);
}

#[test]
fn a_cell_that_was_deleted_on_the_remote() {
    let (team, a, b, token) = wiped(|team| {
        team.hub()
            .git(&format!("update-ref -d {}", cell("infra:x")));
    });
    is_lost_and_granted_anew(&team, &a, &b, token);
}

#[test]
fn a_mirror_push_of_a_plain_clone() {
    let (team, a, b, token) = wiped(|team| {
        team.outside().git("clone --quiet hub.git third");
        team.outside().at("third").git("push --quiet --mirror");
        assert_eq!(team.refs(), "");
    });
    is_lost_and_granted_anew(&team, &a, &b, token);
}

#[test]
fn a_hub_that_was_made_anew() {
    let (team, a, b, token) = wiped(|team| {
        team.rename("hub.git", "lost.git");
        team.hub().git("init --quiet --bare");
        team.outside().at("a").git("push --quiet origin main");
    });
    let _ = b.anyone("sync");
    is_lost_and_granted_anew(&team, &a, &b, token);
}

/// It is not granted anew yet: the holder is told that it is gone, and may ask again.
#[test]
fn the_holder_who_asks_after_it_was_deleted() {
    let (team, a, b, token) = wiped(|team| {
        team.hub()
            .git(&format!("update-ref -d {}", cell("infra:x")));
    });
    a.alice("fence infra:x --remote")
        .refuses("infra:x is no longer yours");
    assert_eq!(held(&a), []);
    a.later("1s");
    let next = take(&a, ALICE, "infra:x");
    assert!(next > token);
    a.alice("fence infra:x --remote").done();
    b.bob(&ask("infra:x")).refuses(ALICE);
    assert_eq!(team.refs().matches("/locks/").count(), 1);
}

/// A renewal is no grant: what is gone does not come back by it.
#[test]
fn a_renewal_does_not_bring_back_what_was_deleted() {
    let (team, a, b, _) = wiped(|team| {
        team.hub()
            .git(&format!("update-ref -d {}", cell("infra:x")));
    });
    a.later("5m");
    a.alice("heartbeat").done();
    crate::machines::at_rest(&a);
    holds(&team.refs(), contains("/locks/").not());
    b.bob(&ask("infra:x")).says("Claimed infra:x exclusively");
    a.alice("fence infra:x").exits(3);
    a.alice("fence infra:x --remote").exits(3);
}

#[test]
fn a_release_of_what_was_deleted() {
    let (team, a, _, _) = wiped(|team| {
        team.hub()
            .git(&format!("update-ref -d {}", cell("infra:x")));
    });
    let _ = a.alice("release infra:x");
    holds(&team.refs(), contains("/locks/").not());
    assert_eq!(held(&a), []);
}

/// The backup is from before the grant.
#[test]
fn a_hub_that_was_restored_from_before_the_grant() {
    let (team, a, b) = Team::pair();
    take(&b, BOB, "infra:x");
    b.bob("release infra:x").done();
    let _backup = copied(&team.hub(), "backup.git");
    a.later("1m");
    let token = take(&a, ALICE, "infra:x");
    team.rename("hub.git", "broken.git");
    team.rename("backup.git", "hub.git");
    is_lost_and_granted_anew(&team, &a, &b, token);
}

/// The backup is from when another session held it, which released it since.
#[test]
fn a_hub_that_was_restored_to_a_former_holder() {
    let (team, a, b) = Team::pair();
    let first = take(&b, BOB, "infra:x");
    let _backup = copied(&team.hub(), "backup.git");
    b.later("1m");
    b.bob("release infra:x").done();
    let second = take(&a, ALICE, "infra:x");
    team.rename("hub.git", "broken.git");
    team.rename("backup.git", "hub.git");
    a.alice(&format!("fence infra:x --token {second} --remote"))
        .refuses("infra:x is no longer yours");
    // That session released it, and does not count on it: the hub cannot make it.
    b.bob(&format!("fence infra:x --token {first} --remote"))
        .exits(3);
    a.alice(&ask("infra:x")).refuses(BOB);
    // Nor can it tell the grant from one to a copy of it.
    b.bob("release infra:x").refuses("is not yours");
    let force = format!("release --force infra:x --holder {BOB} --token {first} --reason restored");
    b.bob(&force).says("Released");
    a.later("1s");
    assert!(take(&a, ALICE, "infra:x") > second);
}

/// The backup is older than a renewal: it is the same grant, with less time.
#[test]
fn a_hub_that_was_restored_from_before_a_renewal() {
    let (team, a, b) = Team::pair();
    let token = take(&a, ALICE, "infra:x");
    let _backup = copied(&team.hub(), "backup.git");
    a.later("10m");
    assert_eq!(take(&a, ALICE, "infra:x"), token);
    team.rename("hub.git", "broken.git");
    team.rename("backup.git", "hub.git");
    a.alice(&format!("fence infra:x --token {token} --remote"))
        .says("until 10:15");
    b.bob(&ask("infra:x")).refuses(ALICE);
    assert_eq!(take(&a, ALICE, "infra:x"), token);
    a.alice("fence infra:x --remote").says("until 10:25");
    are_sound(&[&a, &b, &team.hub()]);
}

/// Copies here are no evidence: without them the hub is asked.
#[test]
fn copies_that_were_deleted_in_a_clone() {
    let (_team, a, b) = Team::pair();
    let token = take(&a, ALICE, "infra:x");
    sync(&[&b]);
    for clone in [&a, &b] {
        clone.sh("rm -rf .git/refs/presence-remote").done();
    }
    b.bob(&ask("infra:x")).refuses(ALICE);
    a.alice(&format!("fence infra:x --token {token} --remote"))
        .says("Yours");
    assert_eq!(take(&a, ALICE, "infra:x"), token);
}

/// A mirror clone fetches all refs of the hub. None of those that this program keeps beside them is
/// there, so `--prune` removes them.
#[test]
fn copies_that_a_prune_removes_in_a_mirror_clone() {
    let (team, a, _b) = Team::pair();
    take(&a, ALICE, "stack:x");
    a.alice("claim path:src -p p").done();
    a.alice("turn take").done();
    a.alice("state branch:main frozen").done();
    a.alice("task add one").done();
    team.outside().git("clone --quiet --mirror hub.git m.git");
    let m = team.outside().at("m.git");
    m.anyone("sync").done();
    take(&m, BOB, "infra:mine");
    let prune = || m.git("fetch --quiet --prune");
    for (line, expected) in [
        ("list", "stack:x"),
        ("peek stack:x", "stack:x is held exclusively by"),
        ("peek branch:main", "branch:main is frozen by"),
        ("turn", "turn:main is held by"),
        ("task", "one"),
        ("fence infra:mine", "Yours"),
    ] {
        prune();
        m.bob(line).prints(expected);
    }
    // Nothing is known if the hub cannot be asked, so nothing is free and nothing lost.
    prune();
    team.away();
    let list = m.bob("list");
    assert!(
        list.exits(5).err.contains("removed, as by git fetch"),
        "{}",
        list.err
    );
    m.bob("peek stack:x").omits("is free");
    m.bob("hook pre-apply stack:x")
        .refuses("may be claimed in an unreadable record");
    m.bob("claim --refuse stack:x -p p").fails(3, "not fetched");
    m.bob("heartbeat").done();
    m.bob("fence infra:mine").fails(5, "origin");
    team.back();
    m.anyone("sync").done();
    prune();
    m.bob("heartbeat").done();
    prune();
    m.bob("release infra:mine").says("Released infra:mine");
    prune();
    m.bob("claim -x stack:x -p p").refuses(ALICE);
}

#[test]
fn garbage_collection_on_both_sides() {
    let (team, a, b) = Team::pair();
    let token = take(&a, ALICE, "infra:x");
    for _ in 0..2 {
        a.later("5m");
        a.alice(&ask("infra:x")).says("Renewed");
        for place in [&a, &b, &team.hub()] {
            place.git("gc --quiet --prune=now");
            place.git("pack-refs --all --prune");
        }
        b.bob(&ask("infra:x")).refuses(ALICE);
        a.alice(&format!("fence infra:x --token {token} --remote"))
            .done();
    }
    are_sound(&[&a, &b, &team.hub()]);
}

/// B knows a greater token than the restored hub, and its clock is behind by less than
/// the margin.
#[test]
fn a_token_grows_over_a_restored_backup_whatever_the_clock_says() {
    let (team, a, b) = Team::pair();
    let _backup = copied(&team.hub(), "backup.git");
    a.later("1m");
    let token = take(&a, ALICE, "infra:x");
    b.bob(&ask("infra:x")).refuses(ALICE);
    team.rename("hub.git", "broken.git");
    team.rename("backup.git", "hub.git");
    let behind = b.with("GIT_PRESENCE_TEST_NOW", "2026-11-21T10:00:40Z");
    b.anyone("sync").done();
    let next = take(&behind, BOB, "infra:x");
    assert!(next > token, "{next} after {token}");
}
