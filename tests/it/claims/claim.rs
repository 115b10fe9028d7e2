//! `claim`: what it writes and reports.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;
use snapbox::str;

use crate::world::{ALICE, BOB, World};

#[test]
fn a_claim_is_said_and_listed() {
    let world = World::new();
    world
        .alice("claim node:x --purpose \"GPU driver upgrade\"")
        .says_all(str![[r#"
Claimed node:x until 10:15, in 15 min (local)
Go on: no other session claims it. Shared: other sessions can claim it, too. To renew it: git presence heartbeat. When done: git presence release node:x

"#]]);
    world.bob("list").says_all(str![[r#"
   RESOURCE  STATE   SESSION             FOLDER       PURPOSE               SEEN  EXPIRES
   node:x    shared  wizard@devvm@alice  repo (main)  "GPU driver upgrade"  now   15m

"#]]);
}

#[test]
fn a_claim_reads_as_history() {
    let world = World::new();
    world
        .alice("claim node:x --purpose \"GPU driver upgrade\"")
        .done();
    let ref_name = world.ref_of(ALICE);
    let message = world.git(&format!("log --format=\"%an%n%s%n%n%b\" {ref_name}"));
    snapbox::assert_data_eq!(
        message,
        str![[r#"
wizard@devvm@alice
claim node:x

GPU driver upgrade

Presence-Event: claim
Presence-Session: wizard@devvm@alice
Presence-Resource: node:x
Presence-At: 2026-11-21T10:00:00.000Z
Presence-Nonce: [..]
Presence-Head: [..] main
"#]]
    );
}

#[test]
fn several_resources_are_one_commit() {
    let world = World::new();
    world
        .alice("claim node:x db:users infra:dns node:x --purpose move")
        .says_all(str![[r#"
Claimed db:users until 10:15, in 15 min (local)
Claimed infra:dns until 10:15, in 15 min (local)
Claimed node:x until 10:15, in 15 min (local)
Go on: no other session claims any of it. Shared: other sessions can claim it, too. To renew it: git presence heartbeat. When done: git presence release db:users infra:dns node:x

"#]]);
    let ref_name = world.ref_of(ALICE);
    assert_eq!(world.git(&format!("rev-list --count {ref_name}")), "1");
    assert_eq!(world.files_of(&ref_name).len(), 1 + 3);

    world.alice("claim stack:a stack:b --purpose move").done();
    assert_eq!(world.git(&format!("rev-list --count {ref_name}")), "2");
    assert_eq!(world.files_of(&ref_name).len(), 1 + 5);
}

#[test]
fn one_bad_resource_leaves_all_of_them_unclaimed() {
    let world = World::new();
    world.alice("claim node:mine --purpose x").done();
    world.unchanged(|| {
        world
            .alice("claim node:a nonsense node:b --purpose x")
            .fails(129, "\"nonsense\" is not accepted: it has no type")
            .hints("known types: node:");
    });
}

#[test]
fn the_second_one_is_told_who_was_first_and_to_defer() {
    let world = World::new();
    world
        .alice("claim node:x --purpose \"GPU driver upgrade\"")
        .done();
    world.later("4m");
    world
        .bob("claim node:x db:free --purpose \"move the node\"")
        .says_all(str![[r#"
Defer: do not change node:x yet; wait for it, ask its holder, or release your claim:
  git presence wait db:free node:x
  git presence tell node:x --ask -m "<question>"
  git presence release db:free node:x
Claimed db:free until 10:19, in 15 min (local)
Claimed node:x, behind another session, until 10:19, in 15 min (local)
ALSO CLAIMED BY wizard@devvm@alice (wizard@[..]): node:x is already claimed
  "GPU driver upgrade"
    since 10:00, 4 min ago; until 10:15, in 11 min; seen 4 min ago in "[..]/repo" on main

"#]]);
    // The first one learns of it as soon as it asks.
    world
        .alice("claim node:x --purpose \"GPU driver upgrade\"")
        .says("ALSO CLAIMED BY wizard@devvm@bob (")
        .says("): node:x is already claimed");
}

#[test]
fn programs_are_told_the_same() {
    let world = World::new();
    let host = world.alice("whoami --json").json()["host"].clone();
    world
        .alice("claim node:x --purpose upgrade --ttl 1h")
        .done();
    world.later("4m");
    let answer = world.bob("claim node:x --purpose move --json").json();
    assert_eq!(answer["session_id"], BOB);
    assert_eq!(answer["guarantee"], "local");
    assert_eq!(answer["renewed"], false);
    assert_eq!(answer["claims"][0]["is_me"], true);
    assert_eq!(
        answer["claims"][0]["expires_at"],
        "2026-11-21T10:19:00.000Z"
    );
    assert_eq!(
        answer["also_claimed_by"],
        json!([{
            "session_id": ALICE,
            "resource": "node:x",
            "purpose": "upgrade",
            "mode": "shared",
            "claimed_at": "2026-11-21T10:00:00.000Z",
            "seen_at": "2026-11-21T10:00:00.000Z",
            "expires_at": "2026-11-21T11:00:00.000Z",
            "user": "wizard",
            "host": host,
            "agent": null,
            "is_me": false,
            "confirmed": true,
            "folder": world.dir().display().to_string(),
            "branch": "main",
            "gone": false,
        }])
    );
}

#[test]
fn claiming_again_renews_and_updates_the_purpose() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.later("10m");
    world
        .alice("claim node:x --purpose \"upgrade, second try\" --ttl 30m")
        .says_all(str![[r#"
Renewed node:x until 10:40, in 30 min (local)
Go on: no other session claims it. When done: git presence release node:x

"#]]);
    let list = world.bob("list --json").json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["purpose"], "upgrade, second try");
    assert_eq!(list[0]["claimed_at"], "2026-11-21T10:00:00.000Z");
    assert_eq!(list[0]["expires_at"], "2026-11-21T10:40:00.000Z");
}

#[test]
fn what_had_expired_is_claimed_anew() {
    let world = World::new();
    world
        .alice("claim node:x --purpose upgrade --ttl 1m")
        .done();
    world.later("2m");
    world
        .alice("claim node:x --purpose again")
        .says("Claimed node:x until 10:17")
        .says("Note: your claim of node:x expired at");
    let list = world.alice("list --json").json();
    assert_eq!(list[0]["claimed_at"], "2026-11-21T10:02:00.000Z");
}

#[test]
fn paths_that_overlap_conflict() {
    let world = World::new();
    world
        .alice("claim path:src/**/*.rs --purpose refactor")
        .done();
    let clash = || {
        contains("ALSO CLAIMED BY wizard@devvm@alice (")
            .and(contains("): path:src/**/*.rs is already claimed"))
    };
    world
        .bob("claim path:src/deep/a.rs --purpose fix")
        .says(clash());
    world.bob("claim path:src --purpose move").says(clash());
    world.bob("claim path:s*/a.rs --purpose fix").says(clash());
    world
        .bob("claim path:src/*.toml --purpose fix")
        .done()
        .omits("ALSO");
    world
        .bob("claim path:srcs/a.rs --purpose fix")
        .omits("ALSO");
}

#[test]
fn another_session_by_flag() {
    let world = World::new();
    world
        .alice("claim node:x --purpose x --session wizard@devvm@other")
        .done();
    let list = world.alice("list --json").json();
    assert_eq!(list[0]["session_id"], "wizard@devvm@other");
    assert_eq!(list[0]["is_me"], false);
}
