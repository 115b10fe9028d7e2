//! Command lines that are not accepted, in the words of this program.
//!
//! Owns the failure for each kind of misuse, with a line that is right, and which verb is meant by
//! a word that is none: by its meaning, never by its letters. Never parses.

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::called::{Called, line_of};
use super::{examples, slips};
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
    (
        &[
            "ask", "question", "say", "write", "notify", "chat", "answer", "reply",
        ],
        "tell",
    ),
    (&["read", "inbound"], "inbox"),
    (&["todo", "todos", "issue", "ticket"], "task"),
    (&["next"], "task next"),
    (&["add"], "task add"),
    (
        &["handoff", "handover", "pass", "yield", "give"],
        "turn pass",
    ),
    (&["freeze"], "state frozen"),
    (&["unfreeze", "thaw", "unlock-all"], "state --clear"),
    (&["deploy", "deployed", "deploying"], "state deploying"),
];

/// Returns the failure for a command line that was not accepted.
pub fn failure(error: &clap::Error, words: &[String]) -> Failure {
    let called = Called::of(words);
    let text = |kind| context(error, kind);
    let argument = text(ContextKind::InvalidArg);
    if let Some(failure) = called.as_ref().and_then(|called| called.slip(words)) {
        return failure;
    }
    let example = called.as_ref().map(|called| called.example(&argument));
    let example = example.unwrap_or_else(|| "git presence status".to_owned());
    let example = list_meant(words, &text).unwrap_or(example);
    let verb = called.as_ref().map(|called| called.names.join(" "));
    let named = verb.as_deref().unwrap_or("git presence");
    let called_with = called
        .as_ref()
        .filter(|_| error.kind() == ErrorKind::MissingRequiredArgument);
    let with_it = called_with.and_then(|called| called.with_it(words, &argument));
    if let ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand = error.kind() {
        let failure = no_such_verb(&text(ContextKind::InvalidSubcommand), words);
        return match list_meant(words, &text) {
            Some(line) => failure.hint(format!("name a list with its option: {line}")),
            None => failure,
        };
    }
    let option = with_it.as_ref().map(|(option, _)| option.as_str());
    let message = what_is_wrong(error, (named, &argument), option);
    let failure = Failure::usage(message);
    let meant = called
        .as_ref()
        .filter(|_| error.kind() == ErrorKind::UnknownArgument);
    let meant = meant.and_then(|called| called.option_meant(words, &argument));
    let meant = meant.or_else(|| with_a_value(error, words, &argument));
    let failure = match (meant, run_lacks_dashes(verb.as_deref(), words)) {
        (Some(line), _) => failure.hint(format!("write {line}")),
        (None, true) => failure.hint(format!("write the command behind two dashes: {example}")),
        (None, false) => failure.hint(format!("write it like this: {example}")),
    };
    let failure = match with_it {
        Some((option, line)) => failure.hint(format!("leave {option} out: {line}")),
        _ => failure,
    };
    match (error.kind() != ErrorKind::InvalidUtf8, verb) {
        (true, Some(verb)) => failure.hint(format!("see what it takes: git presence {verb} -h")),
        _ => failure.hint("see the verbs: git presence -h"),
    }
}

/// Returns the line with a value behind the option that lacks one, as it would be right: a span or
/// a text of which the option says that it takes one.
fn with_a_value(error: &clap::Error, words: &[String], argument: &str) -> Option<String> {
    let is_missing = error.kind() == ErrorKind::InvalidValue
        && context(error, ContextKind::InvalidValue).is_empty();
    let (option, takes) = argument.split_once(' ').filter(|_| is_missing)?;
    let value = match takes {
        "<SPAN>" => "30m",
        "<TEXT>" => "<text>",
        _ => return None,
    };
    let at = words.iter().position(|word| word == option)?;
    let mut right = words.to_vec();
    right.insert(at + 1, value.to_owned());
    super::Cli::try_parse_from(&right)
        .is_ok()
        .then(|| format!("a value behind it: {}", line_of(&right)))
}

/// Returns what is wrong with a line that calls `named`; `option` is what needs `argument`, if an
/// option does.
fn what_is_wrong(
    error: &clap::Error,
    (named, argument): (&str, &str),
    option: Option<&str>,
) -> String {
    let text = |kind| context(error, kind);
    match error.kind() {
        ErrorKind::UnknownArgument => match argument.starts_with('-') {
            true => format!("{named} has no option {argument}"),
            false => format!("{named} does not take {}", name(argument)),
        },
        ErrorKind::MissingRequiredArgument => match option {
            Some(option) => format!("{option} goes with {argument}"),
            None => format!("{named} also needs {argument}"),
        },
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg);
            match other.is_empty() {
                true => format!("{argument} is given twice"),
                false => format!("{argument} and {other} exclude each other"),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue);
            bad_value(argument, &value, &text(ContextKind::ValidValue))
        }
        ErrorKind::NoEquals => format!("{argument} takes its value after a ="),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument} has a wrong number of values")
        }
        ErrorKind::InvalidUtf8 => "a word of the line is not UTF-8".to_owned(),
        _ => format!("{named} cannot be called like this"),
    }
}

/// Returns what is wrong with a value.
fn bad_value(argument: &str, value: &str, allowed: &str) -> String {
    match (value.is_empty(), allowed.is_empty()) {
        (true, true) => format!("{argument} needs a value"),
        (true, false) => format!("{argument} needs one of {allowed}"),
        (false, true) => {
            format!("{argument} does not take {}: write a number", name(value))
        }
        (false, false) => {
            format!(
                "{argument} does not take {}, but one of {allowed}",
                name(value)
            )
        }
    }
}

/// Returns the failure for a word that is no verb.
fn no_such_verb(word: &str, words: &[String]) -> Failure {
    if word.is_empty() {
        return Failure::usage("a verb is missing").hint("see the verbs: git presence -h");
    }
    let failure = Failure::usage(format!("there is no verb {}", name(word)));
    let lower = word.to_lowercase();
    let meant = MEANT
        .iter()
        .find(|(words, _)| words.contains(&lower.as_str()));
    let meant = meant.map(|(_, verb)| (*verb).to_owned());
    let slipped = || {
        let verb = slip(&lower)?;
        let mut right = words.to_vec();
        let at = right.iter().position(|one| one == word)?;
        right[at].clone_from(&verb);
        let is_right = super::Cli::try_parse_from(&right).is_ok();
        Some((verb, is_right.then(|| line_of(&right))))
    };
    let meant = meant.map(|verb| (verb, None)).or_else(slipped);
    let failure = match &meant {
        Some((verb, line)) => failure.hint(format!(
            "write git presence {}, if that is meant: {}",
            verb.split(' ').next().unwrap_or_default(),
            line.clone().unwrap_or_else(|| example_of(verb))
        )),
        None if word.contains(':') => failure.hint(format!(
            "name the verb before the resource: git presence peek {}",
            crate::guard::shell::quote(word)
        )),
        None => failure,
    };
    failure.hint("see the verbs: git presence -h")
}

/// Returns an example of a verb, with the word behind it, if one stands there.
fn example_of(meant: &str) -> String {
    match meant.split_once(' ') {
        Some((verb, with)) => examples::with(&super::command(), verb, &format!(" {with}")),
        None => examples::of(&super::command(), meant),
    }
}

/// Returns the verb that a word is but for a slip of the finger.
fn slip(word: &str) -> Option<String> {
    let command = super::command();
    let mut verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let found = verbs.find(|verb| slips::is_near(word, verb.get_name()));
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
mod tests;
