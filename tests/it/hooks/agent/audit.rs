//! The audit of agents: how often what was changed was claimed, and the two numbers of a prompt.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::{payload, send, two};
use crate::said::holds;
use crate::world::World;

#[test]
fn commands_are_counted_by_session_and_tool() {
    let world = World::new();
    world
        .anyone("audit")
        .says("No commands that change something were seen");
    let (a, b) = two(&world);
    let ran = |agent: &super::Agent<'_>, id: &str, line: &str| {
        let use_of = json!({"tool_use_id": id, "tool_input": {"command": line}});
        agent.with("PostToolUse", use_of).done();
    };
    a.runs("claim service:web --purpose p").done();
    ran(&a, "1", "kubectl rollout restart deployment/web");
    ran(&a, "1", "kubectl rollout restart deployment/web");
    ran(&a, "2", "kubectl drain k8s-1 && helm uninstall web");
    ran(&a, "3", "kubectl get pods");
    world.later("1h");
    b.runs("claim service:web --purpose p").done();
    ran(&a, "4", "terraform apply");
    ran(&b, "5", "kubectl rollout restart deployment/web");
    let audit = world.anyone("audit --json").json();
    assert_eq!(audit["commands"], 5, "{audit}");
    let tools: Vec<(&str, u64)> = audit["by_tool"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["tool"].as_str().unwrap(),
                one["commands"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(tools, [("helm", 1), ("kubectl", 3), ("terraform", 1)]);
    assert_eq!(audit["by_session"].as_array().unwrap().len(), 2);
    // A release of helm is the service of that name.
    assert_eq!(audit["covered"], 3, "{audit}");
    let late = world.anyone("audit --since 30m --json").json();
    assert_eq!(
        (late["commands"].as_u64(), late["covered"].as_u64()),
        (Some(2), Some(1))
    );
    let late = world
        .anyone("audit --since 2026-11-21T10:30:00Z --json")
        .json();
    assert_eq!(late["commands"], 2);
    world
        .anyone("audit")
        .says("5 commands that change something, 3 covered by a claim (60 %)")
        .says("kubectl");
    world
        .anyone("audit --since yesterday")
        .fails(129, "--since");
    // What was typed is not kept.
    holds(
        &world.read(".git/presence/seen.jsonl"),
        contains("rollout").not(),
    );
}

/// A harness may number its uses of tools anew.
#[test]
fn an_id_that_is_used_again_later_is_another_use() {
    let world = World::new();
    let (a, _) = two(&world);
    let ran = |line: &str| {
        let use_of = json!({"tool_use_id": "t", "tool_input": {"command": line}});
        a.with("PostToolUse", use_of).done();
    };
    let under_a_claim = "git presence run -x stack:dns -p p -- tofu -chdir=dns apply";
    ran(under_a_claim);
    ran(under_a_claim);
    assert_eq!(world.anyone("audit --json").json()["commands"], 1);
    ran("tofu -chdir=net apply");
    world.later("1m");
    ran(under_a_claim);
    let audit = world.anyone("audit --json").json();
    assert_eq!(
        (&audit["commands"], &audit["covered"]),
        (&json!(3), &json!(2))
    );
    // Our own verbs are known.
    ran("git presence list");
    world.anyone("audit").omits("no rule knows");
}

/// A command that failed may have changed something before it did; an edit did not.
#[test]
fn what_failed_is_a_command_and_no_edit() {
    let world = World::new();
    world.bob("claim path:src --purpose p").done();
    let (a, _) = two(&world);
    let failed = |tool: &str, input: serde_json::Value| {
        let what = json!({"tool_name": tool, "tool_input": input, "tool_use_id": tool});
        a.with("PostToolUseFailure", what).done();
    };
    failed("Bash", json!({"command": "kubectl drain k8s-1"}));
    failed("Edit", json!({"file_path": world.dir().join("src/a.rs")}));
    let audit = world.anyone("audit --json").json();
    assert_eq!(
        (&audit["commands"], &audit["edits"]),
        (&json!(1), &json!(0))
    );
}

#[test]
fn denials_are_counted_apart() {
    let world = World::new();
    world.git("config presence.enforce deny");
    let (a, _) = two(&world);
    let line = json!({"tool_input": {"command": "kubectl drain k8s-1"}});
    a.with("PreToolUse", line.clone()).done();
    a.with("PreToolUse", line).done();
    let audit = world.anyone("audit --json").json();
    // One use of a tool is one denial, however often its hooks are called.
    assert_eq!(
        (&audit["commands"], &audit["denied"]),
        (&json!(0), &json!(1))
    );
    world.anyone("audit").says("1 denied before they ran");
}

#[test]
fn the_record_stays_small_and_garbage_in_it_counts_for_nothing() {
    let world = World::new();
    let (a, _) = two(&world);
    world.write(
        ".git/presence/seen.jsonl",
        "x".repeat(1024 * 1024) + "\n\u{1b}[31m{}\n",
    );
    let line = |id: &str| json!({"tool_use_id": id, "tool_input": {"command": "kubectl drain n"}});
    a.with("PostToolUse", line("1")).is_silent();
    assert!(world.has(".git/presence/seen.1.jsonl"));
    a.with("PostToolUse", line("2")).is_silent();
    assert!(world.read(".git/presence/seen.jsonl").len() < 1000);
    assert_eq!(world.anyone("audit --json").json()["commands"], 2);
}

#[test]
fn copilot_is_told_news_after_a_tool() {
    let world = World::new();
    world.bob("claim node:x --purpose p").done();
    let mut after = payload(&world, "copilot", "postToolUse");
    after["toolArgs"]["command"] = "ls".into();
    send(&world, "copilot", "postToolUse", &after).says(r#"\"node:x\" is claimed by"#);
    world.later("1m");
    send(&world, "copilot", "postToolUse", &after).is_silent();
    world.carol("claim node:y --purpose p").done();
    send(&world, "copilot", "postToolUse", &after).says(r#"\"node:y\" is claimed by"#);
}

#[test]
fn a_prompt_shows_two_numbers() {
    let world = World::new();
    world.alice("prompt").is_silent();
    World::empty().anyone("prompt").is_silent();
    world.alice("claim node:x node:y --purpose p").done();
    world.alice("prompt").says_all("2 mine\n");
    world.bob("prompt --starship").says_all("2 others\n");
    world.bob("claim node:x --purpose p").done();
    world.alice("prompt").says_all("2! mine, 1 others\n");
    world
        .alice("prompt --tmux")
        .says_all("#[fg=red]2! mine, 1 others#[default]\n");
    let numbers = world.alice("prompt --json").json();
    let expected = json!({"mine": 2, "others": 1, "frozen": 0, "contested": 1});
    assert_eq!(numbers, expected);
    let (a, _) = two(&world);
    a.runs("claim db:z --purpose p").done();
    let line = json!({"session_id": "first", "cwd": world.dir()}).to_string();
    let said = world.anyone_with_input("prompt --claude", line.as_bytes());
    said.says_all("1 mine, 3 others\n");
    world.anyone_with_input("prompt --claude", b"\xff{").done();
}

/// Of those only the names of programs are kept.
#[test]
fn what_the_rules_cannot_tell_is_counted_by_program() {
    let world = World::new();
    let (a, _) = two(&world);
    let ran = |id: &str, line: &str| {
        let use_of = json!({"tool_use_id": id, "tool_input": {"command": line}});
        a.with("PostToolUse", use_of).done();
    };
    world.git("config presence.enforce off");
    ran("1", "make assets TOKEN=s3cret && make clean");
    ran("1", "make assets TOKEN=s3cret && make clean");
    ran("2", "./tools/pack.sh production");
    ran("3", "ls -la | grep x");
    ran("4", "eval \"$CMD\"");
    ran("5", "kubectl drain k8s-1");
    let audit = world.anyone("audit --json").json();
    assert_eq!(audit["commands"], 1, "{audit}");
    assert_eq!(
        (&audit["unmatched"], &audit["unknown"]),
        (&json!(3), &json!(1))
    );
    let tools = audit["unseen_by_tool"].as_array().unwrap().iter();
    let tools: Vec<_> = tools
        .map(|one| (one["tool"].as_str().unwrap(), one["unmatched"].clone()))
        .collect();
    assert!(tools.contains(&("make", json!(2))), "{tools:?}");
    assert!(tools.contains(&("pack.sh", json!(1))), "{tools:?}");
    world
        .anyone("audit")
        .says("3 commands that no rule knows: make 2, pack.sh 1")
        .says("1 command of which it is not certain whether they change anything");
    world
        .anyone("guard learn")
        .says("git config --add presence.guard 'make assets => ignore'")
        .says("git config --add presence.guard 'pack.sh => ignore'");
    world.git("config --add presence.guard \"make assets => ignore\"");
    let learned = world.anyone("guard learn --json").json();
    let has = |verb: &str| {
        let mut most = learned["most"].as_array().unwrap().iter();
        most.any(|one| one["program"] == "make" && one["verb"] == verb)
    };
    assert!(has("clean") && !has("assets"), "{learned}");
    let noted = world.read(".git/presence/seen.jsonl");
    holds(
        &noted,
        contains("s3cret").not().and(contains("production").not()),
    );
}
