//! Commands that `git` runs because the line says so.
//!
//! Owns aliases and programs in settings of one call, and subcommands that start another command.
//! Settings in files are not examined.

use super::Classifier;
use super::exec_context::ExecContext;
use crate::guard::place::ShellState;
use crate::guard::shell::{Word, quote};
use crate::guard::tools::git_settings::{Setting, from_environment};

/// Global options that take the next word.
const TAKES: [&str; 8] = [
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--config-env",
    "--super-prefix",
    "--attr-source",
];
/// Ends of the names of settings whose value is a command.
const COMMANDS: [&str; 18] = [
    "pager",
    "editor",
    "sshcommand",
    "askpass",
    "fsmonitor",
    "gitproxy",
    "external",
    "command",
    "cmd",
    "textconv",
    "driver",
    "clean",
    "smudge",
    "process",
    "helper",
    "program",
    "difffilter",
    "hook",
];
/// Options whose value is a command on this machine.
const OPTIONS: [&str; 8] = [
    "--upload-pack",
    "--receive-pack",
    "--exec",
    "-x",
    "--extcmd",
    "--tree-filter",
    "--msg-filter",
    "--index-filter",
];
impl Classifier<'_> {
    /// Classifies what `git` with these words runs besides itself. Returns true if that is all that
    /// it does.
    pub(super) fn git(
        &mut self,
        words: &[Word],
        rest: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let mut settings = from_environment(state);
        let mut at = 0;
        while let Some(word) = rest.get(at).filter(|word| word.text.starts_with('-')) {
            let next = rest.get(at + 1);
            match (word.text.as_str(), next) {
                ("-c", Some(next)) => settings.push(Setting::of(next)),
                ("--config-env", Some(next)) => settings.push(Setting::hidden(&next.text)),
                (text, _) => {
                    if let Some(pair) = text.strip_prefix("--config-env=") {
                        settings.push(Setting::hidden(pair));
                    }
                }
            }
            at += if TAKES.contains(&word.text.as_str()) {
                2
            } else {
                1
            };
        }
        let verb = rest
            .get(at)
            .map_or("", |word| word.text.as_str())
            .to_lowercase();
        let after = rest.get(at + 1..).unwrap_or_default();
        for setting in &settings {
            let value = &setting.value;
            if let Some(name) = setting.key.strip_prefix("alias.") {
                if name == verb {
                    self.git_alias(words, value, after, context, state);
                    return true;
                }
            } else if COMMANDS.iter().any(|end| setting.key.ends_with(end)) {
                self.git_value(words, value, context, state);
            }
        }
        self.git_verb(words, &verb, after, context, state)
    }

    /// Classifies what an alias of one call stands for.
    fn git_alias(
        &mut self,
        words: &[Word],
        value: &Word,
        after: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        let Some(text) = value.known() else {
            return self.push_unknown(words, "the alias is an expansion".to_owned(), context);
        };
        let mut script = match text.strip_prefix('!') {
            Some(command) => command.to_owned(),
            None => format!("git {text}"),
        };
        for word in after {
            script.push(' ');
            script.push_str(&word.known().map_or_else(|| "$_".to_owned(), quote));
        }
        let mut context = context.clone();
        context.through.push("git".to_owned());
        context.depth += 1;
        // An alias may not be one for itself: settings of this call are left out.
        let mut state = state.clone();
        state
            .variables
            .retain(|name, _| !name.starts_with("GIT_CONFIG_"));
        self.script(&script, "the alias", &context, &mut state);
    }

    /// Classifies a value that is a command.
    fn git_value(
        &mut self,
        words: &[Word],
        value: &Word,
        context: &ExecContext,
        state: &ShellState,
    ) {
        match value.known() {
            Some(text) => {
                let script = text.trim_start_matches('!');
                if script.contains(char::is_whitespace) {
                    self.add_changes(script, context, state);
                }
            }
            // In `ssh -i $KEY` the program is certain.
            None if value.text.contains(' ') => {}
            None => {
                let why = format!("{} is a command, and an expansion", value.excerpt);
                self.push_unknown(words, why, context);
            }
        }
    }

    /// Classifies the command that a subcommand starts. Returns true if there is one.
    fn git_verb(
        &mut self,
        words: &[Word],
        verb: &str,
        after: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let mut inner = context.clone();
        inner.through.push("git".to_owned());
        let mut own = state.clone();
        let first = after.first().and_then(Word::known);
        let is_option = |word: &&Word| word.text.starts_with('-');
        match (verb, first) {
            ("submodule", Some(_)) => {
                let Some(at) = after.iter().position(|word| word.text == "foreach") else {
                    return false;
                };
                let rest = &after[at + 1..];
                let options = rest.iter().take_while(is_option).count();
                own.elsewhere("it runs in each submodule");
                self.joined_script(&rest[options..], &inner, &mut own);
                true
            }
            ("presence", _) => match bound_command(after) {
                Some(command) => {
                    self.command_words(command, &inner, &mut own);
                    true
                }
                None => false,
            },
            ("bisect", Some("run")) => {
                self.command_words(&after[1..], &inner, &mut own);
                true
            }
            _ => {
                if after.iter().any(|word| word.text.starts_with("ext::")) {
                    let why = "the address is a command (ext::)".to_owned();
                    self.push_unknown(words, why, context);
                }
                for (at, word) in after.iter().enumerate() {
                    let (name, attached) = match word.text.split_once('=') {
                        Some((name, _)) => (name, Some(word.after(name.len() + 1))),
                        None => (word.text.as_str(), after.get(at + 1).cloned()),
                    };
                    // Git takes the beginning of a long option.
                    let begins = name.len() > 3 && name.starts_with("--");
                    let is_it =
                        |option: &&str| *option == name || begins && option.starts_with(name);
                    if let Some(value) = attached.filter(|_| OPTIONS.iter().any(is_it)) {
                        self.git_value(words, &value, &inner, state);
                    }
                }
                false
            }
        }
    }
}

/// Returns the command of `git presence bound … -- command`.
fn bound_command(words: &[Word]) -> Option<&[Word]> {
    let at = words.iter().position(|word| word.known() == Some("--"))?;
    let is_bound = words[..at].iter().any(|word| word.known() == Some("bound"));
    is_bound.then_some(&words[at + 1..])
}
