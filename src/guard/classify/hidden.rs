//! Commands behind a program that no rule knows.
//!
//! Owns the search for them: such a program may start the words after it, or a script in one of its
//! options. Nothing found here is more than possible. Never classifies a known program.

use super::exec_context::ExecContext;
use super::{Classifier, program_of};
use crate::guard::invocation::Invocation;
use crate::guard::place::ShellState;
use crate::guard::shell::{Word, quote};
use crate::guard::verdict::Class;

/// At most this many words of one command are tried as the beginning of another one.
const WORDS_MAX: usize = 16;
/// At most this many words of one line are tried.
const TRIALS_MAX: usize = 256;
/// Options after which a program mostly takes a script.
const SCRIPTS: [&str; 6] = ["-c", "--command", "--run", "--exec", "--cmd", "-x"];

/// Images that are called as another program.
const IMAGES: [(&str, &str); 18] = [
    ("alembic", "alembic"),
    ("atlas", "atlas"),
    ("aws-cli", "aws"),
    ("awscli", "aws"),
    ("dbmate", "dbmate"),
    ("flyway", "flyway"),
    ("goose", "goose"),
    ("helm", "helm"),
    ("kubectl", "kubectl"),
    ("liquibase", "liquibase"),
    ("migrate", "migrate"),
    ("opentofu", "tofu"),
    ("packer", "packer"),
    ("pulumi", "pulumi"),
    ("rclone", "rclone"),
    ("restic", "restic"),
    ("skopeo", "skopeo"),
    ("terraform", "terraform"),
];

/// Ends of the names of options to which a command is attached: `--to-command=…`.
const ATTACHED: [&str; 7] = ["command", "cmd", "exec", "rsh", "program", "action", "pre"];

/// Returns the command that is attached to an option.
fn attached_command(word: &Word) -> Option<&str> {
    let text = word.known().filter(|text| text.contains(' '))?;
    let (before, script) = text.split_once(' ')?;
    let (name, _) = before.split_once('=')?;
    let name = name.to_lowercase();
    let from = before.rfind('=')? + 1;
    let is_one = ATTACHED.iter().any(|end| name.ends_with(end));
    is_one.then(|| &text[from..]).filter(|_| !script.is_empty())
}

impl Classifier<'_> {
    /// Returns the command that `name` may start with words of `rest`, if it changes something.
    pub(super) fn hidden_command(
        &mut self,
        rest: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> Option<String> {
        if self.is_trial {
            return None;
        }
        for (at, word) in rest.iter().enumerate().take(WORDS_MAX) {
            if let Some(script) = attached_command(word)
                && self.changes(script, context, state)
            {
                return Some(script.to_owned());
            }
            let Some(text) = word.known().filter(|text| !text.is_empty()) else {
                continue;
            };
            self.trials += 1;
            if self.trials > TRIALS_MAX {
                return None;
            }
            let is_script = at > 0 && SCRIPTS.iter().any(|option| rest[at - 1].text == *option);
            let mut trial = Classifier::new(self.rules, self.place);
            trial.is_trial = true;
            if is_script {
                trial.script(text, "a value", context, &mut state.clone());
            } else if self.is_known(word) {
                trial.command_words(&rest[at..], context, &mut state.clone());
            }
            let changes = |part: &&super::Part| part.class == Class::Mutating;
            if let Some(part) = trial.parts.iter().find(changes) {
                return Some(part.command.clone());
            }
        }
        None
    }

    /// Adds what commands in options such as `-o ProxyCommand=…` change.
    pub(super) fn option_commands(
        &mut self,
        rest: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        for word in rest.iter().take(WORDS_MAX) {
            if let Some(script) = attached_command(word) {
                self.add_changes(script, context, state);
            }
        }
    }

    /// Adds what the command of `docker run` changes: the words after the image, or the image
    /// itself if it is called as a program that rules know.
    pub(super) fn image_command(
        &mut self,
        invocation: &Invocation<'_>,
        context: &ExecContext,
        state: &ShellState,
    ) {
        let words = invocation.all_words();
        let run = words.iter().position(|word| word.known() == Some("run"));
        let Some((image, command)) = run.and_then(|run| words.get(run + 1..)?.split_first()) else {
            return;
        };
        let name = image.text.rsplit('/').next().unwrap_or_default();
        let name = name.split([':', '@']).next().unwrap_or_default();
        let program = IMAGES.iter().find(|(known, _)| *known == name);
        let called: Vec<Word> = program
            .map(|(_, program)| Word::literal(*program))
            .into_iter()
            .chain(command.iter().cloned())
            .collect();
        let mut context = context.clone();
        context.through.push("docker".to_owned());
        let both = [called.as_slice(), command];
        for words in both.into_iter().take(1 + usize::from(program.is_some())) {
            let is_known = words.first().is_some_and(|word| self.is_known(word));
            if self.is_trial || !is_known {
                continue;
            }
            let mut trial = Classifier::new(self.rules, self.place);
            trial.is_trial = true;
            trial.command_words(words, &context, &mut state.clone());
            let changes = trial.parts.into_iter();
            self.parts
                .extend(changes.filter(|part| part.class == Class::Mutating));
        }
    }

    /// Checks whether a script changes something.
    fn changes(&self, script: &str, context: &ExecContext, state: &ShellState) -> bool {
        let mut trial = Classifier::new(self.rules, self.place);
        trial.is_trial = true;
        trial.script(script, "a value", context, &mut state.clone());
        let mut parts = trial.parts.iter();
        parts.any(|part| part.class == Class::Mutating)
    }

    /// Checks whether a word may be the name of a program that changes something.
    fn is_known(&self, word: &Word) -> bool {
        let is_elsewhere = word.text.contains('/') && !word.text.starts_with('/');
        let name = program_of(word).filter(|_| !is_elsewhere);
        name.is_some_and(|name| {
            super::wrappers::is_shell(name) || self.rules.program(name).is_some()
        })
    }

    /// Classifies what an alias stands for, with the words after it.
    pub(super) fn alias(
        &mut self,
        name: &str,
        meaning: &Word,
        rest: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        let mut context = context.started_by(name);
        let Some(text) = meaning.known() else {
            let why = format!("{name} is an alias for an expansion");
            return self.push_unknown(std::slice::from_ref(meaning), why, &context);
        };
        let mut script = text.to_owned();
        for word in rest {
            script.push(' ');
            match word.known() {
                Some(text) => script.push_str(&quote(text)),
                None => script.push_str("$_"),
            }
        }
        context.depth += 1;
        // An alias is not expanded within itself.
        let mut inner = state.clone();
        inner.aliases.remove(name);
        self.script(&script, "the alias", &context, &mut inner);
        inner.aliases.insert(name.to_owned(), meaning.clone());
        *state = inner;
    }
}
