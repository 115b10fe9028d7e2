//! A supervisor that is killed at a call that writes is followed by one that finishes, and no
//! attempt runs twice at once.

use super::add;
use super::supervised::{GONE, run};
use crate::strace::{self, CHANGES, Call};
use crate::world::{World, needs, open_to_all};

/// Of how many calls a supervisor is killed at one, except in the long run.
const CALLS_BETWEEN: usize = 24;
/// An agent that takes a lock, which ends with its process.
const AGENT: &str = "#!/bin/sh\nexec 9>.git/alone\nflock -n 9 || { echo twice >>.git/twice; exit 1; }\n\
                     echo $GIT_PRESENCE_ATTEMPT >>.git/begun\n";

fn listed() -> (World, String) {
    let world = World::new();
    world.git("config presence.fsync false");
    world.git("config presence.check.ok true");
    world.write(".git/agent", AGENT);
    open_to_all(&world.dir().join(".git/agent"), 0o755);
    let task = add(&world, "ann", "one --check ok");
    (world, task)
}

fn supervised(world: &World, faults: &[String]) -> Vec<Call> {
    let line = "task run --once --agent ./.git/agent";
    strace::run_alone(world, "ann", line, CHANGES, faults).calls
}

/// What a killed process left is as old as it would be by then.
fn some_time_later(world: &World) {
    world.later(GONE);
    world
        .sh("find .git -name '*.lock' -path '*refs*' -exec touch -d 2026-11-19 {} +")
        .done();
    world.sh("git presence doctor --repair; true").done();
}

#[expect(clippy::disallowed_methods, reason = "a person asks for the long run")]
fn is_long() -> bool {
    std::env::var_os("GIT_PRESENCE_LONG").is_some()
}

#[test]
fn at_each_call_that_writes() {
    if !strace::works() || !needs("flock") {
        return;
    }
    let (world, _) = listed();
    let calls = supervised(&world, &[]);
    assert_eq!(
        world.anyone("task --json").json()["tasks"],
        serde_json::json!([])
    );
    let writes: Vec<usize> = (0..calls.len())
        .filter(|n| calls[*n].changes(&world))
        .collect();
    assert!(writes.len() > 30, "{} calls", writes.len());
    let step = if is_long() { 1 } else { CALLS_BETWEEN };
    for n in writes.iter().copied().step_by(step) {
        let (world, task) = listed();
        let fault = strace::fault(&calls, n, "signal=SIGKILL");
        supervised(&world, std::slice::from_ref(&fault));
        some_time_later(&world);
        let steps = run(&world, "--agent ./.git/agent");
        let over = steps.last().unwrap();
        assert_eq!(over["left"], 0, "killed at {fault}: {steps:?}");
        assert!(!world.has(".git/twice"), "killed at {fault}: two at once");
        let begun = world.read(".git/begun");
        assert!(
            (1..=2).contains(&begun.lines().count()),
            "killed at {fault}: {begun}"
        );
        let log = world
            .anyone(&format!("task log {task} --json"))
            .done()
            .json();
        let events = log.as_array().unwrap();
        let is_told = events.iter().all(|event| event["cause"].is_string());
        assert!(
            is_told && events[0]["cause"] == "done",
            "killed at {fault}: {log}"
        );
    }
}
