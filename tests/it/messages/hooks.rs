//! What hooks of agents hand over, and when.

use serde_json::{Value, json};

use super::{last_id, states, unread};
use crate::hooks::agent::{HARNESSES, context, payload, send};
use crate::said::Said;
use crate::world::World;

/// A world in which `me` is a session of an agent and `you` a person.
pub(super) fn world() -> World {
    let world = World::new();
    world.git("config presence.sharedSession true");
    world.session("you", "claim node:you -p x").done();
    world.session("me", "claim node:me -p x").done();
    world
}

pub(super) fn hook(world: &World, harness: &str, event: &str, more: &Value) -> Said {
    let world = world.with("GIT_PRESENCE_SESSION", "me");
    let mut payload = payload(&world, harness, event);
    for (key, value) in more.as_object().unwrap() {
        payload[key] = value.clone();
    }
    send(&world, harness, event, &payload)
}

pub(super) fn told(world: &World, harness: &str, event: &str) -> String {
    context(&hook(world, harness, event, &json!({})))
}

/// The events of a harness: a prompt, after a tool, the end of a turn.
fn events(harness: &str) -> [&'static str; 3] {
    match harness {
        "gemini" => ["BeforeAgent", "AfterTool", "AfterAgent"],
        "cursor" => ["beforeSubmitPrompt", "postToolUse", "stop"],
        "copilot" => ["userPromptSubmitted", "postToolUse", "agentStop"],
        _ => ["UserPromptSubmit", "PostToolUse", "Stop"],
    }
}

/// Why a turn goes on; empty if it ends.
fn goes_on(said: &Said) -> String {
    said.done();
    if said.out.trim().is_empty() {
        return String::new();
    }
    let answer = said.json();
    let why = match answer["decision"].as_str() {
        Some("block" | "deny") => answer["reason"].as_str(),
        _ => answer["followup_message"].as_str(),
    };
    why.unwrap_or_default().to_owned()
}

#[test]
fn a_prompt_hands_a_message_over_once() {
    for harness in HARNESSES.iter().filter(|harness| **harness != "copilot") {
        let world = world();
        let [prompt, ..] = events(harness);
        world
            .session("you", "tell me -m \"subject\" -m \"the body\"")
            .done();
        let first = told(&world, harness, prompt);
        assert!(
            first.contains("MESSAGE FROM \"you\" — \"subject\""),
            "{harness}: {first}"
        );
        assert!(first.contains("\n  > the body\n"), "{harness}: {first}");
        assert!(
            first.contains("git presence tell --reply"),
            "{harness}: {first}"
        );
        assert!(first.chars().count() <= 2000, "{harness}");
        assert!(
            !told(&world, harness, prompt).contains("MESSAGE"),
            "{harness}"
        );
        let delivered = ("delivered".to_owned(), Some("me".to_owned()));
        assert_eq!(states(&world, "you"), [delivered], "{harness}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_marks_nothing() {
    let world = world();
    world.session("you", "tell me -m hello").done();
    let payload = payload(&world, "claude", "UserPromptSubmit").to_string();
    world.write("payload", payload);
    world
        .with("GIT_PRESENCE_SESSION", "me")
        .sh("git-presence hook claude UserPromptSubmit < payload >/dev/full; true")
        .done();
    assert_eq!(unread(&world, "me"), ["hello"]);
}

#[test]
fn after_a_tool_only_what_cannot_wait_is_handed_over() {
    for harness in HARNESSES.iter().filter(|harness| **harness != "copilot") {
        let world = world();
        let [_, after, _] = events(harness);
        let agent = world
            .with("CLAUDE_CODE_SESSION_ID", "x")
            .with("CLAUDECODE", "1");
        let other = agent.without("GIT_PRESENCE_SESSION");
        other.anyone("claim node:x -p x").done();
        other.anyone("tell me -m later").done();
        assert!(
            !told(&world, harness, after).contains("MESSAGE"),
            "{harness}"
        );
        other.anyone("tell me --urgent -m now").done();
        let text = told(&world, harness, after);
        assert!(
            text.contains("\"now\"") && !text.contains("\"later\""),
            "{harness}: {text}"
        );
        other.anyone("tell me --about node:me -m mine").done();
        let text = told(&world, harness, after);
        assert!(text.contains("\"mine\""), "{harness}: {text}");
        world.session("you", "tell me -m person").done();
        let text = told(&world, harness, after);
        assert!(text.contains("\"person\""), "{harness}: {text}");
        assert!(
            !told(&world, harness, after).contains("MESSAGE"),
            "{harness}"
        );
        assert_eq!(unread(&world, "me"), ["later"], "{harness}");
    }
}

#[test]
fn a_turn_goes_on_for_a_message_by_name_or_a_question_and_never_in_a_circle() {
    for harness in HARNESSES {
        let world = world();
        let [.., stop] = events(harness);
        let end = |more: Value| goes_on(&hook(&world, harness, stop, &more));
        assert_eq!(end(json!({})), "", "{harness}");
        world.session("you", "tell all -m \"to all\"").done();
        assert_eq!(end(json!({})), "", "{harness}: nobody waits for an answer");
        world.session("you", "tell me -m hello").done();
        for held in [json!({"stop_hook_active": true}), json!({"loop_count": 1})] {
            assert_eq!(end(held), "", "{harness}");
        }
        let why = end(json!({}));
        if harness == "copilot" {
            assert_eq!(why, "");
            continue;
        }
        assert!(
            why.contains("\"hello\"") && !why.contains("\"to all\""),
            "{harness}: {why}"
        );
        assert_eq!(end(json!({})), "", "{harness}: once");
        for n in 0..3 {
            world
                .session("you", &format!("tell me -m \"n {n}\""))
                .done();
            let why = end(json!({}));
            assert_eq!(why.is_empty(), n == 2, "{harness} {n}: three in a row");
        }
    }
}

#[test]
fn settings_say_when() {
    let world = world();
    let end = |world: &World| goes_on(&hook(world, "claude", "Stop", &json!({})));
    world.session("you", "tell me -m hello").done();
    world.git("config presence.inbox off");
    assert!(!told(&world, "claude", "UserPromptSubmit").contains("MESSAGE"));
    assert_eq!(end(&world), "");
    world.git("config presence.inbox prompt");
    assert_eq!(end(&world), "");
    assert!(told(&world, "claude", "UserPromptSubmit").contains("MESSAGE"));
}

#[test]
fn a_start_hands_over_the_newest_and_counts_the_rest() {
    let world = world();
    for n in 0..9 {
        world
            .session("you", &format!("tell me -m \"n {n}\""))
            .done();
        world.later("1s");
    }
    let text = told(&world, "claude", "SessionStart");
    assert_eq!(text.matches("MESSAGE FROM").count(), 5, "{text}");
    assert!(
        text.contains("\"n 8\"") && !text.contains("\"n 3\""),
        "{text}"
    );
    assert!(
        text.contains("And 4 more unread: git presence inbox"),
        "{text}"
    );
    assert!(text.chars().count() <= 2000, "{text}");
    assert_eq!(unread(&world, "me").len(), 4);
}

#[test]
fn a_long_body_is_cut_with_the_way_to_the_rest() {
    let world = world();
    let body = "a line of the body\n".repeat(300);
    world.write("text", format!("subject\n\n{body}"));
    world.session("you", "tell me -F text").done();
    let id = last_id(&world, "you");
    let text = told(&world, "claude", "UserPromptSubmit");
    assert!(text.chars().count() <= 2000, "{}", text.chars().count());
    assert!(
        text.contains(&format!("all of it: git presence inbox {id}")),
        "{text}"
    );
    let whole = world.session("me", &format!("inbox {id}"));
    assert_eq!(whole.out.matches("a line of the body").count(), 300);
}

#[test]
fn a_session_that_follows_another_gets_what_was_for_it_and_has_no_record_without() {
    for has_message in [true, false] {
        let world = World::new();
        let agent = |id: &str| {
            world
                .with("CLAUDECODE", "1")
                .with("CLAUDE_CODE_SESSION_ID", id)
        };
        let start = |id: &str, source: &str| {
            let mut payload = payload(&world, "claude", "SessionStart");
            payload["session_id"] = id.into();
            payload["source"] = source.into();
            context(&send(&agent(id), "claude", "SessionStart", &payload))
        };
        let _ = start("old", "startup");
        agent("old").anyone("claim node:old -p x").done();
        let me = agent("old").anyone("whoami --json").json();
        let me = me["session_id"].as_str().unwrap();
        if has_message {
            world.session("you", &format!("tell {me} -m hello")).done();
        }
        let told = start("new", "clear");
        assert_eq!(told.contains("MESSAGE FROM \"you\""), has_message, "{told}");
        assert_eq!(
            told.contains("to the session before you"),
            has_message,
            "{told}"
        );
        let sessions = world.git("for-each-ref refs/presence/sessions");
        let expected = if has_message { 3 } else { 1 };
        assert_eq!(sessions.lines().count(), expected, "{sessions}");
    }
}

#[test]
fn each_of_many_urgent_messages_is_handed_over_after_a_tool_the_oldest_first() {
    let world = world();
    for n in 0..7 {
        world
            .session(&format!("b{n}"), &format!("tell me --urgent -m \"n {n}\""))
            .done();
        world.later("1s");
    }
    let first = told(&world, "claude", "PostToolUse");
    assert!(
        first.contains("\"n 0\"") && !first.contains("\"n 6\""),
        "{first}"
    );
    assert!(first.chars().count() <= 2000, "{first}");
    let mut all = first;
    for _ in 0..4 {
        all += &told(&world, "claude", "PostToolUse");
    }
    for n in 0..7 {
        assert_eq!(all.matches(&format!("\"n {n}\"")).count(), 1, "{n}: {all}");
    }
    assert_eq!(told(&world, "claude", "PostToolUse"), "");
}

#[test]
fn what_comes_while_a_hook_has_not_written_is_announced() {
    let world = world();
    world.session("you", "tell me --urgent -m first").done();
    let payload = payload(&world, "claude", "PostToolUse").to_string();
    world.write("payload", payload);
    // The answer is lost, and with it the message: it is handed over by the next hook.
    world
        .with("GIT_PRESENCE_SESSION", "me")
        .sh("git-presence hook claude PostToolUse < payload >/dev/full; true")
        .done();
    let text = told(&world, "claude", "PostToolUse");
    assert!(text.contains("\"first\""), "{text}");
}

#[test]
fn hooks_at_the_same_time_hand_a_message_over_once() {
    let world = world();
    let payload = payload(&world, "claude", "PostToolUse").to_string();
    world.write("payload", payload);
    for n in 0..8 {
        world
            .session("you", &format!("tell me --urgent -m \"n {n}\""))
            .done();
        let said = world
            .with("GIT_PRESENCE_SESSION", "me")
            .sh("for i in 1 2 3; do git-presence hook claude PostToolUse < payload & done; wait");
        said.done();
        let after = told(&world, "claude", "PostToolUse");
        let all = said.out.clone() + &after;
        assert_eq!(all.matches("MESSAGE FROM").count(), 1, "{n}: {all}");
    }
}

/// Once for each question, and not while it has an answer of any session that it means.
#[test]
fn the_end_of_a_turn_asks_once_for_an_answer_that_is_owed() {
    for harness in HARNESSES.iter().filter(|harness| **harness != "copilot") {
        let world = world();
        let [prompt, _, stop] = events(harness);
        let ask = |text: &str| {
            world
                .session("you", &format!("tell me --ask -m \"{text}\""))
                .done();
            let id = last_id(&world, "you");
            assert!(told(&world, harness, prompt).contains(text), "{harness}");
            id
        };
        let end = || goes_on(&hook(&world, harness, stop, &json!({})));
        let id = ask("done by noon?");
        let first = end();
        let line = format!(
            "\"you\" asked \"done by noon?\": git presence tell --reply {id} -m \"<answer>\"\n"
        );
        assert!(first.contains(&line), "{harness}: {first}");
        assert_eq!(end(), "", "{harness}");
        let next = ask("and tomorrow?");
        world
            .session("me", &format!("tell --reply {next} -m yes"))
            .done();
        assert_eq!(end(), "", "{harness}");
        ask("and on Friday?");
        world.git("config presence.inbox prompt");
        assert_eq!(end(), "", "{harness}");
    }
}
