//! Hook entries, by harness.
//!
//! Owns the entries as each harness documents them, and where its settings are. The commands stay
//! the same from one version to the next if possible, since Codex and Gemini CLI trust a hook by
//! its text. Never edits a file.

use serde_json::{Value, json};

use super::super::Harness;

/// Returns our hooks: the event as the harness spells it, and the entry for it.
pub fn hook_entries(harness: Harness) -> Vec<(&'static str, Value)> {
    match harness {
        Harness::Claude => claude(),
        Harness::Codex => codex(),
        Harness::Gemini => gemini(),
        Harness::Cursor => cursor(),
        Harness::Copilot => copilot(),
    }
}

/// What a hook of Claude Code is called with to tell also which tasks are ready.
pub const TELLS_TASKS: &str = "--tasks";
/// The events of Claude Code that tell of tasks.
const TASK_EVENTS: [&str; 2] = ["SessionStart", "UserPromptSubmit"];

/// Returns our hooks, of which those that tell of tasks say so if `tells_tasks`. Only Claude Code
/// has such.
pub fn chosen_entries(harness: Harness, tells_tasks: bool) -> Vec<(&'static str, Value)> {
    let mut entries = hook_entries(harness);
    if tells_tasks && harness == Harness::Claude {
        for (event, entry) in &mut entries {
            let args = entry
                .pointer_mut("/hooks/0/args")
                .and_then(Value::as_array_mut);
            if let Some(args) = args.filter(|_| TASK_EVENTS.contains(event)) {
                args.push(TELLS_TASKS.into());
            }
        }
    }
    entries
}

/// Returns the folder of the settings, relative to the home directory of a user or to the top of a
/// project.
pub const fn folder(harness: Harness, is_project: bool) -> &'static str {
    match harness {
        Harness::Claude => ".claude",
        Harness::Codex => ".codex",
        Harness::Gemini => ".gemini",
        Harness::Cursor => ".cursor",
        Harness::Copilot if is_project => ".github",
        Harness::Copilot => ".copilot",
    }
}

/// Returns the file in that folder.
pub const fn file_name(harness: Harness) -> &'static str {
    match harness {
        Harness::Claude | Harness::Gemini => "settings.json",
        Harness::Codex | Harness::Cursor => "hooks.json",
        // In this folder, each program has a file of its own.
        Harness::Copilot => "hooks/git-presence.json",
    }
}

/// Tools of Claude Code that run commands or write files, and those of MCP servers. A matcher with
/// signs of a pattern matches anywhere in a name.
const CLAUDE_TOOLS: &str = "^(Bash|PowerShell|Monitor|Edit|Write|MultiEdit|NotebookEdit|mcp__.*)$";
const CODEX_TOOLS: &str = "Bash|apply_patch";
const GEMINI_TOOLS: &str = "run_shell_command|write_file|replace";
/// Tools of Cursor that write files. Commands have an event of their own.
const CURSOR_EDITORS: &str = "Write|Edit|MultiEdit|StrReplace|Delete";

fn line(harness: Harness, event: &str) -> String {
    format!("git-presence hook {} {event}", harness.word())
}

/// Entries without a shell: a program and its arguments. At the end of a session there is little
/// time.
fn claude() -> Vec<(&'static str, Value)> {
    let entry = |event: &str, timeout: u64| {
        json!({
            "type": "command",
            "command": "git-presence",
            "args": ["hook", "claude", event],
            "timeout": timeout,
        })
    };
    let group = |handler: Value| json!({ "hooks": [handler] });
    let matching =
        |matcher: &str, handler: Value| json!({ "matcher": matcher, "hooks": [handler] });
    // Not `async`: what such a hook answers comes with the next turn, and in `-p` never.
    let after = entry("post-tool-use", 15);
    let failed = entry("post-tool-use-failure", 15);
    vec![
        ("SessionStart", group(entry("session-start", 10))),
        ("UserPromptSubmit", group(entry("user-prompt-submit", 5))),
        (
            "PreToolUse",
            matching(CLAUDE_TOOLS, entry("pre-tool-use", 10)),
        ),
        (
            "PreSkillShellCommand",
            group(entry("pre-skill-shell-command", 10)),
        ),
        ("PostToolUse", matching(CLAUDE_TOOLS, after)),
        // A command that fails has an event of its own.
        ("PostToolUseFailure", matching(CLAUDE_TOOLS, failed)),
        ("Stop", group(entry("stop", 5))),
        ("SessionEnd", group(entry("session-end", 5))),
    ]
}

/// Entries for Codex, which allows at most three seconds at the end of a session.
fn codex() -> Vec<(&'static str, Value)> {
    let handler = |event: &str, timeout: u64| {
        json!({
            "type": "command",
            "command": line(Harness::Codex, event),
            "timeout": timeout,
        })
    };
    let group = |handler: Value| json!({ "hooks": [handler] });
    let matching =
        |matcher: &str, handler: Value| json!({ "matcher": matcher, "hooks": [handler] });
    vec![
        ("SessionStart", group(handler("session-start", 10))),
        ("UserPromptSubmit", group(handler("user-prompt-submit", 5))),
        (
            "PreToolUse",
            matching(CODEX_TOOLS, handler("pre-tool-use", 10)),
        ),
        (
            "PostToolUse",
            matching(CODEX_TOOLS, handler("post-tool-use", 10)),
        ),
        ("Stop", group(handler("stop", 5))),
        ("SessionEnd", group(handler("session-end", 3))),
    ]
}

/// Entries for Gemini CLI. Its timeouts are in milliseconds.
fn gemini() -> Vec<(&'static str, Value)> {
    let handler = |event: &str, timeout: u64| {
        json!({
            "type": "command",
            "name": format!("git-presence-{event}"),
            "command": line(Harness::Gemini, event),
            "timeout": timeout,
        })
    };
    let group = |handler: Value| json!({ "hooks": [handler] });
    let tools = |handler: Value| json!({ "matcher": GEMINI_TOOLS, "hooks": [handler] });
    vec![
        ("SessionStart", group(handler("session-start", 10_000))),
        ("BeforeAgent", group(handler("before-agent", 5000))),
        ("BeforeTool", tools(handler("before-tool", 10_000))),
        ("AfterTool", tools(handler("after-tool", 10_000))),
        ("AfterAgent", group(handler("after-agent", 5000))),
        ("SessionEnd", group(handler("session-end", 5000))),
    ]
}

fn cursor() -> Vec<(&'static str, Value)> {
    let handler = |event: &str, timeout: u64| json!({ "command": line(Harness::Cursor, event), "timeout": timeout });
    let mut before = handler("pre-tool-use", 10);
    before["matcher"] = CURSOR_EDITORS.into();
    vec![
        ("sessionStart", handler("session-start", 10)),
        ("beforeSubmitPrompt", handler("before-submit-prompt", 5)),
        (
            "beforeShellExecution",
            handler("before-shell-execution", 10),
        ),
        ("preToolUse", before),
        ("postToolUse", handler("post-tool-use", 10)),
        ("stop", handler("stop", 5)),
        ("sessionEnd", handler("session-end", 5)),
    ]
}

/// Entries for Copilot CLI. If its hook before a tool fails, no tool runs any more, so the hook
/// never fails, even if `git-presence` is not installed.
fn copilot() -> Vec<(&'static str, Value)> {
    let handler = |event: &str, timeout: u64| {
        let line = line(Harness::Copilot, event);
        json!({
            "type": "command",
            "bash": format!("{line} || exit 0"),
            "powershell": format!("{line}; exit 0"),
            "timeoutSec": timeout,
        })
    };
    vec![
        ("sessionStart", handler("session-start", 10)),
        ("preToolUse", handler("pre-tool-use", 10)),
        ("postToolUse", handler("post-tool-use", 10)),
        ("agentStop", handler("agent-stop", 5)),
        ("sessionEnd", handler("session-end", 5)),
    ]
}
