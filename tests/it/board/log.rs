//! `log`: the history of the board, newest first.

use serde_json::Value;
use snapbox::str;

use crate::said::Said;
use crate::world::{ALICE, BOB, World};

/// A morning with two sessions.
fn morning() -> World {
    let world = World::new();
    world.alice("claim node:x db:y --purpose upgrade").done();
    world.later("1m");
    world.bob("claim node:x --purpose backup").done();
    world.later("1m");
    world.bob("release node:x").done();
    world.later("2m");
    world.alice("heartbeat").done();
    world
}

fn column(said: &Said, field: &str) -> Vec<String> {
    let log = said.done().json();
    let text = |entry: &Value| entry[field].as_str().unwrap().to_owned();
    log.as_array().unwrap().iter().map(text).collect()
}

#[test]
fn nothing_yet() {
    let world = World::new();
    world.alice("log").says("No events yet.");
    assert_eq!(world.alice("log --json").json(), serde_json::json!([]));
}

#[test]
fn newest_first_and_no_beats() {
    let world = morning();
    world.carol("log").says_all(str![[r#"
[..] 10:02, 2 min ago  release node:x (shared)  wizard@devvm@bob
[..] 10:01, 3 min ago  claim node:x (shared)  wizard@devvm@bob: "backup"
[..] 10:00, 4 min ago  claim node:x, db:y (shared)  wizard@devvm@alice: "upgrade"

"#]]);
}

#[test]
fn about_a_resource() {
    let world = morning();
    assert_eq!(
        column(&world.carol("log node:x --json"), "event"),
        ["release", "claim", "claim"]
    );
    assert_eq!(
        column(&world.carol("log db:y --json"), "session_id"),
        [ALICE]
    );
    assert!(column(&world.carol("log db:z --json"), "event").is_empty());
    world.alice("claim path:src/** --purpose p").done();
    assert_eq!(
        column(&world.carol("log path:src/a.rs --json"), "event"),
        ["claim"]
    );
    world.carol("log k8s").fails(129, "it has no type");
}

#[test]
fn of_a_session() {
    let world = morning();
    let of_bob = format!("log --session {BOB} --json");
    assert_eq!(column(&world.carol(&of_bob), "event"), ["release", "claim"]);
    let of_alice = format!("log --session {ALICE} --json");
    // Who asks for a session sees that it is alive.
    assert_eq!(
        column(&world.carol(&of_alice), "event"),
        ["heartbeat", "claim"]
    );
}

#[test]
fn at_most_so_many() {
    let world = morning();
    assert_eq!(
        column(&world.carol("log -n 1 --json"), "event"),
        ["release"]
    );
    assert_eq!(
        column(&world.carol("log --max-count 2 --json"), "event"),
        ["release", "claim"]
    );
    assert!(column(&world.carol("log -n 0 --json"), "event").is_empty());
    assert_eq!(world.carol("log -n 0").done().out, "");
    world.carol("log -n many").fails(129, "write a number");
}

#[test]
fn the_fields_that_programs_rely_on() {
    let world = morning();
    let log = world.carol("log --json").json();
    let claim = &log[2];
    assert_eq!(claim["at"], "2026-11-21T10:00:00.000Z");
    assert_eq!(claim["event"], "claim");
    assert_eq!(claim["session_id"], ALICE);
    assert_eq!(claim["resources"], serde_json::json!(["node:x", "db:y"]));
    assert_eq!(claim["lapsed"], serde_json::json!([]));
    assert_eq!(claim["purpose"], "upgrade");
    assert_eq!(claim["mode"], "shared");
    assert_eq!(claim["token"], Value::Null);
    assert_eq!(claim["by"], Value::Null);
    assert_eq!(claim["from"], serde_json::json!([]));
    assert_eq!(claim["around"], serde_json::json!([]));
    let commit = claim["commit"].as_str().unwrap();
    assert_eq!(world.git(&format!("cat-file -t {commit}")), "commit");
    assert_eq!(log[0]["purpose"], Value::Null);
}

#[test]
fn exclusive_claims_are_named() {
    let world = World::new();
    world.alice("claim -x stack:a -p p").done();
    world.bob("wait stack:a --for=0s").exits(4);
    world.alice("release stack:a").done();
    let said = world.alice("log");
    said.says("claim stack:a (exclusive)  ")
        .says("release stack:a (exclusive)  ")
        .says("wait stack:a  ");
    let log = world.alice("log --json").json();
    let modes: Vec<&str> = (0..3).map(|n| log[n]["mode"].as_str().unwrap()).collect();
    assert_eq!(modes.iter().filter(|mode| **mode == "exclusive").count(), 2);
    assert!(modes.contains(&"waiting"), "{log}");
    assert!(log.to_string().contains("\"token\":1"), "{log}");
}

#[test]
fn an_unknown_session() {
    let world = morning();
    world
        .carol("log --session wizard@devvm@nobody")
        .fails(129, "there is no session \"wizard@devvm@nobody\"")
        .hints("git presence");
    let said = world.carol("log --session wizard@devvm@nobody --json");
    assert_eq!(said.exits(129).json()["error"]["kind"], "usage");
}

#[test]
fn since_an_instant_and_of_a_kind() {
    let world = World::new();
    world.alice("claim node:early --purpose p").done();
    world.later("1h");
    world.alice("claim node:late --purpose p").done();
    world.alice("release node:late").done();
    world.bob("claim node:bob --purpose p").done();
    world
        .alice("log --since 30m")
        .says("node:late")
        .omits("claim node:early");
    world
        .alice("log --since 2026-11-21T09:00:00Z")
        .says("claim node:early");
    // Two sessions may do something at one instant.
    let kinds = |line: &str| -> Vec<String> {
        let log = world.alice(&format!("{line} --json")).json();
        let events = log.as_array().unwrap().iter();
        let kinds = events.map(|event| event["event"].as_str().unwrap().to_owned());
        let mut kinds: Vec<String> = kinds.collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds("log --event release"), ["release"]);
    assert_eq!(
        kinds("log --event release --event claim"),
        ["claim", "claim", "claim", "release"]
    );
    assert_eq!(kinds("log --event claim --since 30m"), ["claim", "claim"]);
    assert_eq!(kinds("log --event claim --since 30m -n 1"), ["claim"]);
    assert!(kinds("log --event bypass").is_empty());
    // Those that are noise otherwise.
    world.later("10m");
    world.bob("heartbeat --throttle 0").done();
    assert_eq!(kinds("log --event heartbeat"), ["heartbeat"]);
}

#[test]
fn kinds_and_times_that_are_not_known_are_refused() {
    let world = World::new();
    world
        .alice("log --event claims")
        .fails(129, "there is no kind of event \"claims\"")
        .hints("claim, renew, wait, release, heartbeat");
    world.alice("log --since soon").fails(129, "--since");
    world.alice("log --event expired").done();
}
