//! The verb that a line calls, and the line that was meant.
//!
//! Owns how a wrong line is put right ([`Called`]): the word that is nearly a verb of the verb, the
//! option that is nearly one, and the option that needs another. A line that is shown was read as
//! right. Never says what is wrong with a value.

use clap::Parser as _;

use super::{examples, slips};
use crate::failure::Failure;
use crate::guard::shell::quote;
use crate::model::text::{harmless_lines as clean, is_word, name};

/// Returns a line as it is typed.
pub(super) fn line_of(words: &[String]) -> String {
    let spelled = |word: &String| match word.split_once('=') {
        Some((option, value)) if option.starts_with("--") && is_word(&option[2..]) => {
            format!("{option}={}", quote(value))
        }
        _ => quote(word),
    };
    let words = words.iter().skip(1).map(spelled);
    clean(&format!(
        "git presence {}",
        words.collect::<Vec<_>>().join(" ")
    ))
}

/// The verb of a line, and the verb of that, if it has one.
pub(super) struct Called {
    /// Their names.
    pub names: Vec<String>,
    /// The last one of them.
    command: clap::Command,
    /// Where it stands in the line.
    at: usize,
}

impl Called {
    /// Finds the verb of a line.
    pub(super) fn of(words: &[String]) -> Option<Self> {
        let command = super::command();
        let mut verbs = words.iter().enumerate().skip(1);
        let (at, verb) = verbs.find_map(|(at, word)| Some((at, command.find_subcommand(word)?)))?;
        if verb.is_hide_set() && verb.get_name() != "steal" {
            return None;
        }
        let below = words
            .get(at + 1)
            .and_then(|word| verb.find_subcommand(word));
        let names = [Some(verb), below].into_iter().flatten();
        Some(Self {
            names: names.map(|one| one.get_name().to_owned()).collect(),
            at: at + usize::from(below.is_some()),
            command: below.unwrap_or(verb).clone(),
        })
    }

    /// Returns an example of it, with an option if one has it.
    pub(super) fn example(&self, option: &str) -> String {
        let option = option.rsplit(", ").next().unwrap_or_default();
        let Some(below) = self.names.get(1) else {
            return examples::with(&super::command(), &self.names[0], option);
        };
        examples::of_both(&super::command(), (&self.names[0], below), option)
    }

    /// Returns the failure for a word that stands where a verb of the verb does, and is nearly one.
    pub(super) fn slip(&self, words: &[String]) -> Option<Failure> {
        let word = words.get(self.at + 1).filter(|_| self.names.len() == 1)?;
        let meant = slips::subverb_meant(&self.command, word)?;
        Some(no_such_subverb(
            &self.names[0],
            (word, &meant),
            words,
            self.at + 1,
        ))
    }

    /// Returns the option of a line without which `missing` would not be needed, and the line
    /// without it. Nothing if the line needs it in any case.
    pub(super) fn with_it(&self, words: &[String], missing: &str) -> Option<(String, String)> {
        if !missing.starts_with('-') {
            return None;
        }
        let takes_value = |option: &str| {
            let is_it = |one: &&clap::Arg| {
                let longs = one.get_long_and_visible_aliases().unwrap_or_default();
                let aliases = one.get_all_aliases().unwrap_or_default();
                let short = one.get_short().map(|short| format!("-{short}"));
                let mut all = longs.into_iter().chain(aliases);
                all.any(|long| option == format!("--{long}")) || short.as_deref() == Some(option)
            };
            let argument = self.command.get_arguments().find(is_it);
            argument.is_some_and(|one| one.get_action().takes_values())
        };
        let mut options = (self.at + 1..words.len()).filter(|at| words[*at].starts_with('-'));
        options.find_map(|at| {
            let (option, has_value) = match words[at].split_once('=') {
                Some((option, _)) => (option, false),
                None => (words[at].as_str(), takes_value(&words[at])),
            };
            let mut without = words.to_vec();
            without.drain(at..(at + 1 + usize::from(has_value)).min(words.len()));
            let is_right = super::Cli::try_parse_from(&without).is_ok();
            is_right.then(|| (option.to_owned(), line_of(&without)))
        })
    }

    /// Returns the line with the option that is meant by one that there is not, as it is typed; if
    /// that is no right line, an example.
    pub(super) fn option_meant(&self, words: &[String], typed: &str) -> Option<String> {
        let meant = slips::option_meant(&self.command, typed)?;
        let at = words
            .iter()
            .position(|word| word.split('=').next() == Some(typed))?;
        let mut right = words.to_vec();
        right[at] = right[at].replacen(typed, &meant, 1);
        let mut arguments = self.command.get_arguments();
        let ours = arguments.find(|one| one.get_long() == meant.strip_prefix("--"));
        let is_joined = ours.is_some_and(clap::Arg::is_require_equals_set);
        if is_joined && right.get(at + 1).is_some_and(|next| !next.starts_with('-')) {
            let value = right.remove(at + 1);
            right[at] = format!("{}={value}", right[at]);
        }
        let is_right = super::Cli::try_parse_from(&right).is_ok();
        let line = is_right.then(|| line_of(&right));
        Some(match line {
            Some(line) => format!("{meant}: {line}"),
            None => format!("{meant}, for example {}", self.example(&meant)),
        })
    }
}

/// Returns the failure for a word in the place of a verb of `verb`, with the line that is meant.
pub(super) fn no_such_subverb(
    verb: &str,
    (word, meant): (&str, &str),
    words: &[String],
    at: usize,
) -> Failure {
    let mut right = words.to_vec();
    match right.get_mut(at) {
        Some(_) if meant == slips::ITSELF => _ = right.remove(at),
        Some(word) => meant.clone_into(word),
        None => {}
    }
    if (verb, meant) == ("turn", "pass") {
        complete_a_pass(&mut right, at);
    }
    let line = match super::Cli::try_parse_from(&right) {
        Ok(_) if !words.is_empty() => line_of(&right),
        _ if meant == slips::ITSELF => format!("git presence {verb}"),
        _ => examples::of_both(&super::command(), (verb, meant), ""),
    };
    let way = match meant {
        slips::ITSELF => format!("leave it out: {line}"),
        _ => format!("write {meant}: {line}"),
    };
    Failure::usage(format!("{verb} has no verb {}", name(word)))
        .hint(way)
        .hint(format!("see what it takes: git presence {verb} -h"))
}

/// Completes a line that passes a turn on: to the session that is named, and with words.
fn complete_a_pass(words: &mut Vec<String>, at: usize) {
    let is_named = |word: &String| !word.starts_with('-') && !word.starts_with("turn:");
    if words.get(at + 1).is_some_and(is_named) {
        words.insert(at + 1, "--to".to_owned());
    }
    let says = |word: &String| word.starts_with("--status") || word.starts_with("--handoff");
    if words.len() > at && !words.iter().any(says) {
        let rest = [
            "--status",
            "<how things stand>",
            "--next",
            "<what comes next>",
        ];
        words.extend(rest.map(str::to_owned));
    }
}
