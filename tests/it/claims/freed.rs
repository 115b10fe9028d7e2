//! What becomes free: who was refused or deferred hears it, and what the code here lacks.
//!
//! Owns the promise that nothing is told free that is not known to be, and that the next holder is
//! sent for the commit of the last one.

use serde_json::json;

use crate::machines::Team;
use crate::world::World;

/// The short id of the commit that is checked out.
fn head(world: &World) -> String {
    world.git("rev-parse --short=7 HEAD").trim().to_owned()
}

fn commit(world: &World, what: &str) -> String {
    world.git(&format!("commit --quiet --allow-empty -m {what}"));
    head(world)
}

#[test]
fn who_was_refused_is_told_that_it_is_free_once() {
    for refused in [
        "claim -x node:x -p me",
        "claim node:x -p me",
        "claim -x node:x -p me --wait=1s",
        "wait node:x --for=1s",
    ] {
        let world = World::new().without("GIT_PRESENCE_TEST_NOW");
        world.bob("claim -x node:x -p slow").done();
        assert_ne!(world.alice(refused).code, Some(0), "{refused}");
        world.alice("heartbeat").omits("free");
        world.bob("release node:x").done();
        world.alice("status").says("node:x is free now");
        world
            .alice("heartbeat --throttle 0s")
            .says("node:x is free now");
        world.alice("heartbeat --throttle 0s").omits("free");
    }
}

/// A session that deferred has its own claim, and waits for the other one.
#[test]
fn who_deferred_is_told_and_who_got_it_is_not() {
    let world = World::new();
    world.bob("claim node:x -p first").done();
    world
        .alice("claim node:x -p second")
        .says("ALSO CLAIMED BY");
    world.bob("release node:x").done();
    world.carol("claim node:x -p third").done();
    // Another one has it by now.
    world.alice("heartbeat --throttle 0s").omits("free");
    world.carol("release node:x").done();
    let told = world.alice("heartbeat --throttle 0s --json").json();
    assert_eq!(told["news"][0]["what"], json!("free"));
    // A claim that was granted in the end needs no word.
    world.bob("claim -x node:y -p p").done();
    world.alice("claim -x node:y -p p").exits(3);
    world.bob("release node:y").done();
    world.alice("claim -x node:y -p p").done();
    world.alice("heartbeat --throttle 0s").omits("free");
}

/// Two clones: the last holder pushed, and the next one has not fetched.
#[test]
fn the_next_holder_is_sent_for_the_commit_of_the_last() {
    for kind in ["-x", ""] {
        let (_team, a, b) = Team::pair();
        let from = a.dir().display().to_string();
        a.git("checkout --quiet -B main");
        commit(&a, "first");
        b.git(&format!("fetch --quiet {from} main"));
        b.git("checkout --quiet -B main FETCH_HEAD");
        a.alice(&format!("claim {kind} path:plan -p edit")).done();
        let new = commit(&a, "second");
        a.alice("release path:plan").done();
        b.anyone("sync").done();
        let advice =
            format!("fetch first: {new} of \"main\" is not here, where wizard@devvm@alice was");
        b.bob("peek path:plan").says(&*advice);
        b.bob("wait path:plan").says(&*advice);
        let claimed = b
            .bob(&format!("claim {kind} path:plan -p mine --json"))
            .json();
        let fetch_first = claimed["fetch_first"].as_str().unwrap();
        assert!(fetch_first.starts_with(&new), "{claimed}");
        // Fetched and not merged, which matters on the same branch only.
        b.git(&format!("fetch --quiet {from} main"));
        b.bob("release path:plan").done();
        b.carol("peek path:plan").omits("fetch first");
        b.carol(&format!("claim {kind} path:plan -p p"))
            .omits("fetch first");
        b.carol("release path:plan").done();
        b.git("reset --quiet --hard FETCH_HEAD");
        b.bob(&format!("claim {kind} path:plan -p mine"))
            .omits("first:");
    }
}

#[test]
fn a_branch_that_moved_elsewhere_is_told() {
    let world = World::new();
    world.git("checkout --quiet -B main");
    commit(&world, "first");
    world.git("branch old");
    world.alice("claim -x path:plan -p edit").done();
    let new = commit(&world, "second");
    world.alice("release path:plan").done();
    world.bob("peek path:plan").omits("first:");
    world.git("reset --quiet --hard old");
    // On no branch, and nothing of the branch that had it is lacking here.
    world.bob("peek path:plan").omits("first");
    world.git(&format!("branch backup {new}"));
    let advice = format!(
        "merge first (git merge backup): your branch lacks {new}, which is on \"backup\" here"
    );
    let said = world.bob("claim -x path:plan -p mine");
    said.says(&*advice);
    // It stands before all else.
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].contains(&advice), "{}", said.out);
    // A branch of a remote that has it is named before one of another name.
    world.git(&format!("update-ref refs/remotes/origin/main {new}"));
    world.bob("peek path:plan").says(&*format!(
        "merge first (git fetch, then git merge origin/main): your branch lacks {new}, which is on \
         \"origin/main\""
    ));
    world.bob("release path:plan").done();
    // It left what is here.
    world.git("checkout --quiet old");
    world.alice("claim -x path:plan -p p").omits("first");
}

/// A linked worktree has the commits of all branches, and one branch of its own.
#[test]
fn the_next_holder_in_a_linked_worktree_is_told_what_its_branch_lacks() {
    for kind in ["-x", ""] {
        let world = World::new();
        world.git("checkout --quiet -B main");
        world.git("worktree add --quiet -b side ../side");
        let side = world.at("side");
        world.alice(&format!("claim {kind} stack:net -p a")).done();
        let new = commit(&world, "second");
        side.bob("claim --refuse stack:net -p b")
            .refuses("stack:net");
        world.alice("release stack:net").done();
        let advice = format!(
            "merge first (git merge main): your branch lacks {new}, which is on \"main\" here"
        );
        side.bob("heartbeat --throttle 0s").says(&*advice);
        side.bob("peek stack:net").says(&*advice);
        side.bob(&format!("claim {kind} stack:net -p b"))
            .says(&*advice);
        side.bob("release stack:net").done();
        // A commit that is on no branch any more is not named.
        world.git("commit --quiet --allow-empty --amend -m other");
        side.bob("peek stack:net")
            .says("merge first (git merge main): \"main\" was rewritten since")
            .omits(&new);
        side.git("merge --quiet main");
        side.carol(&format!("claim {kind} stack:net -p c"))
            .omits("first");
    }
}

/// The holder may have renewed since the last fetch.
#[test]
fn what_expired_in_an_old_view_is_not_told_to_be_free() {
    for kind in ["-x", ""] {
        let (_team, a, b) = Team::pair();
        b.bob(&format!("claim {kind} infra:x --ttl 5m -p theirs"))
            .done();
        a.anyone("sync").done();
        a.alice("claim --refuse infra:x -p mine").refuses("infra:x");
        b.later("4m");
        b.bob(&format!("claim {kind} infra:x --ttl 5m -p theirs"))
            .done();
        b.anyone("sync").done();
        b.later("3m");
        a.alice("heartbeat").omits("free");
        a.alice("status").omits("infra:x is free");
        b.later("10m");
        a.anyone("sync").done();
        a.alice("status").says("infra:x");
        a.alice("heartbeat").says("infra:x");
    }
}

#[test]
fn what_is_ones_own_is_not_waited_for() {
    let world = World::new();
    world.alice("claim node:x -p p").done();
    world
        .alice("wait node:x db:y --for=1s")
        .says("Yours already: node:x: no other session claims it. When done: git presence release node:x")
        .says("Free db:y\nClaim it now: git presence claim --exclusive db:y --purpose");
    world.bob("claim node:x -p p").done();
    world.alice("wait node:x --for=0s").exits(4);
}

/// The branch that is to be merged is one of the remote where the remote has the commit.
#[test]
fn a_branch_of_another_session_is_not_named_where_the_remote_has_its_commit() {
    let (_team, a, _b) = Team::pair();
    a.git("checkout --quiet -b topic-of-alice");
    commit(&a, "one");
    a.alice("claim path:src -p p").done();
    a.alice("release path:src").done();
    a.git("push --quiet origin HEAD:main");
    a.git("checkout --quiet -b topic-of-bob HEAD~1");
    a.bob("claim path:src -p p")
        .says("merge first (git fetch, then git merge origin/main)")
        .says("was when it was done with path:src")
        .omits("topic-of-alice");
}
