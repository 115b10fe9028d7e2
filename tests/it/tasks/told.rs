//! What the hooks of an agent tell of tasks: its own, and on request what is ready and what waits.

use serde_json::{Value, json};

use super::add;
use crate::said::Said;
use crate::world::World;

/// The session of the agent.
const ME: &str = "agent-of-ann";
const ALL: &str = "--tasks";

fn me(world: &World) -> World {
    world
        .with("CLAUDE_CODE_SESSION_ID", ME)
        .with("CLAUDECODE", "1")
}

/// What the model of the agent is told at an event, with `more` behind the event.
fn told(world: &World, event: &str, more: &str) -> String {
    let payload = json!({
        "session_id": ME, "hook_event_name": event, "cwd": world.dir(), "prompt": "x",
        "source": "startup",
    });
    let line = format!("hook claude {event} {more}");
    let said: Said = me(world).anyone_with_input(line.trim_end(), payload.to_string().as_bytes());
    if said.out.is_empty() {
        return String::new();
    }
    let text: &Value = &said.done().json()["hookSpecificOutput"]["additionalContext"];
    text.as_str().unwrap_or_default().to_owned()
}

#[test]
fn without_being_asked_for_a_hook_tells_only_what_the_session_has() {
    let world = World::new();
    let first = add(&world, "bob", "one");
    add(&world, "bob", "two");
    let start = told(&world, "SessionStart", "");
    assert!(!start.contains("tasks"), "{start}");
    assert_eq!(told(&world, "UserPromptSubmit", ""), "");
    me(&world).anyone(&format!("task start {first}")).done();
    let prompt = told(&world, "UserPromptSubmit", "");
    assert!(
        prompt.contains(&format!("- yours: {first} \"one\"")),
        "{prompt}"
    );
    assert!(prompt.contains(&format!("task done {first}. ")), "{prompt}");
    assert!(!prompt.contains("two"), "{prompt}");
    assert_eq!(told(&world, "UserPromptSubmit", ""), "");
    // Who starts again is told again.
    let start = told(&world, "SessionStart", "");
    assert!(
        start.contains(&format!("- yours: {first} \"one\"")),
        "{start}"
    );
    me(&world).anyone(&format!("task done {first}")).done();
    assert_eq!(told(&world, "UserPromptSubmit", ""), "");
}

#[test]
fn what_is_ready_and_what_waits_is_told_once_as_it_stands() {
    let world = World::new();
    let first = add(&world, "bob", "one");
    let second = add(&world, "bob", &format!("two --needs {first}"));
    let start = told(&world, "SessionStart", ALL);
    let waits = format!("- waits: {second} \"two\" for {first}");
    assert!(
        start.contains(&format!("- ready: {first} \"one\"")),
        "{start}"
    );
    assert!(start.contains(&format!("{waits}\n")), "{start}");
    assert_eq!(told(&world, "UserPromptSubmit", ALL), "");
    world.session("bob", &format!("task start {first}")).done();
    let prompt = told(&world, "UserPromptSubmit", ALL);
    assert!(
        prompt.contains(&format!("{waits}, which \"bob\" has\n")),
        "{prompt}"
    );
    assert!(!prompt.contains("ready"), "{prompt}");
    let silent = |text: &str| !text.contains("tasks");
    assert!(silent(&told(&world, "UserPromptSubmit", ALL)));
    // What was ready, was taken, and is ready again is news.
    world
        .session("bob", &format!("task back {first} -m later"))
        .done();
    let prompt = told(&world, "UserPromptSubmit", ALL);
    assert!(
        prompt.contains(&format!("- ready: {first} \"one\"")),
        "{prompt}"
    );
    world.session("bob", "task drain").done();
    world.session("bob", "task undrain").done();
    assert!(silent(&told(&world, "UserPromptSubmit", ALL)));
}

#[test]
fn a_long_list_leaves_the_room_to_the_rest() {
    let world = World::new();
    for n in 0..40 {
        add(&world, "bob", &format!("{}{n}", "x".repeat(150)));
    }
    let start = told(&world, "SessionStart", ALL);
    assert!(start.chars().count() <= 2000, "{start}");
    assert!(start.contains("more: git presence task"), "{start}");
    assert!(start.contains("Here, sessions claim shared"), "{start}");
}

#[test]
fn install_claude_with_tasks_asks_for_them_and_comes_out_again() {
    let world = World::new();
    world
        .anyone("install claude --project --print")
        .done()
        .omits("--tasks");
    world.anyone("install claude --project --tasks").done();
    let written = world.read(".claude/settings.json");
    assert_eq!(written.matches("--tasks").count(), 2, "{written}");
    world.anyone("install claude --project").done();
    assert!(!world.read(".claude/settings.json").contains("--tasks"));
    world.anyone("install claude --project --tasks").done();
    world.anyone("uninstall claude --project").done();
    assert!(!world.dir().join(".claude/settings.json").exists());
    world
        .anyone("install codex --project --tasks")
        .fails(129, "--tasks is about Claude Code");
}

#[test]
fn a_task_that_is_over_is_free_to_no_session() {
    let world = World::new();
    let first = add(&world, "bob", "one");
    let label = format!("task:main/{first}");
    world
        .session("bob", &format!("wait {label}"))
        .says(&*format!("Take it now: git presence task start {first}\n"));
    world.session("bob", &format!("task start {first}")).done();
    me(&world)
        .anyone(&format!("wait {label} --for=1s"))
        .fails(4, "is still held by bob");
    world.session("bob", &format!("task done {first}")).done();
    assert_eq!(told(&world, "UserPromptSubmit", ""), "");
    let wait = world.session("ann", &format!("wait {label} node:a"));
    wait.says(&*format!("No session has {label}, and it cannot be taken"))
        .says("Claim it now: git presence claim --exclusive node:a ");
    let json = world.session("ann", &format!("wait {label} --json")).json();
    assert_eq!(json["not_ready"], json!([label]));
}

#[test]
fn the_one_task_that_a_session_holds_need_not_be_named() {
    let world = World::new();
    for (held, line) in [
        ("a", "task done -m ok"),
        ("b", "task back -m no"),
        ("c", "task block -m why"),
    ] {
        world
            .session("x", line)
            .refuses("you hold no task of task:main");
        add(&world, "x", held);
        world.session("x", "task next").done();
        world.session("x", line).done();
    }
    let later = add(&world, "x", "d --list later");
    world
        .session("x", &format!("task start {later} --list later"))
        .done();
    world
        .session("x", "task done")
        .refuses("you hold no task of task:main")
        .hints(&format!("{later} --list later"));
    for title in ["e", "f"] {
        let id = add(&world, "x", title);
        world.session("x", &format!("task start {id}")).done();
    }
    world
        .session("x", "task done")
        .fails(129, "you hold several tasks");
    world
        .session("x", "task drop -m no")
        .fails(129, "is not named");
}
