//! Git hooks.
//!
//! [`Hook`] owns our hooks with the files in `hooks/`, which only call us. Never runs a hook, never
//! touches a file.

pub mod affected_claims;
pub mod config_lines;
pub mod hook_file;
pub mod own_line;
pub mod pushed;

/// Environment variable with the reason why the caller proceeds despite conflicting claims.
pub const BYPASS: &str = "GIT_PRESENCE_BYPASS";

/// One of our hooks, in the forms in which it can be installed.
#[derive(Debug, PartialEq, Eq)]
pub struct Hook {
    /// The event, and the name of its file.
    pub name: &'static str,
    /// The whole file, if there was none.
    pub file: &'static str,
    /// Lines for a shell script that another program or a user wrote.
    pub block: &'static str,
    /// A file that calls us and then runs the former hook, which is kept beside it.
    pub beside: &'static str,
    /// The command for hooks in Git's configuration.
    pub command: &'static str,
    /// The line to add by hand to a script that we cannot change: the script ends with the answer.
    pub line: &'static str,
}

/// The hook that is installed where `presence.requireClaimFor` has `commit`.
pub const ON_COMMIT: Hook = Hook {
    name: "pre-commit",
    file: include_str!("../../../hooks/pre-commit"),
    block: include_str!("../../../hooks/pre-commit.block"),
    beside: include_str!("../../../hooks/pre-commit.beside"),
    command: "command -v git-presence >/dev/null 2>&1 || exit 0; git presence hook pre-commit",
    line: "! command -v git-presence >/dev/null 2>&1 || git presence hook pre-commit \"$@\" || exit $?",
};

/// The hooks that are always installed.
pub const HOOKS: [Hook; 2] = [
    Hook {
        name: "pre-push",
        file: include_str!("../../../hooks/pre-push"),
        block: include_str!("../../../hooks/pre-push.block"),
        beside: include_str!("../../../hooks/pre-push.beside"),
        command: "command -v git-presence >/dev/null 2>&1 || exit 0; git presence hook pre-push",
        line: "! command -v git-presence >/dev/null 2>&1 || git presence hook pre-push \"$@\" || exit $?",
    },
    Hook {
        name: "pre-apply",
        file: include_str!("../../../hooks/pre-apply"),
        block: include_str!("../../../hooks/pre-apply.block"),
        beside: include_str!("../../../hooks/pre-apply.beside"),
        command: "git presence hook pre-apply",
        line: "git presence hook pre-apply \"$@\" || exit $?",
    },
];

/// Returns the hooks to install; `on_commit` says that commits are checked.
pub fn wanted(on_commit: bool) -> impl Iterator<Item = &'static Hook> {
    let commit = on_commit.then_some(&ON_COMMIT);
    HOOKS.iter().chain(commit)
}

impl Hook {
    /// Returns the file name under which a former hook is kept.
    pub fn kept_name(&self) -> String {
        format!("{}.before-presence", self.name)
    }
}
