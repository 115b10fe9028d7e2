//! Who waits for a claim: the holder is told, and the others stand behind.
//!
//! Owns the promise that no session passes those that wait, and that a holder hears of each of them
//! once.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use crate::machines::Team;
use crate::world::{BOB, World};

/// The wait of `bob` has ended, and its place is kept for half a minute.
fn bob_has_a_place(world: &World) {
    world
        .bob("wait stack:dns --for=0s -p \"apply the zone\"")
        .exits(4);
}

#[test]
fn a_new_request_stands_behind_those_that_wait() {
    let world = World::new();
    world.alice("claim -x stack:dns -p mine").done();
    bob_has_a_place(&world);
    world
        .alice("release stack:dns")
        .says("wizard@devvm@bob (")
        .says("waits for stack:dns, and can have it now");
    for line in [
        "claim -x stack:dns -p p",
        "run -x stack:dns -p p -- touch ran",
    ] {
        let said = world.carol(line);
        said.refuses("stack:dns: it is the turn of wizard@devvm@bob (")
            .tells("git presence wait stack:dns");
        // Who just had it comes after them, too.
        world.alice(line).refuses("it is the turn of");
    }
    assert!(!world.has("ran"));
    let refused = world
        .carol("claim -x stack:dns -p p --json")
        .exits(3)
        .json();
    assert_eq!(
        refused["error"]["held_by"][0]["mode"], "waiting",
        "{refused}"
    );
    world.carol("claim -x stack:other -p p").done();
    world.bob("claim -x stack:dns -p p").done();
    world.bob("release stack:dns").done();
    // A place ends.
    world.alice("claim -x stack:dns -p mine").done();
    bob_has_a_place(&world);
    world.alice("release stack:dns").done();
    world.later("31s");
    world.carol("run -x stack:dns -p p -- touch ran").done();
    assert!(world.has("ran"));
}

/// A session that waits for itself would wait for ever.
#[test]
fn a_holder_stands_behind_none() {
    let world = World::new();
    world.alice("claim stack:dns -p plan").done();
    bob_has_a_place(&world);
    world
        .alice("claim -x stack:dns -p apply")
        .warns("wizard@devvm@bob (")
        .tells("waits for stack:dns: release it as soon as you are done");
    world.alice("claim -x stack:dns -p again").says("Renewed");
}

#[test]
fn the_holder_is_told_of_each_that_waits_once() {
    for kind in ["-x", ""] {
        let world = World::new();
        world
            .alice(&format!("claim {kind} stack:dns -p mine"))
            .done();
        bob_has_a_place(&world);
        bob_has_a_place(&world);
        let status = world.alice("status --json").json();
        assert_eq!(status["news"][0]["what"], json!("waited_for"), "{status}");
        assert_eq!(status["news"][0]["by"], json!(BOB));
        world
            .alice("heartbeat --throttle 0s")
            .says(contains("wizard@devvm@bob waits for stack:dns since").count(1));
        world.alice("heartbeat --throttle 0s").omits("waits");
        bob_has_a_place(&world);
        world.alice("heartbeat --throttle 0s").omits("waits");
        world.carol("wait stack:dns --for=0s").exits(4);
        world
            .alice("heartbeat --throttle 0s")
            .says("wizard@devvm@carol waits")
            .omits("bob");
        // What is not held any more is nothing to release.
        world.session("dora", "wait stack:dns --for=0s").exits(4);
        world.alice("release stack:dns").omits("as soon as");
        world.alice("heartbeat --throttle 0s").omits("waits");
    }
}

/// A place in the queue comes with a sync.
#[test]
fn the_holder_is_told_of_those_in_other_clones() {
    let (_team, a, b) = Team::pair();
    a.alice("claim -x stack:dns -p mine").done();
    b.bob("wait stack:dns --for=0s").exits(4);
    b.anyone("sync").done();
    a.alice("heartbeat --throttle 0s").omits("waits");
    a.anyone("sync").done();
    a.alice("heartbeat --throttle 0s")
        .says("wizard@devvm@bob waits for stack:dns");
    a.anyone("sync").done();
    a.alice("heartbeat --throttle 0s").omits("waits");
}

/// Others read for what a session waits.
#[test]
fn a_place_has_the_purpose_of_what_was_refused() {
    let world = World::new();
    world.alice("claim -x stack:dns -p mine").done();
    world.bob("claim -x stack:dns -p \"add a record\"").exits(3);
    world.bob("wait stack:dns --for=0s").exits(4);
    world.alice("list").says("waiting").says("\"add a record\"");
    world.bob("wait stack:dns --for=0s -p \"add two\"").exits(4);
    world.alice("list").says("\"add two\"").omits("a record");
    world.carol("wait stack:dns --for=0s").exits(4);
    world.alice("list").says("no purpose given");
    world
        .carol("wait stack:dns --for=0s -p \"\"")
        .fails(129, "the purpose is not accepted");
    world
        .alice("status")
        .says(contains("waiting").and(contains("\"add two\"")));
}
