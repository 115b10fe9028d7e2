//! Supersession: a new session in the process of an old one (`/clear`) takes its place.

use serde_json::Value;

use crate::machines::{Team, at_rest};
use crate::world::World;

/// One process in which two sessions claim one after the other.
fn one_after_the_other(world: &World, variable: &str) {
    world
        .sh(&format!(
            "env {variable}=first git-presence claim node:x db:y --purpose 'the first'\n\
             env {variable}=second git-presence claim node:x --purpose 'the second'\n\
             true"
        ))
        .done();
}

fn list(world: &World) -> Vec<Value> {
    let list = world.alice("list --json").json();
    list.as_array().unwrap().clone()
}

#[test]
#[cfg(target_os = "linux")]
fn the_first_claim_of_the_new_one_releases_those_of_the_old_one() {
    let world = World::new();
    one_after_the_other(&world, "CLAUDE_CODE_SESSION_ID");
    let left = list(&world);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["purpose"], "the second");

    let log = world.alice("log -n 1 --json").json();
    assert_eq!(log[0]["event"], "supersede");
    assert_eq!(log[0]["by"], left[0]["session_id"]);
    assert_ne!(log[0]["session_id"], left[0]["session_id"]);
    assert_eq!(log[0]["resources"].as_array().unwrap().len(), 2);
}

#[test]
#[cfg(target_os = "linux")]
fn the_new_one_is_not_told_to_defer_to_the_old_one() {
    let world = World::new();
    let said = world.sh(
        "env CLAUDE_CODE_SESSION_ID=first git-presence claim node:x --purpose x >/dev/null\n\
         env CLAUDE_CODE_SESSION_ID=second git-presence claim node:x --purpose x\n\
         true",
    );
    said.says("Claimed node:x").omits("ALSO CLAIMED BY");
}

#[test]
#[cfg(target_os = "linux")]
fn a_heartbeat_of_the_new_one_is_enough() {
    let world = World::new();
    world
        .sh(
            "env CLAUDE_CODE_SESSION_ID=first git-presence claim node:x --purpose x\n\
             env CLAUDE_CODE_SESSION_ID=second git-presence heartbeat\n\
             true",
        )
        .done();
    assert_eq!(list(&world).len(), 0);
}

#[test]
fn codex_runs_several_sessions_in_one_process() {
    let world = World::new();
    one_after_the_other(&world, "CODEX_THREAD_ID");
    assert_eq!(list(&world).len(), 3);
    let log = world.alice("log --json").json();
    assert!(
        log.as_array()
            .unwrap()
            .iter()
            .all(|e| e["event"] == "claim")
    );
}

#[test]
fn another_process_is_another_matter() {
    let world = World::new();
    for session in ["first", "second"] {
        world
            .sh(&format!(
                "env CLAUDE_CODE_SESSION_ID={session} git-presence claim node:x --purpose x; true"
            ))
            .done();
    }
    assert_eq!(list(&world).len(), 2);
}

#[test]
fn sessions_with_a_name_of_their_own_stay() {
    let world = World::new();
    world
        .sh(
            "env GIT_PRESENCE_SESSION=a git-presence claim node:x --purpose x\n\
             env GIT_PRESENCE_SESSION=b git-presence claim node:x --purpose x\n\
             true",
        )
        .done();
    assert_eq!(list(&world).len(), 2);
}

/// What the old session held exclusively is released whatever the new one does first.
#[test]
#[cfg(target_os = "linux")]
fn what_the_old_one_held_exclusively_is_released_too() {
    for first in [
        "heartbeat",
        "claim -x node:x --purpose p",
        "claim db:y --purpose p",
    ] {
        let world = World::new();
        world
            .sh(&format!(
                "env CLAUDE_CODE_SESSION_ID=first git-presence claim -x node:x db:y --purpose old\n\
                 env CLAUDE_CODE_SESSION_ID=second git-presence {first} || exit\n\
                 true"
            ))
            .done();
        let left = list(&world);
        assert!(
            left.iter().all(|claim| claim["purpose"] != "old"),
            "{left:?}"
        );
        // And it is not reported as lost: no session waits for it.
        let held = world.sh("cat .git/presence/held-* | grep -c db:y");
        assert_eq!(held.out.trim_end(), "0", "{first}");
    }
}

/// Where a remote decides, a heartbeat does not wait for it.
#[test]
#[cfg(target_os = "linux")]
fn what_the_old_one_held_exclusively_at_a_remote_is_released_in_the_background() {
    let (_team, a, b) = Team::pair();
    a.sh(
        "env CLAUDE_CODE_SESSION_ID=first git-presence claim -x node:x --purpose old\n\
         env CLAUDE_CODE_SESSION_ID=second git-presence heartbeat || exit\n\
         true",
    )
    .done();
    at_rest(&a);
    b.bob("claim -x node:x --purpose p")
        .says("Claimed node:x exclusively");
    // A claim waits for the remote, and so for that too.
    a.sh(
        "env CLAUDE_CODE_SESSION_ID=first git-presence claim -x node:y --purpose old\n\
         env CLAUDE_CODE_SESSION_ID=third git-presence claim -x node:y --purpose new || exit\n\
         true",
    )
    .says("Claimed node:y exclusively");
}

/// `/clear`: the new session in the process of the old one takes its place.
#[test]
#[cfg(target_os = "linux")]
fn a_new_session_in_the_same_process_releases_what_the_old_one_held() {
    let world = World::new();
    let said = world.sh(
        "env CLAUDE_CODE_SESSION_ID=first git-presence claim -x node:x --purpose p >/dev/null\n\
         env CLAUDE_CODE_SESSION_ID=second git-presence heartbeat\n\
         env CLAUDE_CODE_SESSION_ID=second git-presence claim -x node:x --purpose p",
    );
    said.says("Claimed node:x exclusively");
}
