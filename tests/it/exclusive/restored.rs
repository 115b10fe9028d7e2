//! The repair of a cell whose ref was broken.
//!
//! Owns the promise that no session loses a grant that it counts on, that no token comes twice, and
//! that what is not known stays held until it cannot be any more.

use super::{TTL_AND_MARGIN, ask, cell, held, holders, take};
use crate::machines::Team;
use crate::world::{ALICE, BOB, CAROL, World};

/// After this no session holds what was put in force before the real world's files were written.
const LONG_AGO: &str = "2026-11-01";

/// Repairs it, as a session that holds nothing.
#[track_caller]
fn repair(world: &World) {
    world.carol("doctor --repair").done();
    world.carol("doctor").says("Healthy");
    world.git_is_content();
    world.git("gc --quiet");
}

/// It is not in order, and this is said of it.
#[track_caller]
fn finds(world: &World, line: &str, text: &str) {
    let said = world.carol(line);
    said.exits(1);
    said.prints(text);
}

/// Remove every commit of the cell of `what`, so that nothing is known of what happened in it.
fn forget_commits(world: &World, what: &str) {
    let ids = world.git(&format!("rev-list {}", cell(what)));
    for id in ids.lines() {
        let path = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
        world
            .sh(&format!("rm -rf {path} .git/presence/kept"))
            .done();
    }
}

/// A power cut: the doctor repairs it, and Git's housekeeping works again.
#[test]
fn a_cell_of_no_bytes_is_repaired() {
    for bytes in [
        "",
        "garbage\n",
        "1111111111111111111111111111111111111111\n",
    ] {
        let world = World::new();
        let token = take(&world, ALICE, "node:x");
        world.break_ref(&cell("node:x"), bytes);
        world.try_git("gc --quiet").exits(128);
        world.unchanged(|| {
            finds(
                &world,
                "doctor",
                "--repair sets it back to the newest state",
            );
        });
        repair(&world);
        world.bob(&ask("node:x")).refuses(ALICE);
        world.alice(&format!("fence node:x --token {token}")).done();
        world.alice("release node:x").says("Released node:x");
        assert!(take(&world, BOB, "node:x") > token);
    }
}

/// The last commit is lost, and with it how long the lease was.
#[test]
fn a_renewal_that_is_lost_does_not_make_a_lease_shorter() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    world.later("14m");
    take(&world, ALICE, "node:x");
    let tip = world.git(&format!("rev-parse {}", cell("node:x")));
    world
        .sh(&format!("rm -f .git/objects/{}/{}", &tip[..2], &tip[2..]))
        .done();
    world.later("2m");
    repair(&world);
    world.bob(&ask("node:x")).refuses(ALICE);
    world.alice(&format!("fence node:x --token {token}")).done();
}

#[test]
fn what_was_released_stays_so() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    world.alice("release node:x").done();
    // Another cell, which is not held either, is no state of this one.
    take(&world, ALICE, "node:y");
    world.later("1s");
    world.alice("release node:y").done();
    world.break_ref(&cell("node:x"), "");
    repair(&world);
    assert_eq!(held(&world), []);
    let log = world.carol("log node:x --json").done().json();
    assert_eq!(log[0]["event"], "release", "{log}");
    assert!(take(&world, BOB, "node:x") > token);
}

/// What a loser of the swap wrote looks newer than what is in force.
#[test]
fn who_was_never_granted_it_does_not_get_it() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    let twin = world.at("twin");
    twin.sh("cp -a ../repo/. .").done();
    world.later("10m");
    take(&world, ALICE, "node:x");
    world.later("6m");
    // In the twin she did not renew it.
    let other = take(&twin, BOB, "node:x");
    world
        .sh("cp -rn ../twin/.git/objects/. .git/objects/")
        .done();
    assert!(other > token);
    world.break_ref(&cell("node:x"), "");
    repair(&world);
    assert_eq!(holders(&world, "node:x"), [ALICE]);
    world.alice(&format!("fence node:x --token {token}")).done();
    world.alice("release node:x").done();
    assert!(take(&world, CAROL, "node:x") > other, "it may be out");
}

/// A session counts on a grant of which nothing else is left.
#[test]
fn what_is_counted_on_and_not_known_is_not_freed() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.alice("release node:x").done();
    let token = take(&world, BOB, "node:x");
    let tip = world.git(&format!("rev-parse {}", cell("node:x")));
    world
        .sh(&format!("rm -f .git/objects/{}/{}", &tip[..2], &tip[2..]))
        .done();
    world.break_ref(&cell("node:x"), "");
    world.unchanged(|| {
        let unknown = "its locks are unknown, so it counts as held; --repair empties it after";
        finds(&world, "doctor --repair", unknown);
        world.carol(&ask("node:x")).fails(1, "broken ref");
    });
    // It does not count on it any more.
    world.later(TTL_AND_MARGIN);
    repair(&world);
    assert_eq!(held(&world), []);
    assert!(take(&world, CAROL, "node:x") > token);
}

#[test]
fn what_may_be_held_is_held_for_as_long_as_the_longest_lease() {
    let world = World::new();
    let token = take(&world, ALICE, "path:src/**");
    let file = cell("path:src/**");
    forget_commits(&world, "path:src/**");
    world.sh("rm .git/presence/held-*").done();
    world.carol("doctor --repair").exits(1);
    world.carol(&ask("path:docs")).fails(1, "dangling ref");
    world.sh(&format!("touch -d {LONG_AGO} .git/{file}")).done();
    let over = "--repair empties it: what it held is unknown and has expired";
    finds(&world, "doctor", over);
    repair(&world);
    assert!(take(&world, BOB, "path:docs") > token);
    assert_eq!(held(&world).len(), 1);
}

/// A copy of what a remote decides: that has it.
#[test]
fn a_broken_copy_of_a_cell_is_fetched_again() {
    let (_team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    b.anyone("sync").done();
    let copy = cell("infra:x").replace("refs/presence/", "refs/presence-remote/origin/");
    b.break_ref(&copy, "");
    b.carol("doctor --repair").done();
    b.anyone("sync").done();
    b.carol("doctor").says("Healthy");
    b.bob(&ask("infra:x")).refuses(ALICE);
    assert_eq!(holders(&b, "infra:x"), [ALICE]);
}
