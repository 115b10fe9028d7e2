//! Obstacles of a write: a call that fails, a full disk, a lock that is left behind.
//!
//! Owns the promise of one clear error with a hint, after which nothing has changed, nothing is
//! left lying about, and the next try works. Never asserts how long anything takes, only that it
//! ends.

#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::fmt::Debug;

use super::{FIND_LEFTOVERS, Scene, leftovers, listed, two_sessions};
use crate::said::Said;
use crate::strace;
use crate::world::{ALICE, World};

/// A call fails for want of space, and then there is space again.
#[test]
fn every_step_fails_once() {
    if !strace::works() {
        return;
    }
    for (prepare, line) in [
        ((|_| {}) as fn(&World), "claim infra:a --purpose new"),
        (two_sessions, "claim infra:a infra:c --purpose new"),
    ] {
        let scene = Scene::new(prepare, line);
        scene.at_each_step(
            // Nothing needs space to be removed.
            |call| !call.is(&["unlink", "unlinkat", "rmdir", "chmod", "fchmod", "fchmodat"]),
            |call| match call.is_sync() {
                true => "error=EIO".to_owned(),
                false => "error=ENOSPC".to_owned(),
            },
            |copy, step, traced| {
                let said = &traced.said;
                if said.code != Some(0) {
                    explains(said, step);
                    assert_eq!(said.out, "", "{step:?}: a failure is no answer");
                    let is_written = listed(copy) != scene.before;
                    assert!(!is_written || step.is_after_ref, "{step:?}");
                    let claims_not = said.err.contains("nothing was written");
                    assert!(!(is_written && claims_not), "{step:?}: {}", said.err);
                }
                let left = leftovers(copy);
                assert!(left.is_empty(), "{step:?}: left behind {left:?}");
                copy.alice(line).done();
                assert_eq!(listed(copy), scene.after, "{step:?}: the second time");
            },
        );
    }
}

/// One error that says why, at least one hint, the exit code of a failure.
#[track_caller]
fn explains(said: &Said, step: &impl Debug) {
    let errors = said.err.lines().filter(|line| line.starts_with("error:"));
    assert_eq!(errors.count(), 1, "{step:?}: {}", said.err);
    let why = [
        "no space left on device",
        "no storage space",
        "input/output error",
    ];
    let err = said.err.to_lowercase();
    let says_why = why.iter().any(|why| err.contains(why));
    assert!(says_why, "{step:?}: does not say why: {}", said.err);
    said.exits(1).hints("");
}

/// A file system of its own that is full but for `pages` of 4 KiB.
fn full_disk(pages: usize) -> Option<Said> {
    let world = World::empty().without("GIT_PRESENCE_TEST_NOW");
    let world = world.at("disk").with("GIT_PRESENCE_SESSION", ALICE);
    if world.sh("unshare --user --map-root-user --mount true").code != Some(0) {
        eprintln!("skipped: no mount namespace of one's own here");
        return None;
    }
    let script = format!(
        r#"set -e
        mount -t tmpfs -o size=1m tmpfs "$PWD"
        cd "$PWD"
        git init --quiet
        git-presence claim infra:a --purpose old > /dev/null
        dd if=/dev/zero of=full bs=4096 2> /dev/null || true
        truncate --size=-$(({pages} * 4096)) full
        set +e
        git-presence claim infra:c --purpose new > answer
        code=$?
        cat answer
        rm full
        git-presence list --json
        git fsck --strict --no-dangling --no-progress || echo damaged
        git-presence claim infra:d --purpose p > /dev/null || echo stuck
        {FIND_LEFTOVERS}
        exit $code"#
    );
    let script = format!(
        "unshare --user --map-root-user --mount bash -c '{}'",
        script.replace('\'', r"'\''")
    );
    Some(world.sh(&script))
}

#[test]
fn the_disk_is_full() {
    let mut failed = 0;
    for pages in 0..24 {
        let Some(said) = full_disk(pages) else {
            return;
        };
        let lines = said.lines();
        if said.code == Some(0) {
            said.prints("infra:c");
            said.omits("damaged").omits("stuck");
            continue;
        }
        failed += 1;
        explains(&said, &pages);
        assert_eq!(lines.len(), 1, "{pages} pages: {lines:?}");
        assert!(lines[0].contains("infra:a") && !lines[0].contains("infra:c"));
    }
    assert!(failed > 3, "the disk was never full");
}

/// Where the session of alice is kept, and the lock of it.
fn lock_of_alice(world: &World) -> String {
    world.alice("claim infra:a --purpose p").done();
    let name = world.git("for-each-ref --format=%(refname) refs/presence/sessions/*alice*");
    format!(".git/{name}.lock")
}

#[test]
fn a_lock_left_behind_is_named_and_waited_for_in_vain() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    let lock = lock_of_alice(&world);
    world.write(&lock, "");
    let state = |world: &World| {
        let objects = world.git("count-objects");
        (listed(world), world.git("for-each-ref"), objects)
    };
    let before = state(&world);
    let alice = world.with("GIT_PRESENCE_SESSION", ALICE);
    for line in [
        "claim infra:c --purpose p",
        "release infra:a",
        "heartbeat --throttle 0",
    ] {
        let said = alice.sh(&format!("timeout 10 git-presence {line}"));
        said.fails(4, lock.trim_start_matches(".git/"))
            .hints("git presence doctor --repair");
    }
    assert_eq!(state(&world), before);
    // No other session is held up.
    world
        .bob("claim infra:a --purpose p")
        .says("ALSO CLAIMED BY");
}

#[test]
fn doctor_removes_a_lock_when_it_is_old() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    let lock = lock_of_alice(&world);
    world.write(&lock, "");
    // It may be in use.
    world.bob("doctor --repair").done();
    assert!(world.has(&lock), "a fresh lock is somebody's");
    world.sh(&format!("touch -d '2 minutes ago' {lock}")).done();
    world.bob("doctor").exits(1);
    assert!(world.has(&lock), "doctor alone changes nothing");
    world.bob("doctor --repair").says("removed");
    assert!(!world.has(&lock));
    world.alice("claim infra:c --purpose p").done();
}

#[test]
fn a_claim_clears_its_own_way_when_a_lock_is_old() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    let lock = lock_of_alice(&world);
    world.write(&lock, "");
    world.sh(&format!("touch -d '2 minutes ago' {lock}")).done();
    world.alice("claim infra:c --purpose p").done();
    assert!(!world.has(&lock));
}

#[test]
fn a_lock_on_packed_refs_blocks_no_session() {
    let world = World::new();
    two_sessions(&world);
    world.git("pack-refs --all --prune");
    world.write(".git/packed-refs.lock", "");
    for line in [
        "claim infra:c --purpose p",
        "heartbeat --throttle 0",
        "release infra:a",
    ] {
        world.alice(line).done();
    }
    assert!(world.has(".git/packed-refs.lock"), "it is not ours");
}

/// A harness ends a hook that takes too long; that is no reason to be in the next one's way.
#[test]
fn a_signal_leaves_no_lock_behind() {
    if !strace::works() {
        return;
    }
    for signal in ["SIGTERM", "SIGINT"] {
        let world = World::new();
        two_sessions(&world);
        let beat = |faults: &[String]| {
            strace::run(&world, ALICE, "heartbeat --throttle 0", "fsync", faults)
        };
        let calls = beat(&[]).calls;
        let of_lock = |call: &strace::Call| {
            let file = call.file().unwrap_or_default();
            file.extension().is_some_and(|end| end == "lock")
        };
        let at = calls.iter().position(of_lock).expect("a lock is synced");
        let fault = strace::fault(&calls, at, &format!("signal={signal}"));
        assert_eq!(beat(&[fault]).said.code, None, "{signal} ends it");
        assert_eq!(leftovers(&world), [""; 0], "{signal}");
        world.alice("claim infra:next --purpose p").done();
    }
}

/// A process that may open the file can hold its lock; no write waits for that for ever.
#[test]
fn a_lock_that_is_held_for_ever_is_waited_for_in_bounds() {
    let world = World::new();
    two_sessions(&world);
    let before = listed(&world);
    let held = world.sh("exec 9>.git/presence/writers.lock && flock 9 &&
         GIT_PRESENCE_SESSION=wizard@devvm@alice git presence claim infra:x --purpose p");
    held.fails(4, "presence/writers.lock is locked");
    assert_eq!(listed(&world), before);
    world.alice("claim infra:x --purpose p").done();
}
