//! What concerns the session that asks: what is taken from it, what conflicts with it, what it
//! waits for; never what it did itself.

use serde_json::Value;

use super::{Follower, claim, news, said};
use crate::world::{ALICE, BOB, CAROL, World};

fn concerns(events: &[Value]) -> Vec<String> {
    let why = |event: &Value| event["concern"].as_str().unwrap_or("none").to_owned();
    events.iter().map(why).collect()
}

#[test]
fn conflicts_and_takings_are_told_and_ones_own_acts_are_not() {
    let world = World::new();
    world.bob("claim node:mine path:src --purpose p").done();
    world.bob("claim -x infra:d --purpose p").done();
    world.later("1s");
    let follower = Follower::begin(&world, "--follow --for-me --json --cursor mine");
    claim(&world, "node:other");
    claim(&world, "node:mine");
    claim(&world, "path:src/a.rs");
    world.bob("claim node:more --purpose p").done();
    world.bob("release node:mine").done();
    world
        .alice("release --force infra:d --reason stuck --yes")
        .done();
    let told = follower.tells(3);
    let expected = ["claim node:mine", "claim path:src/a.rs", "override infra:d"];
    assert_eq!(told, expected);
    assert_eq!(
        concerns(&follower.events()),
        ["conflict", "conflict", "taken"]
    );
    follower.kill();
    // Across a restart, each once.
    claim(&world, "path:src/b.rs");
    let again = news(&world, "--for-me --cursor mine");
    assert_eq!(said(&again), ["claim path:src/b.rs"]);
}

#[test]
fn a_takeover_of_what_it_held_is_told() {
    let world = World::new();
    world.bob("claim -x infra:e --purpose p --ttl 1m").done();
    news(&world, "--for-me --cursor mine");
    world.later("1h");
    world.alice("claim -x infra:e --purpose p").done();
    let told = news(&world, "--for-me --cursor mine");
    assert_eq!(said(&told), ["takeover infra:e"]);
    assert_eq!(concerns(&told), ["taken"]);
}

#[test]
fn what_it_did_not_get_is_told_when_it_is_free() {
    let world = World::new();
    world.alice("claim -x infra:d --purpose p").done();
    world.alice("claim -x infra:other --purpose p").done();
    world.bob("claim -x infra:d --purpose p").exits(3);
    let waiting = Follower::begin(&world, "--wait=1m --for-me --json");
    world.alice("release infra:other").done();
    world.alice("release infra:d").done();
    assert_eq!(waiting.tells(1), ["release infra:d"]);
    assert_eq!(concerns(&waiting.events()), ["free"]);
    assert_eq!(waiting.ended(), Some(0));
}

/// Nothing is written when a claim expires.
#[test]
fn a_claim_that_expired_frees_what_it_waits_for_without_an_event() {
    let world = World::new();
    world.alice("claim -x infra:d --purpose p --ttl 1m").done();
    world.bob("claim -x infra:d --purpose p").exits(3);
    assert!(news(&world, "--for-me --cursor mine").is_empty());
    assert!(news(&world, "--for-me --cursor mine").is_empty());
    world.later("10m");
    let told = news(&world, "--for-me --cursor mine");
    assert_eq!(said(&told), ["free infra:d"]);
    assert_eq!(concerns(&told), ["free"]);
    assert!(news(&world, "--for-me --cursor mine").is_empty());
}

#[test]
fn the_history_can_be_asked_for_it_as_well() {
    let world = World::new();
    world.bob("claim node:mine --purpose p").done();
    claim(&world, "node:other");
    claim(&world, "node:mine");
    let log = world.bob("log --for-me --json").json();
    assert_eq!(said(log.as_array().unwrap()), ["claim node:mine"]);
    world.carol("log --for-me").says("No such event is here.");
}

#[test]
fn messages_and_offers_to_it_are_told_once_across_a_restart() {
    let world = World::new();
    world.bob("claim -x infra:dns --purpose p").done();
    world.alice("claim -x infra:e --purpose p").done();
    world.carol("claim node:c --purpose p").done();
    let follower = Follower::begin(&world, "--follow --for-me --json --cursor mine");
    let tell = |words: &str| {
        world.later("1m");
        world.alice(&format!("tell {words}")).done();
    };
    tell("infra:dns --ask -m \"ten minutes?\"");
    tell(&format!("{CAROL} -m \"not for Bob\""));
    tell("all -m \"lunch\"");
    world.later("1m");
    let offer = format!("release infra:e --to {BOB} --status done --next apply");
    world.alice(&offer).done();
    assert_eq!(follower.tells(3).len(), 3);
    let told = follower.kill();
    assert_eq!(concerns(&told), ["message", "message", "offer"]);
    assert_eq!(told[0]["purpose"], "ten minutes?");
    world.bob("inbox --ack").done();
    tell(&format!("{BOB} -m again"));
    // What no session holds waits for the next holder.
    world.carol("release node:c").done();
    tell("node:c -m \"for the next one\"");
    world.bob("claim node:c --purpose p").done();
    let again = news(&world, "--for-me --cursor mine");
    assert_eq!(concerns(&again), ["message", "message"]);
    assert!(news(&world, "--for-me --cursor mine").is_empty());
}

/// In its own ref a session says what it likes, and not what another one did.
#[test]
fn what_a_session_says_in_the_name_of_another_is_not_told() {
    let world = World::new();
    world.alice("claim node:evil --purpose p").done();
    world.session(CAROL, "claim node:mine --purpose p").done();
    news(&world, "--cursor mine");
    world.later("1s");
    world.session(CAROL, "release node:mine").done();
    let name = world.ref_of(CAROL);
    let message = world.git(&format!("log -1 --format=%B {name}"));
    assert_eq!(said(&news(&world, "--cursor mine")), ["release node:mine"]);
    for (from, to) in [(CAROL, "told"), (ALICE, "none")] {
        let own = world.ref_of(from);
        let again = message.replace("node:mine", &format!("node:{to}"));
        world.put(&own, &world.files_of(&own), &again);
    }
    assert_eq!(said(&news(&world, "--cursor mine")), ["release node:told"]);
}
