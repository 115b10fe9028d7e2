//! The heartbeat after each tool: what it tells, and what does not prevent it.

use serde_json::json;

use super::{context, two};
use crate::said::holds;
use crate::world::World;

#[test]
fn a_session_that_lost_an_exclusive_claim_is_told_after_a_tool() {
    let world = World::new();
    let (a, _) = two(&world);
    // One that expired: no other session took it.
    a.runs("claim -x node:y --purpose p").done();
    world.later("1h");
    let told = context(&a.hook("PostToolUse"));
    holds(&told, "of this session on \"node:y\" expired");
    let taken = || {
        a.runs("claim -x node:x --purpose p").done();
        world.later("1h");
        world.bob("claim -x node:x --purpose urgent").done();
    };
    taken();
    // What is said at the end of a turn has no reader, so the loss is not used up there.
    a.hook("Stop").is_silent();
    let told = context(&a.hook("PostToolUse"));
    holds(&told, "no longer holds \"node:x\"");
    holds(&told, "by \"wizard@devvm@bob\" at");
    a.hook("PostToolUse").is_silent();
    world.bob("release node:x").done();
    taken();
    a.hook("Stop").is_silent();
    a.runs("heartbeat").refuses("node:x is no longer yours");
}

#[test]
fn a_rule_that_means_nothing_stops_no_heartbeat() {
    let world = World::new();
    let (a, _) = two(&world);
    a.runs("claim node:x --purpose p").done();
    world.git("config presence.guard nonsense");
    let tool = json!({"tool_name": "Bash", "tool_input": {"command": "kubectl delete pod x"}});
    for _ in 0..3 {
        world.later("10m");
        a.with("PostToolUse", tool.clone()).is_silent();
    }
    a.runs("list --mine").says("node:x");
}

/// A session whose harness has no hook after its tools works all the same.
#[test]
fn a_prompt_and_a_tool_that_begins_count_as_heartbeats() {
    for event in ["UserPromptSubmit", "PreToolUse"] {
        let world = World::new();
        let (a, _) = two(&world);
        a.runs("claim path:src -p work --ttl 10m").done();
        a.runs("claim -x stack:x -p work --ttl 10m").done();
        for _ in 0..4 {
            world.later("5m");
            a.hook(event).done();
        }
        a.runs("list --mine").says("path:src").says("stack:x");
    }
}

/// The first event at which the model listens has it, whichever that is.
#[test]
fn a_loss_is_told_at_the_next_event_once() {
    for event in [
        "UserPromptSubmit",
        "PreToolUse",
        "PostToolUse",
        "SessionStart",
    ] {
        let world = World::new();
        let (a, _) = two(&world);
        a.runs("claim path:src -p work --ttl 10m").done();
        a.runs("claim -x stack:x -p work --ttl 10m").done();
        world.later("1h");
        let told = context(&a.hook(event));
        holds(
            &told,
            "the claim of this session on \"path:src\" expired at",
        );
        holds(
            &told,
            "Stop: the exclusive claim of this session on \"stack:x\" expired at",
        );
        let again = context(&a.hook(event));
        assert!(!again.contains("expired"), "{event}: {again}");
    }
}

/// The heartbeat at the end of a turn dropped it, where nothing can be told.
#[test]
fn what_an_untold_heartbeat_dropped_is_told_later() {
    let world = World::new();
    let (a, _) = two(&world);
    a.runs("claim path:src -p work").done();
    a.runs("claim node:x -p work --ttl 1m").done();
    world.later("2m");
    a.hook("Stop").is_silent();
    let told = context(&a.hook("UserPromptSubmit"));
    holds(&told, "the claim of this session on \"node:x\" expired at");
    holds(&told, "git presence claim \"node:x\" --purpose");
}
