//! The parts of help and manual that clap does not make: examples, exit status, environment, and
//! the verbs by area.
//!
//! Owns how the examples of a verb are found, which stand beside its arguments, also for the errors
//! about how it is called. Never parses a command line.

use std::fmt::Write as _;

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

/// The heading of the examples in the help of a verb.
const EXAMPLES: &str = "EXAMPLES";
/// What is shown in the place of an example.
const HELP: &str = "git presence -h";

/// Returns an example of a verb; of one that has none, of the help.
pub(crate) fn of(verbs: &clap::Command, verb: &str) -> String {
    let first = lines_of(verbs, verb).into_iter().next();
    first.unwrap_or_else(|| HELP.to_owned())
}

/// Returns an example of a verb with an option, or one without it.
pub(crate) fn with(verbs: &clap::Command, verb: &str, option: &str) -> String {
    let option = if option.contains("--exclusive") {
        " -x "
    } else {
        option
    };
    let mut lines = lines_of(verbs, verb).into_iter();
    let with = lines.find(|line| line.contains(option));
    with.unwrap_or_else(|| of(verbs, verb))
}

/// Returns an example of a verb of a verb, with an option if one has it; of one that has none, how
/// it is called.
pub(crate) fn of_both(verbs: &clap::Command, (verb, below): (&str, &str), option: &str) -> String {
    let name = format!("git presence {verb} {below}");
    let is_it = |line: &String| {
        line.strip_prefix(&name)
            .is_some_and(|rest| !rest.starts_with('-'))
    };
    let lines: Vec<String> = lines_of(verbs, verb).into_iter().filter(is_it).collect();
    let with = lines.iter().find(|line| line.contains(option));
    if let Some(line) = with.or(lines.first()) {
        return line.clone();
    }
    let command = verbs
        .find_subcommand(verb)
        .and_then(|verb| verb.find_subcommand(below));
    let usage = command.map(|command| command.clone().render_usage().to_string());
    let usage = usage.unwrap_or_default();
    let (_, arguments) = usage.split_once(below).unwrap_or_default();
    name + &arguments.replace(" [OPTIONS]", "")
}

/// Returns the examples in the help of a verb, which stand at its end.
fn lines_of(verbs: &clap::Command, verb: &str) -> Vec<String> {
    let verb = verbs.find_subcommand(verb);
    let help = verb.and_then(clap::Command::get_after_help);
    let help = help.map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().skip_while(|line| *line != EXAMPLES).skip(1);
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Returns the command with verbs by area and with examples in its own help.
pub(crate) fn added_to(command: clap::Command, areas: &[(&str, clap::Command)]) -> clap::Command {
    let examples = ["claim", "run", "list", "release"]
        .map(|verb| of(&command, verb))
        .join("\n  ");
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
                name == "help" || of(&command, name).contains(name),
                "{name} has no example"
            );
        }
    }
}
