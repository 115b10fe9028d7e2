//! The parts of help and manual that clap does not make: examples, exit status, environment, and
//! the verbs by area.
//!
//! Owns an example for each verb, also for the errors about how it is called. Each is a line that
//! the program accepts. Never parses.

use std::fmt::Write as _;

/// The verbs that a person may call, each with lines that call it.
const EXAMPLES: [(&str, &[&str]); 33] = [
    (
        "claim",
        &[
            "git presence claim path:src/net path:tests/net --purpose \"rewrite the retry loop\"",
            "git presence claim -x stack:infra/dns --purpose \"move the zone\" --wait",
        ],
    ),
    ("wait", &["git presence wait stack:infra/dns"]),
    (
        "release",
        &[
            "git presence release",
            "git presence release path:src/net",
            "git presence release --force stack:infra/dns --reason \"the job hangs\"",
        ],
    ),
    (
        "run",
        &["git presence run -x stack:infra/dns --purpose \"apply the zone\" -- terraform apply"],
    ),
    ("fence", &["git presence fence stack:infra/dns"]),
    (
        "push",
        &["git presence push origin HEAD:main --fence stack:infra/dns"],
    ),
    ("heartbeat", &["git presence heartbeat"]),
    (
        "turn",
        &[
            "git presence turn",
            "git presence turn take --wait",
            "git presence turn pass --status \"the zone is half there\" --next \"apply the rest\"",
        ],
    ),
    ("instructions", &["git presence instructions"]),
    (
        "tell",
        &[
            "git presence tell stack:infra/dns --ask -m \"done in ten minutes?\"",
            "git presence tell all -m \"the staging cluster is down\" -m \"back at noon\"",
            "git presence tell --reply 0123456789ab -m \"yes\"",
        ],
    ),
    (
        "inbox",
        &[
            "git presence inbox",
            "git presence inbox --sent",
            "git presence inbox --wait",
        ],
    ),
    (
        "state",
        &[
            "git presence state",
            "git presence state service:web deploying --version 1.4.0",
            "git presence state branch:main frozen --until 2h -m \"the release is cut\"",
            "git presence state branch:main --clear",
        ],
    ),
    (
        "task",
        &[
            "git presence task",
            "git presence task add \"rotate the keys\" --claims stack:infra/keys",
            "git presence task next",
            "git presence task done abcd2345 -m \"both zones\"",
        ],
    ),
    (
        "list",
        &[
            "git presence list",
            "git presence list --others --type path",
        ],
    ),
    ("peek", &["git presence peek path:src/net/dns.rs"]),
    ("who", &["git presence who"]),
    ("status", &["git presence status"]),
    (
        "log",
        &[
            "git presence log",
            "git presence log path:src -n 5",
            "git presence log --wait --for-me --cursor news",
        ],
    ),
    ("prompt", &["git presence prompt"]),
    ("whoami", &["git presence whoami --explain"]),
    ("keep", &["git presence keep --pid 4711"]),
    ("sync", &["git presence sync"]),
    ("gc", &["git presence gc --dry-run"]),
    ("hook", &["git presence hook pre-apply stack:infra/dns"]),
    ("ingest", &["git presence ingest --hook post-tool-use"]),
    ("audit", &["git presence audit"]),
    ("guard", &["git presence guard explain -- terraform apply"]),
    ("init", &["git presence init"]),
    (
        "install",
        &[
            "git presence install",
            "git presence install claude --rules",
        ],
    ),
    ("uninstall", &["git presence uninstall claude"]),
    (
        "doctor",
        &["git presence doctor", "git presence doctor --remote"],
    ),
    ("completions", &["git presence completions bash"]),
    ("man", &["git presence man --install"]),
];

const RESOURCES: &str = "\
Resources are written <type>:<name>. Known types: node: host: stack: service: db: pvc: infra:
path: branch:; any other type is accepted.";

const EXIT_STATUS: &str = "\
EXIT STATUS
  0 done, 1 broken, 3 refused, 4 contended, 5 remote, 128 no repository, 129 usage.
  run exits with the code of its command.";

const ENVIRONMENT: &str = "\
ENVIRONMENT
  GIT_PRESENCE_SESSION  the session id, instead of the one that is found out
  GIT_PRESENCE_BYPASS   a reason to pass a hook in spite of claims of others; it is recorded
  GIT_PRESENCE_DEBUG    a file to which hooks write why they failed
  NO_COLOR              no colours";

/// Returns an example of a verb; of one that has none, of the help.
pub(crate) fn of(verb: &str) -> &'static str {
    let found = EXAMPLES.iter().find(|(name, _)| *name == verb);
    let first = found.and_then(|(_, lines)| lines.first());
    first.copied().unwrap_or("git presence -h")
}

/// Returns an example of a verb with an option, or one without it.
pub(crate) fn with(verb: &str, option: &str) -> &'static str {
    let found = EXAMPLES.iter().find(|(name, _)| *name == verb);
    let lines = found.map(|(_, lines)| *lines).unwrap_or_default();
    let option = if option.contains("--exclusive") {
        " -x "
    } else {
        option
    };
    let with = lines.iter().find(|line| line.contains(option));
    with.copied().unwrap_or_else(|| of(verb))
}

/// Returns the command with examples for each verb, and with verbs by area in its own help.
pub(crate) fn added_to(
    mut command: clap::Command,
    areas: &[(&str, clap::Command)],
) -> clap::Command {
    for (verb, lines) in EXAMPLES {
        command = command.mut_subcommand(verb, |verb| {
            let mut text = String::new();
            if let Some(own) = verb.get_after_help() {
                let _ = write!(text, "{own}\n\n");
            }
            text.push_str("EXAMPLES");
            for line in lines {
                let _ = write!(text, "\n  {line}");
            }
            verb.after_help(text)
        });
    }
    let examples = ["claim", "run", "list", "release"].map(of).join("\n  ");
    let after = format!("{RESOURCES}\n\nEXAMPLES\n  {examples}\n\n{EXIT_STATUS}\n\n{ENVIRONMENT}");
    command
        .help_template(format!(
            "{{about}}\n\n{{usage-heading}} {{usage}}\n\n{}Options:\n{{options}}{{after-help}}",
            by_area(areas)
        ))
        .after_help(after)
}

/// Returns the verbs, each with a line, under the headings of their areas.
fn by_area(areas: &[(&str, clap::Command)]) -> String {
    let mut out = String::new();
    for (area, verbs) in areas {
        let _ = writeln!(out, "{area}:");
        for verb in verbs.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let about = verb
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            let _ = writeln!(out, "  {:<12} {about}", verb.get_name());
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_an_example() {
        let command = crate::cli::command();
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let name = verb.get_name();
            assert!(
                name == "help" || of(name).contains(name),
                "{name} has no example"
            );
        }
    }
}
