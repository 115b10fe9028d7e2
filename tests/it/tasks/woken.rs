//! What makes a supervisor look before its time.

use super::add;
use super::faults::{begins, is_blocked, start};
use crate::world::World;

/// What it has just recorded makes it look once more; from then on it waits for five seconds.
const QUIET: &str = "sleep 1";
/// Less than what is left of that.
const LATE: &str = "(sleep 3; touch .git/late) >/dev/null 2>&1 &";

/// Tells what a harness without a hook of ours has done; returns whether the supervisor acted upon
/// that, and not upon its time.
fn is_woken(world: &World, mut has_acted: impl FnMut()) -> bool {
    let _ = std::fs::remove_file(world.dir().join(".git/late"));
    world.sh(QUIET).done();
    world.later("16m");
    world.sh(LATE).done();
    let payload = br#"{"session_id":"s-1","tool_name":"edit"}"#;
    world
        .anyone_with_input("ingest --hook post-tool-use", payload)
        .done();
    has_acted();
    !world.has(".git/late")
}

#[test]
fn what_a_hook_tells_wakes_it() {
    let world = World::new().with_a_clock();
    world.git("config presence.check.slow \"echo x >>.git/begun; sleep 1234\"");
    add(&world, "ann", "one --check slow");
    let supervisor = start(&world, "true");
    begins(&world, ".git/begun", 1);
    // The check is overdue, of which nothing in the repository tells. On a busy machine one answer
    // may be late; without the signal both are.
    let woken = [
        is_woken(&world, || begins(&world, ".git/begun", 2)),
        is_woken(&world, || is_blocked(&world, "did not judge, twice")),
    ];
    drop(supervisor);
    assert!(woken.contains(&true));
}
