//! Where harnesses keep their sessions, as far as names alone say it.
//!
//! Owns the names of the folders and files of Claude Code and Codex, and what its file about a
//! running session says. Never reads a file, and never a transcript.

use serde_json::Value;

use crate::model::id::HarnessId;

/// The folder of Claude Code below the home of the user, unless `CLAUDE_CONFIG_DIR` names it.
pub const CLAUDE_HOME: &str = ".claude";
/// The variable that names it.
pub const CLAUDE_HOME_VAR: &str = "CLAUDE_CONFIG_DIR";
/// The folder in it with a folder of transcripts for each folder that was worked in.
pub const CLAUDE_PROJECTS: &str = "projects";
/// The folder in it with a file for each session that runs.
pub const CLAUDE_SESSIONS: &str = "sessions";
/// The folder of Codex below the home of the user, unless `CODEX_HOME` names it.
pub const CODEX_HOME: &str = ".codex";
/// The variable that names it.
pub const CODEX_HOME_VAR: &str = "CODEX_HOME";
/// The folder in it with transcripts, by year, month and day.
pub const CODEX_SESSIONS: &str = "sessions";

const TRANSCRIPT: &str = ".jsonl";
/// What the name of a transcript of Codex begins with; a time and the id follow.
const ROLLOUT: &str = "rollout-";
/// The characters of an id of Codex, a UUID.
const UUID_CHARS: usize = 36;

/// Returns the name of the folder of Claude Code for what was begun in `folder`: each character but
/// letters and digits is a `-`.
pub fn claude_project(folder: &str) -> String {
    let spell = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    folder.chars().map(spell).collect()
}

/// Returns the session of which Claude Code keeps the transcript under this name.
pub fn claude_transcript(name: &str) -> Option<HarnessId> {
    HarnessId::parse(name.strip_suffix(TRANSCRIPT)?)
}

/// Returns the name of the transcript of a session of Claude Code.
pub fn claude_transcript_of(id: &HarnessId) -> String {
    format!("{}{TRANSCRIPT}", id.as_str())
}

/// Returns the session of which Codex keeps the transcript under this name.
pub fn codex_transcript(name: &str) -> Option<HarnessId> {
    let stem = name.strip_prefix(ROLLOUT)?.strip_suffix(TRANSCRIPT)?;
    let start = stem.len().checked_sub(UUID_CHARS)?;
    HarnessId::parse(stem.get(start..)?)
}

/// Returns the session that a file of Claude Code about the process `pid` names.
pub fn claude_session(file: &[u8], pid: u32) -> Option<HarnessId> {
    let said: Value = serde_json::from_slice(file).ok()?;
    let is_its = said["pid"].as_u64().is_none_or(|its| its == u64::from(pid));
    let id = said["sessionId"].as_str().filter(|_| is_its)?;
    HarnessId::parse(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_session_it_is() {
        assert_eq!(claude_project("/home/me/my.app_x"), "-home-me-my-app-x");
        let id = HarnessId::parse("5f0c").unwrap();
        assert_eq!(claude_transcript("5f0c.jsonl"), Some(id.clone()));
        assert_eq!(claude_transcript_of(&id), "5f0c.jsonl");
        for bad in ["5f0c", "5f0c.json", ".jsonl", "a b.jsonl", "..jsonl"] {
            assert_eq!(claude_transcript(bad), None, "{bad}");
        }
        let uuid = "0199a213-81c0-7800-8aa1-bbab2a035a53";
        let name = format!("rollout-2026-11-21T10-00-00-{uuid}.jsonl");
        assert_eq!(codex_transcript(&name), HarnessId::parse(uuid));
        for bad in ["rollout-x.jsonl", "history.jsonl", "rollout-ü.jsonl"] {
            assert_eq!(codex_transcript(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_file_about_a_process_names_its_session_or_nothing() {
        let said = |text: &str| claude_session(text.as_bytes(), 7);
        let id = HarnessId::parse("5f0c");
        assert_eq!(said(r#"{"pid":7,"sessionId":"5f0c","cwd":"/x"}"#), id);
        assert_eq!(said(r#"{"sessionId":"5f0c"}"#), id);
        for bad in [
            r#"{"pid":8,"sessionId":"5f0c"}"#,
            r#"{"pid":7,"sessionId":"../x"}"#,
            r#"{"pid":7,"sessionId":"5f"#,
            "[]",
            "",
        ] {
            assert_eq!(said(bad), None, "{bad}");
        }
    }
}
