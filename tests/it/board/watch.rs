//! `list --watch`: what is claimed, again whenever that changes.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::Value;

use crate::said::holds;
use crate::world::{World, needs};

/// Runs a script beside `list --watch`, with `seen TEXT` to wait for what it printed.
fn beside(world: &World, options: &str, script: &str) -> String {
    let said = world.sh(&format!(
        "git-presence list --watch {options} > out & pid=$!\n\
         seen() {{ for n in $(seq 500); do grep -q -- \"$1\" out && return; sleep 0.02; done; echo no $1; }}\n\
         {script}\n\
         kill -TERM $pid; wait $pid; echo ended $?; cat out"
    ));
    said.done();
    holds(&said.out, "ended 0\n");
    said.out
}

#[test]
fn a_line_for_each_change_in_a_pipe() {
    let world = World::new();
    world.alice("claim node:x -p one").done();
    let out = beside(
        &world,
        "",
        "seen node:x\n\
         git-presence claim -x stack:y -p two --session bob; seen stack:y\n\
         git-presence heartbeat --throttle 0s --session bob\n\
         git-presence claim node:x -p three --session wizard@devvm@alice; seen three\n\
         git-presence release --session bob; seen ended",
    );
    let lines: Vec<&str> = out.lines().filter(|line| line.contains("  ")).collect();
    let lines = lines.join("\n");
    holds(
        &lines,
        "began    node:x  shared  wizard@devvm@alice until 10:15, in 15 min: \"one\"",
    );
    holds(
        &lines,
        contains("began    stack:y  exclusive  bob until").count(1),
    );
    holds(&lines, contains("changed  node:x").count(1));
    holds(
        &lines,
        contains("ended    stack:y  exclusive  bob: \"two\"").count(1),
    );
    // A heartbeat is no change.
    holds(&lines, contains("changed  stack:y").not());
}

#[test]
fn an_object_for_each_change_for_programs() {
    let world = World::new();
    world.alice("claim node:x db:y -p one").done();
    let out = beside(
        &world,
        "--json --type node",
        "seen node:x\n\
         git-presence claim node:x -p two --session bob; seen conflict\n\
         git-presence release --all-mine --session bob; seen ended",
    );
    let objects: Vec<Value> = out
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(Value::is_object)
        .collect();
    let words: Vec<&str> = objects
        .iter()
        .map(|one| one["change"].as_str().unwrap_or_else(|| panic!("{out}")))
        .collect();
    assert_eq!(words[..1], ["began"], "{out}");
    assert_eq!(objects[0]["resource"], "node:x");
    assert_eq!(objects[0]["state"], "shared");
    assert!(
        words.contains(&"changed") && words.contains(&"ended"),
        "{out}"
    );
    assert!(!out.contains("db:y"), "{out}");
}

#[test]
fn a_screen_is_drawn_again_on_a_terminal() {
    if !needs("script") {
        return;
    }
    let world = World::new().with("TERM", "xterm-256color");
    world.alice("claim node:x -p one").done();
    let until = |text: &str| {
        format!("for n in $(seq 500); do grep -qa {text} typed && break; sleep 0.02; done")
    };
    let said = world.sh(&format!(
        "touch typed; script -qfec 'git-presence list -w & pid=$!; {}; kill -TERM $pid; wait $pid' typed \
         </dev/null >/dev/null & pid=$!\n\
         {}; git-presence claim node:later -p two --session bob >/dev/null; wait $pid; cat typed",
        until("node:later"),
        until("node:x")
    ));
    said.says("\u{1b}[H\u{1b}[2J").says("Ctrl-C ends it");
}
