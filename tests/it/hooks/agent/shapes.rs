//! The shapes of answers: those that each harness documents, and no other key.

use serde_json::Value;

use super::{HARNESSES, events, payload, send};
use crate::world::World;

/// Which keys an answer may have, by harness and event: those on top, and those of
/// `hookSpecificOutput`.
fn keys(harness: &str, event: &str) -> (&'static [&'static str], &'static [&'static str]) {
    let nested: &[&str] = &["hookSpecificOutput"];
    let context: &[&str] = &["hookEventName", "additionalContext"];
    let decision: &[&str] = &[
        "hookEventName",
        "additionalContext",
        "permissionDecision",
        "permissionDecisionReason",
    ];
    let permission: &[&str] = &["permission", "user_message", "agent_message"];
    match (harness, event) {
        ("claude" | "codex", "PreToolUse")
        | ("claude", "PreSkillShellCommand")
        | ("copilot", "PreToolUse") => (nested, decision),
        ("claude" | "codex", "SessionStart" | "UserPromptSubmit" | "PostToolUse")
        | ("claude", "PostToolUseFailure")
        | ("gemini", "SessionStart" | "BeforeAgent" | "AfterTool") => (nested, context),
        ("gemini", "BeforeTool") => (&["decision", "reason", "systemMessage"], &[]),
        ("cursor", "beforeShellExecution" | "preToolUse") => (permission, &[]),
        ("cursor", "beforeSubmitPrompt") => (&["continue", "additional_context"], &[]),
        ("cursor", "sessionStart") => (&["additional_context", "env"], &[]),
        ("cursor", "postToolUse" | "postToolUseFailure") => (&["additional_context"], &[]),
        ("copilot", "preToolUse") => (&["permissionDecision", "permissionDecisionReason"], &[]),
        ("copilot", "sessionStart" | "postToolUse") => (&["additionalContext"], &[]),
        _ => (&[], &[]),
    }
}

fn has_only(value: &Value, allowed: &[&str], about: &str) {
    for key in value.as_object().unwrap().keys() {
        assert!(allowed.contains(&key.as_str()), "{about}: {key} in {value}");
    }
}

#[track_caller]
pub fn is_well_shaped(harness: &str, event: &str, out: &str) {
    let about = format!("{harness} {event}");
    if out.is_empty() {
        assert_ne!(harness, "gemini", "{event}: its output has to be JSON");
        return;
    }
    let answer: Value = serde_json::from_str(out).unwrap();
    let (top, inner) = keys(harness, event);
    has_only(&answer, top, &about);
    if let Some(specific) = answer.get("hookSpecificOutput") {
        has_only(specific, inner, &about);
        assert_eq!(specific["hookEventName"], event, "{about}");
    }
}

#[test]
fn every_event_of_every_harness_is_answered_in_its_shape() {
    let alone = World::new();
    let crowded = World::new();
    crowded
        .bob("claim service:web node:k8s-1 --purpose \"roll out\"")
        .done();
    for harness in HARNESSES {
        for event in events(harness) {
            for world in [&alone, &crowded] {
                let said = send(world, harness, &event, &payload(world, harness, &event));
                said.done();
                assert_eq!(said.err, "", "{harness} {event}");
                is_well_shaped(harness, &event, &said.out);
            }
        }
    }
}

#[test]
fn a_prompt_says_nothing_where_there_is_nothing() {
    let world = World::new();
    for (harness, event) in [
        ("claude", "UserPromptSubmit"),
        ("codex", "UserPromptSubmit"),
        ("copilot", "userPromptSubmitted"),
    ] {
        send(&world, harness, event, &payload(&world, harness, event)).is_silent();
    }
    world.bob("claim node:x --purpose p").done();
    world.later("15m");
    let said = send(
        &world,
        "claude",
        "UserPromptSubmit",
        &payload(&world, "claude", "UserPromptSubmit"),
    );
    said.is_silent();
}

#[test]
fn an_unknown_event_is_passed_over() {
    let world = World::new();
    let payload = payload(&world, "claude", "Notification");
    for harness in HARNESSES {
        let said = send(&world, harness, "QuantumEntangled", &payload);
        let expected = if harness == "gemini" { "{}\n" } else { "" };
        assert_eq!(said.done().out, expected, "{harness}");
        send(&world, harness, "pre-tool-use --new-flag x", &payload).done();
    }
}
