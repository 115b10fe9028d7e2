//! Races of many processes in one repository.
//!
//! Owns the promises that only a crowd can break: nothing is lost, nothing is doubled, one is told
//! of the other, and no command fails. What a crowd does for a while is the `storm`'s. Never
//! asserts how long anything takes.

mod prune;
mod storm;

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::ledger::crash::leftovers;
use crate::said::Said;
use crate::strace::{self, CHANGES, Call};
use crate::world::{ALICE, BOB, World};

/// As many processes as the issue asks for.
const CROWD: usize = 32;

/// Who holds what: session and resource.
type Held = BTreeSet<(String, String)>;

/// A repository whose clock is the real one and whose disk need not keep up.
fn crowded() -> World {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world.git("config presence.fsync false");
    world
}

/// Everything that is listed, none of it twice.
#[track_caller]
fn listed(said: &Said) -> Held {
    said.done();
    assert_eq!(said.err, "", "a listing has nothing to complain of");
    let list = said.json();
    let list = list.as_array().expect("an array");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let held: Held = list
        .iter()
        .map(|one| (text(&one["session_id"]), text(&one["resource"])))
        .collect();
    assert_eq!(held.len(), list.len(), "doubled: {list:?}");
    held
}

/// Run `act` in as many threads at the same moment.
fn together<T: Send>(crowd: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (start, act) = (&Barrier::new(crowd), &act);
    thread::scope(|scope| {
        let spawn = |i| {
            scope.spawn(move || {
                start.wait();
                act(i)
            })
        };
        let running: Vec<_> = (0..crowd).map(spawn).collect();
        running.into_iter().map(join).collect()
    })
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The last state stands, the repository is sound, and nothing is left lying about.
#[track_caller]
fn settled(world: &World, expected: &Held) {
    let found = listed(&world.session("late", "list --json"));
    let lost: Vec<_> = expected.difference(&found).collect();
    let strange: Vec<_> = found.difference(expected).collect();
    assert!(
        lost.is_empty() && strange.is_empty(),
        "lost {lost:?}; not expected {strange:?}"
    );
    let fsck = world.try_git("fsck --strict --no-dangling --no-progress");
    assert_eq!(fsck.done().err, "", "fsck has nothing to say");
    world.session("late", "doctor").done();
    let left = leftovers(world);
    assert!(left.is_empty(), "left behind: {left:?}");
}

const PACK: &str = "pack-refs --all --prune";
/// Never at the same time as `git gc`: that puts objects which no ref names yet into a pack, and
/// this drops them with it. Commits that Git makes are lost in that way too.
const REPACK: &str = "repack -adq";

fn name(i: usize) -> String {
    format!("wizard@devvm@storm-{i}")
}

#[test]
fn one_session_claims_from_many_processes() {
    let world = crowded();
    let resource = |i: usize| format!("infra:part-{i}");
    let said = together(CROWD, |i| {
        world.alice(&format!("claim {} --purpose p", resource(i)))
    });
    for answer in &said {
        answer.done();
    }
    let all = (0..CROWD).map(|i| (ALICE.to_owned(), resource(i)));
    settled(&world, &all.collect());
    // Each was an event of its own: none was swallowed by another's write.
    let events = world.alice("log -n 100 --json").json();
    assert_eq!(events.as_array().map(Vec::len), Some(CROWD));
}

#[test]
fn of_many_who_refuse_to_share_one_wins() {
    let world = crowded();
    let mut expected = Held::new();
    for round in 0..10 {
        let what = format!("infra:only-one-{round}");
        let line = format!("claim {what} --purpose p --refuse");
        let said = together(CROWD, |i| world.session(&name(i), &line));
        let won: Vec<usize> = (0..CROWD).filter(|i| said[*i].code == Some(0)).collect();
        for answer in said.iter().filter(|answer| answer.code != Some(0)) {
            answer.refuses(&what);
        }
        assert_eq!(won.len(), 1, "round {round}");
        expected.insert((name(won[0]), what));
    }
    settled(&world, &expected);
}

#[test]
fn many_first_writes_make_one_node() {
    for round in 0..5 {
        let world = crowded();
        let line = |i: usize| format!("claim infra:first-{i} --purpose p");
        let said = together(CROWD, |i| world.session(&name(i), &line(i)));
        for answer in said {
            answer.done();
        }
        let all = (0..CROWD).map(|i| (name(i), format!("infra:first-{i}")));
        settled(&world, &all.collect());
        // Every session finds its own again: it was written under the node id that stayed.
        for i in 0..CROWD {
            let said = world.session(&name(i), "release --all-mine --json");
            let released = said.done().json()["released"].clone();
            let expected = serde_json::json!([format!("infra:first-{i}")]);
            assert_eq!(released, expected, "round {round}: {}", name(i));
        }
        settled(&world, &Held::new());
    }
}

/// Let Git tidy between any two calls of a claim: it removes folders that are empty, those of refs
/// and those of objects, at any moment.
#[test]
fn git_tidies_between_any_two_calls() {
    if !strace::works() {
        return;
    }
    let world = crowded();
    world.alice("claim infra:a --purpose p").done();
    let line = |i: usize| format!("claim infra:a --purpose round-{i}");
    let undisturbed = strace::run(&world, ALICE, &line(0), CHANGES, &[]);
    for (i, call) in undisturbed.calls.iter().enumerate() {
        if !call.changes(&world) {
            continue;
        }
        world.git(PACK);
        world.git(REPACK);
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    // What `pack-refs` and `prune-packed` do when there is nothing else to do.
                    let _ = world.sh("rmdir .git/refs/presence/sessions .git/refs/presence .git/objects/??; true");
                }
            });
            let fault = strace::fault(&undisturbed.calls, i, "delay_enter=30000");
            let traced = strace::run(&world, ALICE, &line(i), CHANGES, &[fault]);
            over.store(true, Ordering::SeqCst);
            assert_eq!(traced.said.code, Some(0), "{call:?}: {}", traced.said.err);
        });
    }
    settled(
        &world,
        &Held::from([(ALICE.to_owned(), "infra:a".to_owned())]),
    );
}

/// A heartbeat takes the place of the one before, which `git prune` may remove at once: also from
/// under a process that has read the ref and not yet the commit.
#[test]
fn a_heartbeat_that_was_replaced_and_pruned_is_no_damage() {
    if !strace::works() {
        return;
    }
    let world = crowded();
    world.alice("claim infra:a --purpose p").done();
    let lines = [
        (BOB, "list --json"),
        (BOB, "peek infra:a --json"),
        (ALICE, "status --json"),
        // Several processes of one session: its hooks beat while it claims.
        (ALICE, "claim infra:b --purpose p --json"),
    ];
    for (i, (who, line)) in lines.into_iter().enumerate() {
        world.alice("heartbeat --throttle 0").done();
        let copy = world.at(format!("copy-{i}"));
        copy.sh("cp -a ../repo/. .").done();
        let tip = world.git("for-each-ref --format=%(objectname) refs/presence");
        let reads_tip = |call: &Call| call.args.contains(&format!("{}\"", &tip[2..]));
        let calls = strace::run(&copy, who, line, "openat", &[]).calls;
        let at = calls.iter().position(reads_tip).expect("the tip is read");
        let fault = strace::fault(&calls, at, "delay_enter=1000000");
        let said = thread::scope(|scope| {
            let reading = scope.spawn(|| strace::run(&world, who, line, "openat", &[fault]).said);
            world.sh("sleep 0.4").done();
            world.alice("heartbeat --throttle 0").done();
            world.git("prune --expire=now");
            // A writer that meets it puts it back.
            assert!(!world.has(loose(&tip)), "it was not pruned");
            join(reading)
        });
        assert_eq!(said.done().err, "", "{line}");
        said.prints("\"infra:");
    }
}

fn loose(id: &str) -> String {
    format!(".git/objects/{}/{}", &id[..2], &id[2..])
}

#[test]
fn of_two_who_claim_at_once_one_is_told() {
    let world = crowded();
    for round in 0..20 {
        let line = format!("claim infra:contested-{round} --purpose p");
        let said = together(2, |i| world.session(&name(i), &line));
        let is_told = |answer: &Said| answer.done().out.contains("ALSO CLAIMED BY");
        // Both, so that each has been seen to succeed.
        let told: Vec<bool> = said.iter().map(is_told).collect();
        assert!(
            told.contains(&true),
            "round {round}: neither knows of the other"
        );
    }
}
