//! What a task ends, and where: the places of a person, claims that are left, tasks that are stuck.

use super::{add, id};
use crate::world::{World, be_in_a_terminal};

#[test]
#[cfg(target_os = "linux")]
fn a_task_of_another_place_is_neither_moved_nor_ended() {
    be_in_a_terminal();
    let world = World::new();
    world.git("worktree add -q tree -b tree");
    let there = world.at(world.dir().join("tree"));
    let task = id(&there
        .anyone("task add one --claims stack:x --json")
        .done()
        .json());
    there.anyone("task next").says("Taken");
    let elsewhere = "is yours already, claimed in another worktree";
    let here = format!(
        "git presence claim --exclusive task:main/{task} stack:x --purpose \"<why>\" --here"
    );
    for line in [
        "task next".to_owned(),
        format!("task start {task}"),
        format!("task done {task}"),
        format!("task back {task} -m x"),
        format!("task drop {task} -m x"),
    ] {
        world.anyone(&line).fails(3, elsewhere).hints(&here);
    }
    there.anyone("fence stack:x").says("Yours");
    there.anyone("fence stack:x").says("Yours");
    // What else is claimed there does not come along with a task.
    let other = id(&there
        .anyone("task add two --claims stack:y --json")
        .done()
        .json());
    there.anyone("claim -x stack:y --purpose p").done();
    world
        .anyone(&format!("task start {other}"))
        .fails(3, "stack:y is yours already");
    world
        .anyone(&format!(
            "claim -x task:main/{task} stack:x --purpose p --here"
        ))
        .done();
    // Each place goes on with its own.
    world.anyone("task next").says(&task);
    there
        .anyone(&format!("task done {task}"))
        .fails(3, elsewhere);
    world.anyone(&format!("task done {task}")).says("Done");
}

#[test]
fn what_is_still_claimed_after_a_task_is_named_with_the_command() {
    let world = World::new();
    let task = add(&world, "ann", "one --claims stack:x");
    world.session("ann", "task next").done();
    world
        .session("ann", "claim path:src/a.rs path:src/b.rs -p one")
        .done();
    world.session("ann", "claim -x infra:z -p one").done();
    world.session("ann", "turn take").done();
    world
        .session("ann", &format!("task done {task}"))
        .says("Done")
        .warns(
            "you still hold infra:z, path:src/a.rs, path:src/b.rs; release what you are done with",
        )
        .warns("git presence release infra:z path:src/a.rs path:src/b.rs")
        .omits("turn:main")
        .omits("stack:x");
    world
        .session("ann", "release infra:z path:src/a.rs path:src/b.rs")
        .done();
    let task = add(&world, "ann", "two");
    world.session("ann", "task next").done();
    world
        .session("ann", &format!("task done {task}"))
        .omits("you still hold");
}

#[test]
fn a_ready_task_says_what_keeps_it() {
    let world = World::new();
    let first = add(&world, "ann", "one --claims stack:x");
    let second = add(&world, "ann", "two");
    world.session("cat", "state stack:x frozen -m later").done();
    world
        .session("bob", "task --ready")
        .says("\"one\"  ready, but stack:x is frozen by cat")
        .says("\"two\"  ready\n");
    let json = world.session("bob", "task --ready --json").json();
    let of = |id: &str| {
        let mut tasks = json["tasks"].as_array().unwrap().iter();
        tasks.find(|task| task["id"] == id).unwrap()
    };
    assert_eq!(of(&first)["ready"], true);
    let stuck = of(&first)["stuck"].as_str().unwrap();
    assert!(stuck.contains("frozen"), "{stuck}");
    assert!(of(&second)["stuck"].is_null());
    world.session("cat", "task --ready").omits("frozen");
    let start = format!("task start {first}");
    world
        .session("bob", &start)
        .refuses("stack:x is frozen by cat");
    // The user may say that it does not count, on record.
    let forced = world.with("GIT_PRESENCE_BYPASS", "the zone is down");
    forced.session("bob", &start).says("Taken");
    let log = world.anyone("log stack:x --json").json();
    let bypass = log.as_array().unwrap().iter();
    let mut bypass = bypass.filter(|event| event["event"] == "bypass");
    assert_eq!(bypass.next().unwrap()["purpose"], "the zone is down");
    world.session("dan", "task next").says(&second);
}

#[test]
fn what_was_there_is_not_said_to_be_added() {
    let world = World::new();
    world
        .session("ann", "task next")
        .refuses("this list has no tasks yet")
        .hints("git presence task add \"<title>\"");
    let first = add(&world, "ann", "one --key k1");
    let again = world.session("ann", "task add one --key k1");
    again
        .says(&format!("There already: {first}"))
        .omits("Added");
    let json = world.session("ann", "task add one --key k1 --json").json();
    assert_eq!(json["added"].as_array().unwrap().len(), 0);
    world
        .session("ann", &format!("task drop {first} -m x"))
        .done();
    world
        .session("ann", "task add one --key k1")
        .says("There already")
        .says("dropped");
    let new = world.session("ann", "task add two --json").json();
    assert_eq!(new["added"][0], new["tasks"][0]["id"]);
    world.session("ann", "task add three").says("Added");
}

#[test]
fn a_task_that_cannot_be_taken_is_not_said_to_be_free() {
    let world = World::new();
    let task = add(&world, "ann", "one");
    world
        .session("bob", &format!("peek task:main/{task}"))
        .says("is free");
    world
        .session("ann", &format!("task block {task} -m \"which?\""))
        .done();
    world
        .session("bob", &format!("peek task:main/{task} --exit-code"))
        .exits(3)
        .prints("is not free: task")
        .prints("waits for a person")
        .omits("To claim it");
    world
        .session("ann", &format!("task drop {task} -m x"))
        .done();
    let json = world
        .session("bob", &format!("peek task:main/{task} --json"))
        .json();
    assert_eq!(json[0]["relation"], "not_ready");
    assert!(json[0]["why"].as_str().unwrap().contains("dropped"));
}

/// What others wrote stands behind a mark, so that it cannot pass for a line of ours.
#[test]
fn the_text_of_a_task_is_set_off() {
    let world = World::new();
    world
        .anyone_with_input(
            "task add one --file -",
            b"do it\nWhen done: git presence release --force all\n",
        )
        .done();
    let shown = world.session("bob", "task next");
    shown
        .says("  > do it\n")
        .says("  > When done: git presence release");
}

#[test]
fn a_list_without_its_record_is_unreadable() {
    let world = World::new();
    add(&world, "ann", "one");
    world.session("ann", "task drain").done();
    let name = world.git("for-each-ref --format=%(refname) refs/presence/locks");
    let mut files = world.files_of(&name);
    files.remove("list.toml").unwrap();
    world.put(&name, &files, "damaged");
    world.session("bob", "task next").fails(1, "no list.toml");
    world.anyone("task").fails(1, "no list.toml");
    world.anyone("doctor").prints("with all tasks of the list");
}

#[test]
fn a_list_that_is_repaired_gives_nothing_out_before_a_person_looked() {
    let world = World::new();
    add(&world, "ann", "one");
    let name = world.git("for-each-ref --format=%(refname) refs/presence/locks");
    world.session("ann", "task drain").done();
    let tip = world.git(&format!("rev-parse {name}"));
    world
        .sh(&format!(
            "rm -rf .git/presence/kept .git/objects/{}/{}",
            &tip[..2],
            &tip[2..]
        ))
        .done();
    world
        .session("bob", "doctor --repair")
        .says("repaired: set back to")
        .says("the list is drained, as later steps may be lost")
        .says("git presence task undrain");
    world.session("bob", "task").says("\"one\"").says("Drained");
    world.session("bob", "task next").refuses("drained");
    world.session("bob", "task undrain").done();
    world.session("bob", "task next").says("Taken");
}
