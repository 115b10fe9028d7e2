//! `whoami`: the rule that decides the identity, and the explanation.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::{is_match, starts_with};
use serde_json::Value;
use snapbox::str;

use crate::said::holds;
use crate::world::{ALICE, World};

/// In an environment with something for every rule.
fn with_everything(world: &World) -> World {
    with_ci(&world.with("CODEX_THREAD_ID", "t-1")).with("GIT_PRESENCE_SESSION", ALICE)
}

fn with_ci(world: &World) -> World {
    world
        .with("CI", "true")
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_RUN_ID", "1234")
        .with("GITHUB_RUN_ATTEMPT", "2")
        .with("GITHUB_JOB", "build")
}

fn who(world: &World, line: &str) -> Value {
    world.anyone(line).done().json()
}

#[test]
fn the_first_rule_that_applies() {
    let world = World::new();
    let host = who(&world, "whoami --json")["host"]
        .as_str()
        .unwrap()
        .to_owned();
    let all = with_everything(&world);
    let is = |world: &World, line: &str, rule: &str, id: &str| {
        let who = who(world, line);
        assert_eq!(
            (who["rule"].as_str(), who["session_id"].as_str()),
            (Some(rule), Some(id))
        );
    };
    is(&all, "whoami --session me --json", "flag", "me");
    let all = all.without("GIT_PRESENCE_SESSION");
    let by_harness = who(&all, "whoami --json");
    assert_eq!(by_harness["rule"], "harness");
    assert_eq!(by_harness["agent"], "codex");
    let id = by_harness["session_id"].as_str().unwrap();
    let ours = starts_with(format!("wizard@{host}@"));
    holds(id, ours.and(is_match("@[0-9a-z]{8}$").unwrap()));
    let all = all.without("CODEX_THREAD_ID");
    let job = "github-actions-1234-2-build";
    is(&all, "whoami --json", "ci", job);
    is(&world, "whoami --json", "person", &format!("wizard@{host}"));
    is(&with_everything(&world), "whoami --json", "variable", ALICE);
}

#[test]
fn an_id_alone_in_text() {
    let world = World::new();
    world.alice("whoami").says_all(str![[r#"
wizard@devvm@alice

"#]]);
}

#[test]
fn explained() {
    let world = World::new();
    let all = with_everything(&world);
    all.anyone("whoami --explain --session me")
        .says("rule     flag")
        .says("1. --session is given: it is the session");
    all.anyone("whoami --explain")
        .says("rule     variable")
        .says("1. --session is not given")
        .says("2. GIT_PRESENCE_SESSION is set: it is the session");
    let harness = all.without("GIT_PRESENCE_SESSION");
    harness
        .anyone("whoami --explain")
        .says("rule     harness")
        .says("agent    codex")
        .says("2. GIT_PRESENCE_SESSION is not set")
        .says("CODEX_THREAD_ID wins");
    let ci = harness.without("CODEX_THREAD_ID");
    ci.anyone("whoami --explain")
        .says("rule     ci")
        .says("process  none: the steps of a job are one session")
        .says("GITHUB_ACTIONS is set: the github-actions job is the session");
    world
        .anyone("whoami --explain")
        .says("rule     person")
        .says("the person is the session");
    let explanation = who(&ci, "whoami --explain --json")["explanation"].clone();
    assert_eq!(explanation[0], "--session is not given");
}

#[test]
fn an_empty_variable_is_not_set() {
    let world = World::new().with("GIT_PRESENCE_SESSION", "");
    assert_eq!(who(&world, "whoami --json")["rule"], "person");
}

#[test]
fn a_ci_job_without_its_number_is_a_person() {
    let world = with_ci(&World::new()).without("GITHUB_RUN_ID");
    let said = world.anyone("whoami --explain");
    said.says("rule     person")
        .says("GITHUB_ACTIONS is set, but not what names its job");
}

#[test]
fn one_harness_id_is_one_session_everywhere() {
    let world = World::new();
    let session = |id: &str| {
        let world = world.with("CLAUDE_CODE_SESSION_ID", id);
        let who = who(&world, "whoami --json");
        assert_eq!(who["agent"], "claude-code");
        who["session_id"].clone()
    };
    assert_eq!(session("one"), session("one"));
    assert_ne!(session("one"), session("two"));
    // Below a shell, too.
    let below = "CLAUDE_CODE_SESSION_ID=one sh -c 'git presence whoami; true'; true";
    assert_eq!(world.sh(below).done().out.trim_end(), session("one"));
}

/// The inner shell is a process that has both variables; its parent has only one.
fn nested(outer: &str, inner: &str) -> String {
    format!(
        "env {outer}=from-outside sh -c \
         'env {inner}=from-inside sh -c \"git-presence whoami --explain; true\"; true'; true"
    )
}

#[test]
fn the_innermost_harness_wins() {
    let world = World::new();
    world
        .sh(&nested("CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID"))
        .says("agent    codex")
        .says("CLAUDE_CODE_SESSION_ID is set")
        .says("CODEX_THREAD_ID wins: codex set it 1 process(es) above");
    world
        .sh(&nested("CODEX_THREAD_ID", "CLAUDE_CODE_SESSION_ID"))
        .says("agent    claude-code")
        .says("CLAUDE_CODE_SESSION_ID wins");
    world
        .sh(&nested("CLAUDE_CODE_SESSION_ID", "GEMINI_CLI"))
        .says("agent    gemini-cli")
        .says("GEMINI_CLI wins");
}

#[test]
fn a_mark_without_an_id_stands_for_its_process() {
    let world = World::new();
    let two_calls = "for n in 1 2; do env GEMINI_CLI=1 git-presence whoami; done; true";
    let said = world.sh(two_calls);
    let lines = said.done().lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], lines[1], "one process, one session");
    let other = world.sh(two_calls);
    assert_ne!(
        other.done().lines()[0],
        lines[0],
        "another process, another session"
    );
}

#[test]
fn ids_that_are_not_accepted() {
    let world = World::new();
    let long = "x".repeat(256);
    for (id, why) in [
        ("a\u{1b}[31mb", "the control character U+001B"),
        ("a\nb", "the control character U+000A"),
        ("\u{202e}a", "the invisible character U+202E"),
        (" a", "starts or ends with a space"),
        (&long, "at most 255 are allowed"),
    ] {
        let variable = world.with("GIT_PRESENCE_SESSION", id);
        for said in [
            variable.anyone("whoami"),
            variable.anyone("claim node:x --purpose x"),
            world.anyone(&format!("whoami --session \"{id}\"")),
        ] {
            said.fails(129, why)
                .omits("\u{1b}")
                .hints("GIT_PRESENCE_SESSION");
        }
    }
    world
        .anyone("whoami --session \"\"")
        .fails(129, "it is empty");
    assert!(!world.has(".git/presence"), "nothing was written");
}

#[test]
fn the_process_is_known() {
    let world = World::new();
    let script = "CLAUDE_CODE_SESSION_ID=one git-presence whoami --json; true";
    let process = world.sh(script).json()["process"].clone();
    if cfg!(target_os = "linux") {
        assert!(process["pid"].as_u64().unwrap() > 1, "{process}");
        for field in ["started_at", "host_id", "boot_id"] {
            assert!(!process[field].as_str().unwrap().is_empty(), "{process}");
        }
    }
}
