//! Checks and agents that do not do what they should: the supervisor goes on, and says so.

use std::process::{Child, Stdio};

use super::add;
use super::supervised::{actions, causes, run, wait_for};
use crate::machines::at_work;
use crate::world::World;

/// Less than what a check prints that floods; more than what the program needs otherwise.
const MEMORY_KIB: u32 = 900_000;

/// A supervisor that works on until the test ends, however that is.
pub struct Supervisor(Child);

impl Drop for Supervisor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn start(world: &World, agent: &str) -> Supervisor {
    let mut command = world
        .with("GIT_PRESENCE_SESSION", "ann")
        .command("git-presence");
    command.args(["task", "run", "--headless", "--agent", agent]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Supervisor(command.spawn().unwrap())
}

fn lines(world: &World, file: &str) -> usize {
    match world.has(file) {
        true => world.read(file).lines().count(),
        false => 0,
    }
}

/// Something that began once more: it was ended, and tried again.
pub fn begins(world: &World, file: &str, times: usize) {
    while lines(world, file) < times {
        std::thread::yield_now();
    }
}

pub fn is_blocked(world: &World, why: &str) {
    while world.anyone("task --blocked --json").json()["tasks"] == serde_json::json!([]) {
        std::thread::yield_now();
    }
    world.anyone("task --blocked").says(why);
}

/// What was killed is gone in a moment.
fn nothing_sleeps(world: &World) {
    let is_it = |words: &String| words.starts_with("sleep");
    while at_work(world).iter().any(is_it) {
        std::thread::yield_now();
    }
}

#[test]
fn a_check_that_prints_a_gibibyte_is_judged_in_little_memory() {
    let world = World::new();
    world.git("config presence.check.flood \"head -c 1073741824 /dev/zero; echo the end; false\"");
    let task = add(&world, "ann", "one --check flood");
    let line = format!(
        "ulimit -v {MEMORY_KIB}; GIT_PRESENCE_SESSION=ann timeout 250 git-presence task run \
         --agent true --headless >.git/steps & until git-presence task show {task} | grep -q \
         'the end'; do :; done; kill $!"
    );
    world.sh(&line).done();
    let shown = world.anyone(&format!("task show {task} --json")).json();
    let said = shown["tasks"][0]["attempt"]["said"].as_str().unwrap();
    assert!(said.ends_with("the end") && said.len() < 8 * 1024, "{said}");
}

#[test]
fn a_check_that_hangs_is_ended_and_the_second_time_a_person_is_asked() {
    let world = World::new().with_a_clock();
    world.git("config presence.check.slow \"echo x >>.git/begun; sleep 1234\"");
    let task = add(&world, "ann", "one --check slow");
    let supervisor = start(&world, "true");
    for times in 1..=2 {
        begins(&world, ".git/begun", times);
        world.later("16m");
    }
    is_blocked(&world, "the check slow did not judge, twice");
    nothing_sleeps(&world);
    drop(supervisor);
    let told = world.anyone(&format!("task show {task}"));
    told.says("it took too long, and was ended");
    assert_eq!(lines(&world, ".git/begun"), 2);
}

#[test]
fn an_agent_that_never_ends_is_ended_and_the_same_twice_is_for_a_person() {
    let world = World::new().with_a_clock();
    let task = add(&world, "ann", "one");
    let supervisor = start(&world, "echo x >>.git/begun; sleep 1234");
    for times in 1..=2 {
        begins(&world, ".git/begun", times);
        world.later("46m");
    }
    is_blocked(&world, "it failed twice in the same way");
    nothing_sleeps(&world);
    drop(supervisor);
    assert_eq!(causes(&world, &task).last().unwrap(), "person");
}

#[test]
fn an_agent_that_says_twice_that_it_is_done_is_refused_the_second_time() {
    let world = World::new();
    let task = add(&world, "ann", "one");
    let done = format!("git-presence task done {task} >>.git/said 2>&1; echo $? >>.git/codes");
    run(&world, &format!("--agent \"{done}; {done}\""));
    assert_eq!(world.read(".git/codes"), "0\n3\n");
    let ends = causes(&world, &task);
    assert_eq!(ends.iter().filter(|cause| *cause == "done").count(), 1);
    // One that checks judge is refused both times.
    world.git("config presence.check.no false");
    let task = add(&world, "ann", "two --check no");
    let done = format!("git-presence task done {task}; echo $? >>.git/judged");
    let steps = run(&world, &format!("--agent \"{done}\""));
    assert_eq!(actions(&steps, &task).last().unwrap(), "ask_person");
    assert_eq!(world.read(".git/judged"), "3\n3\n");
}

#[test]
fn an_answer_after_the_task_was_taken_changes_nothing() {
    let world = World::new().with_a_clock();
    let task = add(&world, "ann", "one");
    let supervisor = start(&world, "touch .git/begun; sleep 1234");
    wait_for(&world, ".git/begun");
    let shown = || world.anyone(&format!("task show {task} --json")).json();
    let agent = shown()["tasks"][0]["holder"].as_str().unwrap().to_owned();
    // Its lease is over for every clock, and another session takes it: what runs for it is ended.
    world.later("2h");
    world.session("bob", &format!("task start {task}")).done();
    nothing_sleeps(&world);
    drop(supervisor);
    let before = (causes(&world, &task), shown());
    for line in ["task done", "task back -m late", "task block -m late"] {
        let (verb, more) = line.split_at(line.find(" -m").unwrap_or(line.len()));
        let said = world.session(&agent, &format!("{verb} {task}{more}"));
        said.exits(3);
    }
    assert_eq!((causes(&world, &task), shown()), before);
    world.session("bob", &format!("task done {task}")).done();
}

#[test]
fn what_a_check_leaves_running_ends_with_it() {
    let world = World::new();
    world.git("config presence.check.leaves \"sleep 1234 & true\"");
    let task = add(&world, "ann", "one --check leaves");
    let steps = run(&world, "--agent true");
    assert_eq!(actions(&steps, &task), ["spawn", "run_check", "finish"]);
    nothing_sleeps(&world);
}
