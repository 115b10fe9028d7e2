//! Calls of tools are the command lines that a user would type.
//!
//! Owns what each argument becomes, and that no value becomes an option. Runs no verb.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tools::{TOOLS, Wrong, words};

fn line(tool: &str, arguments: Value) -> String {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    match words(tool, arguments) {
        Ok(words) => words.join(" "),
        Err(Wrong::NoTool) => "no tool".to_owned(),
        Err(Wrong::Arguments(error)) => error.to_string(),
    }
}

#[test]
fn tools_are_verbs() {
    let check = |tool, arguments, expected: &str| assert_eq!(line(tool, arguments), expected);
    check("board", json!({}), "status");
    check(
        "board",
        json!({"resources": ["path:a", "b:c"]}),
        "peek -- path:a b:c",
    );
    check(
        "claim",
        json!({"resources": ["path:a"], "purpose": "x y", "exclusive": true, "wait_seconds": 900}),
        "claim --purpose=x y --exclusive --wait=40s -- path:a",
    );
    check(
        "claim",
        json!({"resources": ["path:a"], "purpose": "x", "refuse": true, "ttl": "5m",
               "wait_seconds": 0}),
        "claim --purpose=x --refuse --ttl=5m -- path:a",
    );
    check("release", json!({}), "release --all-mine");
    check(
        "release",
        json!({"resources": ["path:a"], "status": "half", "next": "rest"}),
        "release --status=half --next=rest -- path:a",
    );
    check("turn", json!({}), "turn");
    check(
        "turn",
        json!({"action": "take", "room": "db", "wait_seconds": 3}),
        "turn take --wait=3s -- db",
    );
    check(
        "turn",
        json!({"action": "pass", "status": "s", "next": "n", "to": "b"}),
        "turn pass --status=s --next=n --to=b",
    );
    check(
        "tell",
        json!({"to": ["all"], "text": "one\n\ntwo\nthree\n", "ask": true, "urgent": true}),
        "tell --message=one --message=two\nthree --ask --urgent -- all",
    );
    check(
        "tell",
        json!({"text": "yes", "reply_to": "0123", "about": "path:a"}),
        "tell --message=yes --reply=0123 --about=path:a",
    );
    check("inbox", json!({"mark_read": true}), "inbox --ack");
    check(
        "inbox",
        json!({"all": true, "wait_seconds": 5}),
        "inbox --all --wait=5s",
    );
    check("task_next", json!({"list": "l"}), "task next --list=l");
    check(
        "task_done",
        json!({"id": "q", "result": "r", "list": "l"}),
        "task done --list=l --message=r -- q",
    );
    check("fence", json!({}), "no tool");
}

#[test]
fn wrong_arguments_are_named() {
    let check = |tool, arguments, part: &str| {
        let said = line(tool, arguments);
        assert!(said.contains(part), "{said}");
    };
    check(
        "claim",
        json!({"resources": ["path:a"]}),
        "missing field `purpose`",
    );
    check("release", json!({"force": true}), "unknown field `force`");
    check(
        "turn",
        json!({"action": "steal"}),
        "unknown variant `steal`",
    );
    check("tell", json!({"text": 7}), "expected a string");
}

#[test]
fn each_tool_has_a_schema_and_says_what_it_changes() {
    for tool in TOOLS.iter().map(super::tools::ToolOf::described) {
        assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
        assert_eq!(tool.input_schema["additionalProperties"], false);
        let properties = tool.input_schema["properties"].as_object().unwrap();
        for (name, property) in properties {
            let is_told = property.get("description").is_some();
            assert!(is_told, "{}: {name} has no description", tool.name);
            assert!(
                !property["type"].is_array(),
                "{}: {name} has two types",
                tool.name
            );
        }
        let hints = tool.annotations.unwrap();
        assert_eq!(
            hints.read_only_hint,
            Some(tool.name == "board"),
            "{}",
            tool.name
        );
    }
}

proptest! {
    /// What a model says is a value, whatever it looks like.
    #[test]
    fn no_value_becomes_an_option(value in "-{0,3}[a-z=/ ]{0,12}|\\PC{0,12}") {
        for (tool, arguments) in [
            ("board", json!({"resources": [value]})),
            ("claim", json!({"resources": [value], "purpose": value, "ttl": value})),
            ("release", json!({"resources": [value], "status": value, "next": value})),
            ("turn", json!({"action": "pass", "room": value, "status": value, "to": value})),
            ("tell", json!({"to": [value], "text": value, "reply_to": value, "about": value})),
            ("task_next", json!({"list": value})),
            ("task_done", json!({"id": value, "result": value, "list": value})),
        ] {
            let arguments = arguments.as_object().cloned().unwrap_or_default();
            let Ok(words) = words(tool, arguments) else {
                return Err(TestCaseError::fail("not read"));
            };
            let verb = ["task", "turn"].contains(&&*words[0]);
            let rest = &words[1 + usize::from(verb)..];
            let options: Vec<_> = rest.iter().take_while(|word| *word != "--").collect();
            let ours = ["purpose", "ttl", "status", "next", "to", "message", "reply", "about",
                "list"].map(|name| format!("--{name}="));
            for option in options {
                prop_assert!(ours.iter().any(|one| option.starts_with(one)), "{option}");
            }
        }
    }
}
