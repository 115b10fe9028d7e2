//! Exclusive claims in every kind of repository that Git knows.
//!
//! Owns the promise that one holder is one holder wherever the cell is kept.

use super::{TTL_AND_MARGIN, ask, cell, held, holders, take};
use crate::machines::{Team, are_sound};
use crate::world::{ALICE, BOB, World};

/// Two sessions and their resources, from two places that share a board.
#[track_caller]
fn play(a: &World, b: &World) {
    let branches = a.git("for-each-ref refs/heads refs/tags");
    let first = take(a, ALICE, "infra:x db:y path:src/**");
    b.bob(&ask("infra:x")).refuses("wizard@devvm@alice");
    b.bob(&ask("path:src/a.rs infra:z")).refuses(ALICE);
    b.bob("claim db:y --purpose p").refuses(ALICE);
    a.alice(&format!("fence infra:x --token {first}")).done();
    a.later("5m");
    a.alice("heartbeat").done();
    assert_eq!(held(b).len(), 3);
    a.alice("release infra:x").done();
    let second = take(b, BOB, "infra:x");
    assert!(second > first);
    a.later("10m");
    b.bob("heartbeat").done();
    a.later("331s");
    take(b, BOB, "db:y path:src/a.rs");
    let told = a.alice("heartbeat");
    told.refuses("is no longer yours")
        .hints("is no longer yours");
    a.alice("heartbeat").done();
    b.bob("fence infra:x").done();
    for place in [a, b] {
        assert_eq!(holders(place, "infra:x"), [BOB]);
        place.carol("doctor").says("Healthy");
        place.carol("log").says("takeover db:y");
    }
    b.bob("release --all-mine").done();
    assert_eq!(held(a), []);
    a.git("fsck --strict --no-dangling");
    assert_eq!(a.git("for-each-ref refs/heads refs/tags"), branches);
    a.later(TTL_AND_MARGIN);
}

#[test]
fn a_linked_work_tree() {
    let world = World::new();
    world.git("worktree add --quiet ../linked -b side");
    let linked = world.at("linked");
    play(&linked, &world);
    play(&world, &linked.at("linked/src"));
}

#[test]
fn bare() {
    let world = World::empty().at("bare.git");
    world.git("init --quiet --bare");
    play(&world, &world);
    assert!(world.has(cell("infra:x")));
}

#[test]
fn sha256() {
    let world = World::empty().at("repo");
    world.git("init --quiet --object-format=sha256");
    world.commit_files();
    play(&world, &world.at("repo/src"));
    let id = world.git(&format!("rev-parse {}", cell("infra:x")));
    assert_eq!(id.len(), 64);
}

#[test]
fn reftable() {
    let world = World::empty().at("repo");
    world.git("init --quiet --ref-format=reftable");
    world.commit_files();
    world.git("worktree add --quiet ../linked -b side");
    play(&world, &world.at("linked"));
    assert!(
        !world.has(".git/refs/presence"),
        "no file that Git cannot see"
    );
    world.git("pack-refs --all");
    world.git("gc --quiet");
    play(&world.at("linked"), &world);
}

#[test]
fn bare_reftable_of_sha256() {
    let world = World::empty().at("bare.git");
    world.git("init --quiet --bare --ref-format=reftable --object-format=sha256");
    play(&world, &world);
}

#[test]
fn a_board_in_another_repository() {
    let world = World::new();
    let board = world.at("board.git");
    board.git("init --quiet --bare");
    let other = world.at("other");
    other.git("init --quiet");
    for place in [&world, &other] {
        place.git("config presence.ledger ../board.git");
        place.git("config presence.project shop");
    }
    play(&world, &other);
    assert!(!world.has(".git/refs/presence"));
}

#[test]
fn packed_and_collected_in_between() {
    let world = World::new();
    let first = take(&world, ALICE, "infra:x");
    let tidy = || {
        world.git("pack-refs --all --prune");
        world.git("gc --quiet --prune=now");
        assert!(!world.has(format!(".git/{}", cell("infra:x"))));
    };
    tidy();
    world.alice("fence infra:x").done();
    world.bob(&ask("infra:x")).exits(3);
    tidy();
    world.later("5m");
    world.alice("heartbeat").done();
    tidy();
    world.alice("release infra:x").done();
    tidy();
    assert!(take(&world, BOB, "infra:x") > first);
    are_sound(&[&world]);
}

/// Where a remote decides, in clones of other formats than usual.
#[test]
fn clones_of_other_formats() {
    for (hub, clone) in [
        ("--object-format=sha256", ""),
        ("--ref-format=reftable", "--ref-format=reftable"),
    ] {
        let team = Team::with(hub);
        let (a, b) = (team.clone_with(clone, "a"), team.clone_with(clone, "b"));
        let first = take(&a, ALICE, "infra:x path:src/**");
        b.bob(&ask("infra:x")).refuses(ALICE);
        a.alice("fence infra:x --remote").done();
        a.alice("release infra:x").says("confirmed by origin");
        assert!(take(&b, BOB, "infra:x") > first);
        are_sound(&[&a, &b, &team.hub()]);
    }
}

/// As `git new-workdir` makes it: refs and objects of another repository, by links.
#[test]
fn a_folder_that_links_into_a_repository() {
    let world = World::new();
    world
        .sh(
            "mkdir -p ../folder/.git && cp .git/HEAD ../folder/.git/ && cd ../folder/.git && \
             for x in config refs objects info hooks; do ln -s ../../repo/.git/$x $x; done",
        )
        .done();
    let folder = world.at("folder");
    play(&folder, &world);
    play(&world, &folder);
    // One clone, so that a claim that refuses is decided under one lock.
    assert!(!folder.has(".git/presence"));
    folder.alice("claim --refuse node:x -p p").done();
    world.bob("claim --refuse node:x -p p").refuses(ALICE);
}
