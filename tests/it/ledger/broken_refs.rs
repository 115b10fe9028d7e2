//! Refs that a crash, a power cut or a user broke: told, never free, and repaired.

use crate::world::{ALICE, BOB, World};

/// Alice's ref is broken in some way; Bob's is in order.
fn broken(break_it: impl FnOnce(&World, &str)) -> (World, String) {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.bob("claim db:y --purpose backup").done();
    let name = world.ref_of(ALICE);
    break_it(&world, &name);
    (world, name)
}

/// Whatever is wrong: readers tell, no claim succeeds over it, and nothing changes.
fn is_never_free(world: &World, name: &str) {
    world.unchanged(|| {
        world.bob("list").says("db:y").warns(name);
        world.bob("list --json").warns(name);
        world
            .bob("peek node:x")
            .says("node:x may be claimed")
            .says("Defer")
            .omits("is free");
        world
            .bob("claim node:x --purpose x --refuse")
            .refuses("node:x may be claimed in an unreadable record")
            .hints("git presence doctor --repair");
        world
            .alice("status")
            .says(&format!("Problem: {name}"))
            .says("Next: git presence doctor");
        let mine = world.alice("claim node:z --purpose x");
        mine.fails(1, name).hints("git presence doctor --repair");
        world.alice("heartbeat --throttle 0").fails(1, name);
        world.alice("release --all-mine").fails(1, name);
        world.bob("log").done();
        world.bob("doctor").exits(1);
    });
}

/// The doctor names it, repairs it, and then everything is as it was.
fn is_repaired(world: &World, name: &str) {
    let said = world.bob("doctor");
    said.exits(1);
    said.prints(&format!("problem: {name}"));
    said.prints("Repair: git presence doctor --repair");
    world
        .bob("doctor --repair")
        .says(&format!("problem: {name}"))
        .says("repaired:");
    world
        .bob("doctor")
        .says("Healthy: 2 sessions")
        .omits("problem");
    world.alice("peek node:x").says("node:x is claimed by you");
    world
        .alice("claim node:z --purpose x")
        .says("Claimed node:z");
    world.git_is_content();
}

#[test]
fn a_ref_of_no_bytes() {
    let (world, name) = broken(|world, name| world.break_ref(name, ""));
    world.try_git("gc --quiet").exits(128);
    is_never_free(&world, &name);
    is_repaired(&world, &name);
}

#[test]
fn a_ref_of_zero_bytes() {
    let (world, name) = broken(|world, name| world.break_ref(name, [0; 41]));
    is_never_free(&world, &name);
    is_repaired(&world, &name);
}

#[test]
fn a_ref_of_garbage() {
    let (world, name) = broken(|world, name| world.break_ref(name, "garbage\u{1b}[31m\n"));
    world.bob("list").omits("\u{1b}");
    is_never_free(&world, &name);
    is_repaired(&world, &name);
}

#[test]
fn half_an_object_id() {
    let (world, name) = broken(|world, name| {
        let id = world.git(&format!("rev-parse {name}"));
        world.break_ref(name, &id[..20]);
    });
    is_never_free(&world, &name);
    is_repaired(&world, &name);
}

#[test]
fn an_object_that_is_not_there() {
    let (world, name) = broken(|world, name| {
        let missing = "0123456789".repeat(4);
        world.break_ref(name, format!("{missing}\n"));
    });
    is_never_free(&world, &name);
    is_repaired(&world, &name);
}

#[test]
fn an_object_of_no_bytes() {
    let (world, name) = broken(|world, name| {
        world.alice("claim node:x node:w --purpose upgrade").done();
        let id = world.git(&format!("rev-parse {name}"));
        let file = world
            .git_dir()
            .join("objects")
            .join(&id[..2])
            .join(&id[2..]);
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, "").unwrap();
    });
    is_never_free(&world, &name);
    world.bob("doctor --repair").says("repaired:");
    world.bob("doctor").says("Healthy: 2 sessions");
    world.alice("peek node:x").says("node:x is claimed by you");
}

#[test]
fn a_symbolic_ref() {
    let (world, name) = broken(|world, name| {
        world.git(&format!("symbolic-ref {name} refs/heads/main"));
    });
    world.bob("list").warns("it is a symbolic ref");
    is_never_free(&world, &name);
    is_repaired(&world, &name);
    let main = world.git("log --format=%s main");
    assert_eq!(
        main, "first commit",
        "the branch it pointed to is as it was"
    );
}

#[test]
fn a_ref_to_something_else() {
    let (world, name) = broken(|world, name| {
        world.git(&format!("update-ref {name} main"));
    });
    is_never_free(&world, &name);
    is_repaired(&world, &name);
}

#[test]
fn a_stray_ref_that_was_never_ours() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.git("update-ref refs/presence/sessions/stray main");
    world.bob("doctor").exits(1);
    world.bob("doctor --repair").says("repaired: removed");
    world.bob("doctor").says("Healthy: 1 session");
    assert_eq!(world.git("for-each-ref refs/presence/sessions/stray"), "");
}

#[test]
fn what_is_replaced_is_kept() {
    let (world, name) = broken(|world, name| world.break_ref(name, "garbage\n"));
    world.bob("doctor --repair").done();
    let kept = std::fs::read_dir(world.git_dir().join("presence/replaced")).unwrap();
    let kept: Vec<String> = kept
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert_eq!(kept, ["garbage\n"], "{name}");
}

#[test]
fn a_broken_ref_of_which_nothing_is_left_is_removed() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.break_ref("refs/presence/sessions/gone-0123456789abcdef", "");
    world.bob("doctor").exits(1);
    world
        .bob("doctor --repair")
        .says("repaired: removed: no readable state of it is left");
    world.bob("doctor").says("Healthy: 1 session");
    world.bob("list").says("node:x");
    world.git_is_content();
}

#[test]
fn for_programs() {
    let (world, name) = broken(|world, name| world.break_ref(name, ""));
    let report = world.bob("doctor --json").exits(1).json();
    assert_eq!(report["open"], 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["severity"], "problem");
    assert_eq!(finding["repairable"], true);
    assert!(finding["what"].as_str().unwrap().contains(&name));
    let report = world.bob("doctor --repair --json").done().json();
    assert_eq!(report["open"], 0);
    assert!(report["findings"][0]["repaired"].is_string());
    assert!(world.refs().contains(&world.ref_of(BOB)));
}
