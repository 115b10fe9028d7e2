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
