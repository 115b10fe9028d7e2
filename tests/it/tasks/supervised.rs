//! The supervisor: what it runs, what it records, and what becomes of a list when it is killed.

use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::add;
use crate::machines::{Team, at_work, sync};
use crate::world::{World, open_to_all};

/// Longer than the time after which the holder of a process that is gone counts as dead.
pub const GONE: &str = "3m";

pub fn script(world: &World, name: &str, lines: &str) {
    world.write(name, format!("#!/bin/sh\n{lines}\n"));
    open_to_all(&world.dir().join(name), 0o755);
}

pub fn run(world: &World, rest: &str) -> Vec<Value> {
    let said = world.session("ann", &format!("task run --once --json {rest}"));
    let lines = said.done().out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What was done about a task, in order.
pub fn actions(steps: &[Value], task: &str) -> Vec<String> {
    let mine = steps.iter().filter(|step| step["task"] == task);
    mine.map(|step| step["action"].as_str().unwrap().to_owned())
        .collect()
}

pub fn causes(world: &World, task: &str) -> Vec<String> {
    let log = world
        .anyone(&format!("task log {task} --json"))
        .done()
        .json();
    let events = log.as_array().unwrap().iter().rev();
    // A message about a task is an event of it, too.
    let moves = events.filter_map(|event| event["cause"].as_str());
    moves.map(str::to_owned).collect()
}

#[test]
fn a_task_is_done_once_its_checks_pass_and_what_failed_is_told_to_the_next_attempt() {
    let world = World::new();
    script(
        &world,
        ".git/agent",
        "cat >>.git/told; echo attempt >>.git/attempts; echo \"it is half done\"",
    );
    script(
        &world,
        ".git/check",
        "test $(wc -l <.git/attempts) -ge 2 || { echo \"one is missing\"; exit 1; }",
    );
    world.git("config presence.check.twice .git/check");
    world.git("config presence.agent.coder .git/agent");
    let task = add(&world, "ann", "\"write it\" -m \"all of it\" --check twice");
    let plan = world.session("ann", "task run --dry-run --agent coder --json");
    let would: Value = serde_json::from_str(plan.done().lines()[0]).unwrap();
    assert_eq!(
        (&would["action"], &would["outcome"]),
        (&json!("spawn"), &json!("would"))
    );
    assert!(!world.has(".git/attempts"));
    let steps = run(&world, "--agent coder");
    assert_eq!(
        actions(&steps, &task),
        [
            "spawn",
            "run_check",
            "record",
            "spawn",
            "run_check",
            "finish"
        ]
    );
    let last = steps.last().unwrap();
    assert_eq!((&last["done"], &last["left"]), (&json!(1), &json!(0)));
    assert_eq!(
        causes(&world, &task),
        [
            "add", "take", "run", "check", "retry", "run", "check", "done"
        ]
    );
    let told = world.read(".git/told");
    assert!(
        told.contains("\"write it\"") && told.contains("\"all of it\""),
        "{told}"
    );
    assert!(told.contains("\"one is missing\""), "{told}");
}

#[test]
fn the_same_failure_twice_is_a_matter_for_a_person() {
    let world = World::new();
    let task = add(&world, "ann", "one");
    let steps = run(&world, "--agent \"echo no; false\"");
    assert_eq!(
        actions(&steps, &task),
        ["spawn", "record", "spawn", "ask_person"]
    );
    world
        .anyone("task --blocked")
        .says("it failed twice in the same way");
    let shown = world.anyone(&format!("task show {task} --json")).json();
    let attempt = &shown["tasks"][0]["attempt"];
    assert_eq!(
        (&attempt["state"], &attempt["failed"]),
        (&json!("needs_person"), &json!(2))
    );
    assert_eq!(attempt["said"], "exit code 1\nno");
    world
        .anyone(&format!("task show {task}"))
        .says("attempt 2: needs person")
        .says("> no");
    // It is tried anew once a person looked at it.
    assert!(actions(&run(&world, "--agent true"), &task).is_empty());
    world
        .session("ann", &format!("task edit {task} --unblock"))
        .done();
    assert_eq!(
        actions(&run(&world, "--agent true"), &task),
        ["spawn", "finish"]
    );
}

#[test]
fn checks_fail_closed() {
    let world = World::new();
    world.write(".git/not-executable", "true");
    for (name, line) in [
        ("passes", "true"),
        ("absent", "./no-such-program"),
        ("barred", ".git/not-executable"),
        ("flood", "head -c 300000000 /dev/zero; false"),
        ("silent", "brain: true"),
        ("says", "brain: cat >/dev/null; echo PASS it is fine"),
        ("denies", "agent: echo FAIL at $(date +%N)"),
        ("hedges", "agent: echo I think PASS"),
        ("touches", "echo x >changed-by-the-check"),
    ] {
        world.git(&format!("config presence.check.{name} \"{line}\""));
    }
    for (check, ends) in [
        ("passes", vec!["run_check", "finish"]),
        ("says", vec!["run_check", "finish"]),
        ("absent", vec!["run_check", "run_check", "ask_person"]),
        ("barred", vec!["run_check", "run_check", "ask_person"]),
        ("silent", vec!["run_check", "run_check", "ask_person"]),
        ("hedges", vec!["run_check", "run_check", "ask_person"]),
        (
            "flood",
            vec!["run_check", "record", "spawn", "run_check", "ask_person"],
        ),
        (
            "denies",
            vec![
                "run_check",
                "record",
                "spawn",
                "run_check",
                "record",
                "spawn",
                "run_check",
                "ask_person",
            ],
        ),
        ("touches", vec!["run_check", "ask_person"]),
    ] {
        let task = add(&world, "ann", &format!("{check} --check {check}"));
        let steps = run(&world, "--agent true");
        let mut expected = vec!["spawn"];
        expected.extend(ends);
        assert_eq!(actions(&steps, &task), expected, "{check}");
    }
    world
        .anyone("task --blocked")
        .says("the work tree changed after the attempt had ended");
}

#[test]
fn nothing_that_came_in_a_ref_is_executed() {
    let (_team, a, b) = Team::pair();
    a.git("config presence.check.unit true");
    let task = add(
        &a,
        "ann",
        "\"$(touch pwned)\" --check unit -m \"`touch pwned`\"",
    );
    sync(&[&b]);
    let agent = "--agent \"touch ran\"";
    let steps = run(&b, agent);
    assert_eq!(actions(&steps, &task), ["leave"]);
    assert!(
        steps[0]["why"]
            .as_str()
            .unwrap()
            .contains("git config presence.acceptWork team")
    );
    b.git("config presence.acceptWork team");
    let steps = run(&b, agent);
    assert_eq!(actions(&steps, &task), ["leave"]);
    let why = steps[0]["why"].as_str().unwrap();
    assert!(
        why.contains("git config presence.check.unit \"<command>\""),
        "{why}"
    );
    b.session("bob", &format!("task run --once {agent}"))
        .says("this clone has no check unit");
    // A file that is not tracked, or not in the commit that is checked out, is none either.
    b.write(
        ".presence/checks.toml",
        "[check]\nunit = \"touch .git/checked\"\n",
    );
    assert_eq!(actions(&run(&b, agent), &task), ["leave"]);
    assert!(!b.has("ran") && !b.has(".git/checked") && !b.has("pwned"));
    b.git("add .presence");
    b.git("commit --quiet -m checks");
    assert_eq!(
        actions(&run(&b, agent), &task),
        ["spawn", "run_check", "finish"]
    );
    assert!(b.has("ran") && b.has(".git/checked") && !b.has("pwned"));
}

/// Starts a supervisor in the background.
pub fn start(world: &World, rest: &str) -> Child {
    let mut command = world
        .with("GIT_PRESENCE_SESSION", "ann")
        .command("git-presence");
    command.args(["task", "run", "--headless"]);
    command
        .args(rest.split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

pub fn wait_for(world: &World, file: &str) {
    while !world.has(file) {
        std::thread::yield_now();
    }
}

#[test]
fn a_list_has_one_supervisor_and_one_that_was_killed_is_followed_by_another() {
    let world = World::new();
    script(
        &world,
        ".git/agent",
        "test -e .git/go || { touch .git/begun; sleep 1000; }",
    );
    world.git("config presence.check.ok true");
    world.write(
        "plan.toml",
        "\
name = 'p'
[[task]]
key = 'a'
title = 'a'
checks = ['ok']
[[task]]
key = 'b'
title = 'b'
[[task]]
key = 'c'
title = 'c'
needs = ['a', 'b']
checks = ['ok']
",
    );
    let added = world
        .session("ann", "task add --from plan.toml --json")
        .done()
        .json();
    let tasks = added["tasks"].as_array().unwrap();
    let first = tasks.iter().find(|task| task["title"] == "a").unwrap();
    let first = first["id"].as_str().unwrap().to_owned();
    let mut supervisor = start(&world, "--agent .git/agent --jobs 3");
    wait_for(&world, ".git/begun");
    // That may have been the other task.
    while !causes(&world, &first).iter().any(|cause| cause == "run") {
        std::thread::yield_now();
    }
    world
        .session("bob", "task run --once --agent true")
        .refuses("supervisor:main is claimed by");
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    world.write(".git/go", "");
    world.later(GONE);
    remove_stale_locks(&world);
    let steps = run(&world, "--agent .git/agent --jobs 3");
    assert_eq!(steps.last().unwrap()["done"], 3, "{steps:#?}");
    // What the first one started is gone, before anything is started again.
    let left = at_work(&world);
    assert!(
        left.iter().all(|words| !words.contains("sleep 1000")),
        "{left:?}"
    );
    assert_eq!(
        causes(&world, &first),
        [
            "add", "take", "run", "takeover", "retry", "run", "check", "done"
        ]
    );
}

#[test]
fn a_session_that_offers_itself_is_told_and_what_it_did_is_judged() {
    let world = World::new();
    world.git("config presence.check.ok \"test -e .git/made\"");
    let task = add(&world, "ann", "one --check ok");
    world.session("bob", "claim role:worker -p help").done();
    let mut supervisor = start(&world, "--jobs 1");
    world
        .session("bob", "inbox --wait=60s")
        .says(&*format!("git presence task start {task}"));
    world
        .session("cat", "task next")
        .refuses("1 for other sessions");
    world.session("bob", &format!("task start {task}")).done();
    world.write(".git/made", "");
    world
        .session("bob", &format!("task done {task} -m made"))
        .says("Handed in");
    while world.anyone("task --json").json()["tasks"] != json!([]) {
        std::thread::yield_now();
    }
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    assert_eq!(
        causes(&world, &task),
        ["add", "assign", "take", "check", "take", "check", "done"]
    );
}

/// Repairs what a killed supervisor left. The locks of refs are as old as they would be by then.
fn remove_stale_locks(world: &World) {
    world
        .sh("find .git -name '*.lock' -path '*refs*' -exec touch -d 2026-11-19 {} +")
        .done();
    world.sh("git presence doctor --repair; true").done();
}

/// How many supervisors are killed, each a little later than the one before.
const KILLED: usize = 12;

#[test]
fn one_that_is_killed_at_any_moment_is_followed_by_one_that_finishes() {
    let world = World::new();
    world.git("config presence.check.ok true");
    let agent = "--agent \"echo $GIT_PRESENCE_ATTEMPT >>.git/begun\"";
    for n in 0..KILLED {
        let list = format!("--list l{n}");
        let task = add(&world, "ann", &format!("one --check ok {list}"));
        let millis = n * 40;
        world.sh(&format!(
            "GIT_PRESENCE_SESSION=ann timeout --foreground -s KILL 0.{millis:03} git-presence task \
             run --once {agent} {list} >/dev/null 2>&1; true"
        ))
        .done();
        world.later(GONE);
        remove_stale_locks(&world);
        let steps = run(&world, &format!("{agent} {list}"));
        let over = steps.last().unwrap();
        assert_eq!(over["left"], 0, "killed after {millis} ms: {steps:?}");
        let log = world.anyone(&format!("task log {task} {list} --json"));
        let log = log.done().json();
        assert_eq!(log[0]["cause"], "done");
        assert!(
            log.as_array()
                .unwrap()
                .iter()
                .all(|event| event["cause"].is_string())
        );
    }
    let begun = world.read(".git/begun");
    assert!(begun.lines().count() <= 2 * KILLED, "{begun}");
}
