//! Claims of one's own that a commit, a push and an apply need, where the settings say so.

use super::{bob_pushes, commit, pair, takes_hooks_from_config};
use crate::world::{BOB, World};

/// A repository in which commits are checked, by the hook that `install` put there.
fn checked() -> World {
    let world = World::new();
    world.git("config presence.requireClaimFor commit");
    world.bob("install").says("pre-commit ");
    world.with("GIT_PRESENCE_SESSION", BOB)
}

#[test]
fn a_commit_needs_claims_of_its_files() {
    let world = checked();
    world.write("src/a.rs", "fn b() {}\n");
    world.write("src/new name.rs", "fn c() {}\n");
    world.git("add .");
    world
        .try_git("commit --quiet -m second")
        .fails(1, "this commit was stopped: path:src/a.rs")
        .hints("git presence claim path:src/a.rs 'path:src/new name.rs' --purpose \"<why>\"");
    world.bob("claim path:src/a.rs --purpose p").done();
    world
        .try_git("commit --quiet -m second")
        .fails(1, "\"path:src/new name.rs\" is not claimed by you");
    world.bob("claim path:src --purpose p").done();
    world.git("commit --quiet -m second");
    // What is committed beside the index counts, too.
    world.bob("release --all-mine").done();
    world.write("README", "x\n");
    world
        .try_git("commit --quiet -a -m third")
        .fails(1, "path:README is not claimed by you");
    world.bob("claim path:README --purpose p").done();
    world.git("commit --quiet -a -m third");
}

#[test]
fn a_bypass_of_a_commit_is_recorded() {
    let world = checked();
    world.write("README", "x\n");
    let forced = world.with("GIT_PRESENCE_BYPASS", "a typo");
    forced
        .try_git("commit --quiet -a -m typo")
        .warns("going on anyway: \"a typo\"");
    world.bob("log").says("a typo");
}

/// A railing that fails must not keep work from being saved.
#[test]
fn a_commit_that_cannot_be_checked_goes_on() {
    let world = checked();
    world.write("README", "x\n");
    world.git("config presence.ttl soon");
    world
        .try_git("commit --quiet -a -m x")
        .warns("this commit was not checked");
}

#[test]
fn the_hook_is_there_only_where_it_is_wanted() {
    let world = World::new();
    world.bob("install").omits("pre-commit");
    world.bob("doctor").omits("pre-commit");
    world.git("config presence.requireClaimFor edit,commit");
    world.bob("doctor").says("pre-commit");
    world.bob("install").says("pre-commit ");
    world
        .bob("doctor")
        .omits("not installed; git presence install\n  git pre-apply");
    world.git("config --unset presence.requireClaimFor");
    world.bob("uninstall").says("pre-commit ");
    let config = world.read(".git/config");
    assert!(!config.contains("pre-commit"), "{config}");
    assert!(!world.has(".git/hooks/pre-commit"));
    assert!(takes_hooks_from_config(&world) || !config.contains("[hook"));
}

#[test]
fn a_push_needs_a_claim_of_its_branch() {
    let (_team, a, b) = pair();
    for mode in ["exclusive", "off"] {
        b.git("config presence.requireClaimFor push");
        b.git(&format!("config presence.prePush {mode}"));
        commit(&b, "src/x", mode);
        bob_pushes(&b, "origin main")
            .fails(
                1,
                "this push was stopped: branch:main is not claimed by you",
            )
            .hints("git presence claim branch:main --purpose \"<why>\"");
        // A claim of another session is none of one's own.
        a.alice("claim branch:main --purpose p").done();
        bob_pushes(&b, "origin main").fails(1, "branch:main is not claimed by you");
        a.alice("release --all-mine").done();
        b.bob("claim branch:main --purpose p").done();
        bob_pushes(&b, "origin main").done();
        b.bob("release --all-mine").done();
    }
    // Who claims all of its files claims enough.
    commit(&b, "src/y", "files");
    b.bob("claim path:src/y --purpose p").done();
    bob_pushes(&b, "origin main").done();
    commit(&b, "src/y", "again");
    commit(&b, "src/z", "unclaimed");
    bob_pushes(&b, "origin main").fails(1, "branch:main is not claimed by you");
    b.bob("claim path:src --purpose p").done();
    bob_pushes(&b, "origin main HEAD:refs/heads/side").done();
    bob_pushes(&b, "origin --delete side").fails(1, "branch:side is not claimed by you");
    b.bob("release --all-mine").done();
    b.git("tag v1");
    bob_pushes(&b, "origin v1").done();
    commit(&b, "src/x", "forced");
    let forced = b.with("GIT_PRESENCE_BYPASS", "agreed");
    bob_pushes(&forced, "origin main").warns("going on anyway: \"agreed\"");
}

#[test]
fn what_calls_pre_apply_needs_claims_by_either_setting() {
    for (setting, says) in [
        ("presence.requireClaim true", "presence.requireClaim is on"),
        (
            "presence.requireClaimFor pipeline",
            "presence.requireClaimFor has pipeline",
        ),
    ] {
        let world = World::new();
        world.bob("hook pre-apply stack:dns").done();
        world.git(&format!("config {setting}"));
        world
            .bob("hook pre-apply stack:dns")
            .fails(3, "stack:dns is not claimed by you")
            .fails(3, says);
        world.bob("claim stack:dns --purpose p").done();
        world.bob("hook pre-apply stack:dns").done();
    }
}

#[test]
fn an_unknown_word_is_refused_with_those_that_are_allowed() {
    let world = World::new();
    world.git("config presence.requireClaimFor edit,pull");
    world
        .bob("list")
        .fails(129, "presence.requireClaimFor")
        .fails(129, "allowed: edit, commit, push, pipeline");
}
