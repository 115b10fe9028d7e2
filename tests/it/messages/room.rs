//! How much room messages have: all that they say can be read, and nothing else is pushed out.

use predicates::str::contains;

use super::hooks::{told, world};
use super::{last_id, states, unread};
use crate::world::World;

/// The end of a text that is too long for a header.
const END: &str = "DO NOT DROP THE OLD TABLES";

#[test]
fn a_long_first_line_comes_whole() {
    let world = world();
    let text = "word ".repeat(50) + END;
    world
        .session("you", &format!("tell me -m \"{text}\""))
        .done();
    let id = last_id(&world, "you");
    world
        .session("me", "inbox")
        .says(contains(format!("  > {text}\n")));
    world
        .session("you", &format!("inbox {id}"))
        .says(contains(format!("  > {text}\n")));
    let told = told(&world, "claude", "UserPromptSubmit");
    assert!(told.contains(&format!("  > {text}\n")), "{told}");
    let delivered = ("delivered".to_owned(), Some("me".to_owned()));
    assert_eq!(states(&world, "you"), [delivered]);
}

#[test]
fn what_a_hook_cuts_has_the_way_to_all_of_it() {
    let world = world();
    let text = "word ".repeat(1000) + END;
    world
        .session("you", &format!("tell me -m \"{text}\""))
        .done();
    let id = last_id(&world, "you");
    let told = told(&world, "claude", "UserPromptSubmit");
    let way = format!("(cut; all of it: git presence inbox {id})");
    assert!(told.contains(&way) && !told.contains(END), "{told}");
    assert!(told.contains("  > word word"), "{told}");
    assert!(told.chars().count() <= 2000, "{}", told.chars().count());
    world.session("me", &format!("inbox {id}")).says(END);
}

/// Five messages with long headers from a session with a long name, and another one.
fn crowded() -> World {
    let world = world();
    let name = "n".repeat(90);
    for n in 0..5 {
        let text = format!("{n} {}", "subject ".repeat(24));
        world
            .session(
                &name,
                &format!("tell me --about node:me --ask -m \"{text}\""),
            )
            .done();
    }
    world
}

#[test]
fn messages_push_no_claim_of_others_out() {
    for event in ["SessionStart", "UserPromptSubmit"] {
        let world = crowded();
        world
            .session("other", "claim --exclusive infra:prod -p x")
            .done();
        world.session("near", "claim node:me -p x").prints("");
        let first = told(&world, "claude", event);
        assert!(first.chars().count() <= 2000, "{event} {first}");
        assert!(first.contains("MESSAGE FROM"), "{event} {first}");
        assert!(
            first.contains("- conflicts with this session: \"node:me\" is claimed by \"near\""),
            "{event} {first}"
        );
        assert!(
            first.contains("\"infra:prod\" is claimed by"),
            "{event} {first}"
        );
        // What did not fit comes next.
        let mut got = first.matches("MESSAGE FROM").count();
        for _ in 0..5 {
            let next = told(&world, "claude", "UserPromptSubmit");
            assert!(next.chars().count() <= 2000, "{next}");
            got += next.matches("MESSAGE FROM").count();
        }
        assert_eq!(got, 5, "{event}");
        assert!(unread(&world, "me").is_empty());
    }
}

#[test]
fn what_messages_leave_no_room_for_is_told_at_the_next_prompt() {
    let world = crowded();
    let labels: Vec<String> = (0..6).map(|n| format!("infra:{n}")).collect();
    for label in &labels {
        // Claims with one purpose would share a line.
        let purpose = format!("{}{label}", "p".repeat(94));
        world
            .session("other", &format!("claim {label} -p {purpose}"))
            .done();
    }
    let mut all = String::new();
    for _ in 0..6 {
        let text = told(&world, "claude", "UserPromptSubmit");
        assert!(text.chars().count() <= 2000, "{text}");
        all.push_str(&text);
    }
    for label in &labels {
        assert_eq!(
            all.matches(&format!("\"{label}\" is claimed")).count(),
            1,
            "{all}"
        );
    }
    assert_eq!(told(&world, "claude", "UserPromptSubmit"), "");
}

#[test]
fn each_of_many_offers_is_told_once() {
    let world = world();
    let labels: Vec<String> = (0..20).map(|n| format!("job:{n}")).collect();
    let all = labels.join(" ");
    world
        .session("you", &format!("claim --exclusive {all} -p x"))
        .done();
    world
        .session("you", &format!("release {all} --to me"))
        .done();
    let mut said = String::new();
    let mut prompts = 0;
    loop {
        let event = if prompts == 0 {
            "SessionStart"
        } else {
            "UserPromptSubmit"
        };
        let text = told(&world, "claude", event);
        assert!(text.chars().count() <= 2000, "{text}");
        if !text.contains("is offered to you") {
            assert!(!text.contains("more offered to you"), "{text}");
            break;
        }
        said.push_str(&text);
        prompts += 1;
    }
    assert!(
        said.contains("more offered to you: git presence list"),
        "{said}"
    );
    for label in &labels {
        let line = format!(": \"{label}\" is offered to you");
        assert_eq!(said.matches(&line).count(), 1, "{label} {said}");
    }
}

#[test]
fn what_cannot_be_marked_is_not_handed_over_again_and_again() {
    let world = world();
    world.session("you", "tell me -m hello").done();
    world.session("me", "inbox --ack").done();
    let until = world.now().plus_secs(7 * 24 * 60 * 60).as_millis() / 1000;
    world.rewrite(&world.ref_of("me"), |files| {
        let marks: Vec<String> = (0..1400)
            .map(|n| format!("\"{n:012x} 1763719200 {until}\""))
            .collect();
        let text = format!("format = 1\nread = [{}]\n", marks.join(", "));
        files.insert("marks.toml".to_owned(), text.into_bytes());
    });
    world.session("you", "tell me --urgent -m again").done();
    let text = told(&world, "claude", "UserPromptSubmit");
    assert!(text.contains("more than this session can mark"), "{text}");
    for event in ["PostToolUse", "UserPromptSubmit", "PostToolUse"] {
        let text = told(&world, "claude", event);
        assert!(!text.contains("MESSAGE FROM"), "{event}: {text}");
        assert!(!text.contains("more than this session"), "{event}: {text}");
    }
    assert_eq!(unread(&world, "me"), ["hello", "again"], "inbox has it");
    world.later("8d");
    world.session("you", "tell me -m later").done();
    for expected in [1, 0] {
        let text = told(&world, "claude", "UserPromptSubmit");
        assert_eq!(text.matches("\"later\"").count(), expected, "{text}");
    }
}
