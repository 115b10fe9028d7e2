//! What an attempt rests on: whose words its agent gets, for whom a task is, and what is claimed
//! with it.

use serde_json::{Value, json};

use super::add;
use super::supervised::{GONE, actions, causes, run, script, start, wait_for};
use crate::machines::{Team, at_work, sync};
use crate::world::World;

#[test]
fn words_of_another_clone_end_an_attempt_that_was_begun() {
    let (_team, a, b) = Team::pair();
    let task = add(&a, "ann", "ours");
    sync(&[&b]);
    let edit = format!(
        "cat >>.git/told; test -e .git/once && exit 0; touch .git/once\nunset GIT_PRESENCE_ATTEMPT; \
         cd {}; GIT_PRESENCE_SESSION=bob git-presence task edit {task} --title theirs; exit 1",
        b.dir().display()
    );
    script(&a, ".git/agent", &edit);
    let steps = run(&a, "--agent .git/agent");
    let did = actions(&steps, &task);
    let (last, before) = did.split_last().unwrap();
    assert_eq!(last, "leave", "{steps:#?}");
    let spawned = before.iter().filter(|action| *action == "spawn");
    assert_eq!(spawned.count(), 1, "{steps:#?}");
    let told = a.read(".git/told");
    assert!(told.contains("ours") && !told.contains("theirs"), "{told}");
    a.session("ann", &format!("task edit {task} --title \"ours again\""))
        .done();
    let steps = run(&a, "--agent .git/agent");
    assert_eq!(actions(&steps, &task).last().unwrap(), "finish");
    assert!(a.read(".git/told").contains("ours again"));
}

#[test]
fn an_agent_gets_no_task_that_is_for_other_sessions() {
    let world = World::new();
    world.session("ann", "claim path:y -p p").done();
    world.session("bob", "claim path:x -p p").done();
    let for_bob = add(&world, "ann", "\"for bob\" --to bob");
    let for_role = add(&world, "ann", "\"for a role\" --to role:x");
    let for_ann = add(&world, "ann", "\"for ann\" --to ann");
    let agent = "--agent \"cat >>.git/told\"";
    let steps = run(&world, agent);
    assert_eq!(actions(&steps, &for_bob), ["leave"]);
    assert_eq!(actions(&steps, &for_role), ["leave"]);
    assert_eq!(actions(&steps, &for_ann), ["spawn", "finish"]);
    let left = steps.iter().find(|step| step["task"] == for_bob.as_str());
    let why = left.unwrap()["why"].as_str().unwrap();
    assert!(why.contains("it is for bob alone"), "{why}");
    let told = world.read(".git/told");
    assert!(
        told.contains("for ann") && !told.contains("for bob"),
        "{told}"
    );
    // What the supervisor holds counts like what any session does.
    world.session("ann", "claim role:x -p p").done();
    assert_eq!(actions(&run(&world, agent), &for_role), ["spawn", "finish"]);
    world
        .session("ann", &format!("task edit {for_bob} --to-anyone"))
        .done();
    assert_eq!(actions(&run(&world, agent), &for_bob), ["spawn", "finish"]);
}

#[test]
fn a_session_is_told_of_what_is_for_it_and_again_after_a_check_failed() {
    let world = World::new();
    world.git("config presence.check.ok \"test -e .git/made\"");
    world.session("bob", "claim role:worker -p help").done();
    world.session("cat", "claim path:x -p p").done();
    let for_cat = add(&world, "ann", "one --to cat");
    let task = add(&world, "ann", "two --to bob --check ok --claims path:made");
    let plan = world.session("ann", "task run --dry-run --agent false --json");
    plan.done().says("\"assign\"").says("it is for cat alone");
    let mut supervisor = start(&world, "--agent false");
    let told = |times: usize| {
        let assigned = || {
            causes(&world, &task)
                .into_iter()
                .filter(|cause| cause == "assign")
        };
        while assigned().count() < times {
            std::thread::yield_now();
        }
    };
    told(1);
    world.session("bob", &format!("task start {task}")).done();
    world
        .session("bob", &format!("task done {task}"))
        .says("Handed in");
    told(2);
    world.write(".git/made", "");
    world.session("bob", &format!("task start {task}")).done();
    world
        .session("bob", &format!("task done {task}"))
        .says("Handed in");
    let left = || {
        let tasks = world.anyone("task --json").json();
        tasks["tasks"].as_array().unwrap().len()
    };
    while left() > 1 {
        std::thread::yield_now();
    }
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    assert_eq!(
        causes(&world, &task),
        [
            "add", "assign", "take", "check", "take", "check", "retry", "assign", "take", "check",
            "take", "check", "done"
        ]
    );
    assert_eq!(causes(&world, &for_cat), ["add"]);
}

#[test]
fn an_attempt_ends_when_what_was_claimed_with_its_task_is_lost() {
    let world = World::new();
    let task = add(&world, "ann", "one --claims path:src --claims node:x");
    // The first agent works until it is ended, each later one ends by itself.
    let agent = "echo at >>.git/begun; test -e .git/go || { touch .git/held; sleep 1000; }";
    script(&world, ".git/agent", agent);
    let mut supervisor = start(&world, "--agent .git/agent");
    wait_for(&world, ".git/held");
    world.write(".git/go", "");
    world
        .session("bob", "release --force path:src --reason mine --yes")
        .done();
    world.session("bob", "claim -x path:src -p mine").done();
    while !causes(&world, &task).contains(&"retry".to_owned()) {
        std::thread::yield_now();
    }
    world
        .anyone(&format!("task log {task}"))
        .says("attempt 1 failed: path:src was lost while it ran");
    let shown = world.anyone(&format!("task show {task} --json")).json();
    let attempt = &shown["tasks"][0]["attempt"];
    assert_eq!(
        (&attempt["failed"], &attempt["interrupted"]),
        (&json!(0), &json!(1))
    );
    let left = at_work(&world);
    assert!(!left.iter().any(|words| words.contains("sleep 1000")));
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    world.later(GONE);
    world.session("bob", "heartbeat").done();
    // No agent is started while another session has it, and that is told once.
    let steps = run(&world, "--agent .git/agent");
    let mine = steps.iter().filter(|step| step["task"] == task.as_str());
    let outcomes: Vec<&Value> = mine.map(|step| &step["outcome"]).collect();
    assert_eq!(outcomes, ["lost"], "{steps:#?}");
    assert_eq!(world.read(".git/begun").lines().count(), 1);
    world.session("bob", "release path:src").done();
    let steps = run(&world, "--agent .git/agent");
    assert_eq!(actions(&steps, &task), ["spawn", "finish"]);
    world.anyone("peek path:src node:x").says("free");
}

#[test]
fn nothing_that_an_agent_leaves_in_the_work_tree_holds_up_its_supervisor() {
    for (left, why) in [
        ("rm file; mkfifo file", "file is no file"),
        ("truncate -s 20G huge", "there is too much in what changed"),
        ("touch $(seq 100)", "more than 64 files differ"),
    ] {
        let world = World::new();
        world.write("file", "x");
        world.git("add file");
        world.git("commit --quiet -m file");
        world.git("config presence.check.ok true");
        let task = add(&world, "ann", "one --check ok");
        let steps = run(&world, &format!("--agent \"cat >/dev/null; {left}\""));
        assert_eq!(actions(&steps, &task), ["spawn", "run_check", "finish"]);
        let unseen = steps.iter().filter_map(|step| step["unseen"].as_str());
        let unseen: Vec<&str> = unseen.collect();
        assert_eq!(unseen.len(), 1, "{steps:#?}");
        assert!(unseen[0].contains(why), "{unseen:?}");
    }
}
