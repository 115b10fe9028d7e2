//! Git hooks: what they are told, and how they are put in place.
//!
//! Owns the list of our hooks with the files of `hooks/`, which do nothing but call us. Never runs
//! a hook, never touches a file.

pub mod affected_claims;
pub mod config_lines;
pub mod hook_file;
pub mod pushed;

/// What goes before the reason, in the environment, of whoever goes on although others hold it.
pub const BYPASS: &str = "GIT_PRESENCE_BYPASS";

/// A hook of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct Hook {
    /// The event, and the name of its file.
    pub name: &'static str,
    /// A file of its own.
    pub file: &'static str,
    /// Lines in a shell script of somebody else.
    pub block: &'static str,
    /// A file that runs the one that was there, which is kept beside it.
    pub beside: &'static str,
    /// What is run where hooks are settings, and the line for a script that is not ours to change.
    pub command: &'static str,
    pub line: &'static str,
}

pub const HOOKS: [Hook; 2] = [
    Hook {
        name: "pre-push",
        file: include_str!("../../../hooks/pre-push"),
        block: include_str!("../../../hooks/pre-push.block"),
        beside: include_str!("../../../hooks/pre-push.beside"),
        command: "command -v git-presence >/dev/null 2>&1 || exit 0; git presence hook pre-push",
        line: "git presence hook pre-push \"$@\"",
    },
    Hook {
        name: "pre-apply",
        file: include_str!("../../../hooks/pre-apply"),
        block: include_str!("../../../hooks/pre-apply.block"),
        beside: include_str!("../../../hooks/pre-apply.beside"),
        command: "git presence hook pre-apply",
        line: "git presence hook pre-apply \"$@\"",
    },
];

impl Hook {
    /// Where a hook that was there is kept.
    pub fn kept_name(&self) -> String {
        format!("{}.before-presence", self.name)
    }
}
