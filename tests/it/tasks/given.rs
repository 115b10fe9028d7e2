//! For whom a task is, what is left with it, and waiting for one.

use super::{add, id};
use crate::machines::Team;
use crate::world::World;

#[test]
fn a_task_is_given_to_whom_it_is_for() {
    let world = World::new();
    world.session("bob", "claim path:x -p p").done();
    let for_bob = add(&world, "ann", "one --to bob");
    let for_worker = add(&world, "ann", "two --to role:worker");
    world
        .anyone("task")
        .says("\"one\"  ready, for bob")
        .says("ready, for role:worker");
    world
        .session("cat", "task next")
        .refuses("0 blocked, 2 for other sessions");
    world
        .session("cat", &format!("task start {for_bob}"))
        .refuses(&*format!("task {for_bob} is for bob"))
        .hints(&format!("git presence task edit {for_bob} --to <who>"));
    let taken = world.session("bob", "task next --json").done().json();
    assert_eq!(
        (id(&taken), &taken["tasks"][0]["to"]),
        (for_bob, &"bob".into())
    );
    world.session("cat", "claim role:worker -p p").done();
    let taken = world.session("cat", "task next --json").done().json();
    assert_eq!(id(&taken), for_worker);
    world
        .session("cat", &format!("task back {for_worker} -m no"))
        .done();
    world
        .session("ann", &format!("task edit {for_worker} --to-anyone"))
        .done();
    world.session("dan", "task next").says("\"two\"");
    for (who, code) in [("none-such", 3), ("all", 129), ("x@y", 3)] {
        world
            .session("ann", &format!("task add x --to {who}"))
            .exits(code);
    }
}

#[test]
fn what_is_left_with_a_task_is_shown_to_those_who_come_after() {
    let world = World::new();
    let first = add(&world, "ann", "\"the keys\"");
    let second = add(&world, "ann", &format!("\"the zone\" --needs {first}"));
    world.session("bob", "task next").done();
    let words = "--status \"keys are new\" --next \"sign the zone\" --avoid \"the old ones\"";
    world
        .session("bob", &format!("task done {first} {words}"))
        .says("Done");
    world
        .anyone(&format!("task show {first}"))
        .says(&*format!("{first} done"))
        .says("keys are new");
    let taken = world.session("cat", "task next --json").done().json();
    assert_eq!(id(&taken), second);
    let left = &taken["handoffs"][0];
    assert_eq!(
        (&left["status"], &left["from"]),
        (&"keys are new".into(), &"bob".into())
    );
    assert_eq!(left["avoid"][0], "the old ones");
    let back =
        format!("task back {second} -m stuck --status \"half signed\" --next \"look at the log\"");
    world.session("cat", &back).done();
    world
        .session("dan", "task next")
        .says("half signed")
        .says("keys are new")
        .says("\"stuck\"");
}

#[test]
fn an_empty_list_says_the_next_step_and_a_wait_ends_with_a_task() {
    let world = World::new();
    world
        .session("bob", "task next")
        .refuses("this list has no tasks yet")
        .hints("git presence task add \"<title>\"");
    world
        .session("bob", "task next --list release")
        .hints("--list release");
    world
        .session("bob", "task next --wait=1s")
        .fails(4, "this list has no tasks yet");
    let (told, taken) = std::thread::scope(|scope| {
        let waiter = scope.spawn(|| world.session("bob", "task next --wait=60s --json"));
        let task = add(&world, "ann", "one");
        (task, waiter.join().unwrap())
    });
    assert_eq!(id(&taken.done().json()), told);
    world
        .session("cat", "task next")
        .refuses("1 held")
        .hints("git presence task next --wait");
}

#[test]
fn a_wait_for_a_task_ends_at_once_where_none_will_come() {
    let world = World::new();
    let first = add(&world, "ann", "one");
    let second = add(&world, "ann", &format!("two --needs {first}"));
    // A wait for one task is repeated for that one, and what else can be done is said too.
    world
        .session("bob", &format!("task start {second} --wait=1s"))
        .fails(4, "needs")
        .hints(&format!(
            "wait again: git presence task start {second} --wait"
        ));
    world.session("bob", &format!("task start {first}")).done();
    world.session("bob", "task block -m \"which?\"").done();
    world
        .session("cat", "task next --wait=1s")
        .fails(4, "1 blocked")
        .hints("git presence task --blocked");
    world.session("ann", "task drain").done();
    // No test waits so long: these end at once.
    world
        .session("cat", "task next --wait=1h")
        .refuses("the list is drained")
        .hints("git presence task undrain");
    world.session("ann", "task undrain").done();
    for task in [&second, &first] {
        let line = format!("task drop {task} -m \"not now\"");
        world.session("ann", &line).done();
    }
    world
        .session("cat", "task next --wait=1h")
        .refuses("no task is left: all are done or dropped")
        .hints("git presence task --done");
}

#[test]
fn a_wait_hears_of_a_task_of_another_clone() {
    let (_team, a, b) = Team::pair();
    let (told, taken) = std::thread::scope(|scope| {
        let waiter = scope.spawn(|| b.session("bob", "task next --wait=60s --json"));
        let task = add(&a, "ann", "one");
        (task, waiter.join().unwrap())
    });
    assert_eq!(id(&taken.done().json()), told);
}
