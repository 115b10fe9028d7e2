//! Enforcement: commands that change what is not claimed, or claimed by another session.

use serde_json::{Value, json};

use super::{Agent, context, payload, send, two};
use crate::said::{Said, holds};
use crate::world::World;

/// The agent is about to run this.
fn about_to(agent: &Agent<'_>, line: &str) -> Said {
    agent.with("PreToolUse", json!({"tool_input": {"command": line}}))
}

/// What was decided, and the words that came with it.
fn decided(said: &Said) -> (String, String) {
    let answer = said.done().json();
    let specific = &answer["hookSpecificOutput"];
    let text = |key: &str| specific[key].as_str().unwrap_or_default().to_owned();
    (text("permissionDecision"), text("permissionDecisionReason"))
}

fn enforcing(level: &str) -> World {
    let world = World::new();
    world.git(&format!("config presence.enforce {level}"));
    world
}

#[test]
fn what_is_mine_and_what_changes_nothing_passes_in_silence() {
    for level in ["off", "warn", "ask", "deny"] {
        let world = enforcing(level);
        let (a, b) = two(&world);
        a.runs("claim -x service:web --purpose p").done();
        b.runs("claim service:other --purpose p").done();
        for line in [
            "kubectl rollout restart deployment/web",
            "kubectl get pods; ls -la && git status",
            "kubectl apply -f x.yaml --dry-run=client",
            "git presence run service:db --purpose p -- kubectl rollout restart deploy/db",
        ] {
            about_to(&a, line).is_silent();
        }
        a.with(
            "PreToolUse",
            json!({"tool_name": "Write", "tool_input": {"file_path": "/x"}}),
        )
        .is_silent();
    }
}

/// Valid JSON that a strict parser refuses is judged as any other.
#[test]
fn a_payload_that_is_deep_or_has_a_huge_number_is_judged() {
    let world = enforcing("deny");
    two(&world);
    let mut usual = payload(&world, "claude", "PreToolUse");
    usual["tool_input"] = json!({"command": "kubectl rollout restart deploy/web", "x": 7});
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    for odd in ["7", "1e400", "-1e400", &"9".repeat(400), &deep] {
        let text = usual
            .to_string()
            .replace("\"x\":7", &format!("\"x\":{odd}"));
        let said = world.anyone_with_input("hook claude PreToolUse", text.as_bytes());
        assert_eq!(decided(&said).0, "deny", "{odd}");
    }
}

#[test]
fn what_is_not_claimed_is_told_asked_or_denied() {
    let line = "kubectl rollout restart deployment/web";
    let claim = "git presence claim service:web --purpose \"<why>\"";
    let world = World::new();
    let (a, _) = two(&world);
    let told = context(&about_to(&a, line));
    holds(&told, claim);
    world.git("config presence.enforce off");
    about_to(&a, line).is_silent();
    for level in ["ask", "deny"] {
        world.git(&format!("config presence.enforce {level}"));
        let (word, why) = decided(&about_to(&a, line));
        assert_eq!(word, level);
        holds(&why, claim);
    }
    a.runs("claim -x service:web --purpose p").done();
    about_to(&a, line).is_silent();
    a.runs("release --all-mine").done();
    // What it changes is not known.
    let (word, why) = decided(&about_to(&a, "kubectl apply -f -"));
    assert_eq!(word, "deny");
    holds(&why, "git presence claim <type>:<name>");
}

#[test]
fn what_another_session_claims_is_told_asked_or_denied() {
    let world = enforcing("deny");
    let (a, b) = two(&world);
    let line = "kubectl rollout restart deployment/web";
    b.runs("claim service:web --purpose \"roll out\"").done();
    let (word, why) = decided(&about_to(&a, line));
    assert_eq!(word, "deny");
    holds(&why, "\"service:web\" is claimed by");
    holds(&why, "until 10:15 UTC, in 15 min, purpose \"roll out\"");
    holds(&why, "Stop: this command changes");
    holds(&why, "git presence wait service:web");
    assert!(!why.contains("git presence claim"), "{why}");
    // Claiming it too, later, is no way around.
    world.later("1m");
    a.runs("claim service:web --purpose mine").done();
    assert_eq!(decided(&about_to(&a, line)).0, "deny");
    // Who came first goes on, and knows.
    let said = about_to(&b, line);
    assert_eq!(decided(&said).0, "");
    let context_of_b = context(&said);
    holds(&context_of_b, "Go on, this session was first");
    holds(&context_of_b, "\"service:web\" is claimed by");
    assert!(
        !context_of_b.contains("git presence wait"),
        "{context_of_b}"
    );
    b.runs("release --all-mine").done();
    holds(
        &context(&about_to(&a, line)),
        "Go on: \"service:web\" is free now",
    );
    about_to(&a, line).is_silent();
    // Held exclusively.
    a.runs("release --all-mine").done();
    b.runs("claim -x service:web --purpose alone").done();
    let (word, why) = decided(&about_to(&a, line));
    assert_eq!(word, "deny");
    holds(&why, " exclusively since ");
}

#[test]
fn each_harness_denies_in_its_words() {
    let world = enforcing("deny");
    world.bob("claim service:web --purpose p").done();
    let line = "kubectl rollout restart deployment/web";
    for (harness, event, field, word) in [
        (
            "claude",
            "PreToolUse",
            "/hookSpecificOutput/permissionDecision",
            "deny",
        ),
        (
            "codex",
            "PreToolUse",
            "/hookSpecificOutput/permissionDecision",
            "deny",
        ),
        ("gemini", "BeforeTool", "/decision", "deny"),
        ("cursor", "beforeShellExecution", "/permission", "deny"),
        ("cursor", "preToolUse", "/permission", "deny"),
        ("copilot", "preToolUse", "/permissionDecision", "deny"),
        (
            "copilot",
            "PreToolUse",
            "/hookSpecificOutput/permissionDecision",
            "deny",
        ),
    ] {
        let mut payload = payload(&world, harness, event);
        payload["tool_input"]["command"] = line.into();
        if payload.get("toolArgs").is_some() {
            payload["toolArgs"] = json!({ "command": line });
        }
        if payload.get("command").is_some() {
            payload["command"] = line.into();
        }
        let answer = send(&world, harness, event, &payload).done().json();
        assert_eq!(
            answer.pointer(field),
            Some(&word.into()),
            "{harness} {event}: {answer}"
        );
        assert!(
            answer
                .to_string()
                .contains(r#"\"service:web\" is claimed by"#),
            "{answer}"
        );
    }
}

/// Codex takes that for a use of its tool, and tells hooks of a command.
#[test]
fn a_patch_on_a_command_line_is_an_edit() {
    let world = enforcing("deny");
    world.bob("claim path:src --purpose p").done();
    let (a, _) = two(&world);
    let patch = |file: &str| {
        let patch = format!("*** Begin Patch\n*** Delete File: {file}\n*** End Patch");
        about_to(&a, &format!("apply_patch <<'EOF'\n{patch}\nEOF"))
    };
    let (word, why) = decided(&patch("src/a.rs"));
    assert_eq!(word, "deny");
    holds(&why, "this edit changes");
    patch("README").is_silent();
}

/// A patch says nothing about the rest of its line, nor does one that is only mentioned.
#[test]
fn a_patch_hides_nothing_of_its_line() {
    let world = enforcing("deny");
    world.bob("claim path:src --purpose p").done();
    let (a, _) = two(&world);
    let patch = "*** Begin Patch\n*** Add File: README\n+x\n*** End Patch";
    let delete = "kubectl delete node k8s-1";
    for line in [
        format!("apply_patch <<'EOF'\n{patch}\nEOF\n{delete}"),
        format!("{delete} # apply_patch {patch}"),
        format!("apply_patch <<EOF\n{patch} $({delete})\nEOF"),
        format!("apply_patch '{patch}' && {delete}"),
        format!("apply_patch <<'EOF' | {delete}\n{patch}\nEOF"),
        format!("bash -lc \"apply_patch <<'EOF'\n{patch}\nEOF\n{delete}\""),
    ] {
        let (word, why) = decided(&about_to(&a, &line));
        assert_eq!(word, "deny", "{line}");
        holds(&why, "Not claimed by this session");
    }
    // Both are told of a line that does both.
    let both = format!(
        "apply_patch '{}'; {delete}",
        patch.replace("README", "src/b.rs")
    );
    let (word, why) = decided(&about_to(&a, &both));
    assert_eq!(word, "deny");
    holds(&why, r#""path:src" is claimed by"#);
    holds(&why, "Not claimed by this session");
    // A text about patches patches nothing.
    let notes = patch.replace("README", "src/b.rs");
    about_to(
        &a,
        &format!("cat <<'EOF' >notes\napply_patch:\n{notes}\nEOF"),
    )
    .is_silent();
}

/// Gemini CLI and Copilot CLI tell their models nothing before a tool.
#[test]
fn who_cannot_be_told_before_is_told_after() {
    let line = "kubectl rollout restart deployment/web";
    for (harness, event, is_told) in [
        ("gemini", "AfterTool", true),
        ("copilot", "postToolUse", true),
        ("claude", "PostToolUse", false),
        ("codex", "PostToolUse", false),
    ] {
        let world = World::new();
        world.bob("claim service:web --purpose p").done();
        let mut payload = payload(&world, harness, event);
        let input = if payload.get("toolArgs").is_some() {
            "toolArgs"
        } else {
            "tool_input"
        };
        payload[input]["command"] = line.into();
        let told = context(&send(&world, harness, event, &payload));
        assert_eq!(
            told.contains("this command changed what"),
            is_told,
            "{harness}: {told}"
        );
        world.git("config presence.enforce off");
        let told = context(&send(&world, harness, event, &payload));
        assert!(
            !told.contains("this command changed what"),
            "{harness}: {told}"
        );
    }
}

#[test]
fn a_failure_of_ours_denies_nothing() {
    let world = enforcing("deny");
    let (a, b) = two(&world);
    b.runs("claim service:web --purpose p").done();
    let line = "kubectl rollout restart deployment/web";
    assert_eq!(decided(&about_to(&a, line)).0, "deny");
    world.git("config --add presence.guard \"nonsense\"");
    about_to(&a, line).is_silent();
    world.git("config --unset presence.guard");
    // A record that cannot be read is the doctor's business.
    world
        .sh("for f in .git/refs/presence/sessions/*; do echo garbage > $f; done")
        .done();
    about_to(&a, line).done().omits("is claimed by");
    world.git("config presence.ttl soon");
    about_to(&a, line).is_silent();
    // Neither does a payload without a session.
    let said = world.anyone_with_input(
        "hook copilot preToolUse",
        b"{\"toolName\":\"bash\",\"toolArgs\":\"{\\\"command\\\":\\\"kubectl drain x\\\"}\"}",
    );
    said.is_silent();
    let said = world.anyone_with_input("hook cursor beforeShellExecution", b"{\"command\":\"ls\"}");
    assert_eq!(said.done().out, "{\"permission\":\"allow\"}\n");
}

#[test]
fn rules_of_ones_own_count() {
    let world = enforcing("deny");
    world.git("config --add presence.guard \"make deploy => mutating stack:{dir}\"");
    world.git("config --add presence.guard \"kubectl cordon => ignore\"");
    let (a, _) = two(&world);
    let (word, why) = decided(&about_to(&a, "make deploy"));
    assert_eq!(word, "deny", "{why}");
    about_to(&a, "kubectl cordon n1").is_silent();
}

#[test]
fn a_shell_line_inside_a_skill_is_judged_as_a_command() {
    let world = World::new();
    world.git("config presence.enforce deny");
    let (a, _) = two(&world);
    let said = a.with("PreSkillShellCommand", json!({"tool_name": "Skill"}));
    let answer = said.done().json()["hookSpecificOutput"].clone();
    assert_eq!(answer["hookEventName"], "PreSkillShellCommand");
    assert_eq!(answer["permissionDecision"], "deny", "{answer}");
    let line = json!({"tool_input": {"command": "kubectl get pods"}});
    a.with("PreSkillShellCommand", line).is_silent();
}

#[test]
fn a_tool_of_a_server_is_judged_by_a_pattern_of_its_name() {
    let world = World::new();
    world.git("config presence.enforce deny");
    let (a, _) = two(&world);
    let uses = |tool: &str, input: Value| {
        let call = json!({"tool_name": tool, "tool_input": input});
        a.with("PreToolUse", call)
    };
    let pod = json!({"name": "web-0", "namespace": "prod"});
    uses("mcp__k8s__delete_pod", pod.clone()).is_silent();
    world.git(
        "config --add presence.guard \"mcp__k8s__delete_* => mutating infra:pod/{--name} within \
         infra:namespace/{--namespace}\"",
    );
    let said = uses("mcp__k8s__delete_pod", pod.clone());
    said.done().says("\"deny\"").says("infra:pod/web-0");
    uses("mcp__k8s__get_pod", pod.clone()).is_silent();
    a.runs("claim infra:namespace/prod --purpose cleanup")
        .done();
    uses("mcp__k8s__delete_pod", pod).is_silent();
}
