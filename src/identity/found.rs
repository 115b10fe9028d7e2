//! Sessions of harnesses that were found among the processes of this machine.
//!
//! Owns how such a process is told ([`harness_of`]), and the last part of the id by which commands
//! and hooks of the same harness would be known. Never reads the world.

use super::{Ancestor, program, short_hash};

/// Returns the agent whose harness a process is, by its name or by the script that it runs.
pub fn harness_of(process: &Ancestor) -> Option<&'static str> {
    program::agent_of(process)
}

/// Returns the last part of the id of a session that the harness of `agent` calls `id`.
pub fn key_by_id(agent: &str, id: &str) -> String {
    short_hash(&format!("{agent}\0{id}"))
}

/// Returns the last part of the id of a session of `agent` that its process alone stands for, in
/// the boot `boot_id`.
pub fn key_by_process(agent: &str, boot_id: &str, process: &Ancestor) -> String {
    let (pid, since) = (process.pid, process.since_boot_millis);
    short_hash(&format!("{agent}\0{boot_id} {pid} {since}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ancestor, facts};
    use super::*;

    #[test]
    fn what_is_found_has_the_id_that_its_commands_have() {
        let named = ("CLAUDE_CODE_SESSION_ID", "5f0c");
        let above = vec![ancestor(9, "sh", &[named]), ancestor(8, "claude", &[])];
        let me = super::super::resolve(&facts(&[named], above)).unwrap();
        assert!(me.id.as_str().ends_with(&key_by_id("claude-code", "5f0c")));
        let mark = ("GEMINI_CLI", "1");
        let above = vec![ancestor(9, "sh", &[mark]), ancestor(8, "gemini", &[])];
        let key = key_by_process("gemini-cli", "b", &above[1]);
        let me = super::super::resolve(&facts(&[mark], above)).unwrap();
        assert!(me.id.as_str().ends_with(&key), "{}", me.id);
        assert_eq!(harness_of(&ancestor(8, "gemini", &[])), Some("gemini-cli"));
    }
}
