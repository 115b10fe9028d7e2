//! What is claimed together with a task.
//!
//! Owns the promises that a task ends what was granted with it and nothing else, and that what
//! cannot be read keeps no task from being finished.

use super::add;
use crate::machines::Team;
use crate::world::World;

fn holds(world: &World, label: &str) -> bool {
    let list = world.anyone("list --json").done().json();
    let mut held = list.as_array().unwrap().iter();
    held.any(|one| one["resource"] == label && one["mode"] == "exclusive")
}

/// The same here and at a remote, where the lease is given up before the arbiter is asked.
#[test]
fn a_task_ends_what_was_granted_with_it_and_nothing_else() {
    let (_team, there, _b) = Team::pair();
    for world in [&World::new(), &there] {
        let first = add(world, "ann", "one --claims stack:x --claims stack:own");
        let second = add(world, "ann", "two --claims stack:x");
        let bob = |line: &str| world.session("bob", line);
        bob("claim -x stack:own -p mine").done();
        bob(&format!("task start {first}")).done();
        bob(&format!("task start {second}")).done();
        bob(&format!("task done {first} -m done"))
            .says("Done")
            .warns("you still hold stack:own, stack:x");
        bob("fence stack:x").says("Yours");
        bob("fence stack:own").says("Yours");
        bob(&format!("task back {second} -m later")).done();
        assert!(!holds(world, "stack:x"));
        bob("fence stack:own").says("Yours");
        // One that is not taken gives nothing of the session away.
        bob(&format!("task drop {second} -m no")).done();
        let third = add(world, "ann", "three --claims stack:own");
        bob(&format!("task block {third} -m wait")).done();
        bob("fence stack:own").says("Yours");
    }
}

/// A session may have tasks of two lists.
#[test]
fn a_task_of_another_list_keeps_what_it_needs() {
    let world = World::new();
    let first = add(&world, "ann", "one --claims stack:x");
    let second = add(&world, "ann", "two --claims stack:x --list b");
    let bob = |line: &str| world.session("bob", line);
    bob(&format!("task start {first}")).done();
    bob(&format!("task start {second} --list b")).done();
    bob(&format!("task done {first} -m done")).done();
    bob("fence stack:x").says("Yours");
    bob(&format!("task done {second} --list b -m done")).done();
    assert!(!holds(&world, "stack:x"));
}

#[test]
fn a_damaged_register_of_what_it_claims_keeps_no_task_from_being_finished() {
    let world = World::new();
    world.session("ann", "claim -x stack:x -p look").done();
    let name = world.git("for-each-ref --format=%(refname) refs/presence/locks/");
    world.session("ann", "release stack:x").done();
    let task = add(&world, "ann", "one --claims stack:x --claims stack:y");
    world.session("bob", &format!("task start {task}")).done();
    world.put(
        name.trim(),
        &[("cell.toml".to_owned(), b"format".to_vec())].into(),
        "damaged",
    );
    let done = world.session("bob", &format!("task done {task} -m done"));
    done.says("Done").warns("stack:x is not released: ");
    assert!(!holds(&world, "stack:y"));
}
