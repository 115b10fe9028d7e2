//! The end of a turn, and the apply of what is shared: what an agent is told at the last moment.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};

use super::{Agent, context, payload, send, two};
use crate::said::{Said, holds};
use crate::world::World;

/// What a turn goes on for; nothing if it ends.
fn left(said: &Said) -> String {
    said.done();
    if said.out.trim().is_empty() {
        return String::new();
    }
    let answer = said.json();
    assert_eq!(answer["decision"], "block", "{answer}");
    answer["reason"].as_str().unwrap().to_owned()
}

/// The end of a turn in which nothing goes on.
fn stop(agent: &Agent<'_>) -> Said {
    agent.with("Stop", json!({"background_tasks": [], "session_crons": []}))
}

/// A hook that is about nothing that is shared.
fn hook(agent: &Agent<'_>, event: &str) -> Said {
    match event {
        "Stop" => stop(agent),
        _ => agent.with(
            event,
            json!({"tool_name": "Read", "tool_input": {"file_path": "x"}}),
        ),
    }
}

fn ran(agent: &Agent<'_>, event: &str, line: &str) {
    let tool = json!({"tool_use_id": line, "tool_name": "Bash", "tool_input": {"command": line}});
    agent.with(event, tool).done();
}

/// A remote for the code, and a first push.
fn with_a_remote(world: &World) {
    world
        .sh(
            "git init -q --bare ../code.git && git remote add code ../code.git && \
             \
             git -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m 0 && \
             GIT_COMMITTER_DATE=2026-11-20T10:00:00Z git push -q code HEAD:main",
        )
        .done();
}

fn pushes(world: &World, agent: &Agent<'_>, files: &str) {
    let line = format!(
        "mkdir -p src docs && for f in {files}; do date +%N >> $f; done && git add . && \
         git -c user.name=a -c user.email=a@example.org commit -qm c && git push -q code HEAD:main"
    );
    let then = world.with("GIT_COMMITTER_DATE", world.now().to_rfc3339());
    then.sh(&line).done();
    ran(agent, "PostToolUse", "git push code HEAD:main");
}

#[test]
fn a_turn_after_a_push_asks_once_about_each_claim_of_what_was_pushed() {
    let world = World::new();
    let (a, _) = two(&world);
    with_a_remote(&world);
    a.runs("claim -x stack:dns --purpose apply").done();
    a.runs("claim path:src path:docs branch:main --purpose edit")
        .done();
    stop(&a).is_silent();
    // No push of what is claimed.
    pushes(&world, &a, "other");
    a.runs("release branch:main").done();
    stop(&a).is_silent();
    pushes(&world, &a, "src/one");
    // Not while the turn goes on because of a hook, or while something runs in the background.
    a.with(
        "Stop",
        json!({"stop_hook_active": true, "background_tasks": [], "session_crons": []}),
    )
    .is_silent();
    let running = json!({"background_tasks": [{"id": "1"}]});
    a.with("Stop", running).is_silent();
    a.hook("StopFailure").is_silent();
    assert_eq!(
        left(&stop(&a)),
        "git presence: you pushed \"src/one\"; still claimed: \"path:src\" until 10:15 UTC, in 15 min. \
         Release it: git presence release path:src. Or end your turn again to keep it.\n"
    );
    stop(&a).is_silent();
    // Each claim is asked about once, and the next one of the same files is another claim.
    pushes(&world, &a, "src/two");
    stop(&a).is_silent();
    pushes(&world, &a, "src/two docs/two");
    let told = left(&stop(&a));
    holds(
        &told,
        "you pushed \"docs/two\"; still claimed: \"path:docs\" until",
    );
    assert!(!told.contains("path:src"), "{told}");
    a.runs("release path:src").done();
    world.later("1m");
    a.runs("claim path:src --purpose more").done();
    pushes(&world, &a, "src/three");
    holds(&left(&stop(&a)), "still claimed: \"path:src\" until");
}

/// Where the branch has an upstream, and a look at local refs says so.
#[test]
fn a_turn_after_a_commit_that_is_not_pushed_is_told_so_once_for_each_claim() {
    let world = World::new();
    let (a, _) = two(&world);
    with_a_remote(&world);
    let commits = |file: &str| {
        let line = format!(
            "mkdir -p src && date +%N >> {file} && git add . && \
             git -c user.name=a -c user.email=a@example.org commit -qm c"
        );
        let then = world.with("GIT_COMMITTER_DATE", world.now().to_rfc3339());
        then.sh(&line).done();
    };
    // A commit from before the claim is not of the session.
    world.git("branch --quiet --set-upstream-to code/main");
    commits("src/before");
    world.later("1m");
    a.runs("claim path:src --purpose edit").done();
    stop(&a).is_silent();
    commits("other");
    stop(&a).is_silent();
    commits("src/one");
    assert_eq!(
        left(&stop(&a)),
        "git presence: push: git push code main; 2 commits of \"main\", with \"src/one\", are not \
         at \"code\" yet. Or end your turn again to leave it so.\n"
    );
    commits("src/two");
    stop(&a).is_silent();
    // Another claim of the same files, and without an upstream nothing is looked at.
    a.runs("release path:src").done();
    world.later("1m");
    a.runs("claim path:src --purpose more").done();
    commits("src/three");
    world.git("branch --quiet --unset-upstream");
    stop(&a).is_silent();
    world.git("branch --quiet --set-upstream-to code/main");
    world.git("push --quiet code HEAD:topic");
    stop(&a).is_silent();
}

/// A task that is done releases what came with it.
#[test]
fn what_is_held_with_a_task_is_not_asked_about() {
    let world = World::new();
    let (a, _) = two(&world);
    with_a_remote(&world);
    a.runs("task add tidy --list later --claims path:src")
        .done();
    a.runs("task next --list later").done();
    pushes(&world, &a, "src/one");
    stop(&a).is_silent();
    a.runs("status").says("git presence task done");
}

#[test]
fn a_push_that_failed_or_that_no_rule_is_about_asks_nothing() {
    let world = World::new();
    let (a, _) = two(&world);
    with_a_remote(&world);
    a.runs("claim path:src branch:main --purpose edit").done();
    ran(&a, "PostToolUse", "git stash push");
    ran(&a, "PostToolUseFailure", "git push code HEAD:main");
    stop(&a).is_silent();
    pushes(&world, &a, "src/one");
    let told = left(&stop(&a));
    holds(
        &told,
        "you pushed \"src/one\", branch \"main\"; still claimed: \"branch:main\" until",
    );
    holds(
        &told,
        "Release them: git presence release branch:main path:src.",
    );
    a.runs("release --all-mine").done();
    a.runs("claim path:src --purpose edit").done();
    pushes(&world, &a, "src/two");
    world.git("config presence.enforce off");
    stop(&a).is_silent();
}

#[test]
fn a_holder_hears_at_the_next_hook_that_another_session_waits() {
    for event in ["UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop"] {
        let world = World::new();
        let (a, _) = two(&world);
        a.runs("claim -x stack:dns --purpose apply").done();
        hook(&a, "PostToolUse").is_silent();
        world.bob("wait stack:dns --for=0s").exits(4);
        let said = hook(&a, event);
        let told = if event == "Stop" {
            left(&said)
        } else {
            context(&said)
        };
        holds(
            &told,
            "Release \"stack:dns\" as soon as you are done with it: session",
        );
        holds(&told, "wizard@devvm@bob\" waits for it since 10:00 UTC, ");
        holds(&told, "git presence release \"stack:dns\"");
        for event in ["PreToolUse", "PostToolUse", "Stop"] {
            hook(&a, event).is_silent();
        }
    }
}

/// Each harness with its event at the end of a turn, and where its answer has the text and the word
/// with which the turn goes on.
const ENDS: [(&str, &str, &str, &str); 5] = [
    ("claude", "Stop", "reason", "block"),
    ("codex", "Stop", "reason", "block"),
    ("gemini", "AfterAgent", "reason", "deny"),
    ("cursor", "stop", "followup_message", ""),
    ("copilot", "agentStop", "", ""),
];

#[test]
fn the_turn_of_a_room_holds_each_harness_back_once() {
    for (harness, event, key, word) in ENDS {
        let world = World::new();
        world.git("config presence.sharedSession true");
        let there = world.with("GIT_PRESENCE_SESSION", "mine");
        let mut payload = payload(&world, harness, event);
        payload["background_tasks"] = json!([]);
        payload["session_crons"] = json!([]);
        there.anyone("turn take").done();
        let said = send(&there, harness, event, &payload);
        if !key.is_empty() {
            let answer: Value = said.done().json();
            let text = answer[key].as_str().unwrap_or_default();
            holds(text, "you hold \"turn:main\". Pass it on");
            assert_eq!(answer["decision"].as_str().unwrap_or_default(), word);
        }
        for held in ["stop_hook_active", "none"] {
            payload[held] = true.into();
            let said = send(&there, harness, event, &payload).done().out.clone();
            assert!(["", "{}"].contains(&said.trim()), "{harness}: {said}");
        }
    }
}

/// Each harness goes on with a turn in its own words, or cannot.
#[test]
fn each_harness_is_answered_as_it_documents() {
    for (harness, event, key, word) in ENDS {
        let world = World::new();
        let mut payload = payload(&world, harness, event);
        payload["background_tasks"] = json!([]);
        payload["session_crons"] = json!([]);
        world.git("config presence.sharedSession true");
        let there = world.with("GIT_PRESENCE_SESSION", "mine");
        there.anyone("claim -x stack:dns --purpose p").done();
        world.bob("wait stack:dns --for=0s").exits(4);
        let said = send(&there, harness, event, &payload);
        if key.is_empty() {
            said.is_silent();
            continue;
        }
        let answer: Value = said.done().json();
        holds(
            answer[key].as_str().unwrap_or_default(),
            "as soon as you are done",
        );
        if !word.is_empty() {
            assert_eq!(answer["decision"], word, "{answer}");
        }
    }
}

#[test]
fn an_apply_under_a_shared_claim_is_told_once_where_rules_are_enforced() {
    let world = World::new();
    let (a, _) = two(&world);
    let apply = json!({"tool_name": "Bash", "tool_input": {"command": "tofu -chdir=dns apply"}});
    let before = |agent: &Agent<'_>| agent.with("PreToolUse", apply.clone());
    a.runs("claim stack:dns --purpose plan").done();
    before(&a).is_silent();
    world
        .sh("GIT_PRESENCE_SESSION=p git presence claim stack:net -p p")
        .done();
    world.git("config presence.enforce deny");
    let told = context(&before(&a));
    holds(
        &told,
        "take care: this command changes \"stack:dns\", which this session claims shared",
    );
    holds(&told, "git presence claim --exclusive stack:dns --purpose");
    before(&a).is_silent();
    a.runs("claim -x stack:dns --purpose apply").done();
    before(&a).is_silent();
    // The same at the gate of a pipeline.
    let gate = |who: &str| world.session(who, "hook pre-apply stack:net");
    gate("p")
        .warns("you claim stack:net shared")
        .tells("claim --exclusive stack:net");
    world.session("p", "claim -x stack:net -p p").done();
    gate("p").omits("shared");
    world.git("config presence.enforce warn");
    world.session("p", "release stack:net").done();
    world.session("p", "claim stack:net -p p").done();
    gate("p").omits("shared");
}

#[test]
fn who_holds_the_turn_of_a_room_is_held_back_once_for_each_grant() {
    let world = World::new();
    let (a, b) = two(&world);
    a.runs("turn take").done();
    b.runs("claim path:docs --purpose p").done();
    a.with(
        "Stop",
        json!({"stop_hook_active": true, "background_tasks": [], "session_crons": []}),
    )
    .is_silent();
    let told = left(&stop(&a));
    holds(&told, "you hold \"turn:main\". Pass it on");
    holds(
        &told,
        contains("git presence turn pass --status \"<how things stand>\" --next")
            .and(contains("presence release").not()),
    );
    stop(&a).is_silent();
    stop(&b).is_silent();
    // The next grant is another turn.
    a.runs("turn pass --status a --next b").done();
    stop(&a).is_silent();
    a.runs("turn take").done();
    assert_ne!(left(&stop(&a)), "");
    stop(&a).is_silent();
    world.git("config presence.enforce off");
    a.runs("release turn:main").done();
    a.runs("turn take").done();
    stop(&a).is_silent();
}

#[test]
fn an_offer_is_told_at_the_next_prompt_once() {
    let world = World::new();
    let (a, b) = two(&world);
    b.runs("claim path:docs --purpose p").done();
    a.runs("turn take").done();
    let id = world.with("CLAUDE_CODE_SESSION_ID", b.id).anyone("whoami");
    let id = id.done().out.trim_end().to_owned();
    a.runs(&format!("turn pass --status a --next b --to {id}"))
        .done();
    let told = context(&b.hook("UserPromptSubmit"));
    holds(
        &told,
        "\"turn:main\" is offered to you until 10:20 UTC, in 20 min",
    );
    holds(&told, "Take it: git presence turn take,");
    let again = context(&b.hook("UserPromptSubmit"));
    assert!(!again.contains("offered"), "{again}");
    let other = context(&a.hook("UserPromptSubmit"));
    assert!(!other.contains("offered to you"), "{other}");
}
