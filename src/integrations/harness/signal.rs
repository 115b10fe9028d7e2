//! Signals of harnesses that have no hook of ours.
//!
//! Owns the names of the hooks that are known, and the other names under which harnesses send what
//! a payload has ([`read_signal`]). Never acts.

use serde_json::{Map, Value};

use super::payload::read_bytes;
use super::{Harness, HookEvent, Payload, PayloadBytes};

/// The fields of a payload, each with the names under which it comes, too.
const ALIASES: [(&str, &[&str]); 6] = [
    (
        "session_id",
        &[
            "sessionId",
            "session",
            "conversation_id",
            "conversationId",
            "thread_id",
            "threadId",
        ],
    ),
    (
        "cwd",
        &[
            "workdir",
            "working_directory",
            "workingDirectory",
            "workspace",
            "directory",
        ],
    ),
    ("tool_name", &["toolName", "tool", "name"]),
    (
        "tool_input",
        &[
            "toolInput",
            "toolArgs",
            "input",
            "arguments",
            "args",
            "parameters",
        ],
    ),
    (
        "tool_use_id",
        &[
            "toolUseId",
            "toolCallId",
            "tool_call_id",
            "callId",
            "call_id",
        ],
    ),
    ("command", &["cmd", "command_line", "commandLine"]),
];
/// A field that may have the name and the input of a tool in one.
const TOOL: &str = "tool";

/// Returns the hook of this name, in any spelling of any harness.
pub fn signal_named(word: &str) -> Option<(&'static str, HookEvent)> {
    Harness::ALL.into_iter().find_map(|one| one.event(word))
}

/// Reads a signal as a payload. Nothing was sent: `None`. Fails for what is no JSON object, without
/// quoting it.
pub fn read_signal(input: PayloadBytes, is_complete: bool) -> Result<Option<Payload>, String> {
    let Some(whole) = input.whole() else {
        return read_bytes(input, is_complete).map(Some);
    };
    if whole.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    match serde_json::from_slice(whole) {
        Ok(Value::Object(fields)) => {
            let mut usual = PayloadBytes::default();
            usual.push(Value::Object(usually_named(fields)).to_string().as_bytes());
            read_bytes(usual, true).map(Some)
        }
        _ => read_bytes(input, is_complete).map(Some),
    }
}

/// Gives fields the names that they have in a payload. What has its name already stays.
fn usually_named(mut fields: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Object(tool)) = fields.get(TOOL).cloned() {
        fields.remove(TOOL);
        for (name, value) in tool {
            fields.entry(name).or_insert(value);
        }
    }
    for (field, aliases) in ALIASES {
        if fields.contains_key(field) {
            continue;
        }
        if let Some(value) = aliases.iter().find_map(|alias| fields.remove(*alias)) {
            fields.insert(field.to_owned(), value);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> Result<Option<Payload>, String> {
        let mut bytes = PayloadBytes::default();
        bytes.push(text.as_bytes());
        read_signal(bytes, true)
    }

    #[test]
    fn a_field_has_several_names() {
        for text in [
            r#"{"session_id":"s","cwd":"/w","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
            r#"{"sessionId":"s","workdir":"/w","toolName":"Bash","toolArgs":{"command":"ls"}}"#,
            r#"{"threadId":"s","directory":"/w","tool":"Bash","args":{"cmd":"ls"}}"#,
            r#"{"session":"s","cwd":"/w","tool":{"name":"Bash","input":{"command":"ls"}}}"#,
            r#"{"conversationId":"s","workspace":"/w","name":"Bash","cmd":"ls"}"#,
        ] {
            let payload = heard(text).unwrap().unwrap();
            let tool = payload.tool.unwrap();
            let read = (
                payload.session.as_deref(),
                payload.cwd.as_deref(),
                tool.name.as_str(),
            );
            assert_eq!(read, (Some("s"), Some("/w"), "Bash"), "{text}");
            assert_eq!(tool.command.as_deref(), Some("ls"), "{text}");
        }
    }

    #[test]
    fn nothing_is_nothing_and_what_is_no_object_is_refused() {
        assert_eq!(heard(""), Ok(None));
        assert_eq!(heard(" \n"), Ok(None));
        assert!(heard("[]").is_err());
        assert!(heard("x").is_err());
    }

    #[test]
    fn every_harness_names_its_hooks() {
        for word in [
            "session-start",
            "PostToolUse",
            "afterAgent",
            "stop",
            "agentStop",
        ] {
            assert!(signal_named(word).is_some(), "{word}");
        }
        assert_eq!(signal_named("no-such-hook"), None);
    }
}
