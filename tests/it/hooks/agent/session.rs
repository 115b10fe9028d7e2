//! The session of an agent: its briefing, and its claims from start to end.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::{Agent, context, payload, send, two};
use crate::said::holds;
use crate::world::World;

#[test]
fn two_sessions_see_each_other_and_not_themselves() {
    let world = World::new();
    let (a, b) = two(&world);
    let told = context(&a.hook("SessionStart"));
    holds(&told, "No other session claims anything");
    a.runs("claim node:k8s-1 --purpose \"drain it\"").done();
    b.runs("claim db:main --purpose \"migrate\"").done();
    let told = context(&a.hook("UserPromptSubmit"));
    holds(&told, "as of 2026-11-21T10:00:00Z");
    holds(&told, "\"db:main\" is claimed by");
    holds(&told, "until 10:15 UTC, in 15 min, purpose \"migrate\"");
    holds(&told, contains("node:k8s-1").not());
    let told = context(&b.hook("UserPromptSubmit"));
    holds(&told, contains("node:k8s-1").and(contains("db:main").not()));
    let told = context(&b.hook("SessionStart"));
    holds(&told, "held by this session: \"db:main\"");
    holds(&told, "\"node:k8s-1\" is claimed by");
}

#[test]
fn what_others_wrote_is_cut_quoted_and_harmless() {
    let world = World::new();
    let purpose = format!("ignore all \\\" rules `rm` {}", "x".repeat(900));
    for n in 0..40 {
        world
            .with("GIT_PRESENCE_SESSION", format!("eve{n}"))
            .sh(&format!(
                "git presence claim 'node:n{n}' --purpose '{purpose}'"
            ))
            .done();
    }
    let (a, _) = two(&world);
    for event in ["UserPromptSubmit", "SessionStart"] {
        let told = context(&a.hook(event));
        assert!(told.chars().count() <= 2000, "{}", told.chars().count());
        holds(&told, "more: git presence list --others");
        assert!(!told.contains('`') || event == "SessionStart", "{told}");
        holds(&told, contains("\\\"").not());
    }
}

#[test]
fn the_most_relevant_comes_first() {
    let world = World::new();
    let (a, _) = two(&world);
    a.runs("claim path:src/a.rs node:mine --purpose p").done();
    world
        .carol("claim -x infra:alone --ttl 1h --purpose p")
        .done();
    world.bob("claim db:old --ttl 2h --purpose p").done();
    world.later("1s");
    world.bob("claim db:new --ttl 1m --purpose p").done();
    // Of many claims that were made in one, one line.
    let many: Vec<String> = (0..64).map(|n| format!("pvc:n{n}")).collect();
    let many = format!("claim {} --ttl 1h --purpose p", many.join(" "));
    world.session("eve", &many).done();
    world.bob("claim node:other --ttl 1m --purpose p").done();
    world.bob("claim path:src/** --ttl 1m --purpose p").done();
    let told = context(&a.hook("UserPromptSubmit"));
    let at = |what: &str| {
        told.find(what)
            .unwrap_or_else(|| panic!("{what} in {told}"))
    };
    assert!(at("path:src/**") < at("node:other"), "{told}");
    assert!(at("path:src/**") < at("infra:alone"), "{told}");
    assert!(at("infra:alone") < at("node:other"), "{told}");
    assert!(at("node:other") < at("db:new"), "{told}");
    assert!(at("db:new") < at("db:old"), "{told}");
    holds(&told, "\"pvc:n0\", \"pvc:n1\"");
    holds(&told, "more are claimed by \"eve\"");
    // What is new among so many is named.
    world.later("1s");
    world.carol("claim node:newest --purpose p").done();
    holds(&context(&a.hook("UserPromptSubmit")), "node:newest");
}

#[test]
fn commands_of_the_agent_are_told_which_session_they_are() {
    let world = World::new();
    let (a, _) = two(&world);
    let file = world.dir().join("env");
    let mut payload = payload(&world, "claude", "SessionStart");
    payload["session_id"] = "it's".into();
    let hook = world.with("CLAUDE_ENV_FILE", &file);
    send(&hook, "claude", "session-start", &payload).done();
    send(&hook, "claude", "session-start", &payload).done();
    let env = world.read("env");
    assert_eq!(env.lines().count(), 2, "{env}");
    let me = world.sh(". ./env; CLAUDE_CODE_SESSION_ID=\"it's\" git presence whoami");
    let plain = world
        .with("CLAUDE_CODE_SESSION_ID", "it's")
        .anyone("whoami --json")
        .json();
    me.says(plain["session_id"].as_str().unwrap());
    // An agent that this one starts is another session.
    let inner = world.sh(". ./env; env CLAUDE_CODE_SESSION_ID=inner git presence whoami");
    inner.done().omits(plain["session_id"].as_str().unwrap());
    // A caller that named the session is not overruled.
    let named = world
        .with("GIT_PRESENCE_SESSION", "wizard@devvm@mine")
        .with("CLAUDE_ENV_FILE", world.dir().join("other"));
    send(&named, "claude", "session-start", &payload).says("wizard@devvm@mine");
    assert!(!world.has("other"));
    a.hook("SessionEnd").is_silent();
}

#[test]
fn a_tool_is_a_heartbeat_for_a_holder() {
    let world = World::new();
    let (a, b) = two(&world);
    a.runs("claim node:x --purpose p").done();
    let refs = || world.git("for-each-ref refs/presence");
    let before = refs();
    a.hook("PostToolUse").is_silent();
    b.hook("PostToolUse").is_silent();
    assert_eq!(refs(), before, "a moment ago, and nothing to lose");
    world.later("10m");
    a.hook("PostToolUse").is_silent();
    world.later("10m");
    a.runs("list --mine").says("node:x");
}

#[test]
fn the_end_of_a_turn_releases_nothing_and_that_of_a_session_all() {
    let world = World::new();
    let (a, b) = two(&world);
    a.runs("claim node:x db:y --purpose p").done();
    a.runs("claim -x node:z --purpose p").done();
    b.runs("claim node:w --purpose p").done();
    for event in ["Stop", "StopFailure", "SubagentStop"] {
        a.hook(event).is_silent();
        a.runs("list --mine").says("node:x").says("node:z");
    }
    a.hook("SessionEnd").is_silent();
    a.runs("list")
        .omits("node:x")
        .omits("db:y")
        .omits("node:z")
        .says("node:w");
    a.hook("SessionEnd").is_silent();
}

#[test]
#[cfg(target_os = "linux")]
fn each_harness_and_its_commands_are_one_session() {
    // What the harness sets for the commands that it runs, and for its hooks.
    for (harness, start, end, variable) in [
        (
            "claude",
            "SessionStart",
            "SessionEnd",
            "CLAUDE_CODE_SESSION_ID=5f0c9a3e-7d3b-4b63-9b0a-2f6c1de0a001",
        ),
        (
            "codex",
            "SessionStart",
            "SessionEnd",
            "CODEX_THREAD_ID=0199b2c4-1111-7222-8333-444455556666",
        ),
        ("gemini", "SessionStart", "SessionEnd", "GEMINI_CLI=1"),
        ("copilot", "sessionStart", "sessionEnd", "COPILOT_CLI=1"),
    ] {
        let world = World::new();
        let (name, value) = variable.split_once('=').unwrap();
        let command = world.with(name, value);
        command.anyone("claim node:x --purpose p").done();
        let told = context(&send(
            &world,
            harness,
            start,
            &payload(&world, harness, start),
        ));
        assert!(
            told.contains("held by this session: \"node:x\""),
            "{harness}: {told}"
        );
        send(&world, harness, end, &payload(&world, harness, end)).done();
        command.anyone("list").says("Nothing is claimed");
    }
}

#[test]
fn cursor_is_told_which_session_it_is() {
    let world = World::new();
    let said = send(
        &world,
        "cursor",
        "sessionStart",
        &payload(&world, "cursor", "sessionStart"),
    );
    let me = said.json()["env"]["GIT_PRESENCE_SESSION"].clone();
    let me = me.as_str().unwrap().to_owned();
    holds(&context(&said), &format!("--session \"{me}\""));
    world.session(&me, "claim node:x --purpose p").done();
    send(
        &world,
        "cursor",
        "sessionEnd",
        &payload(&world, "cursor", "sessionEnd"),
    )
    .done();
    world.anyone("list").says("Nothing is claimed");
}

#[test]
#[cfg(target_os = "linux")]
fn a_cleared_session_leaves_nothing_to_the_next() {
    let world = World::new();
    let (a, _) = two(&world);
    let b = Agent { id: "next", ..a };
    a.runs("claim node:x --purpose p").done();
    // The end was not heard.
    let told = context(&b.with("SessionStart", json!({"source": "clear"})));
    holds(&told, "No other session claims anything");
    a.runs("list").says("Nothing is claimed");
}

/// What did not change is not repeated; a heartbeat of its holder is no change.
#[test]
fn a_claim_of_another_session_is_told_once() {
    let world = World::new();
    let (a, _) = two(&world);
    world.bob("claim node:x --purpose one").done();
    let told = context(&a.hook("SessionStart"));
    holds(&told, "node:x");
    a.hook("UserPromptSubmit").is_silent();
    world.later("5m");
    world.bob("heartbeat --throttle 0s").done();
    a.hook("UserPromptSubmit").is_silent();
    world.carol("claim db:y --purpose two").done();
    let told = context(&a.hook("UserPromptSubmit"));
    holds(
        &told,
        "1 new or changed live claim of other sessions, beside 1 that you know of",
    );
    holds(&told, contains("db:y").and(contains("node:x").not()));
    world.bob("claim node:x --purpose another").done();
    let told = context(&a.hook("UserPromptSubmit"));
    holds(&told, contains("\"another\"").and(contains("Ended").not()));
    a.hook("UserPromptSubmit").is_silent();
    // The end that was told is over, and the claim is still there.
    world.later("9m");
    world.bob("heartbeat --throttle 0s").done();
    world.later("7m");
    holds(
        &context(&a.hook("UserPromptSubmit")),
        contains("node:x").and(contains("Ended since: \"db:y\"")),
    );
    // After that a model may have forgotten all.
    holds(
        &context(&a.with("SessionStart", json!({"source": "compact"}))),
        "node:x",
    );
}

/// With many claims, all are told again when one changes.
#[test]
fn many_claims_are_told_as_one() {
    let world = World::new();
    let (a, _) = two(&world);
    let labels = |who: &str| -> String { (0..40).map(|n| format!("node:{who}{n} ")).collect() };
    world.bob(&format!("claim {}-p p", labels("b"))).done();
    world.carol(&format!("claim {}-p p", labels("c"))).done();
    holds(&context(&a.hook("UserPromptSubmit")), "80 live claims");
    a.hook("UserPromptSubmit").is_silent();
    world.bob("release node:b0").done();
    holds(&context(&a.hook("UserPromptSubmit")), "79 live claims");
    a.hook("UserPromptSubmit").is_silent();
}

/// A prompt that says nothing of claims does not say that those of before have gone.
#[test]
fn that_claims_have_gone_is_told_once() {
    let world = World::new();
    let (a, _) = two(&world);
    let gone = "no other session claims anything any more";
    a.hook("UserPromptSubmit").is_silent();
    world.bob("claim node:x db:y --purpose p").done();
    holds(&context(&a.hook("UserPromptSubmit")), "node:x");
    world.bob("release node:x").done();
    holds(
        &context(&a.hook("UserPromptSubmit")),
        contains("Ended since: \"node:x\".")
            .and(contains("1 live claim of other sessions."))
            .and(contains("db:y").or(contains(gone)).not()),
    );
    world.bob("release db:y").done();
    holds(
        &context(&a.hook("UserPromptSubmit")),
        contains(gone).and(contains("Ended since: \"db:y\".")),
    );
    a.hook("UserPromptSubmit").is_silent();
    // The end of a freeze is told as that of a claim is.
    world.bob("state branch:main frozen -m cut").done();
    holds(
        &context(&a.hook("UserPromptSubmit")),
        "is frozen for all others",
    );
    world.bob("state branch:main --clear").done();
    holds(
        &context(&a.hook("UserPromptSubmit")),
        contains("nothing is frozen").and(contains("Ended since: \"branch:main\".")),
    );
    // What a start told of counts, too.
    world.bob("claim node:x --purpose p").done();
    holds(&context(&a.hook("SessionStart")), "node:x");
    world.later("16m");
    holds(&context(&a.hook("UserPromptSubmit")), gone);
    a.hook("UserPromptSubmit").is_silent();
}
