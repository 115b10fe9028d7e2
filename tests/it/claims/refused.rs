//! Refusals: who holds it, and the next command, which works as printed.

use serde_json::json;

use crate::said::{Said, holds};
use crate::world::{BOB, World};

/// The command at the end of the first hint that has `word` in it, without `git presence`.
fn hinted(said: &Said, word: &str) -> String {
    let hints = said.err.lines().filter(|line| line.starts_with("hint: "));
    let with = hints.filter(|hint| hint.contains(word));
    let mut commands = with.filter_map(|hint| hint.split_once("git presence "));
    commands.next().map_or_else(
        || panic!("no hint has {word}: {}", said.err),
        |(_, rest)| rest.to_owned(),
    )
}

#[test]
fn it_names_the_holder_once_and_where_it_works() {
    let world = World::new();
    world.git("checkout --quiet -b feature");
    world.alice("claim -x stack:dns --purpose deploy").done();
    world.later("2m");
    let said = world.bob("claim -x stack:dns --purpose p");
    said.refuses("stack:dns is claimed by wizard@devvm@alice (wizard@")
        .refuses("\"deploy\"; exclusively until 10:15, in 13 min; seen 2 min ago in ")
        .refuses("on feature");
    assert_eq!(
        said.err.matches("wizard@devvm@alice").count(),
        1,
        "{}",
        said.err
    );
    // Nothing it says would claim over the holder.
    assert!(!said.err.contains("--over-shared"), "{}", said.err);
    let waits = hinted(&said, "wait");
    world.alice("release stack:dns").done();
    world.bob(&waits).says("Free stack:dns");
}

#[test]
fn several_holders_are_named_beside_what_they_hold() {
    let world = World::new();
    world.alice("claim path:src --purpose a").done();
    world.carol("claim path:src/net --purpose c").done();
    let said = world.bob("claim path:src/net/x --purpose b --refuse");
    said.refuses("path:src, path:src/net are claimed by 2 other sessions")
        .refuses("path:src by wizard@devvm@alice (")
        .refuses("path:src/net by wizard@devvm@carol (");
    for who in ["wizard@devvm@alice", "wizard@devvm@carol"] {
        assert_eq!(said.err.matches(who).count(), 1, "{}", said.err);
    }
}

#[test]
fn force_says_the_whole_command_and_yes_does_it() {
    let world = World::new();
    world.alice("claim -x stack:dns --purpose deploy").done();
    for line in [
        "release --force stack:dns --reason \"prod is down\"",
        "steal stack:dns --reason \"prod is down\"",
        "takeover stack:dns -m \"prod is down\"",
    ] {
        world.unchanged(|| {
            let said = world.bob(line);
            let command = hinted(said.refuses("stack:dns is claimed by"), "--force");
            holds(&command, "--holder wizard@devvm@alice --token ");
            holds(&command, "--reason 'prod is down'");
        });
    }
    world.unchanged(|| {
        let said = world.bob("release --force stack:dns");
        holds(
            &hinted(said.refuses("claimed"), "--force"),
            "--reason \"<why>\"",
        );
        let said = world.bob("release --force stack:dns --holder wizard@devvm@carol --reason x");
        said.refuses("it is claimed by wizard@devvm@alice");
        world.bob("release --force stack:dns --yes").exits(129);
        world
            .bob("release --force stack:no --reason x --yes")
            .refuses("no other session does");
        let own = world.alice("release --force stack:dns --reason x --yes");
        holds(
            &hinted(own.refuses("stack:dns is yours"), "release"),
            "release stack:dns",
        );
    });
    let command = hinted(&world.bob("steal stack:dns -m late"), "--force");
    world
        .bob(&command)
        .says("Released stack:dns")
        .warns("was taken from wizard@devvm@alice (");
    world.alice("heartbeat").refuses("late");
    world.alice("claim -x stack:dns --purpose again").done();
    let at_once = "release --force stack:dns --reason \"down again\" --yes";
    world.bob(at_once).says("Released stack:dns");
}

#[test]
fn a_shared_claim_is_cleared_only_if_its_program_is_gone() {
    let world = World::new();
    world.alice("claim path:src --purpose lives").done();
    let force = "release --force path:src --reason dead --yes";
    world.unchanged(|| {
        let said = world.bob(force);
        said.refuses("a shared claim excludes no session");
        assert!(!said.err.contains("--force"), "{}", said.err);
    });
    world.alice("release --all-mine").done();
    let claims = "CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=old git-presence claim path:src path:docs \
                  --purpose gone";
    world.harness("claude", claims).done();
    let said = world.bob("claim path:src --purpose p --refuse");
    said.refuses("its process is gone")
        .refuses("(claude-code, wizard@");
    let way = hinted(&said, "--force");
    holds(&way, "release --force path:src --reason \"<why>\" --yes");
    // Who claims it all the same, who waits and who edits is told so, too.
    let clears = "release --force path:src --reason \"<why>\" --yes";
    world
        .carol("claim path:src --purpose p")
        .says("its process is gone")
        .says("Or clear the claim, on record")
        .says(clears);
    world.carol("release path:src").done();
    world
        .carol("peek path:src")
        .says("To go on: clear the claim, on record")
        .says(clears);
    world
        .carol("wait path:src --for=0s")
        .fails(4, "whose process is gone,")
        .tells(clears);
    let edit = json!({
        "session_id": "new", "cwd": world.dir(), "hook_event_name": "PreToolUse",
        "tool_name": "Write", "tool_input": {"file_path": "src/x", "content": "x"},
    });
    let told = world
        .with("CLAUDE_CODE_SESSION_ID", "new")
        .anyone_with_input("hook claude PreToolUse", edit.to_string().as_bytes())
        .out;
    holds(&told, "its process is gone");
    holds(&told, "--force path:src --reason");
    world.later("1m");
    world
        .bob(&way.replace("<why>", "it crashed"))
        .says("Released path:src");
    // The rest of the session is as it was, and the history says who did it and why.
    let list = world.bob("list --json").json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list[0]["resource"], "path:docs");
    assert_eq!(list[0]["expires_at"], "2026-11-21T10:15:00.000Z");
    let log = world.bob("log --json").json();
    assert_eq!(
        (&log[0]["event"], &log[0]["by"]),
        (&"clear".into(), &BOB.into())
    );
    assert_eq!(log[0]["purpose"], "it crashed");
    world
        .bob("claim path:src --purpose p --refuse")
        .says("Claimed path:src");
}

#[test]
fn kin_are_told_how_it_is_handed_over() {
    let world = World::new();
    // An agent that an agent started.
    let script = "export CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=outer\n\
                  git-presence claim -x stack:dns --purpose outer\n\
                  bash -c 'GEMINI_CLI=1 GEMINI_SESSION_ID=inner git-presence claim -x stack:dns \
                  --purpose inner; true'";
    let said = world.harness("claude", script);
    let way = hinted(&said, "started you");
    holds(&way, "release stack:dns --session");
    world.anyone(&way).says("Released stack:dns");
    // Steps of a pipeline that have a session each.
    let step = |n: &str| {
        let world = world.with("CI", "true").with("CI_PIPELINE_NUMBER", "7");
        world.with("CI_STEP_NUMBER", n)
    };
    step("1").anyone("claim -x db:main --purpose one").done();
    let said = step("2").anyone("claim -x db:main --purpose two");
    said.refuses("held by step 1 of this job");
    let way = hinted(&said, "step 1 of");
    step("2").anyone(&way).says("Released db:main");
}

#[test]
fn a_namesake_in_another_clone_is_told_where() {
    let (_team, a, b) = crate::machines::Team::pair();
    a.bob("claim -x stack:dns --purpose p").done();
    let said = b.bob("claim -x stack:dns --purpose p");
    said.refuses("in another clone");
    let way = hinted(&said, "in another clone");
    holds(&way, "-C ");
    b.bob(&way).says("Released stack:dns");
}
