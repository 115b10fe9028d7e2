//! Responses to a harness.
//!
//! Owns the JSON that each harness documents for each event. Where a harness has no word for a
//! [`Response`], it is told less, never more. A harness that is told nothing follows its own rules,
//! so our own failures are never reported to it. Never decides.

use serde_json::{Value, json};

use super::{Harness, HookEvent};

/// What a hook answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Response {
    /// The harness follows its own rules.
    #[default]
    Nothing,
    /// Text for the model.
    Context(String),
    /// The user decides before the tool runs. The text says why.
    Ask(String),
    /// The tool does not run. The text says why.
    Deny(String),
    /// The turn that was about to end goes on. The text says why.
    GoOn(String),
}

impl Response {
    /// Returns how many characters the text for the model has.
    pub fn chars(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Context(text) | Self::Ask(text) | Self::Deny(text) | Self::GoOn(text) => {
                text.chars().count()
            }
        }
    }

    /// Returns the response with `text` for the model before its own.
    #[must_use]
    pub fn after(self, text: Option<String>) -> Self {
        let Some(text) = text else {
            return self;
        };
        match self {
            Self::Nothing => Self::Context(text),
            Self::Context(own) => Self::Context(text + &own),
            Self::Ask(own) => Self::Ask(text + &own),
            Self::Deny(own) => Self::Deny(text + &own),
            Self::GoOn(own) => Self::GoOn(text + &own),
        }
    }
}

/// Returns what goes to standard output. `name` is the event as the harness spells it; `session`
/// goes to harnesses that can pass it on to their commands.
pub fn render(
    harness: Harness,
    (name, event): (&str, HookEvent),
    answer: &Response,
    session: Option<&str>,
) -> String {
    let said = match harness {
        // Under the event names of Claude Code, Copilot CLI expects its format.
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

/// Returns the output for an unknown event.
pub const fn empty_response(harness: Harness) -> &'static str {
    match harness {
        // It requires JSON on standard output.
        Harness::Gemini => "{}\n",
        _ => "",
    }
}

/// Renders for Claude Code and Codex. Codex does not support `ask`: it would let the call pass with
/// a warning of its own, so it gets the text as context.
fn nested(name: &str, event: HookEvent, answer: &Response, asks: bool) -> Option<Value> {
    let context = |text: &str| json!({ "hookEventName": name, "additionalContext": text });
    let decision = |word: &str, reason: &str| {
        json!({
            "hookEventName": name,
            "permissionDecision": word,
            "permissionDecisionReason": reason,
        })
    };
    if let (HookEvent::Stop, Response::GoOn(why)) = (event, answer) {
        return Some(json!({ "decision": "block", "reason": why }));
    }
    let specific = match (event, answer) {
        (_, Response::GoOn(_)) => return None,
        (HookEvent::Stop | HookEvent::End, _) | (_, Response::Nothing) => return None,
        (HookEvent::BeforeTool, Response::Deny(why)) => decision("deny", why),
        (HookEvent::BeforeTool, Response::Ask(why)) if asks => decision("ask", why),
        (_, Response::Context(text) | Response::Ask(text) | Response::Deny(text)) => context(text),
    };
    Some(json!({ "hookSpecificOutput": specific }))
}

/// Renders for Gemini CLI, which requires JSON even if there is nothing to say.
fn gemini(name: &str, event: HookEvent, answer: &Response) -> Option<Value> {
    Some(match (event, answer) {
        (HookEvent::BeforeTool, Response::Deny(why)) | (HookEvent::Stop, Response::GoOn(why)) => {
            json!({ "decision": "deny", "reason": why })
        }
        // Before a tool, it shows text to the user and passes none to the model. It accepts `ask`
        // without documenting it, and then waits forever if no user is there.
        (HookEvent::BeforeTool, Response::Ask(text) | Response::Context(text)) => {
            json!({ "systemMessage": text })
        }
        (HookEvent::Start | HookEvent::Prompt | HookEvent::AfterTool, Response::Context(text)) => {
            json!({ "hookSpecificOutput": { "hookEventName": name, "additionalContext": text } })
        }
        _ => json!({}),
    })
}

/// Renders for Cursor. A hook may be configured to fail closed, so silence would count as a
/// failure.
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
        (HookEvent::Stop, Response::GoOn(why)) => json!({ "followup_message": why }),
        _ => json!({}),
    })
}

/// Renders for Copilot CLI, which drops text at a prompt and has no context before a tool.
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
