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

/// A board with too much of everything.
fn full() -> World {
    let world = World::new();
    let some = |kind: &str, count: usize| {
        let labels: Vec<String> = (0..count).map(|n| format!("{kind}:n{n}")).collect();
        labels.join(" ")
    };
    let nodes = some("node", 30);
    world.alice(&format!("claim {nodes} --purpose mine")).done();
    world.bob(&format!("claim {nodes} --purpose theirs")).done();
    for n in 0..5 {
        world.alice(&format!("turn take mine{n}")).done();
        world.bob(&format!("turn take theirs{n}")).done();
    }
    for n in 0..10 {
        let to = ["--ask", "--urgent", ""][n % 3];
        let line = format!("tell {ALICE} -m \"what about number {n}, said at some length?\" {to}");
        world.bob(&line).done();
        world.carol(&line).done();
        world
            .carol(&format!("state svc:n{n} degraded -m slow"))
            .done();
        world
            .carol(&format!("task add \"task number {n} with a title\""))
            .done();
    }
    for n in 0..5 {
        world.git(&format!("update-ref refs/presence/sessions/stray-{n} HEAD"));
    }
    world
}

#[test]
fn at_most_25_lines_whatever_happens() {
    let world = full();
    for width in ["200", "80", "60", "40"] {
        let said = world.with("COLUMNS", width).alice("status");
        assert!(said.done().lines().len() <= 25, "{}", said.out);
        let columns: usize = width.parse().unwrap();
        for line in said.lines() {
            assert!(line.chars().count() <= columns, "{width}: {line}");
        }
    }
    let said = world.alice("status");
    said.says("git presence list --mine")
        .says("20 unread messages: git presence inbox")
        .says("Others: 30 claims, 2 sessions")
        .says("more: git presence list\n")
        .says("more: git presence list --type turn")
        .says("more: git presence state")
        .says("more: git presence task")
        .says("Problem: refs/presence/sessions/stray-0")
        .says("more: git presence doctor")
        .says("Next: git presence doctor");
}

#[test]
fn turns_and_who_is_next() {
    let world = World::new();
    world.alice("turn take").done();
    world.bob("wait turn:main --for=0s").exits(4);
    world.alice("status").says("turn:main is yours until 10:45");
    world
        .bob("status")
        .says("turn:main is held by wizard@devvm@alice until 10:45, in 45 min; in line: you");
    world
        .alice("turn pass --to wizard@devvm@bob --status \"half done\" --next \"the other half\"")
        .done();
    world.bob("status").says(
        "turn:main is offered to you until 10:20, in 20 min; in line: you; wizard@devvm@alice \
         passed it: next \"the other half\"",
    );
    let turn = &world.bob("status --json").json()["turns"][0];
    assert_eq!(turn["state"], "offered");
    assert_eq!(turn["offer"]["is_me"], true);
    assert_eq!(turn["queue"][0]["session_id"], BOB);
    assert_eq!(turn["passed"]["from"], ALICE);
    assert_eq!(turn["passed"]["status"], "half done");
    world.bob("turn take").done();
    world.bob("turn pass --status done --next nothing").done();
    world
        .alice("status")
        .says("turn:main is free; wizard@devvm@bob passed it: next \"nothing\"");
}

#[test]
fn the_newest_messages_are_quoted() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    world
        .bob(&format!("tell {ALICE} -m \"is it done?\" --ask"))
        .done();
    world.later("1m");
    world
        .bob(&format!("tell {ALICE} -m first -m second"))
        .done();
    world.later("1m");
    world.alice("status").says(
        "2 unread messages: git presence inbox\n  wizard@devvm@bob, 1 min ago: \"first\"\n  asks \
         wizard@devvm@bob, 2 min ago: \"is it done?\"",
    );
    let messages = &world.alice("status --json").json()["messages"];
    assert_eq!(messages[0]["subject"], "first");
    assert_eq!(messages[0]["ask"], false);
    assert_eq!(messages[1]["ask"], true);
    assert_eq!(messages[1]["from"], BOB);
    world.alice("inbox --ack").done();
    world.alice("status").omits("unread");
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
    let conflict = serde_json::json!([{"resource": "node:x", "session_id": BOB}]);
    assert_eq!(status["mine"][0]["conflicts_with"], conflict);
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

#[test]
fn a_task_that_is_ready_comes_next() {
    let world = World::new();
    world.alice("task add one").done();
    world.bob("status").says("Next: git presence task next\n");
    world.bob("task next").done();
    world.alice("status").omits("task next");
}

#[test]
fn a_heartbeat_alone_is_no_change_that_is_not_sent() {
    let (_team, a, _) = Team::pair();
    a.alice("turn take").done();
    a.alice("status").says("all of yours sent");
}
