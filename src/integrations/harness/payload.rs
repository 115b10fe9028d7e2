//! Payload that a harness sends to a hook on standard input.
//!
//! [`Payload`] owns the fields that are read, under the names that harnesses use. Other fields are
//! ignored, and so is a field of an unexpected type, which a newer version may send. Never trusts
//! text in it.

use std::path::Path;

use serde_json::Value;

use super::Harness;
use super::edited_files::{PATCHER, files, files_on};
use super::long_payload::{CUT, PayloadBytes};
use super::mcp;
use crate::guard::shell::{parse, quote};

/// Tools that run a command line.
const SHELLS: [&str; 8] = [
    "bash",
    "powershell",
    "monitor",
    "shell",
    "run_shell_command",
    "exec_command",
    "local_shell",
    "unified_exec",
];

/// Tools that type into a shell that runs: Copilot CLI, Codex.
const TYPISTS: [&str; 3] = ["write_bash", "write_powershell", "write_stdin"];

/// The event before a shell line inside a skill, whatever tool it names.
const IN_SKILL: &str = "PreSkillShellCommand";

/// Fields of a tool that say in which folder it runs: Gemini CLI, Codex, Cursor, and others. The
/// first one is where the others begin.
const FOLDERS: [&str; 7] = [
    "cwd",
    "dir_path",
    "directory",
    "workdir",
    "working_directory",
    "workingDirectory",
    "working_dir",
];

/// What a harness says about an event. Absent fields are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// The harness's own id of the session.
    pub session: Option<String>,
    /// The working directory of the agent.
    pub cwd: Option<String>,
    /// The event, as the harness spells it.
    pub event: Option<String>,
    /// Why a session starts or ends.
    pub reason: Option<String>,
    /// The tool that is used.
    pub tool: Option<Tool>,
    /// Number of background tasks and timers that go on after the turn, if the harness says so.
    pub pending: Option<usize>,
    /// Whether the turn goes on already because a hook at its end said so.
    pub was_held: bool,
    /// The harness that really runs, if it calls the hooks of another one.
    pub really: Option<Harness>,
    /// Whether the payload breaks off, so that absent fields may have been in the rest.
    pub breaks_off: bool,
}

/// A use of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The name of the tool, as the harness spells it.
    pub name: String,
    /// The id of this use.
    pub id: Option<String>,
    /// The command line, if the tool runs one. If the tool runs it in another folder than that of
    /// the payload, it begins with `cd`.
    pub command: Option<String>,
    /// The call of a tool of an MCP server as words: its name, and `--<field>=<value>` for each
    /// plain field of its input. Empty for any other tool.
    pub call: Vec<String>,
    /// The files that the tool writes, as its input names them.
    pub files: Vec<String>,
    /// Whether the command, or a list of files, is known only by its beginning.
    pub is_cut: bool,
    /// Why it is not certain which files a command line writes by a patch.
    pub doubt: Option<&'static str>,
}

/// Parses what a harness wrote. `is_complete` says that it ended; a harness that does not close its
/// end may still have written everything. A payload that is longer than is kept, or breaks off, is
/// read as far as it goes. Fails as [`read`] does for one that is neither.
pub fn read_bytes(input: PayloadBytes, is_complete: bool) -> Result<Payload, String> {
    if let Some(whole) = input.whole() {
        match read(whole) {
            Ok(payload) if is_complete || payload != Payload::default() => return Ok(payload),
            // What is no object from its first sign on is no payload.
            Err(error) if is_complete && !opens_an_object(whole) => return Err(error),
            _ => {}
        }
    }
    let (text, breaks_off) = input.shortened();
    Ok(match read(&text) {
        Ok(payload) => Payload {
            breaks_off: breaks_off || !is_complete,
            ..payload
        },
        Err(_) => Payload {
            breaks_off: true,
            ..Payload::default()
        },
    })
}

/// Checks whether the input begins as every payload does.
fn opens_an_object(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"{")
}

/// Parses a payload. Empty input is an empty payload. The error says what is wrong without quoting
/// the input.
pub fn read(bytes: &[u8]) -> Result<Payload, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Payload::default());
    }
    let text = String::from_utf8_lossy(bytes);
    let value = serde_json::from_str(&text);
    let value: Value = value
        .or_else(|_| serde_json::from_str(&paired(&text)))
        .map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("no JSON: line {line}, column {column}")
        })?;
    if !value.is_object() {
        return Err("JSON, but no object".to_owned());
    }
    let text = |names: &[&str]| names.iter().find_map(|name| string(&value[*name]));
    let roots = || string(&value["workspace_roots"][0]);
    let count = |name: &str| value[name].as_array().map(Vec::len);
    let pending = [count("background_tasks"), count("session_crons")];
    Ok(Payload {
        session: text(&["session_id", "sessionId", "conversation_id"]),
        cwd: text(&["cwd"]).or_else(roots),
        event: text(&["hook_event_name"]),
        reason: text(&["source", "reason"]),
        tool: tool(&value),
        pending: pending.into_iter().flatten().reduce(|a, b| a + b),
        was_held: value["stop_hook_active"].as_bool() == Some(true)
            || value["loop_count"].as_u64().is_some_and(|count| count > 0),
        really: value.get("cursor_version").map(|_| Harness::Cursor),
        breaks_off: false,
    })
}

/// Replaces each half of a surrogate pair. A harness in JavaScript that cuts text in the middle of
/// an emoji sends `\ud83d` alone; the rest of the payload is still valid.
fn paired(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let bytes = match (c, unit(at)) {
            ('\\', Some(0xD800..=0xDBFF)) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => 12,
            ('\\', Some(0xD800..=0xDFFF)) => {
                out.push(char::REPLACEMENT_CHARACTER);
                at += 6;
                continue;
            }
            // Any other escape is copied together with its backslash.
            ('\\', _) => 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            _ => c.len_utf8(),
        };
        out.push_str(&text[at..at + bytes]);
        at += bytes;
    }
    out
}

/// Checks whether a tool runs a command line.
pub fn uses_a_shell(tool: &str) -> bool {
    SHELLS.iter().any(|shell| shell.eq_ignore_ascii_case(tool))
}

/// Checks whether a tool types into a shell that runs.
fn types(tool: &str) -> bool {
    TYPISTS.iter().any(|one| one.eq_ignore_ascii_case(tool))
}

/// Returns what is typed into a shell, if it is a command line; an answer to a question, or the
/// text of another language, is none. Where the shell stands is not known: it is taken to be where
/// the tool is.
fn typed(input: &Value) -> Option<String> {
    let inner = input
        .as_str()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let fields = inner.as_ref().unwrap_or(input);
    let text = ["input", "chars", "text"]
        .into_iter()
        .find_map(|name| string(&fields[name]))?;
    let text = text.replace("{enter}", "\n");
    parse(&text, 0).is_ok().then_some(text)
}

/// Reads the use of a tool.
fn tool(value: &Value) -> Option<Tool> {
    let name = string(&value["tool_name"]).or_else(|| string(&value["toolName"]));
    let id = string(&value["tool_use_id"]).or_else(|| string(&value["toolCallId"]));
    // `beforeShellExecution` names no tool.
    let bare = string(&value["command"]);
    let Some(name) = name else {
        return bare.map(|command| Tool {
            name: "Shell".to_owned(),
            id,
            is_cut: command.ends_with(CUT),
            command: Some(uncut(command)),
            call: Vec::new(),
            files: Vec::new(),
            doubt: None,
        });
    };
    let is_in_skill = value["hook_event_name"] == IN_SKILL;
    let input = value.get("tool_input").or_else(|| value.get("toolArgs"));
    let command = input
        .filter(|_| uses_a_shell(&name) || is_in_skill)
        .and_then(command)
        .or_else(|| input.filter(|_| types(&name)).and_then(typed))
        .or(bare);
    let mut written = input.map(|input| files(&name, input)).unwrap_or_default();
    let folder = input.and_then(folder);
    let from = value["cwd"]
        .as_str()
        .or(value["workspace_roots"][0].as_str());
    let from = match (from, &folder) {
        (Some(from), Some(folder)) => Some(joined(from, folder)),
        (from, _) => from.map(str::to_owned),
    };
    for patched in command.iter().map(|line| files_on(line, from.as_deref())) {
        written.files.extend(patched.files);
        written.is_cut |= patched.is_cut;
        written.doubt = patched.doubt;
    }
    let is_cut = written.is_cut
        || [&command, &folder]
            .into_iter()
            .flatten()
            .any(|text| text.contains(CUT))
        || input.is_some_and(|input| is_part_of_a_patch(&name, input));
    let mut command = command.map(uncut);
    // An editor names its files as it would without a folder.
    if let Some(folder) = folder.map(uncut)
        && (command.is_some() || name.eq_ignore_ascii_case(PATCHER))
    {
        for file in &mut written.files {
            *file = Path::new(&folder)
                .join(&file)
                .to_string_lossy()
                .into_owned();
        }
        command = command.map(|line| format!("cd {}\n{line}", quote(&folder)));
    }
    Some(Tool {
        call: input
            .map(|input| mcp::call(&name, input))
            .unwrap_or_default(),
        name,
        id,
        command,
        files: written.files,
        is_cut,
        doubt: written.doubt,
    })
}

/// Returns the folder in which a tool is told to run.
fn folder(input: &Value) -> Option<String> {
    let inner = input
        .as_str()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let fields = inner.as_ref().unwrap_or(input);
    let (from, others) = FOLDERS.split_first()?;
    let from = string(&fields[*from]);
    let folder = others.iter().find_map(|name| string(&fields[*name]));
    match (from, folder) {
        (Some(from), Some(folder)) => Some(joined(&from, &folder)),
        (from, folder) => from.or(folder),
    }
}

fn joined(folder: &str, path: &str) -> String {
    let joined = Path::new(folder).join(path);
    joined.to_string_lossy().into_owned()
}

/// Removes the mark of a text that was cut, and what stands after it.
fn uncut(mut text: String) -> String {
    text.truncate(text.find(CUT).unwrap_or(text.len()));
    text
}

/// Checks whether the input is a patch that was cut, which may write more files than it names.
fn is_part_of_a_patch(tool: &str, input: &Value) -> bool {
    let is_cut = |value: &Value| value.as_str().is_some_and(|text| text.ends_with(CUT));
    let fields = input.as_object().into_iter().flat_map(|map| map.values());
    tool.eq_ignore_ascii_case(PATCHER) && (is_cut(input) || fields.into_iter().any(is_cut))
}

/// Returns the command line in the input of a tool, which may be JSON in a string.
fn command(input: &Value) -> Option<String> {
    if let Value::String(text) = input {
        let inner: Value = serde_json::from_str(text).ok()?;
        return line(&inner["command"]);
    }
    line(&input["command"]).or_else(|| line(&input["cmd"]))
}

/// Joins the words of a command, or returns the line as it is.
fn line(command: &Value) -> Option<String> {
    if let Some(words) = command.as_array() {
        let words: Option<Vec<String>> = words.iter().map(|w| w.as_str().map(quote)).collect();
        return words.map(|words| words.join(" "));
    }
    string(command)
}

/// Returns a non-empty string.
fn string(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
