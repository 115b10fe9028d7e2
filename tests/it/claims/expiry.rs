//! Expiry, judged on reading: every reader sees the same, and no process has to write.

use crate::world::World;

#[test]
fn gone_for_every_reader_without_a_write() {
    let world = World::new();
    world.alice("claim node:x --purpose x --ttl 10s").done();
    world.bob("heartbeat").done();
    world.untouched(&[], || {
        world.later("9s");
        for reader in [World::alice, World::bob, World::carol] {
            reader(&world, "list").says("node:x");
            reader(&world, "peek node:x").omits("node:x is free");
        }
        world.later("1s");
        for reader in [World::alice, World::bob, World::carol] {
            reader(&world, "list").says("Nothing is claimed.");
            reader(&world, "peek node:x").says("node:x is free");
            let status = reader(&world, "status --json").json();
            assert_eq!(status["mine"].as_array().unwrap().len(), 0);
            assert_eq!(status["others"].as_array().unwrap().len(), 0);
        }
    });
    world
        .bob("claim node:x --purpose x --refuse")
        .says("Claimed")
        .omits("ALSO");
}

#[test]
fn each_claim_by_its_own_ttl() {
    let world = World::new();
    world.alice("claim node:a --purpose x --ttl 1m").done();
    world.alice("claim node:b --purpose x --ttl 2m").done();
    let left = || {
        let list = world.bob("list --json").json();
        list.as_array().unwrap().len()
    };
    assert_eq!(left(), 2);
    world.later("1m");
    assert_eq!(left(), 1);
    world.later("1m");
    assert_eq!(left(), 0);
}

#[test]
fn the_default_is_what_is_configured() {
    let world = World::new();
    world.git("config presence.ttl 1h");
    world
        .alice("claim node:x --purpose x")
        .says("until 11:00, in 1 h");
    world.later("59m");
    world.bob("list").says("node:x");
    world.later("1m");
    world.bob("list").says("Nothing is claimed.");
}

#[test]
fn the_hands_of_a_real_clock() {
    // Without a clock of the test's own, the program looks at the machine's.
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world
        .alice("claim node:x --purpose x --ttl 10s")
        .says("in 10 s");
    world.bob("list").says("node:x");
}
