//! Claims beside `git prune --expire=now` and `git gc --prune=now`.
//!
//! Owns the promise that nothing of a claim is lost: what Git prunes beside a write is read on, and
//! put back. `GIT_PRESENCE_LONG=1` lets the race run for three minutes.

#![expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says by a variable that they may take longer"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::world::{ALICE, BOB, World};

const WRITERS: usize = 3;
const CLAIMS: usize = 12;
const LONG: Duration = Duration::from_secs(180);

fn session(n: usize) -> String {
    format!("wizard@devvm@{n}")
}

/// Deletes every loose object of a session, as a prune does that began before the claim.
fn prune_all_of(world: &World, id: &str) -> usize {
    let name = world.ref_of(id);
    let listed = world.git(&format!("rev-list --objects --no-object-names {name}"));
    let objects = world.git_dir().join("objects");
    let path = |id: &str| objects.join(&id[..2]).join(&id[2..]);
    listed.lines().map(path).for_each(|path| {
        std::fs::remove_file(path).unwrap();
    });
    listed.lines().count()
}

#[test]
fn what_was_pruned_is_read_on_and_put_back() {
    let world = World::new();
    let claims = "claim node:a --purpose held";
    let write = "heartbeat --throttle 0";
    for (line, repairs) in [(write, false), ("doctor --repair", true)] {
        world.alice(claims).done();
        let count = prune_all_of(&world, ALICE);
        assert!(count >= 4, "{count}");
        world.unchanged(|| {
            world
                .bob("peek node:a")
                .says("node:a is claimed by")
                .omits("unreadable");
            world
                .bob("claim node:a --purpose x --refuse")
                .refuses("node:a is claimed by");
            world
                .bob("doctor")
                .exits(1)
                .prints("were pruned while they were written");
        });
        let said = world.alice(line);
        said.done();
        if repairs {
            said.prints("put back");
        }
        world.git("fsck --strict --no-dangling --no-progress");
        world.git(&format!("rev-list --objects {}", world.ref_of(ALICE)));
        world.bob("doctor").says("Healthy");
    }
}

/// A prune may pass the tree of a state after the next one was written, and leave its commit.
#[test]
fn a_tree_that_was_pruned_below_a_whole_state_is_put_back() {
    for line in ["sync", "doctor --repair"] {
        let world = World::new();
        world.git("init --quiet --bare ../hub.git");
        world.git("remote add origin ../hub.git");
        world.git("config presence.autoSync false");
        for node in ["a", "b", "c", "d"] {
            let line = format!("claim node:{node} --purpose held");
            world.alice(&line).done();
        }
        let name = world.ref_of(ALICE);
        let tree = world.git(&format!("rev-parse {name}~2^{{tree}}"));
        let path = world.git_dir().join("objects").join(&tree[..2]);
        std::fs::remove_file(path.join(&tree[2..])).unwrap();
        world.alice(line).done();
        world.git("fsck --strict --no-dangling --no-progress");
    }
}

#[test]
fn a_changed_second_name_is_no_object() {
    let world = World::new();
    world.alice("claim node:a --purpose held").done();
    let tip = world.git(&format!("rev-parse {}", world.ref_of(ALICE)));
    world.bob("claim node:b --purpose other").done();
    let other = world.git(&format!("rev-parse {}", world.ref_of(BOB)));
    prune_all_of(&world, ALICE);
    let kept = world.sh("ls -d .git/presence/kept/*").out;
    let hour = world.dir().join(kept.trim());
    std::fs::remove_file(hour.join(&tip)).unwrap();
    std::fs::copy(hour.join(other), hour.join(tip)).unwrap();
    world
        .bob("claim node:a --purpose x --refuse")
        .refuses("node:a may be claimed in an unreadable record");
}

#[test]
fn second_names_go_after_some_hours() {
    let world = World::new();
    world.alice("claim node:a --purpose held --ttl 20h").done();
    let hours = || world.sh("ls .git/presence/kept").lines().len();
    assert_eq!(hours(), 1);
    world.later("1h");
    world.bob("claim node:b --purpose x").done();
    assert_eq!(hours(), 2, "one hour back");
    // What was pruned is put back before its second name goes.
    prune_all_of(&world, ALICE);
    world.later("5h");
    world.bob("claim node:c --purpose x").done();
    assert_eq!(hours(), 1);
    world.bob("peek node:a").says("node:a is claimed by");
    world.git("fsck --strict --no-dangling --no-progress");
}

/// Counts a writer out, however it ends.
struct Ends<'c>(&'c AtomicUsize);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn no_claim_fails_or_is_lost_beside_a_prune() {
    let world = World::new();
    let is_long = std::env::var_os("GIT_PRESENCE_LONG").is_some();
    let began = Instant::now();
    let goes_on = |done: usize| match is_long {
        true => began.elapsed() < LONG,
        false => done < CLAIMS,
    };
    let (at_work, prunes) = (AtomicUsize::new(WRITERS), AtomicUsize::new(0));
    let (claims, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let (world, at_work, prunes) = (&world, &at_work, &prunes);
        let (claims, lost, goes_on) = (&claims, &lost, &goes_on);
        scope.spawn(move || {
            while at_work.load(Ordering::SeqCst) > 0 {
                let line = match prunes.fetch_add(1, Ordering::SeqCst) % 4 {
                    3 => "gc --quiet --prune=now",
                    _ => "prune --expire=now",
                };
                // Git itself fails if an object goes while it looks at it.
                let _ = world.try_git(line).code;
            }
        });
        for n in 0..WRITERS {
            scope.spawn(move || {
                let _ends = Ends(at_work);
                let mut claim = 0;
                while goes_on(claim) {
                    let line = format!("claim node:{n}-{} --purpose \"p {claim}\"", claim % 5);
                    world.session(&session(n), &line).done();
                    let mine = world.session(&session(n), "list --mine");
                    mine.says(&format!("p {claim}")).omits("unreadable");
                    let known = format!("rev-list --objects -1 {}", world.ref_of(&session(n)));
                    let is_lost = world.try_git(&known).code != Some(0);
                    lost.fetch_add(usize::from(is_lost), Ordering::SeqCst);
                    claim += 1;
                }
                claims.fetch_add(claim, Ordering::SeqCst);
            });
        }
    });
    // The repair puts back what was pruned last; nothing has to be written for that.
    world.bob("doctor --repair").done();
    world.git("fsck --strict --no-dangling --no-progress");
    for n in 0..WRITERS {
        world.git(&format!("rev-list --objects {}", world.ref_of(&session(n))));
        world.session(&session(n), "heartbeat --throttle 0").done();
    }
    world.git("fsck --strict --no-dangling --no-progress");
    world.bob("doctor").says("Healthy: 3 sessions");
    let [claims, lost, prunes] = [&claims, &lost, &prunes].map(|n| n.load(Ordering::SeqCst));
    eprintln!("{claims} claims beside {prunes} prunes; Git missed objects after {lost} of them");
}
