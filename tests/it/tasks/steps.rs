//! Each verb: what it answers, writes and refuses.

use super::{add, id};
use crate::world::World;

#[test]
fn a_task_from_its_title_to_its_end() {
    let world = World::new();
    let first = add(
        &world,
        "ann",
        "\"rotate the keys\" -m \"both zones\" --claims stack:keys",
    );
    let second = add(&world, "ann", &format!("\"tell the team\" --needs {first}"));
    world
        .anyone("task")
        .says(&*format!("{first} \"rotate the keys\"  ready"))
        .says(&*format!("{second} \"tell the team\"  waits for {first}"));
    let taken = world.session("bob", "task next --json").done().json();
    let task = &taken["tasks"][0];
    assert_eq!(id(&taken), first);
    assert_eq!(
        (&task["state"], &task["status"]),
        (&"held".into(), &"in_progress".into())
    );
    assert_eq!(
        (&task["holder"], &task["attempts"]),
        (&"bob".into(), &1.into())
    );
    assert_eq!(task["text"], "both zones");
    let resource = format!("task:main/{first}");
    assert_eq!(task["resource"], resource.as_str());
    // It is an exclusive claim like any other, and so is what it claims.
    world
        .session("bob", &format!("fence {resource}"))
        .says("Yours");
    world.session("bob", "fence stack:keys").says("Yours");
    world
        .session("ann", "claim -x stack:keys -p p")
        .refuses("claimed by bob");
    world
        .session("cat", "task next")
        .refuses("no task is ready: 1 held, 1 waiting for others, 0 blocked");
    world
        .session("cat", &format!("task start {second}"))
        .refuses(&*format!("task {second} needs {first} first"));
    world
        .session("cat", &format!("task done {first}"))
        .refuses("claimed by bob");
    world
        .session("bob", &format!("task done {first} -m \"both zones\""))
        .says("Done");
    world.session("ann", "claim -x stack:keys -p p").done();
    let next = world.session("cat", "task next --json").done().json();
    assert_eq!(id(&next), second);
    let log = world
        .anyone(&format!("task log {first} --json"))
        .done()
        .json();
    let words: Vec<&str> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["cause"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["done", "take", "add"]);
    assert_eq!(log[0]["from_state"], "held");
    assert_eq!(log[0]["to_state"], "done");
    let shown = format!("{first} \"rotate the keys\"  done");
    world.anyone("task --done").says(&*shown);
    world
        .anyone(&format!("task show {first}"))
        .refuses("is done already");
}

#[test]
fn a_hold_that_expires_and_one_that_is_handed_back() {
    let world = World::new();
    let task = add(&world, "ann", "\"move the zone\"");
    world.session("bob", "task next --ttl 1m").done();
    world
        .session(
            "bob",
            &format!("task back {task} -m \"the lock file is in the way\""),
        )
        .done();
    world
        .session("cat", "task next")
        .says("last said by bob at")
        .says("\"the lock file is in the way\"");
    // Heartbeats keep it.
    world.later("10m");
    world.session("cat", "heartbeat").done();
    world.later("10m");
    world.session("bob", "task next").refuses("1 held");
    world.later("10m");
    let taken = world.session("bob", "task next --json").done().json();
    assert_eq!(taken["tasks"][0]["attempts"], 3);
    world
        .session("cat", &format!("task done {task}"))
        .refuses("claimed by bob");
    let log = world.anyone(&format!("task log {task} --json")).json();
    assert_eq!(log[0]["cause"], "takeover");
    assert_eq!(log[0]["from_state"], "held");
}

#[test]
fn blocked_dropped_edited_and_drained() {
    let world = World::new();
    let task = add(&world, "ann", "\"drop the table\" --priority 9");
    world
        .session("ann", &format!("task block {task} -m \"which one?\""))
        .done();
    world
        .anyone("task --blocked")
        .says("blocked: \"which one?\"");
    world.session("bob", "task next").refuses("1 blocked");
    world
        .session(
            "ann",
            &format!("task edit {task} --unblock --title \"drop table x\""),
        )
        .done();
    world.anyone("task --ready").says("\"drop table x\"  ready");
    world.session("ann", "task drain").says("Drained");
    world.session("bob", "task next").refuses("drained");
    world.session("ann", "task undrain").done();
    world.session("bob", "task next").says("\"drop table x\"");
    world
        .session("bob", &format!("task drop {task} -m \"not needed\""))
        .says("Dropped");
    world.session("bob", "task next").refuses("no task is left");
}

#[test]
fn what_is_not_accepted() {
    let world = World::new();
    let task = add(&world, "ann", "one --key k");
    for (line, code, said) in [
        ("task show abc", 129, "no id of a task"),
        ("task start ABCD2345", 129, "no id of a task"),
        ("task done abcd2345", 3, "there is no task abcd2345"),
        (
            "task add two --needs abcd2345",
            3,
            "there is no task abcd2345",
        ),
        ("task add other --key k", 3, "says something else"),
        ("task add x --priority 10", 129, "10"),
        (
            "task add x --claims task:main/abcd2345",
            129,
            "not claimed together",
        ),
        ("task add x --list a/b", 129, "no name of a list"),
        (
            "claim -x task:main/abcd2345 -p p",
            3,
            "there is no task abcd2345",
        ),
    ] {
        world.session("ann", line).fails(code, said);
    }
    // Again under the same key, it is the same task.
    assert_eq!(add(&world, "bob", "one --key k"), task);
    world.anyone("task --list other").says("No task.");
    let hostile = world.session("ann", "task add \"a\u{1b}[2J\"");
    hostile.fails(129, "the text is not accepted");
}

#[test]
fn a_damaged_list_is_held_and_never_free() {
    let world = World::new();
    let task = add(&world, "ann", "one");
    let name = world.git("for-each-ref --format=%(refname) refs/presence/locks");
    let mut files = world.files_of(&name);
    let cell = String::from_utf8(files["cell.toml"].clone()).unwrap();
    assert!(cell.starts_with("format = 2\n"), "{cell}");
    files.insert(format!("task-{task}.toml"), b"format = 1\n".to_vec());
    world.put(&name, &files, "damaged");
    world.anyone("task").fails(1, "malformed");
    world.session("bob", "task next").fails(1, "malformed");
    world
        .session("bob", &format!("claim -x task:main/{task} -p p"))
        .fails(1, "malformed");
    assert_eq!(world.files_of(&name), files);
}

/// Every command that is printed about a list names it.
#[test]
fn what_is_printed_about_another_list_works_there() {
    let world = World::new();
    let task = add(&world, "a", "tidy --list later");
    world
        .session("a", "task next --list later")
        .says(&format!("git presence task done {task} --list later"))
        .says(&format!("git presence task back {task} --list later -m"));
    // What is in no list that was asked about is not said to be nowhere.
    world
        .session("a", "task")
        .says("No task.")
        .warns("task:later has 1 open: git presence task --list later");
    let line = format!("task done {task} --list later");
    world.session("a", &line).says("Done");
    world
        .session("a", "task next --list later")
        .hints("--list later");
}

/// A list remembers ids only; the titles stand in its history.
#[test]
fn what_is_over_has_its_title() {
    let world = World::new();
    let id = add(&world, "ann", "\"rotate the keys\"");
    world.session("bob", "task next").done();
    world.session("bob", &format!("task done {id}")).done();
    let over = world.anyone("task --done --json").done().json();
    assert_eq!(over["over"][0]["title"], "rotate the keys");
}
