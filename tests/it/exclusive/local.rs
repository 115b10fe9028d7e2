//! This repository as the arbiter: grant, refusal, renewal, release, expiry.
//!
//! Owns the life of one grant where no remote is asked. Who is told of a takeover is in `taken`.

use serde_json::json;
use snapbox::str;

use super::{TTL_AND_MARGIN, ask, events, held, holders, take};
use crate::world::{ALICE, BOB, CAROL, World};

#[test]
fn the_first_one_gets_it_alone() {
    let world = World::new();
    world.alice(&ask("node:x")).says_all(str![[r#"
Claimed node:x exclusively, token [..], until 10:15, in 15 min (local)
Go on: you alone have it. The token numbers this grant. To renew it: git presence heartbeat. When done: git presence release node:x

"#]]);
    let world = World::new();
    let answer = world.alice("claim --exclusive node:x --purpose upgrade --ttl 1m --json");
    let answer = answer.done().json();
    assert_eq!(answer["renewed"], false);
    assert_eq!(answer["guarantee"], "local");
    let claim = &answer["claims"][0];
    assert_eq!(claim["mode"], "exclusive");
    assert_eq!(claim["purpose"], "upgrade");
    assert_eq!(claim["claimed_at"], "2026-11-21T10:00:00.000Z");
    assert_eq!(claim["expires_at"], "2026-11-21T10:01:00.000Z");
    assert_eq!(claim["is_me"], true);
    // The number is the moment of the grant in milliseconds, or more.
    assert_eq!(claim["token"], world.now().as_millis());
}

#[test]
fn everybody_else_is_refused_and_told_by_whom_and_until_when() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x");
    world.unchanged(|| {
        world
            .bob(&ask("node:x"))
            .refuses("node:x is claimed by wizard@devvm@alice")
            .refuses("\"p\"; exclusively until 10:15, in 15 min")
            .hints("git presence wait node:x")
            .hints("git presence release --force node:x --reason");
        let said = world.bob(&format!("{} --json", ask("node:x")));
        let error = said.exits(3).json()["error"].clone();
        assert_eq!(error["kind"], "refused");
        assert_eq!(error["held_by"].as_array().map(Vec::len), Some(1));
        let by = &error["held_by"][0];
        assert_eq!(by["session_id"], ALICE);
        assert_eq!(by["resource"], "node:x");
        assert_eq!(by["mode"], "exclusive");
        assert_eq!(by["token"], first);
        assert_eq!(by["expires_at"], "2026-11-21T10:15:00.000Z");
    });
    assert_eq!(holders(&world, "node:x"), [ALICE]);
    // Another one is free.
    world.bob(&ask("node:y")).says("Claimed node:y exclusively");
}

#[test]
fn the_holder_who_asks_again_renews_and_keeps_the_token() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x");
    world.later("10m");
    let again = world.alice("claim -x node:x --purpose \"still at it\" --ttl 1h --json");
    let again = again.done().json();
    assert_eq!(again["renewed"], true);
    let claim = &again["claims"][0];
    assert_eq!(claim["token"], first);
    assert_eq!(claim["purpose"], "still at it");
    assert_eq!(claim["claimed_at"], "2026-11-21T10:00:00.000Z");
    assert_eq!(claim["expires_at"], "2026-11-21T11:10:00.000Z");
    world
        .alice(&ask("node:x"))
        .says("Renewed node:x exclusively");
    // Renewals replace each other: the history keeps events.
    assert_eq!(events(&world, "node:x"), ["renew node:x", "claim node:x"]);
}

#[test]
fn what_was_released_is_free_at_once_and_the_next_token_is_greater() {
    let world = World::new();
    let mut last = 0;
    for _ in 0..3 {
        for (holder, next) in [(ALICE, BOB), (BOB, ALICE)] {
            let token = take(&world, holder, "node:x");
            assert!(token > last, "{token} after {last}");
            last = token;
            world
                .session(next, "release node:x")
                .refuses("it is claimed by");
            world.session(holder, "release node:x").says_all(str![[r#"
Released node:x

"#]]);
            assert_eq!(held(&world), []);
            world.anyone("peek node:x").says("node:x is free");
        }
    }
    let said = world.alice("release --all-mine --json");
    assert_eq!(said.done().json()["released"], json!([]));
    world.alice("release node:x").refuses("you do not hold");
}

#[test]
fn all_that_is_mine_is_released_at_once() {
    let world = World::new();
    take(&world, ALICE, "node:x db:y path:src/**");
    world.alice("claim infra:z --purpose shared").done();
    take(&world, BOB, "node:other");
    let said = world.alice("release --all-mine --json").done().json();
    let mut released: Vec<&str> = said["released"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    released.sort_unstable();
    assert_eq!(released, ["db:y", "infra:z", "node:x", "path:src/**"]);
    assert_eq!(holders(&world, "node:other"), [BOB]);
    assert_eq!(held(&world).len(), 1);
}

/// All or none of those named, held in whichever way.
#[test]
fn a_release_of_mine_and_of_anothers_releases_nothing() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.bob("claim node:y --purpose p").done();
    world.alice("release node:x node:y").refuses("node:y");
    assert_eq!(holders(&world, "node:x"), [ALICE]);
}

#[test]
fn of_several_all_or_none() {
    let world = World::new();
    let said = world.alice("claim -x node:a node:b path:src/** --purpose p --json");
    let said = said.done().json();
    assert_eq!(said["claims"].as_array().map(Vec::len), Some(3));
    // Whichever of them is taken, and wherever it stands in the line.
    world.unchanged(|| {
        for what in [
            "node:b node:c",
            "node:c node:b",
            "node:c path:src/a.rs",
            "node:0 node:c node:a",
        ] {
            world.bob(&ask(what)).refuses("wizard@devvm@alice");
        }
    });
    assert_eq!(held(&world).len(), 3);
    world
        .bob(&ask("node:c node:d"))
        .says("Claimed node:d exclusively");
    // Mine are renewed, and the new one is new.
    world
        .alice(&ask("node:a node:e"))
        .says("node:a exclusively")
        .says("node:e exclusively");
    assert_eq!(holders(&world, "node:e"), [ALICE]);
}

#[test]
fn the_same_resource_twice_in_one_line_is_one() {
    let world = World::new();
    take(&world, ALICE, "node:x node:x");
    assert_eq!(holders(&world, "node:x"), [ALICE]);
    world.alice("release node:x node:x").says("Released node:x");
    assert_eq!(held(&world), []);
}

#[test]
fn what_expired_is_taken_over_when_the_margin_is_over_too() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x");
    world.later("899s");
    world.bob(&ask("node:x")).refuses("wizard@devvm@alice");
    assert_eq!(holders(&world, "node:x"), [ALICE]);
    world.later("1s");
    assert_eq!(held(&world), [], "nobody counts on it any more");
    for _ in 0..2 {
        world.bob(&ask("node:x")).refuses("wizard@devvm@alice");
        world.later("15s");
    }
    world.bob(&ask("node:x")).refuses("wizard@devvm@alice");
    world.later("1s");
    let second = take(&world, BOB, "node:x");
    assert!(second > first);
    assert_eq!(holders(&world, "node:x"), [BOB]);
}

#[test]
fn the_margin_is_what_is_configured() {
    let world = World::new();
    world.git("config presence.clockSkew 5m");
    take(&world, ALICE, "node:x");
    world.later("20m");
    world.bob(&ask("node:x")).refuses("wizard@devvm@alice");
    world.later("1s");
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
    world.git("config presence.clockSkew 0");
    world.later("15m");
    world.carol(&ask("node:x")).refuses("wizard@devvm@bob");
    world.later("1s");
    world
        .carol(&ask("node:x"))
        .says("Claimed node:x exclusively");
}

/// For its holder there is no margin: the lock is free, and it gets a new token.
#[test]
fn the_holder_of_what_expired_gets_it_anew_under_a_new_token() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x");
    world.later("15m");
    let again = world.alice(&format!("{} --json", ask("node:x")));
    assert_eq!(again.done().json()["renewed"], false);
    assert!(super::token(&again) > first);
}

#[test]
fn a_heartbeat_renews_it_once_a_third_of_the_lease_is_over() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x");
    let until = || {
        let list = world.bob("list --json").done().json();
        list[0]["expires_at"].as_str().unwrap().to_owned()
    };
    for (later, expected) in [
        ("299s", "2026-11-21T10:15:00.000Z"),
        ("1s", "2026-11-21T10:20:00.000Z"),
        ("4m", "2026-11-21T10:20:00.000Z"),
        ("1m", "2026-11-21T10:25:00.000Z"),
        ("14m", "2026-11-21T10:39:00.000Z"),
    ] {
        world.later(later);
        world.alice("heartbeat").done();
        assert_eq!(until(), expected, "after {later}");
    }
    let token = first.to_string();
    world.alice("fence node:x").says(&token);
    world
        .alice(&format!("fence node:x --token {token}"))
        .says("Yours: node:x");
    assert_eq!(events(&world, "node:x"), ["renew node:x", "claim node:x"]);
    // A beat of another session keeps nothing alive.
    world.later("14m");
    world.bob("heartbeat").done();
    world.later("1m");
    assert_eq!(held(&world), []);
}

#[test]
fn each_is_renewed_by_its_own_lease() {
    let world = World::new();
    world
        .alice("claim -x node:short --purpose p --ttl 1m")
        .done();
    world
        .alice("claim -x node:long --purpose p --ttl 1h")
        .done();
    for _ in 0..4 {
        world.later("50s");
        world.alice("heartbeat").done();
    }
    assert_eq!(held(&world).len(), 2);
    assert_eq!(events(&world, "node:long"), ["claim node:long"]);
}

#[test]
fn what_expired_is_told_once_and_never_revived() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later("15m");
    let expired = "your exclusive claim of node:x expired at 10:15, now";
    world.alice("heartbeat").refuses(expired);
    for _ in 0..3 {
        world.alice("heartbeat --throttle 0").done();
        world.later("1m");
    }
    assert_eq!(held(&world), []);
    assert_eq!(events(&world, "node:x"), ["claim node:x"]);
    world.bob("list").says("Nothing is claimed.");
    world
        .carol(&ask("node:x"))
        .says("Claimed node:x exclusively");
    assert_eq!(holders(&world, "node:x"), [CAROL]);
}

/// The holder was away for so long that another session came and went.
#[test]
fn a_late_beat_does_not_touch_what_others_hold() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later(TTL_AND_MARGIN);
    let second = take(&world, BOB, "node:x");
    world.alice("heartbeat").exits(3);
    world.alice("heartbeat").done();
    world.alice("release --all-mine").done();
    let expected = (BOB.to_owned(), "node:x".to_owned(), second);
    assert_eq!(held(&world), [expected]);
}

#[test]
fn it_is_all_in_the_log() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later("1m");
    world.alice("release node:x").done();
    world.later("1m");
    take(&world, BOB, "node:x");
    world.carol("log").says_all(str![[r#"
[..] 10:02, now  claim node:x (exclusive)  wizard@devvm@bob: "p"
[..] 10:01, 1 min ago  release node:x (exclusive)  wizard@devvm@alice
[..] 10:00, 2 min ago  claim node:x (exclusive)  wizard@devvm@alice: "p"

"#]]);
    let log = world.carol("log node:x --json").done().json();
    assert_eq!(log.as_array().map(Vec::len), Some(3));
    world.git("fsck --strict --no-dangling");
}

#[test]
fn flags_that_make_no_sense_together() {
    let world = World::new();
    world
        .alice("claim node:x --purpose p --over-shared")
        .fails(129, "--exclusive");
    world.alice("claim -x node:x").fails(129, "--purpose");
    world.alice("claim -x --purpose p").fails(129, "RESOURCE");
    world
        .alice("claim -x x --purpose p")
        .fails(129, "<type>:<name>");
    world
        .alice("claim -x node:x --purpose p --ttl 1s")
        .fails(129, "ttl");
    assert_eq!(held(&world), []);
}
