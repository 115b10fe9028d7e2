//! Command lines that are not accepted, in the words of this program.
//!
//! Owns the failure for each kind of misuse, with a line that is right, and which verb is meant by
//! a word that is none: by its meaning, never by its letters. Never parses.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::examples;
use crate::failure::Failure;
use crate::model::text::{is_word, name};

/// Words for what a verb of ours does, or does not do.
const MEANT: &[(&[&str], &str)] = &[
    (
        &[
            "get", "reserve", "own", "begin", "start", "book", "grab", "checkout",
        ],
        "claim",
    ),
    (
        &[
            "finish",
            "leave",
            "end",
            "return",
            "stop",
            "abandon",
            "undo",
            "unreserve",
            "remove",
        ],
        "release",
    ),
    (&["lock", "acquire", "exclusive"], "claim"),
    (
        &["board", "conflicts", "claims", "all", "watch", "top"],
        "list",
    ),
    (
        &["info", "query", "test", "blame", "is-free", "holder"],
        "peek",
    ),
    (
        &["extend", "refresh", "keepalive", "ping", "touch"],
        "heartbeat",
    ),
    (&["queue", "block", "await"], "wait"),
    (&["prune", "clean", "cleanup", "purge"], "gc"),
    (&["setup", "hooks", "enable"], "install"),
    (&["uninit", "disable"], "uninstall"),
    (&["explain", "judge"], "guard"),
    (&["events", "activity"], "log"),
    (&["me", "id", "session"], "whoami"),
    (&["exec", "with"], "run"),
];

/// Returns the failure for a command line that was not accepted.
pub fn failure(error: &clap::Error, words: &[String]) -> Failure {
    let verb = verb_of(words);
    let text = |kind| context(error, kind);
    let argument = text(ContextKind::InvalidArg);
    let example = |verb: &str| examples::with(&super::command(), verb, &argument);
    let example = verb
        .as_deref()
        .map_or_else(|| "git presence status".to_owned(), example);
    let example = list_meant(words, &text).unwrap_or(example);
    let called = verb.as_deref().unwrap_or("git presence");
    let (message, is_about_verb) = match error.kind() {
        ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand => {
            let word = text(ContextKind::InvalidSubcommand);
            let failure = no_such_verb(&word);
            return match list_meant(words, &text) {
                Some(line) => failure.hint(format!("name a list with its option: {line}")),
                None => failure,
            };
        }
        ErrorKind::UnknownArgument => match argument.starts_with('-') {
            true => (format!("{called} has no option {argument}"), true),
            false => (format!("{called} does not take {}", name(&argument)), true),
        },
        ErrorKind::MissingRequiredArgument => (format!("{called} also needs {argument}"), true),
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg);
            let both = match other.is_empty() {
                true => format!("{argument} is given twice"),
                false => format!("{argument} and {other} exclude each other"),
            };
            (both, true)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue);
            let allowed = text(ContextKind::ValidValue);
            let what = match (value.is_empty(), allowed.is_empty()) {
                (true, true) => format!("{argument} needs a value"),
                (true, false) => format!("{argument} needs one of {allowed}"),
                (false, true) => {
                    format!("{argument} does not take {}: write a number", name(&value))
                }
                (false, false) => {
                    format!(
                        "{argument} does not take {}, but one of {allowed}",
                        name(&value)
                    )
                }
            };
            (what, true)
        }
        ErrorKind::NoEquals => (format!("{argument} takes its value after a ="), true),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            (format!("{argument} has a wrong number of values"), true)
        }
        ErrorKind::InvalidUtf8 => ("a word of the line is not UTF-8".to_owned(), false),
        _ => (format!("{called} cannot be called like this"), true),
    };
    let failure = Failure::usage(message);
    let failure = match run_lacks_dashes(verb.as_deref(), words) {
        true => failure.hint(format!("write the command behind two dashes: {example}")),
        false => failure.hint(format!("write it like this: {example}")),
    };
    match (is_about_verb, verb) {
        (true, Some(verb)) => failure.hint(format!("see what it takes: git presence {verb} -h")),
        _ => failure.hint("see the verbs: git presence -h"),
    }
}

/// Returns the failure for a word that is no verb.
fn no_such_verb(word: &str) -> Failure {
    if word.is_empty() {
        return Failure::usage("a verb is missing").hint("see the verbs: git presence -h");
    }
    let failure = Failure::usage(format!("there is no verb {}", name(word)));
    let lower = word.to_lowercase();
    let meant = MEANT
        .iter()
        .find(|(words, _)| words.contains(&lower.as_str()));
    let meant = meant.map(|(_, verb)| (*verb).to_owned());
    let meant = meant.or_else(|| slip(&lower));
    let failure = match &meant {
        Some(verb) => failure.hint(format!(
            "write git presence {verb}, if that is meant: {}",
            examples::of(&super::command(), verb)
        )),
        None if word.contains(':') => failure.hint(format!(
            "name the verb before the resource: git presence peek {}",
            crate::guard::shell::quote(word)
        )),
        None => failure,
    };
    failure.hint("see the verbs: git presence -h")
}

/// Returns the verb that a word is with one slip of the finger: a letter too many, too few, or two
/// that changed places.
fn slip(word: &str) -> Option<String> {
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let is_one_more = |long: &str, short: &str| {
        let mut cuts = long.char_indices();
        cuts.any(|(at, c)| format!("{}{}", &long[..at], &long[at + c.len_utf8()..]) == short)
    };
    let command = super::command();
    let mut verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let found = verbs.find(|verb| {
        let verb = verb.get_name();
        is_one_more(verb, word) || is_one_more(word, verb) || letters(verb) == letters(word)
    });
    found.map(|verb| verb.get_name().to_owned())
}

/// Returns the line that is meant by the bare name of a list behind `task`, `task list` or `task
/// next`, so that the name is not lost.
fn list_meant(words: &[String], said: &dyn Fn(ContextKind) -> String) -> Option<String> {
    let odd = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg].map(said);
    let at = words.iter().position(|word| odd.contains(word))?;
    let before = words[..at].iter().map(String::as_str);
    let before: Vec<&str> = before.filter(|word| !word.starts_with('-')).collect();
    let verb = match before.as_slice() {
        [_, "task" | "tasks"] | [_, "task" | "tasks", "list"] => "",
        [_, "task" | "tasks", "next"] => " next",
        _ => return None,
    };
    let list = words.get(at).filter(|list| is_word(list))?;
    Some(format!("git presence task{verb} --list {list}"))
}

/// Returns true for a `run` whose command does not stand behind two dashes.
fn run_lacks_dashes(verb: Option<&str>, words: &[String]) -> bool {
    verb == Some("run") && !words.iter().any(|word| word == "--")
}

/// Returns the verb of the line.
fn verb_of(words: &[String]) -> Option<String> {
    let command = super::command();
    let named = words.iter().skip(1);
    let mut verbs = named.filter_map(|word| command.find_subcommand(word));
    let found = verbs.next().filter(|verb| !verb.is_hide_set())?;
    Some(found.get_name().to_owned())
}

/// Returns what clap knows of the error, as words.
fn context(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(all)) => all.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::Cli;
    use super::*;

    fn said(line: &str) -> (String, Vec<String>) {
        let words: Vec<String> = format!("git-presence {line}")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let error = Cli::try_parse_from(&words).expect_err(line);
        let failure = failure(&error, &words);
        (failure.error.to_string(), failure.hints)
    }

    #[test]
    fn each_misuse_has_its_words_and_a_right_line() {
        for (line, message, hint) in [
            (
                "frobnicate",
                "there is no verb frobnicate",
                "git presence -h",
            ),
            (
                "finish path:x",
                "there is no verb finish",
                "git presence release",
            ),
            (
                "path:x",
                "there is no verb path:x",
                "git presence peek path:x",
            ),
            (
                "claim",
                "claim also needs --purpose <TEXT>, <RESOURCE>...",
                "git presence claim path:",
            ),
            (
                "claim a:b -p x --foo",
                "claim has no option --foo",
                "git presence claim -h",
            ),
            (
                "status a:b",
                "status does not take a:b",
                "git presence status",
            ),
            (
                "release a:b --all-mine",
                "[RESOURCE]... and --all-mine exclude each other",
                "git presence release",
            ),
            (
                "log -n x",
                "--max-count <N> does not take x: write a number",
                "git presence log",
            ),
            (
                "list --type",
                "--type <TYPE> needs a value",
                "git presence list",
            ),
            (
                "completions vi",
                "<SHELL> does not take vi, but one of bash, zsh, fish",
                "git presence completions bash",
            ),
            (
                "run a:b -p x make",
                "",
                "behind two dashes: git presence run",
            ),
            (
                "claim a:b -p x --over-shared",
                "claim also needs --exclusive",
                "-x",
            ),
        ] {
            let (said, hints) = said(line);
            assert!(said.contains(message), "{line}: {said}");
            let hints = hints.join("\n");
            assert!(hints.contains(hint), "{line}: {hints}");
            assert!(!said.contains("invalid digit"), "{said}");
        }
    }

    #[test]
    fn the_name_of_a_list_is_kept() {
        for (line, hint) in [
            ("task list later", "git presence task --list later"),
            ("task next later", "git presence task next --list later"),
            ("task later", "git presence task --list later"),
        ] {
            let (_, hints) = said(line);
            assert!(hints.join("\n").contains(hint), "{line}: {hints:?}");
        }
    }
}
