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
