//! Regressions of exclusive claims.
//!
//! Owns cases that a test found before a user did.

use super::{TTL_AND_MARGIN, ask, cell, holders, take};
use crate::machines::{Team, at_rest};
use crate::world::{ALICE, BOB, World};

/// The next command of the one who lost it is a claim.
#[test]
fn a_claim_tells_what_was_lost() {
    for line in [ask("node:other"), "claim node:other --purpose p".to_owned()] {
        let world = World::new();
        take(&world, ALICE, "node:x");
        world.later(TTL_AND_MARGIN);
        take(&world, BOB, "node:x");
        let said = world.alice(&line);
        let tells = said.err.contains("node:x is no longer yours");
        assert!(tells, "{line}: {:?} {}", said.code, said.err);
    }
}

/// Bob took it over; what Carol did since in the same cell has nothing to do with it.
#[test]
fn a_wide_takeover_is_told_with_the_right_name() {
    let world = World::new();
    take(&world, ALICE, "path:src/a.rs");
    world.later(TTL_AND_MARGIN);
    take(&world, BOB, "path:src/**");
    world.carol(&ask("path:docs")).done();
    world
        .alice("heartbeat")
        .refuses("path:src/a.rs is no longer yours: taken over by wizard@devvm@bob");
}

/// Hooks and commands of one agent run side by side.
#[test]
fn many_processes_of_one_session_count_on_all_that_they_were_granted() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world.git("config presence.fsync false");
    super::races::together(16, |i| take(&world, ALICE, &format!("infra:n{i}")));
    for i in 0..16 {
        world.alice(&format!("fence infra:n{i}")).says("Yours");
    }
}

/// One bad cell, and the leases of all others run out.
#[test]
fn a_cell_that_cannot_be_read_does_not_keep_others_from_being_renewed() {
    let world = World::new();
    take(&world, ALICE, "node:x node:y");
    world.break_ref(&cell("node:x"), "");
    for _ in 0..4 {
        world.later("5m");
        let _ = world.alice("heartbeat");
    }
    assert_eq!(holders(&world, "node:y"), [ALICE]);
}

/// Every other write clears a lock that is left behind; this one does not.
#[test]
fn an_old_lock_of_a_killed_process_is_cleared_by_the_next_claim() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    let lock = format!(".git/{}.lock", cell("node:x"));
    world.write(&lock, "");
    world.sh(&format!("touch -d 2026-11-19 {lock}")).done();
    assert_eq!(take(&world, ALICE, "node:x"), token);
    assert!(!world.has(&lock));
}

/// The process that renews in the background has no reader, so the next command has to report it.
#[test]
fn a_loss_that_is_found_in_the_background_is_told() {
    let (team, a, _) = Team::pair();
    take(&a, ALICE, "infra:x");
    team.hub()
        .git(&format!("update-ref -d {}", cell("infra:x")));
    a.later("5m");
    a.alice("heartbeat").done();
    at_rest(&a);
    a.alice("heartbeat").refuses("infra:x is no longer yours");
}

/// A remote is asked for and is not there: no other session sees the decision. A shared
/// claim warns at least.
#[test]
fn a_remote_that_is_named_and_not_there_decides_nothing() {
    let (_team, a, b) = Team::pair();
    a.git("config presence.remote nowhere");
    take(&b, BOB, "infra:x");
    let said = a.alice(&ask("infra:x"));
    assert_ne!(said.code, Some(0), "{}", said.out);
}

/// What its holder has besides it goes on: other leases, other claims, and what it is told.
#[test]
fn a_cell_that_cannot_be_read_takes_nothing_else_from_its_holder() {
    let (team, a, _) = Team::pair();
    take(&a, ALICE, "node:x");
    take(&a, ALICE, "node:y");
    a.alice("claim infra:short --ttl 1m -p p").done();
    team.hub().rewrite(&cell("node:x"), |files| {
        files.insert("cell.toml".to_owned(), b"format = 2\n".to_vec());
    });
    a.later("6m");
    a.alice("sync").done();
    a.alice("heartbeat --renew").done();
    a.later("12m");
    a.alice("fence node:y").says("Yours");
    a.alice("claim infra:other -p p")
        .says("Claimed infra:other")
        .says("your claim of infra:short expired");
}
