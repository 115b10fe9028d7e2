//! `ingest`: what harnesses report that have no hook of ours.

use serde_json::{Value, json};

use crate::said::Said;
use crate::world::World;

fn ingest(world: &World, hook: &str, text: &str) -> Said {
    world.anyone_with_input(&format!("ingest --hook {hook}"), text.as_bytes())
}

fn seen(world: &World) -> Vec<Value> {
    let file = ".git/presence/seen.jsonl";
    if !world.has(file) {
        return Vec::new();
    }
    let lines = world.read(file);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_command_that_ran_is_counted_and_a_signal_is_noted() {
    let world = World::new();
    let ran = json!({
        "threadId": "t-1", "workdir": world.dir(),
        "tool": { "name": "Bash", "input": { "command": "kubectl delete pod a" } },
    });
    ingest(&world, "post-tool-use", &ran.to_string()).is_silent();
    world.anyone("audit").says("kubectl");
    let fates: Vec<Value> = seen(&world).iter().map(|one| one["fate"].clone()).collect();
    assert_eq!(fates, ["ran", "signal"]);
    ingest(&world, "stop", "{\"session\":\"t-1\"}").is_silent();
    assert_eq!(seen(&world).last().unwrap()["verb"], "Stop");
    // It takes no part: no session is on the board, and no claim was made.
    world.anyone("list --json").says("[]");
    world.anyone("sessions --all --json").omits("t-1");
}

#[test]
fn what_cannot_be_read_stops_no_harness() {
    let world = World::new();
    let debug = world.with("GIT_PRESENCE_DEBUG", world.root().join("debug"));
    for nothing in ["", " \n"] {
        ingest(&debug, "stop", nothing).is_silent();
    }
    assert!(seen(&world).is_empty() && !world.root().join("debug").exists());
    for odd in [
        "[]",
        "x",
        "{\"cwd\":\"/no/such/folder\"}",
        "{\"session\":7,\"cwd\":[]}",
    ] {
        ingest(&debug, "stop", odd).is_silent();
    }
    let said = std::fs::read_to_string(world.root().join("debug")).unwrap();
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(said.contains(" ingest Stop: "), "{said}");
    // Outside of a repository there is nothing to note it in.
    ingest(&World::empty(), "stop", "{}").is_silent();
    ingest(&world, "no-such-hook", "{}").fails(1, "no harness has a hook");
}
