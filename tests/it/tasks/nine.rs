//! Six tasks with needs, three clones, nine processes that take and finish them, of which one is
//! killed while it has a task.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;
use std::sync::{Condvar, Mutex, MutexGuard};

use git_presence::model::time::Timestamp;
use serde_json::Value;

use super::id;
use crate::machines::{Team, sync};
use crate::world::World;

const PLAN: &str = "\
name = 'six'
[[task]]
key = 'a'
title = 'a'
[[task]]
key = 'b'
title = 'b'
needs = ['a']
[[task]]
key = 'c'
title = 'c'
needs = ['a']
[[task]]
key = 'd'
title = 'd'
needs = ['b', 'c']
[[task]]
key = 'e'
title = 'e'
needs = ['c']
[[task]]
key = 'f'
title = 'f'
needs = ['d', 'e']
";
/// Which task needs which.
const NEEDS: [(&str, &str); 7] = [
    ("b", "a"),
    ("c", "a"),
    ("d", "b"),
    ("d", "c"),
    ("e", "c"),
    ("f", "d"),
    ("f", "e"),
];
/// The session that is killed.
const VICTIM: &str = "victim";

/// A process that takes a task and goes on with it for ever.
fn start_victim(clone: &World) -> (Child, String) {
    let clone = clone.with("GIT_PRESENCE_SESSION", VICTIM);
    let script = "git presence task next --json >taken.tmp && mv taken.tmp taken; exec sleep 1000";
    let child = clone.command("bash").args(["-c", script]).spawn().unwrap();
    while !clone.has("taken") {
        std::thread::yield_now();
    }
    let taken: Value = serde_json::from_str(&clone.read("taken")).unwrap();
    (child, id(&taken))
}

/// How many tasks are done, for those that found none to take.
#[derive(Default)]
struct Progress {
    done: Mutex<usize>,
    moved: Condvar,
}

impl Progress {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.done.lock().unwrap()
    }

    /// Waits until more is done than `seen`.
    fn wait(&self, seen: usize) {
        let left = self.count();
        drop(self.moved.wait_while(left, |done| *done <= seen).unwrap());
    }

    fn add(&self) {
        *self.count() += 1;
        self.moved.notify_all();
    }
}

/// Takes and finishes tasks until none is left. Returns those that it did.
fn work(clone: &World, session: &str, progress: &Progress) -> Vec<String> {
    let mut done = Vec::new();
    loop {
        let seen = *progress.count();
        let said = clone.session(session, "task next --json");
        match said.code {
            Some(0) => {}
            Some(3) if said.out.contains("no task is left") => return done,
            Some(3) => {
                progress.wait(seen);
                continue;
            }
            // Other sessions were faster each time.
            Some(4 | 5) => continue,
            _ => panic!("{}{}", said.out, said.err),
        }
        let task = id(&said.json());
        let finish = format!("task done {task}");
        while matches!(clone.session(session, &finish).code, Some(4 | 5)) {}
        progress.add();
        done.push(task);
    }
}

#[test]
fn order_is_respected_none_is_done_twice_and_a_stale_holder_is_refused_by_the_server() {
    let (team, a, b) = Team::pair();
    let c = team.clone_to("c");
    a.write("plan.toml", PLAN);
    let added = a
        .session("ann", "task add --from plan.toml --json")
        .done()
        .json();
    let keys: BTreeMap<String, String> = added["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| {
            (
                task["id"].as_str().unwrap().to_owned(),
                task["title"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    // What the first one knew is there for the next ones.
    let first = id(&a.session("ann", "task next --json").done().json());
    a.session(
        "ann",
        &format!("task back {first} -m \"the lock file is in the way\""),
    )
    .done();
    let (mut victim, held) = start_victim(&b);
    assert_eq!(held, first);
    let place = b.git("for-each-ref --format=%(refname) refs/presence-remote/origin/locks");
    let stale = b.git(&format!("rev-parse {place}"));
    victim.kill().unwrap();
    victim.wait().unwrap();
    let before = a.now();
    // It is known to be gone once its lease is over.
    a.later("30m");
    let (clones, progress) = ([&a, &b, &c], Progress::default());
    let done: Vec<String> = std::thread::scope(|scope| {
        let work = |n: usize| work(clones[n % 3], &format!("worker-{n}"), &progress);
        let workers: Vec<_> = (0..8).map(|n| scope.spawn(move || work(n))).collect();
        workers
            .into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    assert_eq!(done.len(), 6, "none twice");
    assert_eq!(done.iter().collect::<BTreeSet<_>>(), keys.keys().collect());
    sync(&[&a]);
    in_order(&a, &keys);
    let log = a.anyone(&format!("task log {first} --json")).done().json();
    let causes: Vec<&str> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes, ["done", "takeover", "take", "back", "take", "add"]);
    assert_eq!(log[3]["purpose"], "the lock file is in the way");
    is_refused_by_the_server(&team, &b, &first, (&place, &stale), before);
}

/// The clone of the killed session heard of nothing, and its clock stood still: there it may go on,
/// and at the server it may not.
fn is_refused_by_the_server(
    team: &Team,
    clone: &World,
    first: &str,
    (place, stale): (&str, &str),
    before: Timestamp,
) {
    clone.git(&format!("update-ref {place} {stale}"));
    let frozen = clone.with("GIT_PRESENCE_TEST_NOW", before.to_rfc3339());
    frozen
        .session(VICTIM, &format!("fence task:main/{first}"))
        .says("Yours");
    clone.write("file", "x");
    clone.git("add file");
    clone.git("commit --quiet -m late");
    let main = team.hub().git("rev-parse main");
    frozen
        .session(
            VICTIM,
            &format!("push origin HEAD:main --fence task:main/{first}"),
        )
        .exits(3);
    assert_eq!(team.hub().git("rev-parse main"), main);
    clone
        .session(VICTIM, &format!("task done {first}"))
        .refuses("is done already");
}

/// No task was taken before all that it needs was done, by the history of the list.
fn in_order(clone: &World, keys: &BTreeMap<String, String>) {
    let log = clone
        .anyone("log --event task -n 1000 --json")
        .done()
        .json();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for event in log.as_array().unwrap().iter().rev() {
        let label = event["resources"][0].as_str().unwrap();
        let Some(key) = label.strip_prefix("task:main/").map(|id| keys[id].as_str()) else {
            continue;
        };
        match event["cause"].as_str().unwrap() {
            "take" | "takeover" => {
                let missing = NEEDS
                    .iter()
                    .find(|(one, need)| *one == key && !done.contains(need));
                assert_eq!(missing, None, "{key} was taken early");
            }
            "done" => assert!(done.insert(key), "{key} was done twice"),
            _ => {}
        }
    }
    assert_eq!(done.len(), keys.len());
}
