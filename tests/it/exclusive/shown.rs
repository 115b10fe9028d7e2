//! The display of exclusive claims by readers, which write nothing.
//!
//! Owns the words and the JSON of `list`, `peek`, `status` and `log` where a resource is held
//! exclusively.

use serde_json::Value;
use snapbox::str;

use super::{TTL_AND_MARGIN, ask, take};
use crate::world::{ALICE, BOB, World};

#[test]
fn a_listing_marks_it() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    world.bob("claim db:y --purpose backup").done();
    world.bob("list").says_all(str![[r#"
   RESOURCE  STATE      SESSION             FOLDER       PURPOSE   SEEN  EXPIRES
*  db:y      shared     wizard@devvm@bob    repo (main)  "backup"  now   15m
   node:x    exclusive  wizard@devvm@alice  repo (main)  "p"       now   15m

"#]]);
    let list = world.alice("list --json").done().json();
    assert_eq!(list[0]["token"], Value::Null, "only those have one");
    assert!(list[0].get("token").is_none());
    assert_eq!(list[1]["token"], token);
    assert_eq!(list[1]["mode"], "exclusive");
    assert_eq!(list[1]["is_me"], true);
    assert_eq!(list[1]["confirmed"], true);
    for (line, count) in [
        ("list --mine --json", 1),
        ("list --others --json", 1),
        ("list --resource node:x --json", 1),
    ] {
        let list = world.alice(line).done().json();
        assert_eq!(list.as_array().map(Vec::len), Some(count), "{line}");
    }
}

#[test]
fn a_peek_says_who_and_until_when() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x path:src/**");
    world.bob("peek node:x").says_all(str![[r#"
node:x is held exclusively by wizard@devvm@alice (wizard@[..])
  "p"
    since 10:00, now; until 10:15, in 15 min; seen now in "[..]/repo" on main
Defer: git presence wait node:x; or ask: git presence tell node:x --ask -m "<question>"

"#]]);
    world
        .alice("peek node:x")
        .says("held exclusively by you")
        .omits("Defer");
    let peeked = world.bob("peek node:x --json").done().json();
    assert_eq!(peeked[0]["relation"], "exact");
    assert_eq!(peeked[0]["token"], token);
    world
        .bob("peek path:src/a.rs")
        .says("path:src/a.rs overlaps path:src/**");
    world.bob("peek node:other").says("node:other is free");
}

#[test]
fn a_status_shows_mine_and_those_of_others() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world
        .alice("status")
        .says("Yours: 1 claim\n   node:x  exclusive  until 10:15, in 15 min  \"p\"");
    world
        .bob("status")
        .says("Yours: 0 claims")
        .says("   node:x  exclusive  wizard@devvm@alice  until 10:15, in 15 min  \"p\"");
    let status = world.alice("status --json").done().json();
    assert!(status["mine"][0]["token"].is_u64(), "{status}");
    assert_eq!(status["problems"], serde_json::json!([]));
}

#[test]
fn a_takeover_names_whom_it_was_taken_from() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later(TTL_AND_MARGIN);
    let token = take(&world, BOB, "node:x");
    world
        .carol("log")
        .says("takeover node:x  wizard@devvm@bob from wizard@devvm@alice: \"p\"");
    let log = world.carol("log -n 1 --json").done().json();
    assert_eq!(log[0]["event"], "takeover");
    assert_eq!(log[0]["session_id"], BOB);
    let message = world.git(&format!("log -1 --format=%B {}", super::cell("node:x")));
    for trailer in [
        format!("Presence-From: {ALICE}"),
        format!("Presence-Session: {BOB}"),
        format!("Presence-Token: {token}"),
    ] {
        assert!(message.contains(&trailer), "{trailer} in {message}");
    }
}

#[test]
fn readers_leave_all_as_it_is() {
    let world = World::new();
    take(&world, ALICE, "node:x path:src/**");
    let read = || {
        for line in ["list", "peek node:x", "peek path:src/a", "status", "log"] {
            world.bob(line).done();
            world.alice(&format!("{line} --json")).done();
        }
    };
    world.untouched(&[], read);
    world.later(TTL_AND_MARGIN);
    world.untouched(&[], read);
}

/// A reader sees expired claims on request only, and then this one, too.
#[test]
fn what_expired_is_listed_when_asked_for() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later("15m");
    world.bob("list").says("Nothing is claimed.");
    world.bob("list --expired").says("node:x").says("expired");
    let list = world.bob("list --expired --json").done().json();
    assert_eq!(list[0]["is_live"], false);
    world.later("31s");
    world
        .bob("peek node:x")
        .says("Expired within the last hour: node:x");
}

#[test]
fn a_purpose_that_means_harm_is_shown_harmless() {
    let world = World::new();
    let purpose = "\u{1b}[2Jgone \u{202e}desrever";
    world
        .alice(&format!("claim -x node:x --purpose \"{purpose}\""))
        .fails(129, "purpose");
    world
        .alice("claim -x node:x --purpose \"ünïcode — ok\"")
        .done();
    world.bob(&ask("node:x")).refuses("ünïcode — ok");
}

/// A claim that cannot be granted is not free.
#[test]
fn a_peek_does_not_call_free_what_a_claim_is_refused() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later("15m");
    world.bob(&ask("node:x")).refuses(ALICE);
    world
        .bob("peek node:x")
        .says("node:x expired, and no other session can have it before 10:15, in 30 s")
        .says("Defer")
        .omits("node:x is free")
        .omits("within the last hour");
    let answer = world.bob("peek node:x --json").done().json();
    assert_eq!(answer.as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(answer[0]["relation"], "lapsing");
    assert_eq!(answer[0]["session_id"], ALICE);
    assert_eq!(answer[0]["expires_at"], "2026-11-21T10:15:00.000Z");
    assert_eq!(answer[0]["takeover_from"], "2026-11-21T10:15:30.000Z");
    // Its own holder is not kept waiting.
    world.alice("peek node:x").says("node:x is free");
    world.later("31s");
    world.bob("peek node:x").says("node:x is free");
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
}
