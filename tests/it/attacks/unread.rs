//! Records that the hooks of agents cannot read, or have no time to read.
//!
//! Owns that what they may hold is never told as free.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use crate::hooks::agent::{Agent, context, payload, send, two};
use crate::said::{Said, holds};
use crate::world::{BOB, World};

/// A board on which another session claims a file, by a record of a version to come.
fn with_a_newer_record() -> World {
    let world = World::new();
    world.bob("claim path:src --purpose p").done();
    world.rewrite(&world.ref_of(BOB), |files| {
        files.insert("session.toml".to_owned(), b"format = 7\n".to_vec());
    });
    world
}

/// The agent is about to edit a file.
fn edits(agent: &Agent<'_>) -> Said {
    let file = agent.world.dir().join("src/a.rs");
    let tool = json!({"tool_name": "Edit", "tool_input": {"file_path": file}});
    agent.with("PreToolUse", tool)
}

/// A world in which a hook has no time to read the board.
fn hurried(world: &World) -> World {
    world.with("GIT_PRESENCE_TEST_READ_MILLIS", "0")
}

#[test]
fn what_cannot_be_read_is_told_once_and_never_as_free() {
    let world = with_a_newer_record();
    let (a, b) = two(&world);
    for _ in 0..2 {
        let told = context(&a.hook("SessionStart"));
        holds(
            &told,
            "1 record cannot be read; what it may hold is not free",
        );
        holds(&told, "newer git-presence");
        holds(&told, "No claim of another session can be read");
        holds(&told, contains("No other session claims").not());
    }
    holds(
        &context(&a.hook("UserPromptSubmit")),
        "1 record cannot be read",
    );
    a.hook("UserPromptSubmit").is_silent();
    edits(&a).is_silent();
    // Each session is told, by the first hook that looks.
    holds(&context(&edits(&b)), "1 record cannot be read");
    b.hook("UserPromptSubmit").is_silent();
    // And again after a change.
    world.carol("claim node:x --purpose p").done();
    world.git(&format!(
        "update-ref {}x {}",
        world.ref_of(BOB),
        world.ref_of(BOB)
    ));
    holds(&context(&edits(&b)), "2 records cannot be read");
    let told = context(&a.hook("UserPromptSubmit"));
    holds(&told, "2 records cannot be read");
    holds(&told, "\"node:x\" is claimed by");
}

#[test]
fn who_is_told_nothing_at_a_prompt_is_told_after_a_tool() {
    let world = with_a_newer_record();
    let after = || {
        let payload = payload(&world, "copilot", "postToolUse");
        context(&send(&world, "copilot", "postToolUse", &payload))
    };
    holds(&after(), "1 record cannot be read");
    holds(&after(), contains("cannot be read").not());
}

#[test]
fn the_texts_keep_to_their_room() {
    let world = with_a_newer_record();
    for n in 0..40 {
        let me = format!("wizard@devvm@s{n}");
        world
            .session(
                &me,
                &format!("claim node:n{n} --purpose {}", "x".repeat(100)),
            )
            .done();
    }
    let (a, _) = two(&world);
    for event in ["UserPromptSubmit", "SessionStart"] {
        let told = context(&a.hook(event));
        assert!(told.chars().count() <= 2000, "{}", told.chars().count());
        holds(&told, "1 record cannot be read");
        holds(&told, "more: git presence list --others");
    }
}

#[test]
fn a_board_that_takes_too_long_is_not_read_as_an_empty_one() {
    let world = World::new();
    world.bob("claim path:src node:x --purpose p").done();
    let hurried = hurried(&world);
    let (a, _) = two(&hurried);
    let told = context(&a.hook("SessionStart"));
    holds(&told, "not all of the board was read");
    holds(&told, contains("No other session claims").not());
    a.runs("claim node:y --purpose p").done();
    let line = "kubectl drain y";
    let runs = |line: &str| a.with("PreToolUse", json!({"tool_input": {"command": line}}));
    for (level, word) in [("ask", "\"ask\""), ("deny", "\"deny\"")] {
        world.git(&format!("config presence.enforce {level}"));
        for said in [
            edits(&a),
            runs(line),
            runs("rm src/a.rs"),
            runs("echo x > a"),
        ] {
            said.says(word).says("not all of the board was read");
        }
        a.with("PreToolUse", json!({"tool_input": {"command": "ls"}}))
            .is_silent();
    }
    world.git("config presence.enforce warn");
    a.with("PreToolUse", json!({"tool_input": {"command": "ls"}}))
        .is_silent();
    let told = context(&edits(&a));
    holds(&told, "not all of the board was read");
    edits(&a).is_silent();
}
