//! Copies of what lies in packs: after `git gc`, the board is read without opening them.

use crate::world::World;

const CACHE: &str = ".git/presence/packed.cache";

/// A board whose records lie in packs.
fn packed() -> World {
    let world = World::new();
    world.alice("claim node:x --purpose \"the first\"").done();
    world.bob("claim --exclusive node:y --purpose alone").done();
    world.git("gc --quiet --prune=now");
    // Second names that are kept against `git prune` would do as well.
    std::fs::remove_dir_all(world.dir().join(".git/presence/kept")).unwrap();
    world
}

/// Trees are no text.
fn cached(world: &World) -> Vec<u8> {
    std::fs::read(world.dir().join(CACHE)).unwrap()
}

fn lose_packs(world: &World) {
    for entry in std::fs::read_dir(world.dir().join(".git/objects/pack")).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

#[test]
fn packs_are_opened_once_and_what_is_lost_is_found_by_doctor_all_the_same() {
    let world = packed();
    let before = world.alice("list --json").json();
    assert_eq!(before.as_array().unwrap().len(), 2);
    let kept = cached(&world);
    assert!(kept.starts_with(b"packed 1\n"));
    lose_packs(&world);
    assert_eq!(world.alice("list --json").json(), before);
    assert!(cached(&world) == kept, "nothing new, nothing written");
    world.alice("peek node:y").says("held exclusively");
    world.anyone("doctor").prints("missing");
}

#[test]
fn nothing_but_what_the_ids_say_counts() {
    let world = packed();
    world.alice("list").done();
    let mut text = cached(&world);
    let at = text.windows(9).position(|part| part == b"the first");
    text[at.unwrap()] = b'T';
    std::fs::write(world.dir().join(CACHE), &text).unwrap();
    world.alice("list").says("the first").omits("The first");
    let half = &text[..text.len() / 2];
    std::fs::write(world.dir().join(CACHE), half).unwrap();
    world.alice("list").says("the first").says("node:y");
}

#[test]
fn nothing_is_written_where_that_is_not_wanted_or_not_needed() {
    let world = packed();
    let unasked = world.with("GIT_OPTIONAL_LOCKS", "0");
    unasked.alice("list").says("node:y");
    assert!(!world.dir().join(CACHE).exists());
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.alice("list").done();
    assert!(!world.dir().join(CACHE).exists(), "no packs");
}
