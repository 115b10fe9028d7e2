//! What was frozen and lifted: it stays lifted, and what was not stays frozen.
//!
//! Owns the promise that a freeze ends by its time, by its session, or by a statement that names
//! it, whatever is said, folded or copied meanwhile, and whichever clock is wrong.

use super::{of, state};
use crate::machines::{Team, copied, sync};
use crate::world::{ALICE, BOB, CAROL, World};

const FORCED: &str = "state branch:main --clear --force --reason \"alice is away\"";

/// A freeze of alice that bob lifted.
fn lifted() -> World {
    let world = World::new();
    world.alice("state branch:main frozen --until 300d").done();
    world.later("1m");
    world.bob(FORCED).says("that is lifted, on record");
    world.later("1m");
    world
}

#[test]
fn what_is_said_next_does_not_bring_it_back() {
    let world = lifted();
    world.bob("state branch:main built").done();
    assert_eq!(state(&world, "branch:main"), of("built", BOB));
    world.bob("state branch:main --clear").says("Cleared");
    assert_eq!(state(&world, "branch:main"), None);
    world.carol("claim -x branch:main -p p").done();
    // Also when what lifted it has ended.
    world.bob("state branch:main built --until 1d").done();
    world.later("2d");
    world.bob("claim infra:z -p p").done();
    assert_eq!(state(&world, "branch:main"), None);
    // Another freeze is not lifted with it.
    world.alice("state branch:main frozen").done();
    assert_eq!(state(&world, "branch:main"), of("frozen", ALICE));
}

#[test]
fn other_statements_do_not_push_the_lift_out() {
    let world = lifted();
    for other in 0..63 {
        world
            .bob(&format!("state service:s{other} degraded"))
            .done();
    }
    world.bob("state service:more degraded").refuses("64");
    assert_eq!(state(&world, "branch:main"), None);
}

#[test]
fn the_lift_is_needed_until_the_freeze_is_folded() {
    let world = lifted();
    world.carol("state branch:main built").done();
    // Alice is at work, so that the record of the freeze stays.
    for _ in 0..3 {
        world.later("4d");
        world.alice("claim infra:z -p p").done();
        world.anyone("gc").done();
        assert_eq!(state(&world, "branch:main"), of("built", CAROL));
    }
}

#[test]
fn two_freezes_are_folded_neither_and_lifted_each() {
    let (team, a, b) = Team::pair();
    a.alice("state branch:main frozen --until 300d").done();
    team.away();
    b.later("1m");
    b.bob("state branch:main frozen --until 60d").done();
    team.back();
    sync(&[&b, &a]);
    a.anyone("state").says(ALICE).says(BOB);
    let row = &a.anyone("state --json").json()[0];
    assert_eq!(row["session_id"], BOB);
    assert_eq!(row["also_frozen"][0]["session_id"], ALICE);
    a.later("9d");
    for clone in [&a, &b, &a] {
        clone.anyone("gc").done();
    }
    b.bob("state branch:main --clear").prints(ALICE);
    sync(&[&b, &a]);
    assert_eq!(state(&a, "branch:main"), of("frozen", ALICE));
    a.carol("claim -x branch:main -p p").refuses("is frozen by");
    // Force lifts both.
    b.bob("state branch:main frozen").refuses("is frozen by");
    b.bob(FORCED).says("that is lifted, on record");
    sync(&[&b, &a]);
    a.carol("claim -x branch:main -p p").done();
}

#[test]
fn a_slow_clock_lifts_what_a_fast_one_froze() {
    for fast in ["20s", "20h"] {
        let (_team, a, b) = Team::pair();
        let now = a.now();
        a.later(fast);
        let later = a.with("GIT_PRESENCE_TEST_NOW", a.now().to_rfc3339());
        let b = b.with("GIT_PRESENCE_TEST_NOW", now.to_rfc3339());
        later.alice("state branch:main frozen").done();
        sync(&[&b]);
        b.bob(FORCED).says("that is lifted, on record");
        assert_eq!(state(&b, "branch:main"), None);
        b.bob("claim -x branch:main -p p").done();
        b.bob("release --all-mine").done();
        // A freeze of now is none of those.
        b.carol("state branch:main frozen").done();
        assert_eq!(state(&b, "branch:main"), of("frozen", CAROL));
        // Alice's clock is set right, and she does something.
        let a = a.with("GIT_PRESENCE_TEST_NOW", now.plus_secs(5).to_rfc3339());
        a.alice("claim infra:z -p p").done();
        b.carol("state branch:main --clear").done();
        sync(&[&a, &b]);
        assert_eq!(state(&a, "branch:main"), None);
    }
}

#[test]
fn the_freeze_in_a_copy_of_the_clone_is_the_same_one() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.alice("state branch:main frozen").done();
    let twin = copied(&a, "twin");
    for clone in [&a, &twin] {
        clone.later("1m");
        clone.alice("claim infra:z -p p").done();
    }
    sync(&[&a, &twin, &a]);
    twin.alice("state branch:main --clear").says("Cleared");
    sync(&[&twin, &a]);
    assert_eq!(state(&a, "branch:main"), None);
    a.bob("claim -x branch:main -p p").done();
}
