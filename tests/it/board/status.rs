//! `status`: the summary of one session.

use snapbox::str;

use crate::machines::Team;
use crate::world::{ALICE, BOB, World};

#[test]
fn at_the_beginning() {
    let world = World::new();
    world.untouched(&[], || {
        world.alice("status").says_all(str![[r#"
You are wizard@devvm@alice
Yours: 0 claims
Others: 0 claims, 0 sessions
Next: git presence claim <type>:<name> --purpose <text>

"#]]);
    });
}

#[test]
fn at_work() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.bob("claim db:y --purpose backup").done();
    world.later("3m");
    world.alice("status").says_all(str![[r#"
You are wizard@devvm@alice (seen 3 min ago)
Yours: 1 claim
   node:x  shared  until 10:15, in 12 min  "upgrade"
Others: 1 claim, 1 session
   db:y  shared  wizard@devvm@bob  until 10:15, in 12 min  "backup"
Next: git presence release node:x  (when you are done)

"#]]);
}

#[test]
fn what_is_in_my_way_comes_first() {
    let world = World::new();
    for n in 0..9 {
        world.bob(&format!("claim db:n{n} --purpose backup")).done();
    }
    world.bob("claim node:x --purpose move").done();
    world.alice("claim node:x --purpose upgrade").done();
    let said = world.alice("status");
    said.says("Next: git presence peek node:x")
        .says("and 5 more: git presence list");
    let others = said
        .lines()
        .iter()
        .position(|line| line.starts_with("Others:"));
    assert!(
        said.lines()[others.unwrap() + 1].contains("node:x"),
        "{}",
        said.out
    );
}

/// The next command follows from what the session has, and from who waits for it.
#[test]
fn the_next_command_is_for_the_state() {
    let world = World::new();
    let next = |who: &str, command: &str| {
        world
            .session(who, "status")
            .says(&*format!("Next: git presence {command}"));
    };
    world.alice("claim -x stack:dns -p apply").done();
    let wait = "wait stack:dns --for=0s";
    world.bob(wait).exits(4);
    next(ALICE, "release stack:dns  (when you are done: another");
    world
        .alice("status")
        .says("Others: 0 claims, 1 waiting, 1 session");
    next(BOB, "wait stack:dns");
    world
        .bob("status")
        .says("Yours: 0 claims, 1 waiting\n   stack:dns  waiting")
        .says("   stack:dns  exclusive  wizard@devvm@alice");
    world.alice("release stack:dns").done();
    next(BOB, "claim --exclusive stack:dns --purpose");
    world.later("1m");
    next(BOB, "claim --exclusive stack:dns --purpose");
    world.bob("heartbeat --throttle 0s").says("is free now");
    world.bob("status").omits("Next:");
}

#[test]
fn at_most_20_lines_whatever_happens() {
    let world = World::new();
    let some = |kind: &str| {
        let labels: Vec<String> = (0..30).map(|n| format!("{kind}:n{n}")).collect();
        labels.join(" ")
    };
    world
        .alice(&format!("claim {} --purpose mine", some("node")))
        .done();
    world
        .bob(&format!("claim {} --purpose theirs", some("node")))
        .done();
    for n in 0..5 {
        world.git(&format!("update-ref refs/presence/sessions/stray-{n} HEAD"));
    }
    let said = world.alice("status");
    assert!(said.done().lines().len() <= 20, "{}", said.out);
    said.says(ALICE)
        .says("Yours: 30 claims")
        .says("and 25 more")
        .says("Others: 30 claims, 1 session")
        .says("Problem: refs/presence/sessions/stray-0")
        .says("Next: git presence doctor");
}

#[test]
fn for_programs() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.bob("claim node:x --purpose backup").done();
    let status = world.alice("status --json").json();
    assert_eq!(status["session_id"], ALICE);
    assert_eq!(status["rule"], "variable");
    assert_eq!(status["mine"][0]["expires_at"], "2026-11-21T10:15:00.000Z");
    assert_eq!(status["others"][0]["purpose"], "backup");
    assert_eq!(status["other_sessions"], 1);
    assert_eq!(status["problems"], serde_json::json!([]));
    assert_eq!(status["next"], "git presence peek node:x");
    assert_eq!(status["ledger"], world.git_dir().display().to_string());
}

/// Why nothing is known of the remote, and why the last sync failed, may be one reason.
#[test]
fn an_error_of_the_remote_is_told_once() {
    let (team, a, _) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    team.away();
    a.later("10m");
    a.anyone("sync").fails(5, "does not appear to be");
    let said = a.alice("status").out;
    let times = said
        .matches("does not appear to be a git repository")
        .count();
    assert_eq!(times, 1, "{said}");
    // While the view is young, only the line about the sync has it.
    team.back();
    a.anyone("sync").done();
    team.away();
    a.anyone("sync").fails(5, "does not appear to be");
    let said = a.alice("status").out;
    assert_eq!(said.matches("last sync failed").count(), 1, "{said}");
    // A refusal of every push is the error of that push.
    team.back();
    a.git(
        "config remote.origin.receivepack \"echo ERROR: You are not allowed to push >&2; false\"",
    );
    a.alice("claim infra:b --purpose p").done();
    let said = a.alice("status").out;
    assert_eq!(said.matches("You are not allowed").count(), 1, "{said}");
}

/// What people and agents type first.
#[test]
fn words_of_other_tools_are_understood() {
    let world = World::new();
    world.alice("").says("Yours: 0 claims").omits("Usage");
    world
        .alice("take node:a -m one --for 20m")
        .says("Claimed node:a");
    world
        .alice("lock acquire node:b --why two")
        .says("Claimed node:b exclusively");
    world.alice("ls claims").says("node:a").says("node:b");
    world.alice("st").says("node:a");
    world.alice("check node:a").says("node:a");
    world.alice("log -5").says("node:a").says("node:b");
    world.alice("unlock node:b").says("Released node:b");
    world.alice("release").says("Released node:a");
    world.alice("release").done();
    world.alice("version").says("git-presence");
    world.alice("-h").says("Usage").omits("unclaim");
}
