//! A recorded session of Claude Code, replayed in two parallel sessions.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};

use super::{Agent, context, two};
use crate::said::{Said, holds};
use crate::world::World;

fn denied(said: &Said) -> bool {
    said.done();
    let answer: Value = serde_json::from_str(&said.out).unwrap_or_default();
    answer["hookSpecificOutput"]["permissionDecision"] == "deny"
}

#[test]
#[cfg(target_os = "linux")]
fn two_parallel_sessions_see_each_other_and_leave_nothing_behind() {
    let world = World::new();
    world.git("config presence.enforce deny");
    let (a, b) = two(&world);
    let apply = json!({"tool_input": {"command": "kubectl apply -f deploy.yaml -n web"}});
    let restart = |name: &str| {
        let line = format!("kubectl rollout restart deployment/{name}");
        json!({"tool_input": {"command": line}, "tool_use_id": name})
    };
    for agent in [&a, &b] {
        holds(&context(&agent.hook("SessionStart")), "No other session");
        agent.hook("UserPromptSubmit").is_silent();
        // Nothing is claimed yet.
        assert!(denied(&agent.with("PreToolUse", apply.clone())));
    }
    a.runs("claim service:web --purpose \"roll out\"").done();
    b.runs("claim service:db --purpose \"migrate\"").done();
    holds(&context(&a.hook("UserPromptSubmit")), "service:db");
    holds(&context(&b.hook("UserPromptSubmit")), "service:web");
    for (agent, own, other) in [(&a, "web", "db"), (&b, "db", "web")] {
        // Others could claim it, too.
        holds(
            &context(&agent.with("PreToolUse", restart(own))),
            "take care",
        );
        agent.with("PreToolUse", restart(own)).is_silent();
        agent.with("PostToolUse", restart(own)).is_silent();
        assert!(denied(&agent.with("PreToolUse", restart(other))));
        agent.hook("Stop").is_silent();
    }
    world.anyone("list").says("service:web").says("service:db");
    // `/clear`: the session ends, and the next one begins in the same process.
    a.with("SessionEnd", json!({"reason": "clear"})).is_silent();
    let cleared = Agent { id: "cleared", ..a };
    let told = context(&cleared.with("SessionStart", json!({"source": "clear"})));
    holds(
        &told,
        contains("service:db").and(contains("held \"service:web\". All of it is released")),
    );
    // The other one deferred, and hears once that it need not any more.
    holds(
        &context(&b.hook("UserPromptSubmit")),
        contains("service:web\" is free now").or(contains("service:web").not()),
    );
    holds(
        &context(&b.hook("UserPromptSubmit")),
        contains("service:web").not(),
    );
    cleared.runs("claim service:web --purpose again").done();
    for agent in [&cleared, &b] {
        agent.hook("SessionEnd").is_silent();
    }
    world.anyone("list --json").says_all("[]\n");
    let audit = world.anyone("audit --json").json();
    assert_eq!(
        (&audit["commands"], &audit["covered"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(audit["denied"], 4);
}
