//! A session that holds much exclusively.
//!
//! Owns the promise that another claim of it does not read all of that again.

use super::{ask, held};
use crate::strace;
use crate::world::{ALICE, World};

/// How many files a claim opens.
fn opened(world: &World, what: &str) -> usize {
    let traced = strace::run(world, ALICE, &ask(what), "openat", &[]);
    traced.said.done();
    traced.calls.len()
}

#[test]
fn another_claim_reads_a_ref_for_each_and_no_more() {
    if !strace::works() {
        return;
    }
    let world = World::new();
    world.alice(&ask("node:first")).done();
    let with_one = opened(&world, "node:second");
    let (first, rest) = (3, 30);
    let more: Vec<String> = (first..first + rest)
        .map(|n| format!("node:n{n}"))
        .collect();
    world.alice(&ask(&more.join(" "))).done();
    let with_many = opened(&world, "node:last");
    // A register that is as the grant left it is known by its ref.
    assert!(with_many <= with_one + rest + 4, "{with_one}, {with_many}");
    assert_eq!(held(&world).len(), 2 + rest + 1);
}

/// What another session took meanwhile is told all the same.
#[test]
fn what_was_taken_meanwhile_is_told() {
    let world = World::new();
    world.alice(&ask("node:a node:b")).done();
    world
        .bob("release --force node:b --reason stuck --yes")
        .done();
    world
        .alice(&ask("node:c"))
        .refuses("node:b")
        .refuses("stuck");
    world.alice(&ask("node:c")).says("Claimed node:c");
    assert_eq!(held(&world).len(), 2);
}
