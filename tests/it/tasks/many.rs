//! Many processes at once: each task is taken exactly once.

use std::collections::BTreeSet;

use super::{add, id};
use crate::world::World;

const TASKS: usize = 24;
const WORKERS: usize = 6;

#[test]
fn each_task_is_taken_once() {
    let world = World::new();
    world.git("config presence.fsync false");
    for n in 0..TASKS {
        add(&world, "ann", &format!("task-{n}"));
    }
    let work = |worker: usize| {
        let session = format!("worker-{worker}");
        let mut done = Vec::new();
        loop {
            let said = world.session(&session, "task next --json");
            if said.code != Some(0) {
                // Contended, or nothing is left.
                if said.out.contains("no task is left") || said.err.contains("no task is left") {
                    return done;
                }
                continue;
            }
            let task = id(&said.json());
            while world.session(&session, &format!("task done {task}")).code == Some(4) {}
            done.push(task);
        }
    };
    let all: Vec<Vec<String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|n| scope.spawn(move || work(n))).collect();
        workers.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let taken: Vec<&String> = all.iter().flatten().collect();
    assert_eq!(taken.len(), TASKS, "none twice");
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), TASKS);
}

/// Any clone can make many lists, and what no session has is no claim.
#[test]
fn readers_of_claims_leave_the_tasks_of_other_lists_alone() {
    let world = World::new();
    let task = add(&world, "ann", "one --list other");
    let kept = add(&world, "ann", "two --list other");
    world.session("ann", "claim path:x -p work").done();
    let damage = format!(
        "ref=$(git for-each-ref --format='%(refname)' refs/presence/locks | grep task-other)
         id=$(git ls-tree $ref | grep {task} | cut -c13-52)
         rm -f .git/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-)
         rm -rf .git/presence/kept"
    );
    world.sh(&damage).done();
    for line in ["list", "prompt", "peek path:y", "claim path:y -p work"] {
        assert_eq!(world.session("ann", line).done().err, "", "{line}");
    }
    // A session that asks for the list is told, and it grants nothing.
    for line in [
        "task --list other",
        &format!("task start {kept} --list other"),
    ] {
        world.session("bob", line).fails(1, "is missing");
    }
    world
        .anyone("doctor")
        .prints("refs/presence/locks/task-other");
}
