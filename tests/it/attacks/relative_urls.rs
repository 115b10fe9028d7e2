//! Remotes whose URL is a relative path.
//!
//! Owns where such a path begins: at the top of the work tree, as for Git, wherever a verb or a
//! hook stands. A folder that was checked out is never the remote.

use serde_json::Value;

use crate::hooks::agent::{payload, send};
use crate::machines::{Team, at_rest};
use crate::world::{ALICE, BOB, World};

const HUB: &str = "../hub.git";

/// A clone with a relative URL, and a repository in its checkout where that path would lead from
/// the folder `x/y`. Its hook leaves a trace.
fn trapped(team: &Team) -> (World, World) {
    let clone = team.clone_to("clone");
    clone.git(&format!("remote set-url origin {HUB}"));
    clone.write("x/y/file", "text");
    let bare = clone.at(clone.dir().join("x/hub.git"));
    bare.git("init --quiet --bare");
    let trace = team.outside().dir().join("ran").display().to_string();
    bare.write("hooks/pre-receive", format!("#!/bin/sh\ntouch {trace}\n"));
    bare.sh("chmod +x hooks/pre-receive").done();
    let deep = clone.at(clone.dir().join("x/y"));
    (clone, deep)
}

fn is_untouched(team: &Team, deep: &World) {
    at_rest(&team.outside());
    assert!(!team.outside().has("ran"), "a hook of it was run");
    let refs = deep.at(deep.dir().join(HUB)).git("for-each-ref");
    assert_eq!(refs, "", "it was pushed to");
}

#[test]
fn a_verb_in_a_folder_asks_the_remote_of_the_repository() {
    let team = Team::new();
    let (clone, deep) = trapped(&team);
    let other = team.clone_to("other");
    deep.alice("claim -x infra:x --purpose p")
        .says("confirmed by origin");
    other.bob("claim -x infra:x --purpose p").refuses(ALICE);
    other.bob("claim infra:y --purpose p").done();
    deep.alice("sync").done();
    deep.anyone("list").says(BOB);
    deep.alice("fence infra:x --remote").done();
    // Both folders are one place.
    clone.alice("fence infra:x").done();
    deep.alice("release infra:x").says("confirmed by origin");
    deep.anyone("doctor --remote").says("Healthy");
    is_untouched(&team, &deep);
}

#[test]
fn a_hook_in_a_folder_does_so_too() {
    let team = Team::new();
    let (clone, deep) = trapped(&team);
    for (key, value) in [("heartbeat", "1s"), ("staleAfter", "0s")] {
        clone.git(&format!("config presence.{key} {value}"));
    }
    clone.alice("claim infra:x --purpose p").done();
    for event in [
        "SessionStart",
        "PostToolUse",
        "UserPromptSubmit",
        "SessionEnd",
    ] {
        let mut said = payload(&clone, "claude", event);
        said["cwd"] = Value::from(deep.dir().display().to_string());
        send(&team.outside(), "claude", event, &said).exits(0);
        at_rest(&team.outside());
        clone.later("2m");
    }
    is_untouched(&team, &deep);
}

/// All work trees of a repository share the tracking refs, and so the place.
#[test]
fn a_linked_work_tree_and_a_bare_repository_have_one_place_each() {
    let team = Team::new();
    let (clone, deep) = trapped(&team);
    clone.git("worktree add --quiet x/linked");
    let linked = clone.at(clone.dir().join("x/linked"));
    linked
        .alice("claim -x infra:x --purpose p")
        .says("confirmed by origin");
    clone.alice("fence infra:x").done();
    is_untouched(&team, &deep);
    let bare = team.outside().at("bare.git");
    bare.git("init --quiet --bare");
    bare.git(&format!("remote add origin {HUB}"));
    let inside = bare.at(bare.dir().join("refs/heads"));
    inside.bob("claim -x infra:x --purpose p").refuses(ALICE);
    let named = format!("--ledger {} ", bare.dir().display());
    deep.bob(&format!("{named}claim -x infra:x --purpose p"))
        .refuses(ALICE);
    is_untouched(&team, &deep);
}
