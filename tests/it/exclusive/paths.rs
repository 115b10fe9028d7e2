//! Exclusive claims of paths that overlap, which are decided together.
//!
//! Owns which exclusive claims of paths are in each other's way, in one repository. Overlap itself
//! is the model's, and is tried there against brute force.

use super::{TTL_AND_MARGIN, ask, held, holders, take};
use crate::world::{ALICE, BOB, World};

#[test]
fn paths_that_overlap_have_one_holder() {
    for (first, second) in [
        ("path:src/**", "path:src/a.rs"),
        ("path:src/a.rs", "path:src/**"),
        ("path:src/*.rs", "path:src/a*"),
        ("path:src", "path:src/model/lock.rs"),
        ("path:**", "path:Cargo.toml"),
    ] {
        let world = World::new();
        take(&world, ALICE, first);
        let named = format!("{first} is claimed by wizard@devvm@alice");
        world.bob(&ask(second)).refuses(&named);
        let error = world.bob(&format!("{} --json", ask(second)));
        let error = error.exits(3).json()["error"].clone();
        assert_eq!(error["held_by"][0]["resource"], first);
        world.alice(&format!("release {first}")).done();
        world.bob(&ask(second)).says("exclusively");
        world.alice(&ask(first)).refuses("wizard@devvm@bob");
    }
}

#[test]
fn paths_that_are_apart_have_each_their_own() {
    let world = World::new();
    let mut last = 0;
    for (session, path) in [
        (ALICE, "path:src/model/**"),
        (BOB, "path:src/ledger/**"),
        ("dora", "path:docs"),
        ("emil", "path:src/*.rs"),
    ] {
        let token = take(&world, session, path);
        assert!(token > last, "in one cell every grant has its own number");
        last = token;
    }
    assert_eq!(held(&world).len(), 4);
    // What is released makes room for what it conflicted with, and no more.
    world.bob("release path:src/ledger/**").done();
    world.bob(&ask("path:src/**")).exits(3);
    world.bob(&ask("path:src/ledger/cells.rs")).done();
}

#[test]
fn mine_may_overlap() {
    let world = World::new();
    let wide = take(&world, ALICE, "path:src/**");
    let narrow = take(&world, ALICE, "path:src/a.rs");
    assert!(narrow > wide);
    take(&world, ALICE, "path:docs/** path:docs/a.md");
    assert_eq!(held(&world).len(), 4);
    for (path, token) in [("path:src/**", wide), ("path:src/a.rs", narrow)] {
        world
            .alice(&format!("fence {path} --token {token}"))
            .says("Yours:");
    }
    world.alice("release path:src/**").done();
    world.bob(&ask("path:src/a.rs")).exits(3);
    world.bob(&ask("path:src/b.rs")).done();
}

#[test]
fn one_wide_takeover_of_several() {
    let world = World::new();
    take(&world, ALICE, "path:src/a.rs");
    take(&world, "dora", "path:src/b.rs");
    world.later(TTL_AND_MARGIN);
    let live = take(&world, "emil", "path:docs");
    world
        .bob(&ask("path:src/**"))
        .says("Claimed path:src/** exclusively")
        .warns("wizard@devvm@alice")
        .warns("dora");
    assert_eq!(held(&world).len(), 2);
    world
        .session("emil", &format!("fence path:docs --token {live}"))
        .done();
    for session in [ALICE, "dora"] {
        world
            .session(session, "heartbeat")
            .refuses("is no longer yours");
    }
}

/// One of several is in force: none is taken over.
#[test]
fn a_wide_one_waits_for_all_that_are_in_its_way() {
    let world = World::new();
    take(&world, ALICE, "path:src/a.rs");
    world.later("10m");
    take(&world, "dora", "path:src/b.rs");
    world.later("10m");
    world.bob(&ask("path:src/**")).refuses("dora");
    world.session("dora", "fence path:src/b.rs").done();
    world.bob(&ask("path:src/a.rs")).done();
    assert_eq!(holders(&world, "path:src/a.rs"), [BOB]);
}

#[test]
fn names_of_other_types_do_not_overlap() {
    let world = World::new();
    take(&world, ALICE, "infra:src/** service:src/**");
    take(&world, BOB, "infra:src/a.rs service:src/a path:src/a.rs");
    assert_eq!(held(&world).len(), 5);
}

#[test]
fn shared_and_exclusive_paths_are_in_each_others_way() {
    let world = World::new();
    world.alice("claim path:src/a.rs --purpose p").done();
    world
        .bob(&ask("path:src/**"))
        .refuses("path:src/a.rs is claimed by wizard@devvm@alice")
        .hints("git presence wait");
    world.alice("release path:src/a.rs").done();
    take(&world, BOB, "path:src/**");
    world
        .alice("claim path:src/a.rs --purpose p")
        .refuses("path:src/** is claimed by wizard@devvm@bob");
    world.alice("claim path:docs --purpose p").done();
}
