//! The tables, and every answer in every dialect.

use super::*;
use serde_json::{Value, json};

#[test]
fn an_event_is_known_in_any_spelling() {
    for (word, harness, expected) in [
        ("pre-tool-use", Harness::Claude, Some("PreToolUse")),
        ("PreToolUse", Harness::Copilot, Some("preToolUse")),
        ("before_tool", Harness::Gemini, Some("BeforeTool")),
        (
            "before-shell-execution",
            Harness::Cursor,
            Some("beforeShellExecution"),
        ),
        ("session-end", Harness::Codex, Some("SessionEnd")),
        ("WorktreeCreate", Harness::Claude, None),
        ("", Harness::Claude, None),
        ("\u{1b}[2J", Harness::Cursor, None),
    ] {
        assert_eq!(harness.event(word).map(|row| row.0), expected, "{word}");
    }
    for harness in Harness::ALL {
        for event in [
            HookEvent::Start,
            HookEvent::Prompt,
            HookEvent::BeforeTool,
            HookEvent::AfterTool,
            HookEvent::Stop,
            HookEvent::End,
        ] {
            let mut rows = harness.events().iter();
            assert!(rows.any(|row| row.1 == event), "{harness:?} {event:?}");
        }
    }
}

#[test]
fn a_payload_is_read_leniently() {
    let read = |text: &str| read(text.as_bytes()).unwrap();
    let full = read(
        r#"{"session_id":"s","cwd":"/w","hook_event_name":"Stop","new":{"a":[1]},
            "background_tasks":[{"id":"1"}],"session_crons":[{}]}"#,
    );
    assert_eq!(full.session.as_deref(), Some("s"));
    assert_eq!(full.cwd.as_deref(), Some("/w"));
    assert_eq!(
        (full.pending, full.event.as_deref()),
        (Some(2), Some("Stop"))
    );
    let odd = read(r#"{"session_id":5,"cwd":[],"tool_name":{},"background_tasks":"x"}"#);
    assert_eq!(odd, Payload::default());
    assert_eq!(read("\u{feff} \n"), Payload::default());
    for (text, name, command) in [
        (
            r#"{"tool_name":"Bash","tool_input":{"command":"ls"}}"#,
            "Bash",
            Some("ls"),
        ),
        (
            r#"{"toolName":"bash","toolArgs":"{\"command\":\"ls\"}"}"#,
            "bash",
            Some("ls"),
        ),
        (
            r#"{"tool_name":"run_shell_command","tool_input":{"command":"ls"}}"#,
            "run_shell_command",
            Some("ls"),
        ),
        (r#"{"command":"ls","cwd":"/"}"#, "Shell", Some("ls")),
        (
            r#"{"tool_name":"apply_patch","tool_input":{"command":"*** Begin"}}"#,
            "apply_patch",
            None,
        ),
        (
            r#"{"tool_name":"shell","tool_input":{"command":["bash","-lc","a b"]}}"#,
            "shell",
            Some("bash -lc 'a b'"),
        ),
        (
            r#"{"tool_name":"Write","tool_input":{"file_path":"/a"}}"#,
            "Write",
            None,
        ),
        (r#"{"tool_name":"Bash","tool_input":null}"#, "Bash", None),
    ] {
        let tool = read(text).tool.unwrap();
        assert_eq!(
            (tool.name.as_str(), tool.command.as_deref()),
            (name, command),
            "{text}"
        );
    }
}

#[test]
fn a_tool_is_told_where_to_run() {
    for (text, command) in [
        (
            r#"{"tool_name":"run_shell_command","tool_input":{"command":"ls","dir_path":"a b"}}"#,
            "cd 'a b'\nls",
        ),
        (
            r#"{"tool_name":"exec_command","tool_input":{"cmd":"ls","workdir":"/r/a"}}"#,
            "cd /r/a\nls",
        ),
        (
            r#"{"toolName":"bash","toolArgs":"{\"command\":\"ls\",\"cwd\":\"a\"}"}"#,
            "cd a\nls",
        ),
        (
            r#"{"tool_name":"Shell","tool_input":{"command":"ls","working_directory":""}}"#,
            "ls",
        ),
        (
            r#"{"tool_name":"Shell","tool_input":{"command":"ls","directory":7}}"#,
            "ls",
        ),
    ] {
        let tool = read(text.as_bytes()).unwrap().tool.unwrap();
        assert_eq!(tool.command.as_deref(), Some(command), "{text}");
    }
}

#[test]
fn what_is_no_payload_is_an_error_without_its_text() {
    let deep = "[".repeat(100_000);
    for text in [
        "{",
        "[]",
        "7",
        "\u{1b}[31m",
        deep.as_str(),
        "{\"a\":\"\u{0}\"}",
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(!error.contains('\u{1b}') && error.len() < 100, "{error}");
    }
    assert!(read(b"{\"session_id\":\"\xff\xfe\"}").is_ok());
}

fn said(harness: Harness, name: &str, answer: &Response) -> Value {
    let row = harness.event(name).unwrap();
    let text = render(harness, row, answer, Some("me"));
    if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap()
    }
}

fn specific(name: &str, key: &str) -> Value {
    json!({"hookSpecificOutput": {"hookEventName": name, key: "why"}})
}

fn decided(word: &str) -> Value {
    json!({"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": word,
        "permissionDecisionReason": "why"}})
}

fn answers() -> [Response; 3] {
    let why = || "why".to_owned();
    [
        Response::Deny(why()),
        Response::Ask(why()),
        Response::Context(why()),
    ]
}

#[track_caller]
fn speaks(harness: Harness, table: &[(&str, &Response, Value)]) {
    for (name, answer, expected) in table {
        let said = said(harness, name, answer);
        assert_eq!(said, *expected, "{harness:?} {name} {answer:?}");
    }
}

#[test]
fn claude_and_codex_are_spoken_to_in_nested_objects() {
    let [deny, ask, tell] = answers();
    let context = "additionalContext";
    let prompt = specific("UserPromptSubmit", context);
    let before = specific("PreToolUse", context);
    speaks(
        Harness::Claude,
        &[
            ("PreToolUse", &deny, decided("deny")),
            ("PreToolUse", &ask, decided("ask")),
            ("PreToolUse", &tell, before.clone()),
            ("UserPromptSubmit", &tell, prompt.clone()),
            ("Stop", &tell, Value::Null),
            ("SessionEnd", &tell, Value::Null),
        ],
    );
    speaks(
        Harness::Codex,
        &[
            ("PreToolUse", &deny, decided("deny")),
            // It cannot ask.
            ("PreToolUse", &ask, before),
            ("UserPromptSubmit", &tell, prompt),
            ("Stop", &deny, Value::Null),
        ],
    );
}

#[test]
fn the_others_are_spoken_to_in_flat_ones() {
    let [deny, ask, tell] = answers();
    let permission =
        |word: &str| json!({"permission": word, "user_message": "why", "agent_message": "why"});
    let flat = |word: &str| json!({"permissionDecision": word, "permissionDecisionReason": "why"});
    let allow = json!({"permission": "allow", "agent_message": "why"});
    let go_on = json!({"continue": true, "additional_context": "why"});
    let begin = json!({"additional_context": "why", "env": {"GIT_PRESENCE_SESSION": "me"}});
    speaks(
        Harness::Gemini,
        &[
            (
                "BeforeTool",
                &deny,
                json!({"decision": "deny", "reason": "why"}),
            ),
            ("BeforeTool", &ask, json!({"systemMessage": "why"})),
            (
                "BeforeAgent",
                &tell,
                specific("BeforeAgent", "additionalContext"),
            ),
            ("AfterAgent", &tell, json!({})),
        ],
    );
    speaks(
        Harness::Cursor,
        &[
            ("beforeShellExecution", &deny, permission("deny")),
            ("beforeShellExecution", &ask, permission("ask")),
            ("preToolUse", &tell, allow),
            ("beforeSubmitPrompt", &tell, go_on),
            ("sessionStart", &tell, begin),
        ],
    );
    speaks(
        Harness::Copilot,
        &[
            ("preToolUse", &deny, flat("deny")),
            ("preToolUse", &ask, flat("ask")),
            ("preToolUse", &tell, Value::Null),
            ("userPromptSubmitted", &tell, Value::Null),
            ("sessionStart", &tell, json!({"additionalContext": "why"})),
        ],
    );
}

#[test]
fn a_turn_goes_on_only_where_it_is_about_to_end() {
    let why = Response::GoOn("why".to_owned());
    let block = json!({"decision": "block", "reason": "why"});
    speaks(Harness::Claude, &[("Stop", &why, block.clone())]);
    speaks(Harness::Codex, &[("Stop", &why, block)]);
    let deny = json!({"decision": "deny", "reason": "why"});
    speaks(Harness::Gemini, &[("AfterAgent", &why, deny)]);
    let follow = json!({"followup_message": "why"});
    speaks(Harness::Cursor, &[("stop", &why, follow)]);
    speaks(Harness::Copilot, &[("agentStop", &why, Value::Null)]);
    for harness in Harness::ALL {
        for (name, event) in harness.events() {
            let is_end = *event == HookEvent::Stop;
            let is_failed = ["StopFailure", "Interrupt"].contains(name);
            let can = is_end && !is_failed && harness != Harness::Copilot;
            assert_eq!(harness.can_go_on(name), can, "{harness:?} {name}");
            if !is_end {
                let said = said(harness, name, &why).to_string();
                assert!(!said.contains("why"), "{harness:?} {name}: {said}");
            }
        }
    }
}

#[test]
fn a_turn_that_was_held_back_says_so() {
    for (payload, was_held) in [
        (r#"{"stop_hook_active": true}"#, true),
        (r#"{"stop_hook_active": false}"#, false),
        (r#"{"loop_count": 1}"#, true),
        (r#"{"loop_count": 0}"#, false),
        ("{}", false),
    ] {
        assert_eq!(
            read(payload.as_bytes()).unwrap().was_held,
            was_held,
            "{payload}"
        );
    }
}

#[test]
fn saying_nothing_blocks_nothing() {
    for harness in Harness::ALL {
        for (name, event) in harness.events() {
            let said = said(harness, name, &Response::Nothing);
            let text = said.to_string();
            assert!(
                !text.contains("deny") && !text.contains("block"),
                "{harness:?} {name}"
            );
            if harness == Harness::Cursor && *event == HookEvent::BeforeTool {
                assert_eq!(said["permission"], "allow");
            }
        }
    }
}
