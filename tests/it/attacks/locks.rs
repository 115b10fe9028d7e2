//! Locks that another process holds, or left behind.

use crate::said::holds;
use crate::world::World;

/// The events of a session of Claude Code that write, and the first.
const EVENTS: [&str; 6] = [
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "Stop",
    "SessionEnd",
];

/// A session of Claude Code with claims of both kinds, whose heartbeat is due.
fn at_work() -> World {
    let world = World::new().with("GIT_PRESENCE_SESSION", "mine");
    world.git("config presence.sharedSession true");
    world.anyone("claim node:a --purpose p").done();
    world.anyone("claim -x node:b --purpose p").done();
    world.bob("claim node:c --purpose p").done();
    world.later("6m");
    world.with("GIT_PRESENCE_DEBUG", world.dir().join("debug"))
}

/// A hook within two seconds, under `wrapper`.
fn hook(world: &World, wrapper: &str, event: &str) -> String {
    let tool = r#""tool_name":"Bash","tool_input":{"command":"kubectl drain c"}"#;
    world.write("payload", format!(r#"{{"session_id":"s1",{tool}}}"#));
    let line = format!("{wrapper} timeout 2 git-presence hook claude {event} < payload");
    let said = world.sh(&line);
    said.done();
    assert_eq!(said.err, "", "{event}");
    said.out
}

fn are_answered(world: &World, wrapper: &str) {
    for event in EVENTS {
        let out = hook(world, wrapper, event);
        // A prompt says only what has changed since the start.
        let briefs = matches!(event, "SessionStart" | "PreToolUse");
        assert!(!briefs || out.contains("node:c"), "{event}: {out}");
    }
}

#[test]
fn a_ref_lock_that_was_left_stops_no_hook() {
    let world = at_work();
    let refs = world.git("for-each-ref --format=%(refname) refs/presence");
    let locks = refs.lines().map(|name| format!(".git/{name}.lock"));
    let locks: Vec<String> = locks.collect();
    locks.iter().for_each(|lock| world.write(lock, ""));
    are_answered(&world, "");
    let log = world.read("debug");
    holds(&log, "SessionEnd: gave up after ");
    assert!(
        !log.contains(" 16 attempts"),
        "no loop runs to its own bound: {log}"
    );
    for lock in locks {
        std::fs::remove_file(world.dir().join(lock)).unwrap();
    }
    // What the end could not do, a process in the background does.
    let free = "for i in $(seq 100); do git-presence list --json | grep -q node:a || exit 0; \
                sleep 0.1; done; exit 1";
    world.sh(free).done();
    world.anyone("list").says("node:c");
}

#[test]
fn locks_of_files_stop_no_hook() {
    for lock in ["decision.lock", "writers.lock", "sync.lock"] {
        let world = at_work();
        are_answered(&world, &format!("flock .git/presence/{lock}"));
        // The end of a session talks to no remote.
        if lock != "sync.lock" {
            holds(&world.read("debug"), "SessionEnd: ");
        }
    }
}

#[test]
fn a_record_that_cannot_be_written_hides_no_answer() {
    let world = at_work();
    world.git("config presence.enforce deny");
    world.write(".git/presence/seen.jsonl/in-the-way", "");
    let out = hook(&world, "", "PreToolUse");
    holds(&out, "\"deny\"");
    holds(&world.read("debug"), "seen.jsonl is a folder");
}
