//! `release`: all or none of the session's own claims, and no others.

use snapbox::str;

use crate::world::{ALICE, BOB, World};

fn claimed(world: &World) -> Vec<String> {
    let list = world.alice("list --json").json();
    let label = |claim: &serde_json::Value| claim["resource"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(label).collect()
}

#[test]
fn what_is_named() {
    let world = World::new();
    world.alice("claim node:x db:y infra:z --purpose x").done();
    world.alice("release node:x infra:z").says_all(str![[r#"
Released infra:z, node:x

"#]]);
    assert_eq!(claimed(&world), ["db:y"]);
    let log = world.bob("log -n 1 --json").json();
    assert_eq!(log[0]["event"], "release");
    assert_eq!(log[0]["session_id"], ALICE);
}

#[test]
fn all_that_is_mine_and_nothing_else() {
    let world = World::new();
    world.alice("claim node:x db:y --purpose x").done();
    world.bob("claim node:x --purpose x").done();
    world
        .alice("release --all-mine")
        .says("Released")
        .says("db:y")
        .says("node:x");
    let list = world.alice("list --json").json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["session_id"], BOB);
    world.unchanged(|| {
        world
            .alice("release --all-mine")
            .says("Nothing to release.");
    });
}

#[test]
fn one_that_never_claimed_leaves_no_trace() {
    let world = World::new();
    world.unchanged(|| {
        world
            .alice("release --all-mine")
            .says("Nothing to release.");
    });
}

#[test]
fn what_another_session_holds_is_not_mine_to_release() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.bob("claim db:y --purpose y").done();
    world.unchanged(|| {
        world
            .bob("release db:y node:x")
            .refuses("node:x is not yours: it is claimed by wizard@devvm@alice")
            .hints("git presence list --mine");
        let error = world.bob("release node:x --json").exits(3).json()["error"].clone();
        assert_eq!(error["kind"], "refused");
        assert_eq!(error["held_by"][0]["session_id"], ALICE);
        assert_eq!(error["held_by"][0]["purpose"], "upgrade");
    });
    assert_eq!(claimed(&world), ["db:y", "node:x"]);
}

#[test]
fn what_is_not_held() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.unchanged(|| {
        world
            .alice("release node:z")
            .refuses("you do not hold node:z, and no other session does");
        world
            .alice("release node:x node:z")
            .refuses("you do not hold node:z");
    });
    world.unchanged(|| {
        world
            .carol("release node:z")
            .refuses("no other session does");
    });
}

#[test]
fn what_expired_a_moment_ago() {
    let world = World::new();
    world.alice("claim node:x --purpose x --ttl 1m").done();
    world.alice("claim db:y --purpose y").done();
    world.later("61s");
    world.alice("release node:x").says_all(str![[r#"
Already expired: node:x

"#]]);
    assert_eq!(claimed(&world), ["db:y"]);
}

#[test]
fn on_behalf_of_another_session() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world
        .bob("release node:x --session wizard@devvm@alice")
        .says("Released node:x");
    assert!(claimed(&world).is_empty());
}

#[test]
fn bad_input() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.unchanged(|| {
        world
            .alice("release node:x --all-mine")
            .fails(129, "exclude each other");
        world
            .alice("release k8s")
            .fails(129, "it has no type")
            .hints("infra:k8s");
        let bad_id = "release node:x --session \"a\u{1b}b\"";
        world
            .alice(bad_id)
            .fails(129, "session id is not accepted")
            .hints("--session");
    });
}

/// Once for each commit, whatever is released after it; a push to any branch of the remote counts.
#[test]
fn what_is_committed_and_not_pushed_is_said_once() {
    let world = World::new();
    world.git("branch --move main");
    world.sh("git init -q --bare ../code.git").done();
    world.git("remote add code ../code.git");
    world.git("push --quiet --set-upstream code main");
    let commit = |file: &str| {
        world.write(file, "new\n");
        world.git("add .");
        world.git("commit --quiet -m change");
    };
    let claims = "claim path:src/a.rs stack:dns path:docs branch:main --purpose edit";
    world.alice(claims).done();
    commit("src/a.rs");
    world.alice("release stack:dns").omits("push");
    world.alice("release path:docs").omits("push");
    world
        .alice("release path:src/a.rs")
        .warns("push: git push code main; 1 commit of main, with src/a.rs, is not at code yet");
    world.alice("release branch:main").omits("push");
    world.alice("claim branch:main --purpose edit").done();
    commit("docs/b");
    world
        .alice("release branch:main --json")
        .warns("push: git push code main; 2 commits of main are not at code yet");
    // What a task does is in its commits, also if it claims nothing.
    world.alice("task add tidy").done();
    let task = world.alice("task next --json").json();
    commit("src/c.rs");
    let id = task["tasks"][0]["id"].as_str().unwrap();
    world
        .alice(&format!("task done {id}"))
        .warns("push: git push code main; 3 commits of main are not at code yet");
    world.alice("claim path:src --purpose edit").done();
    commit("src/d.rs");
    world.git("push --quiet code HEAD:refs/heads/topic");
    world.alice("release path:src").omits("push");
    commit("src/e.rs");
    world.git("branch --unset-upstream");
    world.alice("claim path:src --purpose edit").done();
    world.alice("release path:src").omits("push");
}

/// A place in a queue is no claim.
#[test]
fn what_is_waited_for_is_not_released() {
    let world = World::new();
    world.alice("claim -x stack:dns --purpose apply").done();
    world.alice("claim node:x --purpose x").done();
    world.bob("wait stack:dns --for=0s").exits(4);
    world.bob("claim db:y --purpose y").done();
    let said = world.bob("release stack:dns db:y");
    said.says("You do not wait for stack:dns any more\n")
        .says("Released db:y")
        .omits("Released stack:dns");
    world.bob("wait stack:dns --for=0s").exits(4);
    let said = world.bob("release stack:dns --json").json();
    assert_eq!(said["withdrawn"], serde_json::json!(["stack:dns"]));
    assert_eq!(said["released"], said["withdrawn"]);
}

/// Who guesses a verb does not mean all claims.
#[test]
fn a_guessed_verb_without_a_resource_releases_nothing() {
    let world = World::new();
    world.alice("claim node:x db:y --purpose x").done();
    for guess in ["free", "unlock", "unclaim", "drop", "done", "free --json"] {
        world.unchanged(|| {
            let said = world.alice(guess);
            said.exits(129);
            let all = format!("{}{}", said.out, said.err);
            assert!(all.contains("git presence release --all-mine"), "{all}");
        });
    }
    world.alice("free node:x").says("Released node:x");
    world.alice("drop --all-mine").says("Released db:y");
}
