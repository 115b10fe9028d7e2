//! Recorded payloads of real harnesses, sent again.
//!
//! `fixtures/captured` has a file for each harness that `tests/capture/capture.py` drove: its
//! version, then each call of a hook in one session. Another session claims `held.txt` there.

use std::path::Path;

use serde_json::{Value, json};

use super::shapes::is_well_shaped;
use super::{events, send};
use crate::world::World;

const CAPTURED: [&str; 4] = ["claude", "codex", "gemini", "copilot"];

/// The version of the harness, and its calls: the event as we are called for it, and the payload.
fn calls(world: &World, harness: &str) -> (String, Vec<(String, Value)>) {
    let name = format!("tests/it/fixtures/captured/{harness}.jsonl");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("CWD", &world.dir().display().to_string());
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let head = lines.next().unwrap();
    assert_eq!(head["program"], harness);
    let call = |line: Value| {
        let event = line["event"].as_str().unwrap().to_owned();
        (event, line["payload"].clone())
    };
    let version = head["version"].as_str().unwrap().to_owned();
    (version, lines.map(call).collect())
}

/// The event as the harness spells it.
fn spelled(harness: &str, word: &str) -> String {
    let bare = |name: &str| name.replace('-', "").to_lowercase();
    let mut names = events(harness).into_iter().rev();
    let found = names.find(|name| bare(name) == bare(word));
    found.unwrap_or_else(|| panic!("{harness} {word}"))
}

#[test]
fn a_real_session_is_answered_as_it_was_then() {
    for harness in CAPTURED {
        let world = World::new();
        world.git("config presence.enforce deny");
        world.write("held.txt", "old\n");
        world
            .bob("claim path:held.txt --purpose \"new parser\"")
            .done();
        let (version, calls) = calls(&world, harness);
        assert!(version.contains('.') && calls.len() >= 10, "{harness}");
        let mut denied = 0;
        for (word, payload) in &calls {
            let about = format!("{harness} {version} {word} {payload}");
            let said = send(&world, harness, word, payload);
            assert_eq!(said.done().err, "", "{about}");
            is_well_shaped(harness, &spelled(harness, word), &said.out);
            let tool = payload.to_string();
            let expected = match word.starts_with("pre-") || word == "before-tool" {
                true if tool.contains("held.txt") => "this edit changes what other sessions claim",
                true if tool.contains("kubectl") => "this command changes what this session",
                _ => "",
            };
            assert!(said.out.contains(expected), "{about}: {}", said.out);
            let is_denied = said.out.contains("\"deny\"");
            assert_eq!(is_denied, !expected.is_empty(), "{about}: {}", said.out);
            denied += usize::from(is_denied);
        }
        assert_eq!(denied, 2, "{harness}");
        let audit = world.anyone("audit --json").json();
        assert_eq!((&audit["denied"], &audit["edits"]), (&json!(2), &json!(0)));
    }
}

/// The payloads that were written by hand say nothing that the real ones do not.
#[test]
fn those_written_by_hand_have_the_fields_that_are_read() {
    for harness in CAPTURED {
        let world = World::new();
        let (_, calls) = calls(&world, harness);
        for (word, real) in calls {
            let by_hand = super::payload(&world, harness, &spelled(harness, &word));
            for field in [
                "session_id",
                "sessionId",
                "cwd",
                "hook_event_name",
                "source",
                "reason",
                "tool_name",
                "toolName",
                "tool_input",
                "toolArgs",
                "tool_use_id",
                "background_tasks",
                "session_crons",
            ] {
                let kind = |value: &Value| value.get(field).map(std::mem::discriminant);
                assert_eq!(kind(&by_hand), kind(&real), "{harness} {word} {field}");
            }
        }
    }
}
