//! What an edit claims, and which claim an edit needs, where the settings say so.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::{Agent, context, payload, send, two};
use crate::machines::Team;
use crate::said::{Said, holds};
use crate::world::World;

/// Before Claude Code edits a file.
fn edits(agent: &Agent<'_>, file: &str) -> Said {
    let input = json!({ "file_path": agent.world.dir().join(file).display().to_string() });
    agent.with(
        "PreToolUse",
        json!({"tool_name": "Edit", "tool_input": input}),
    )
}

fn is_denied(said: &Said) -> bool {
    said.done();
    said.out.contains("\"permissionDecision\":\"deny\"")
}

fn with(settings: &[&str]) -> World {
    let world = World::new();
    for setting in settings {
        world.git(&format!("config {setting}"));
    }
    world
}

#[test]
fn the_first_edit_of_a_file_claims_it_shared() {
    let world = with(&["presence.claimOnEdit true"]);
    let (a, b) = two(&world);
    let told = context(&edits(&a, "src/a.rs"));
    holds(&told, "You claim \"path:src/a.rs\" now.");
    holds(&told, "git presence release \"path:src/a.rs\"");
    let list = a.runs("list --mine --json").json();
    assert_eq!(list[0]["resource"], "path:src/a.rs");
    assert_eq!(list[0]["mode"], "shared");
    // Told once, and claimed once.
    edits(&a, "src/a.rs").is_silent();
    edits(&a, "src/new/b.rs").is_silent();
    a.runs("list --mine").says("path:src/new/b.rs");
    // The other one is told, and gets nothing.
    holds(
        &context(&edits(&b, "src/a.rs")),
        "\"path:src/a.rs\" is claimed by",
    );
    b.runs("list --mine").says("You claim nothing");
    a.hook("SessionEnd").done();
    world.carol("list").says("Nothing is claimed.");
}

#[test]
fn what_is_claimed_already_is_not_claimed_again() {
    let world = with(&["presence.claimOnEdit true", "presence.enforce deny"]);
    let (a, b) = two(&world);
    a.runs("claim path:src --purpose p").done();
    edits(&a, "src/a.rs").is_silent();
    b.runs("claim -x stack:infra --purpose p").done();
    assert!(is_denied(&edits(&a, "infra/main.tf")));
    b.runs("claim -x path:README --purpose p").done();
    assert!(is_denied(&edits(&a, "README")));
    for file in ["../outside.txt", ".git/config"] {
        edits(&a, file).is_silent();
    }
    let mine = a.runs("list --mine --json").json();
    assert_eq!(mine.as_array().unwrap().len(), 1, "{mine}");
}

#[test]
fn off_by_default_and_without_a_check_of_others_too() {
    let world = World::new();
    let (a, _) = two(&world);
    edits(&a, "src/a.rs").is_silent();
    assert!(!world.has(".git/presence"));
    world.git("config presence.claimOnEdit true");
    world.git("config presence.enforce off");
    edits(&a, "src/a.rs").done();
    a.runs("list --mine").says("path:src/a.rs");
}

/// Every file of a patch, and room is left for what the session claims itself.
#[test]
fn many_files_of_a_patch() {
    let world = with(&["presence.claimOnEdit true"]);
    let files = (0..60).map(|n| format!("*** Update File: src/{n}.rs\n@@\n-a\n+b\n"));
    let patch: String = files.collect();
    let mut payload = payload(&world, "codex", "PreToolUse");
    payload["tool_name"] = "apply_patch".into();
    payload["tool_input"] =
        json!({ "command": format!("*** Begin Patch\n{patch}*** End Patch\n") });
    send(&world, "codex", "PreToolUse", &payload).done();
    let list = world.carol("list --json").json();
    assert_eq!(list.as_array().unwrap().len(), 48);
}

#[test]
fn it_is_published_in_the_background() {
    let (_team, a, b) = Team::pair();
    a.git("config presence.claimOnEdit true");
    let (agent, _) = two(&a);
    edits(&agent, "src/a.rs").done();
    crate::machines::at_rest(&a);
    b.anyone("sync").done();
    b.carol("peek path:src/a.rs")
        .says("edits it (presence.claimOnEdit)");
}

#[test]
fn an_edit_needs_a_claim_of_its_own() {
    let world = with(&["presence.requireClaimFor edit", "presence.enforce deny"]);
    let (a, b) = two(&world);
    let said = edits(&a, "src/a.rs");
    assert!(is_denied(&said), "{}", said.out);
    holds(
        &said.out,
        "git presence claim path:src/a.rs --purpose \\\"<why>\\\"; after that, edit it again",
    );
    a.runs("claim path:src/a.rs --purpose p").done();
    edits(&a, "src/a.rs").is_silent();
    a.runs("release --all-mine").done();
    // A stack has the files in its folder.
    a.runs("claim stack:src --purpose p").done();
    edits(&a, "src/a.rs").is_silent();
    // Where another session claims it, to claim it too is no advice.
    b.runs("claim path:README --purpose p").done();
    let said = edits(&a, "README");
    assert!(is_denied(&said), "{}", said.out);
    holds(&said.out, contains("git presence claim").not());
    a.runs("release --all-mine").done();
    world.git("config presence.enforce warn");
    holds(&context(&edits(&a, "src/b/c.rs")), "\"<why>\"");
    world.git("config presence.requireClaimFor push");
    edits(&a, "src/b/d.rs").is_silent();
}

#[test]
fn with_both_settings_an_edit_claims_what_it_needs() {
    let world = with(&[
        "presence.requireClaimFor edit",
        "presence.claimOnEdit true",
        "presence.enforce deny",
    ]);
    let (a, _) = two(&world);
    let said = edits(&a, "src/a.rs");
    assert!(!is_denied(&said), "{}", said.out);
    a.runs("list --mine").says("path:src/a.rs");
}
