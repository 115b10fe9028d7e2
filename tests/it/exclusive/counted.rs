//! Fencing tokens only ever grow.
//!
//! Owns the promise that the next grant has a greater number than the last one, whatever became of
//! the cell, the clock or the holder in between.

use super::{TTL_AND_MARGIN, ask, cell, take};
use crate::world::{ALICE, BOB, World};

const DAY_BEFORE: &str = "2026-11-20T10:00:00Z";
const DAY_AFTER: &str = "2026-11-22T10:00:00Z";

/// The same place where the clock says something else.
fn at(world: &World, instant: &str) -> World {
    world.with("GIT_PRESENCE_TEST_NOW", instant)
}

#[test]
fn from_grant_to_grant() {
    let world = World::new();
    let mut last = 0;
    for round in 0..4 {
        for session in [ALICE, BOB] {
            let token = take(&world, session, "node:x");
            assert!(token > last, "round {round}: {token} after {last}");
            last = token;
            match round % 2 {
                0 => world.session(session, "release node:x").done(),
                _ => {
                    world.later(TTL_AND_MARGIN);
                    world.session(session, "heartbeat").exits(3);
                    continue;
                }
            };
        }
    }
}

#[test]
fn after_a_clock_that_was_set_back() {
    let world = World::new();
    let first = take(&at(&world, DAY_AFTER), ALICE, "node:x");
    at(&world, DAY_AFTER).alice("release node:x").done();
    world.bob(&ask("node:x")).fails(4, "86400 s behind");
    // Who knows which clock was wrong may go on.
    world.git("config presence.clockSkew 1d");
    let mut last = first;
    for session in [BOB, ALICE] {
        let token = take(&world, session, "node:x");
        assert!(token > last, "{token} after {last}");
        last = token;
        world.session(session, &ask("node:x")).says("Renewed");
        world.session(session, "release node:x").done();
    }
    // By more than a day: which of the two clocks was right is not known.
    let early = at(&world, DAY_BEFORE);
    early.bob(&ask("node:x")).fails(1, "ahead of any clock");
}

/// A lease is not made shorter by a clock that goes back, nor is a holder taken over by it.
#[test]
fn a_clock_that_jumps_while_a_session_holds() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    let back = at(&world, DAY_BEFORE);
    back.bob(&ask("node:x")).refuses(ALICE);
    back.alice(&ask("node:x")).says("Renewed");
    back.alice("heartbeat --throttle 0").done();
    let list = world.bob("list --json").done().json();
    assert_eq!(list[0]["token"], token);
    assert_eq!(list[0]["expires_at"], "2026-11-21T10:15:00.000Z");
    // Ahead by a day: it is taken over, and its holder is told.
    let ahead = at(&world, DAY_AFTER);
    let next = take(&ahead, BOB, "node:x");
    assert!(next > token);
    world.alice("fence node:x").exits(3);
    world.alice("heartbeat").done();
}

/// What is left of a cell that was deleted is the clock.
#[test]
fn after_a_cell_was_deleted() {
    let world = World::new();
    let mut last = 0;
    for session in [ALICE, BOB] {
        let token = take(&world, session, "node:x");
        assert!(token > last, "{token} after {last}");
        last = token;
        world.git(&format!("update-ref -d {}", cell("node:x")));
        world.later("1s");
    }
}

#[test]
fn after_everything_was_deleted() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x path:src/**");
    world.sh("rm -rf .git/refs/presence .git/presence").done();
    world.later("1s");
    assert!(take(&world, BOB, "node:x path:src/**") > first);
    world.alice("fence node:x").refuses(BOB);
}

/// A floor above the clock, as after one that was wrong by the time of day.
#[test]
fn from_a_floor_far_ahead() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.alice("release node:x").done();
    world.rewrite(&cell("node:x"), |files| {
        files.insert(
            "cell.toml".to_owned(),
            b"format = 1\ntoken = 1795338000000\n".to_vec(),
        );
    });
    world.bob(&ask("node:x")).fails(4, "82800 s behind");
    world.git("config presence.clockSkew 1d");
    assert_eq!(take(&world, BOB, "node:x"), 1_795_338_000_001);
    world.bob("fence node:x --token 1795338000001").done();
}

#[test]
fn every_one_in_the_history_of_a_cell() {
    let world = World::new();
    for session in [ALICE, BOB, "dora"] {
        take(&world, session, "path:src/**");
        world.session(session, "release --all-mine").done();
        take(&world, session, "path:docs");
        world.later(TTL_AND_MARGIN);
    }
    let name = cell("path:docs");
    let format = "%(trailers:key=Presence-Token,valueonly,separator=)";
    let log = world.git(&format!("log --reverse --format={format} {name}"));
    let tokens: Vec<u64> = log.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(tokens.len(), 9, "{log}");
    assert!(tokens.is_sorted(), "{log}");
}

/// The number after the greatest that is read must not be one that is not; and no clock gave it.
#[test]
fn a_floor_at_the_limit_is_not_stepped_over() {
    let world = World::new();
    let before = take(&world, ALICE, "node:x");
    world.alice("release node:x").done();
    world.rewrite(&cell("node:x"), |files| {
        let floor = b"format = 1\ntoken = 4503599627370496\n".to_vec();
        files.insert("cell.toml".to_owned(), floor);
    });
    world.unchanged(|| {
        world
            .bob(&ask("node:x"))
            .fails(1, "ahead of any clock")
            .hints("doctor --repair");
    });
    world
        .alice("doctor --repair")
        .says("replaced; its token is");
    let after = take(&world, BOB, "node:x");
    assert!(after > before, "{after} is not above {before}");
}
