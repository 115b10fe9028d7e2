//! The program of a harness among the processes above.
//!
//! Owns how [`agent_of`] tells a harness from a shell, a wrapper and a tool: by the name of the
//! program, or by the script that a runtime runs. Never chooses a session.

use super::Ancestor;
use super::harness::PROGRAMS;

/// Programs that run a script: their own name says nothing.
const RUNTIMES: [&str; 16] = [
    "node",
    "nodejs",
    "MainThread",
    "bun",
    "deno",
    "tsx",
    "npx",
    "uv",
    "ruby",
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "busybox",
    "env",
];
/// A Python has its version in its name.
const PYTHON: &str = "python";
/// Short options behind which comes a program text or a module, and no script.
const NO_SCRIPT: [char; 4] = ['c', 'm', 'e', 'p'];
/// Words between a runtime and its script.
const SUBCOMMANDS: [&str; 3] = ["run", "exec", "x"];
/// The endings of a script that is installed as a program.
const SCRIPT_ENDINGS: [&str; 3] = [".js", ".mjs", ".cjs"];

/// Whether the arguments of a process are needed to tell what it is.
pub fn is_runtime(name: &str) -> bool {
    RUNTIMES.contains(&name) || name.starts_with(PYTHON)
}

/// Returns the agent whose harness this process is.
pub(super) fn agent_of(process: &Ancestor) -> Option<&'static str> {
    if !is_runtime(&process.name) {
        return by_name(&process.name);
    }
    let script = script(&process.args)?;
    let name = script.rsplit('/').next().unwrap_or(script);
    let mut endings = SCRIPT_ENDINGS.iter();
    let installed = endings.find_map(|ending| name.strip_suffix(ending));
    by_name(name).or_else(|| by_name(installed?).or_else(|| by_package(script)))
}

/// Returns the position of the nearest process that is the harness of `agent`.
pub(super) fn position_of(above: &[Ancestor], agent: &str) -> Option<usize> {
    let is_its = |process: &Ancestor| agent_of(process) == Some(agent);
    above.iter().position(is_its)
}

fn by_name(name: &str) -> Option<&'static str> {
    let is_one = |known: &&str| match known.ends_with('-') {
        true => name.starts_with(*known),
        false => name == *known,
    };
    let mut all = PROGRAMS.iter();
    let found = all.find(|program| program.names.iter().any(is_one))?;
    Some(found.agent)
}

fn by_package(script: &str) -> Option<&'static str> {
    let is_in = |package: &str| script.contains(&format!("node_modules/{package}/"));
    let mut all = PROGRAMS.iter();
    let found = all.find(|program| program.package.is_some_and(is_in))?;
    Some(found.agent)
}

/// Returns the script that a runtime was started with.
fn script(args: &[String]) -> Option<&str> {
    for arg in args.iter().skip(1) {
        let Some(option) = arg.strip_prefix('-') else {
            if SUBCOMMANDS.contains(&arg.as_str()) {
                continue;
            }
            return Some(arg);
        };
        let is_long = option.starts_with('-');
        let ends_options = option.ends_with(NO_SCRIPT) && !is_long;
        if ends_options || option == "-eval" || option == "-print" {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::ancestor;
    use super::*;

    fn agent(name: &str, args: &[&str]) -> Option<&'static str> {
        let mut process = ancestor(7, name, &[]);
        process.args = args.iter().map(|&arg| arg.to_owned()).collect();
        agent_of(&process)
    }

    #[test]
    fn a_harness_is_known_by_its_program() {
        let claude = Some("claude-code");
        assert_eq!(agent("claude", &[]), claude);
        assert_eq!(agent("codex", &[]), Some("codex"));
        assert_eq!(agent("codex-x86_64-un", &[]), Some("codex"));
        assert_eq!(agent("cursor-agent", &[]), Some("cursor"));
        for other in ["claudette", "vim", "cargo", "tmux: server", "git", "codexx"] {
            assert_eq!(agent(other, &["vim", "/bin/claude"]), None, "{other}");
        }
    }

    #[test]
    fn what_a_runtime_runs_is_known_by_its_script() {
        let claude = Some("claude-code");
        for (name, args, wanted) in [
            ("node", &["node", "/usr/bin/claude"][..], claude),
            (
                "MainThread",
                &["node", "--no-warnings", "/usr/bin/claude"],
                claude,
            ),
            (
                "node",
                &["node", "/lib/node_modules/@anthropic-ai/claude-code/cli.js"],
                claude,
            ),
            (
                "node",
                &[
                    "node",
                    "/opt/node_modules/@google/gemini-cli/dist/index.js",
                    "-p",
                    "x",
                ],
                Some("gemini-cli"),
            ),
            ("bun", &["bun", "run", "/x/codex.js"], Some("codex")),
            ("python3.12", &["python3", "-u", "/opt/bin/claude"], claude),
            ("bash", &["bash", "/opt/bin/claude"], claude),
            // Neither a text nor a file that only lies near one.
            ("bash", &["bash", "-c", "claude -p x"], None),
            ("bash", &["bash", "-lc", "claude"], None),
            ("node", &["node", "-e", "claude"], None),
            ("node", &["node", "--eval", "claude"], None),
            ("python3", &["python3", "-m", "claude"], None),
            ("python3", &["python3", "codex.py"], None),
            ("bash", &["bash", "/home/me/claude/build.sh"], None),
            (
                "node",
                &["node", "/home/me/codex/node_modules/vite/vite.js"],
                None,
            ),
            ("bash", &["bash"], None),
            ("python3", &["python3"], None),
        ] {
            assert_eq!(agent(name, args), wanted, "{args:?}");
        }
    }

    #[test]
    fn the_nearest_one_counts() {
        let chain = [
            ancestor(9, "bash", &[]),
            ancestor(8, "codex", &[]),
            ancestor(7, "claude", &[]),
            ancestor(6, "claude", &[]),
        ];
        assert_eq!(position_of(&chain, "claude-code"), Some(2));
        assert_eq!(position_of(&chain, "codex"), Some(1));
        assert_eq!(position_of(&chain, "gemini-cli"), None);
    }
}
