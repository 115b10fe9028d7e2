//! How an answer is spoken.
//!
//! Owns the JSON that each harness documents for each event, and what is said where it has no word
//! for the answer: less, never more. A harness that is not told anything goes on by its own rules,
//! so of our own failures it is told nothing. Never decides.

use serde_json::{Value, json};

use super::{Harness, HookEvent};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Response {
    #[default]
    Nothing,
    /// What the model should know.
    Context(String),
    /// The user is asked before the tool runs.
    Ask(String),
    Deny(String),
}

/// What goes to standard output. `name` is the event as the harness spells it; `session` is told
/// to those that can hand it on to what they run.
pub fn render(
    harness: Harness,
    (name, event): (&str, HookEvent),
    answer: &Response,
    session: Option<&str>,
) -> String {
    let said = match harness {
        // Under the names of Claude Code, Copilot CLI speaks its language.
        Harness::Claude => nested(name, event, answer, true),
        Harness::Codex => nested(name, event, answer, false),
        Harness::Gemini => gemini(name, event, answer),
        Harness::Cursor => cursor(event, answer, session),
        Harness::Copilot if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
            nested(name, event, answer, true)
        }
        Harness::Copilot => copilot(event, answer),
    };
    said.map(|said| format!("{said}\n")).unwrap_or_default()
}

/// What is said at an event of which nothing is known.
pub const fn empty_response(harness: Harness) -> &'static str {
    match harness {
        // Its standard output has to be JSON.
        Harness::Gemini => "{}\n",
        _ => "",
    }
}

/// Claude Code, and Codex, which knows no `ask`: it would let the call pass with a warning of its
/// own, so it is told why instead.
fn nested(name: &str, event: HookEvent, answer: &Response, asks: bool) -> Option<Value> {
    let context = |text: &str| json!({ "hookEventName": name, "additionalContext": text });
    let decision = |word: &str, reason: &str| {
        json!({
            "hookEventName": name,
            "permissionDecision": word,
            "permissionDecisionReason": reason,
        })
    };
    let specific = match (event, answer) {
        (HookEvent::Stop | HookEvent::End, _) | (_, Response::Nothing) => return None,
        (HookEvent::BeforeTool, Response::Deny(why)) => decision("deny", why),
        (HookEvent::BeforeTool, Response::Ask(why)) if asks => decision("ask", why),
        (_, Response::Context(text) | Response::Ask(text) | Response::Deny(text)) => context(text),
    };
    Some(json!({ "hookSpecificOutput": specific }))
}

/// Its standard output has to be JSON, also where there is nothing to say.
fn gemini(name: &str, event: HookEvent, answer: &Response) -> Option<Value> {
    Some(match (event, answer) {
        (HookEvent::BeforeTool, Response::Deny(why)) => {
            json!({ "decision": "deny", "reason": why })
        }
        // Shown to the user; it tells the model nothing before a tool. It would take `ask`, which
        // it does not document, and then wait for ever for a user who is not there.
        (HookEvent::BeforeTool, Response::Ask(text) | Response::Context(text)) => {
            json!({ "systemMessage": text })
        }
        (HookEvent::Start | HookEvent::Prompt | HookEvent::AfterTool, Response::Context(text)) => {
            json!({ "hookSpecificOutput": { "hookEventName": name, "additionalContext": text } })
        }
        _ => json!({}),
    })
}

/// Where a hook may be set up to fail closed, silence would be a failure.
fn cursor(event: HookEvent, answer: &Response, session: Option<&str>) -> Option<Value> {
    let verdict = |word: &str, text: &str| json!({ "permission": word, "user_message": text, "agent_message": text });
    Some(match (event, answer) {
        (HookEvent::BeforeTool, Response::Deny(why)) => verdict("deny", why),
        (HookEvent::BeforeTool, Response::Ask(why)) => verdict("ask", why),
        (HookEvent::BeforeTool, Response::Context(text)) => {
            json!({ "permission": "allow", "agent_message": text })
        }
        (HookEvent::BeforeTool, Response::Nothing) => json!({ "permission": "allow" }),
        (HookEvent::Prompt, Response::Context(text)) => {
            json!({ "continue": true, "additional_context": text })
        }
        (HookEvent::Prompt, _) => json!({ "continue": true }),
        (HookEvent::Start, answer) => {
            let mut said = json!({});
            if let Some(session) = session {
                said["env"] = json!({ crate::identity::SESSION_VAR: session });
            }
            if let Response::Context(text) = answer {
                said["additional_context"] = text.as_str().into();
            }
            said
        }
        (HookEvent::AfterTool, Response::Context(text)) => json!({ "additional_context": text }),
        _ => json!({}),
    })
}

/// It drops what is said at a prompt, and knows no context before a tool.
fn copilot(event: HookEvent, answer: &Response) -> Option<Value> {
    let decision = |word: &str, reason: &str| json!({ "permissionDecision": word, "permissionDecisionReason": reason });
    match (event, answer) {
        (HookEvent::BeforeTool, Response::Deny(why)) => Some(decision("deny", why)),
        (HookEvent::BeforeTool, Response::Ask(why)) => Some(decision("ask", why)),
        (HookEvent::Start | HookEvent::AfterTool, Response::Context(text)) => {
            Some(json!({ "additionalContext": text }))
        }
        _ => None,
    }
}
