//! `heartbeat`: when it is due, what it writes, and that nothing expired comes back.

use crate::world::{ALICE, World};

/// The events of a session in its own history, newest first.
fn history(world: &World, id: &str) -> Vec<String> {
    let subjects = world.git(&format!("log --format=%s {}", world.ref_of(id)));
    subjects.lines().map(str::to_owned).collect()
}

#[test]
fn it_keeps_a_claim_alive() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.later("10m");
    world.alice("heartbeat").is_silent();
    world.later("14m");
    let list = world.bob("list --json").json();
    assert_eq!(list[0]["resource"], "node:x");
    assert_eq!(list[0]["claimed_at"], "2026-11-21T10:00:00.000Z");
    assert_eq!(list[0]["seen_at"], "2026-11-21T10:10:00.000Z");
    assert_eq!(list[0]["expires_at"], "2026-11-21T10:25:00.000Z");
}

#[test]
fn it_writes_only_when_it_is_due() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.later("119s");
    world.unchanged(|| {
        world.alice("heartbeat").is_silent();
        assert_eq!(world.alice("heartbeat --json").json()["written"], false);
    });
    world.later("1s");
    let beat = world.alice("heartbeat --json").json();
    assert_eq!(beat["session_id"], ALICE);
    assert_eq!(beat["written"], true);
    assert_eq!(beat["claims"], 1);
    assert_eq!(beat["seen_at"], "2026-11-21T10:02:00.000Z");
    // Every write is a heartbeat.
    world.later("119s");
    world.alice("claim node:x --purpose x").done();
    world.later("119s");
    assert_eq!(world.alice("heartbeat --json").json()["written"], false);
}

#[test]
fn the_throttle_can_be_chosen() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.later("9s");
    let is_written = |line: &str| world.alice(line).json()["written"].clone();
    assert_eq!(is_written("heartbeat --throttle 10s --json"), false);
    assert_eq!(is_written("heartbeat --throttle 9 --json"), true);
    assert_eq!(is_written("heartbeat --throttle 0 --json"), true);
    world.later("60s");
    assert_eq!(is_written("heartbeat --json"), false);
    world.git("config presence.heartbeat 1m");
    assert_eq!(is_written("heartbeat --json"), true);
    world.unchanged(|| {
        world
            .alice("heartbeat --throttle often")
            .fails(129, "--throttle \"often\" is not accepted")
            .hints("--throttle 15m");
    });
}

#[test]
fn a_short_claim_is_renewed_three_times_in_its_life() {
    let world = World::new();
    world.alice("claim node:long --purpose x").done();
    world.alice("claim node:short --purpose x --ttl 60").done();
    world.later("19s");
    assert_eq!(world.alice("heartbeat --json").json()["written"], false);
    world.later("1s");
    assert_eq!(world.alice("heartbeat --json").json()["written"], true);
    // No throttle makes it rarer.
    world.later("19s");
    assert_eq!(
        world.alice("heartbeat --throttle 1h --json").json()["written"],
        false
    );
    world.later("1s");
    assert_eq!(
        world.alice("heartbeat --throttle 1h --json").json()["written"],
        true
    );
}

#[test]
fn a_beat_replaces_the_beat_before_it() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    for _ in 0..3 {
        world.later("2m");
        world.alice("heartbeat").done();
        assert_eq!(history(&world, ALICE), ["heartbeat", "claim node:x"]);
    }
    world.alice("claim db:y --purpose y").done();
    for _ in 0..3 {
        world.later("2m");
        world.alice("heartbeat").done();
    }
    world.alice("release db:y").done();
    let events: Vec<_> = history(&world, ALICE);
    assert_eq!(
        events,
        [
            "release db:y",
            "heartbeat",
            "claim db:y",
            "heartbeat",
            "claim node:x"
        ]
    );
}

#[test]
fn what_expired_is_dropped_and_never_revived() {
    let world = World::new();
    world.alice("claim node:short --purpose x --ttl 1m").done();
    world.alice("claim node:long --purpose x --ttl 1h").done();
    world.later("61s");
    world
        .alice("heartbeat")
        .says("Note: your claim of node:short expired at");
    assert_eq!(history(&world, ALICE)[0], "lapse node:short");
    let log = world.bob("log -n 1 --json").json();
    assert_eq!(log[0]["event"], "lapse");
    assert_eq!(log[0]["lapsed"][0], "node:short");
    world.later("61s");
    world.alice("heartbeat --throttle 0").is_silent();
    let list = world.bob("list --expired --json").json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["resource"], "node:long");
}

#[test]
fn a_late_beat_finds_nothing_to_keep_alive() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.later("15m");
    let beat = world.alice("heartbeat --json").json();
    assert_eq!(beat["claims"], 0);
    assert_eq!(beat["lapsed"][0], "node:x");
    world.bob("list").says("Nothing is claimed.");
    world.bob("claim node:x --purpose x").omits("ALSO");
}

#[test]
fn it_shows_a_session_without_claims() {
    let world = World::new();
    assert_eq!(world.bob("status --json").json()["other_sessions"], 0);
    assert_eq!(world.alice("heartbeat --json").json()["written"], true);
    assert_eq!(world.bob("status --json").json()["other_sessions"], 1);
    world.later("15m");
    assert_eq!(world.bob("status --json").json()["other_sessions"], 0);
}

#[test]
fn a_clock_that_is_set_back_takes_nothing_back() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    let earlier = world.with("GIT_PRESENCE_TEST_NOW", "2026-11-21T09:00:00Z");
    let beat = earlier.alice("heartbeat --throttle 0 --json").json();
    assert_eq!(beat["seen_at"], "2026-11-21T10:00:00.000Z");
    earlier.alice("claim db:y --purpose y").done();
    let list = world.bob("list --json").json();
    assert_eq!(list[0]["claimed_at"], "2026-11-21T10:00:00.000Z");
    assert_eq!(list[1]["expires_at"], "2026-11-21T10:15:00.000Z");
}
