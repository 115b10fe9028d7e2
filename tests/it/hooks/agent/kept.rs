//! The keepalive process, which renews the claims of a session while its harness runs.

use serde_json::json;

use super::two;
use crate::world::World;

/// A long-lived process, a keeper bound to it, and what follows; then both end.
fn with_keeper(world: &World, then: &str) -> crate::said::Said {
    world.sh(&format!(
        "sleep 600 & harness=$!\n\
         git-presence keep --pid $harness --session wizard@devvm@alice --json > kept & keeper=$!\n\
         for i in $(seq 100); do ls .git/presence/keep-* >/dev/null 2>&1 && break; sleep 0.05; done\n\
         {then}\n\
         kill $harness; wait $keeper; cat kept"
    ))
}

#[test]
#[cfg(target_os = "linux")]
fn it_ends_with_the_process_it_is_bound_to() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    world.later("10m");
    let said = with_keeper(&world, "sleep 0.5");
    assert_eq!(said.json(), json!({"beats": 1, "ended": "process_gone"}));
    let left = world.sh("ls .git/presence | grep -c keep-");
    assert_eq!(left.out, "0\n");
    // It was a heartbeat of the session, as which it goes on.
    world.later("10m");
    let list = world.alice("list --json").json();
    assert_eq!(list[0]["seen_at"], "2026-11-21T10:10:00.000Z");
    world
        .anyone("keep --pid 999999999")
        .fails(129, "no process");
}

#[test]
#[cfg(target_os = "linux")]
fn there_are_never_two_for_one_session() {
    let world = World::new();
    let second = "git-presence keep --pid $harness --session wizard@devvm@alice --json > second\n\
                  timeout 1 git-presence keep --pid $harness --session wizard@devvm@bob || true";
    with_keeper(&world, second).done();
    let second: serde_json::Value = serde_json::from_str(&world.read("second")).unwrap();
    assert_eq!(second, json!({"beats": 0, "ended": "kept_already"}));
}

#[test]
#[cfg(target_os = "linux")]
fn a_keeper_keeps_who_the_session_is() {
    let world = World::new();
    let (a, _) = two(&world);
    a.runs("claim node:x --purpose p").done();
    let me = a.runs("whoami --json").json();
    world.later("10m");
    let id = me["session_id"].as_str().unwrap();
    world
        .sh(&format!(
            "sleep 600 & harness=$!\n\
             git-presence keep --pid $harness --session '{id}' & keeper=$!\n\
             sleep 1; kill $harness; wait $keeper"
        ))
        .done();
    let list = world.anyone("list --json").json();
    assert_eq!(list[0]["agent"], "claude-code");
    assert_eq!(list[0]["seen_at"], "2026-11-21T10:10:00.000Z");
}

#[test]
#[cfg(target_os = "linux")]
fn work_in_the_background_is_kept_until_it_is_done() {
    let world = World::new();
    for (name, pending) in [("busy", json!([{"id": "b1"}])), ("done", json!([]))] {
        let mut stop = super::payload(&world, "claude", "Stop");
        stop["session_id"] = "first".into();
        stop["background_tasks"] = pending;
        world.write(format!("{name}.json"), stop.to_string());
    }
    let start = super::payload(&world, "claude", "SessionStart");
    let mut start = start;
    start["session_id"] = "first".into();
    world.write("start.json", start.to_string());
    let said = world.harness(
        "claude",
        "export CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=first\n\
         stop() { git-presence hook claude Stop < $1.json; }\n\
         count() { ls .git/presence 2>/dev/null | grep -c keep-; }\n\
         is() { for i in $(seq 200); do [ $(count) = $1 ] && return\n\
           sleep 0.05; done; echo \"wrong: $2\"; exit 1; }\n\
         stop busy; is 0 'kept for nothing'\n\
         git-presence claim node:x --purpose build >/dev/null\n\
         stop busy; is 1 'not kept'\n\
         stop done; is 0 'kept when done'\n\
         git config presence.keeper true\n\
         git-presence hook claude SessionStart < start.json >/dev/null; is 1 'not always kept'\n\
         stop done; sleep 0.2; is 1 'not kept any more'\n\
         git-presence hook claude SessionEnd < start.json; is 0 'kept after the end'",
    );
    said.is_silent();
}
