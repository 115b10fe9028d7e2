//! What an attempt rests on: whose words its agent gets, for whom a task is.

use super::add;
use super::supervised::{actions, causes, run, script, start};
use crate::machines::{Team, sync};
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
    let why = steps[0]["why"].as_str().unwrap();
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
