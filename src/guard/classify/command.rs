//! Classification of one command.
//!
//! Owns the order of steps: shell builtins, special wrappers, aliases, rules, wrapped commands.
//! Never knows a program except through the rules, and through `wrappers` where rules do not
//! suffice.

use super::exec_context::{ExecContext, Input, Inside};
use super::{COMMANDS_MAX, Classifier, FILE_COMMANDS_MAX, program_of, variables};
use crate::guard::invocation::{Invocation, Wrapped};
use crate::guard::place::ShellState;
use crate::guard::rules::rule::{CommandStart, Effect, Program, Rule, Wrapper};
use crate::guard::rules::template::Template;
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::model::resource::{Resource, ResourceKind};

/// A command with more words is not classified.
const WORDS_MAX: usize = 4096;
/// Programs that start a shell if they are given no command.
const SHELLS_ALONE: [&str; 7] = [
    "su", "ssh", "chroot", "unshare", "nsenter", "runuser", "script",
];
/// At most this many programs may start one another.
const THROUGH_MAX: usize = 10;

impl Classifier<'_> {
    /// Classifies a program with its arguments.
    pub(super) fn command_words(
        &mut self,
        words: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        if self.is_too_many(words, context) {
            return;
        }
        let Some((first, rest)) = words.split_first() else {
            return;
        };
        if context.through.len() > THROUGH_MAX {
            let why = format!("more than {THROUGH_MAX} programs start one another");
            return self.push_unknown(words, why, context);
        }
        if words.len() > WORDS_MAX {
            let why = format!("it has more than {WORDS_MAX} words");
            return self.push_unknown(words, why, context);
        }
        let Some(name) = program_of(first).filter(|_| is_one_program(first, state)) else {
            let why = format!("the program is an expansion: {}", first.excerpt);
            return self.push_unknown(words, why, context);
        };
        // `time ! command`.
        if name == "!" && !rest.is_empty() {
            return self.command_words(rest, context, state);
        }
        if let Some(meaning) = state.aliases.get(name).cloned() {
            return self.alias(name, &meaning, rest, context, state);
        }
        let is_function = state.functions.contains_key(name);
        if is_function {
            self.call_function(name, rest, context, state);
        }
        self.note_written(name, words, context, state);
        if self.in_this_shell(name, rest, context, state)
            || !is_function && self.shell_builtin(name, rest, context, state)
            || self.special_wrapper(name, words, rest, context, state)
        {
            return;
        }
        let Some(program) = self.rules.program(name) else {
            return self.unknown_program(name, words, context, state);
        };
        if let Some(alias_of) = &program.alias_of {
            let mut meant: Vec<Word> = alias_of.iter().map(Word::literal).collect();
            meant.extend(rest.iter().cloned());
            let context = context.started_by(name);
            return self.command_words(&meant, &context, state);
        }
        let carried = variables::with_arguments(name, words, state);
        let carried = carried.unwrap_or_else(|why| {
            self.push_unknown(words, why, context);
            None
        });
        let words = carried.as_deref().unwrap_or(words);
        self.invocation(name, &program, words, context, state);
    }

    /// Counts a command. Returns true if it is one of too many, and records the first of those.
    fn is_too_many(&mut self, words: &[Word], context: &ExecContext) -> bool {
        self.commands += 1;
        self.file_commands += usize::from(context.files > 0);
        let (count, most, what) = match context.files > 0 {
            true => (self.file_commands, FILE_COMMANDS_MAX, " of files"),
            false => (self.commands, COMMANDS_MAX, ""),
        };
        if count == most + 1 {
            let why = format!("only the first {most} commands{what} are classified");
            self.push_unknown(words, why, context);
        }
        count > most
    }

    /// Records a program that no rule knows.
    fn unknown_program(
        &mut self,
        name: &str,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        self.note_patch(words, state);
        if self.task(name, words, context, state) || self.cmdlet(name, words, context, state) {
            return;
        }
        if let Some(command) = self.hidden_command(&words[1..], context, state) {
            let why = format!("no rule knows {name}, which may run {command}");
            return self.push_unknown(words, why, context);
        }
        self.push_unmatched(words, format!("no rule knows {name}"), context);
    }

    /// Classifies an invocation of a program that the rules know.
    fn invocation(
        &mut self,
        name: &str,
        program: &Program,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        let mut invocation = Invocation::new(program, &words[1..]);
        let mut state = state.clone();
        for dir in &invocation.dirs {
            state.enter(dir, self.place);
            self.note_folder(&state);
        }
        let rule = match invocation.matching_rule() {
            // A shell on another machine without a command.
            Ok(Some(rule))
                if rule.effect == Effect::Inside
                    && invocation.wrapped.is_none()
                    && SHELLS_ALONE.contains(&name) =>
            {
                let context = match context.stdin {
                    Input::Text(_) => &self.inside(rule, &invocation, context, &state),
                    _ => context,
                };
                return self.wrapper_alone(name, program, &invocation, words, context, &state);
            }
            Ok(rule) => rule,
            Err(why) => return self.push_unknown(words, why, context),
        };
        let wrapped = invocation.wrapped.as_ref();
        let wrappers = match rule.map(|rule| (&rule.effect, rule)) {
            None | Some((Effect::Covered | Effect::Inside, _)) => wrapped.is_some(),
            Some((Effect::Ignore, rule)) => {
                wrapped.is_some_and(|wrapped| wrapped.wrapper.verbs.len() > rule.verbs.len())
            }
            Some(_) => false,
        };
        if wrappers {
            return self.wrapped(words, &invocation, rule, context, state);
        }
        if rule.is_some() && matches!(name, "docker" | "podman" | "nerdctl") {
            self.image_command(&invocation, context, &state);
        }
        let is_open = rule.is_none_or(|rule| rule.effect == Effect::Ignore && rule.name.shipped);
        if is_open && self.task(name, words, context, &state) {
            return;
        }
        let Some(rule) = rule else {
            let reads = SHELLS_ALONE.contains(&name)
                && matches!(context.stdin, Input::Text(_) | Input::Elsewhere);
            if !reads && invocation.is_bare() && (program.wrappers.is_empty() || words.len() == 1) {
                let why = format!("{name} alone does nothing");
                return self.push_reading(words, &why, context);
            }
            if program.rules.is_empty() {
                return self.wrapper_alone(name, program, &invocation, words, context, &state);
            }
            let why = format!("no rule knows what {name} {} does", invocation.verb());
            return self.push_unknown(words, why.trim_end().to_owned(), context);
        };
        self.apply_rule(&invocation, rule, words, context, &state);
    }

    /// Classifies a wrapper that is given no command. One that runs a shell elsewhere reads its
    /// script from standard input.
    fn wrapper_alone(
        &mut self,
        name: &str,
        program: &Program,
        invocation: &Invocation<'_>,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        let reads = |wrapper: &&Wrapper| {
            wrapper.as_shell && matches!(wrapper.from, CommandStart::Word(2..))
        };
        let wrapper = program.wrappers.iter().find(reads);
        let is_shell = SHELLS_ALONE.contains(&name);
        match (wrapper, &context.stdin) {
            (None, Input::Text(_) | Input::Elsewhere) if is_shell => {
                self.input_script(words, context, context, &mut state.clone());
            }
            (Some(wrapper), Input::Text(text)) => {
                let words = vec![text.clone()];
                self.wrapped_words(
                    name,
                    invocation,
                    &Wrapped { words, wrapper },
                    context.clone(),
                    state.clone(),
                );
            }
            (Some(_), Input::Elsewhere) => {
                self.push_unknown(
                    words,
                    "its script comes from standard input".to_owned(),
                    context,
                );
            }
            _ if words.iter().any(Word::may_be_several) => {
                let why = "its command is an expansion".to_owned();
                self.push_unknown(words, why, context);
            }
            _ => {
                let why = format!("{name} is given no command to classify");
                self.push_unmatched(words, why, context);
            }
        }
    }

    /// Adds the resources that the templates name.
    pub(super) fn fill(
        &self,
        templates: &[Template],
        invocation: &Invocation<'_>,
        state: &ShellState,
        into: &mut Targets,
    ) {
        for template in templates {
            template.fill(invocation, state, self.place, into);
        }
    }

    /// Classifies the command that an invocation starts.
    fn wrapped(
        &mut self,
        words: &[Word],
        invocation: &Invocation<'_>,
        rule: Option<&Rule>,
        context: &ExecContext,
        mut state: ShellState,
    ) {
        let Some(wrapped) = &invocation.wrapped else {
            return;
        };
        if let (CommandStart::Word(_), Err(why)) = (&wrapped.wrapper.from, invocation.is_sure()) {
            let why = format!("{why}, so that it is not certain where the command begins");
            return self.push_unknown(words, why, context);
        }
        let name = words.first().and_then(program_of).unwrap_or_default();
        let mut inner = context.started_by(name);
        if let Some(rule) = rule.filter(|rule| rule.effect == Effect::Inside) {
            inner = self.inside(rule, invocation, &inner, &state);
            state.elsewhere("it runs inside something else");
        }
        if rule.is_some_and(|rule| rule.effect == Effect::Covered) {
            inner.covered = true;
            let own = words.len().saturating_sub(wrapped.words.len());
            let labels = words.iter().take(own).filter_map(Word::known);
            let labels = labels.filter_map(|label| Resource::parse(label).ok());
            let paths = labels.filter(|label| label.kind() == ResourceKind::Path);
            inner.claimed.extend(paths);
        }
        self.wrapped_words(name, invocation, wrapped, inner, state);
    }

    /// Returns the context of a command that runs inside what an `inside` rule names.
    fn inside(
        &self,
        rule: &Rule,
        invocation: &Invocation<'_>,
        context: &ExecContext,
        state: &ShellState,
    ) -> ExecContext {
        let mut inner = context.clone();
        let mut targets = Targets::default();
        self.fill(&rule.resources, invocation, state, &mut targets);
        targets.is_local = invocation.is_local(state);
        let mut around = Targets::default();
        self.fill(&rule.within, invocation, state, &mut around);
        inner.within.extend(around.resources);
        let name = rule.name.clone();
        inner.inside = Some(Inside { targets, name });
        inner
    }

    /// Classifies the words of a wrapped command in the place where it runs.
    fn wrapped_words(
        &mut self,
        name: &str,
        invocation: &Invocation<'_>,
        wrapped: &Wrapped<'_>,
        mut inner: ExecContext,
        mut state: ShellState,
    ) {
        if inner.through.last().is_none_or(|last| last != name) {
            inner.through.push(name.to_owned());
        }
        if !wrapped.wrapper.within.is_empty() {
            let mut around = Targets::default();
            self.fill(&wrapped.wrapper.within, invocation, &state, &mut around);
            inner.within.extend(around.resources);
            state.elsewhere(&format!("{name} runs it somewhere else"));
        }
        if wrapped.wrapper.as_shell {
            self.joined_script(&wrapped.words, &inner, &mut state);
        } else {
            let words = self.assigned(&wrapped.words, &inner, &mut state);
            self.command_words(words, &inner, &mut state);
        }
    }

    /// Takes the leading `NAME=value` words, which `env` and `sudo` read as assignments, and
    /// returns the rest.
    fn assigned<'w>(
        &mut self,
        words: &'w [Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) -> &'w [Word] {
        let mut rest = words;
        while let Some((first, after)) = rest.split_first() {
            // `env -` is `env -i`.
            if first.known() == Some("-") {
                rest = after;
                continue;
            }
            let Some((name, _)) = first.text.split_once('=') else {
                break;
            };
            let value = first.after(name.len() + 1);
            self.carried(name, &value, context, state);
            state.variables.insert(name.to_owned(), value);
            rest = after;
        }
        rest
    }
}

/// Checks whether a word with an expansion before its certain end is one word: `$BIN/tool` is,
/// unless the line sets `BIN` to several words.
fn is_one_program(word: &Word, state: &ShellState) -> bool {
    let is_odd = |value: &Word| value.dynamic || value.text.contains(char::is_whitespace);
    let mut names = word.excerpt.split('$').skip(1);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let set = names.find_map(|name| {
        let name = name.trim_start_matches('{');
        state.variables.get(name.split(|c| !is_part(c)).next()?)
    });
    let is_split =
        word.may_be_several() || !word.commands.is_empty() && !word.excerpt.starts_with('"');
    !word.dynamic || !is_split && !set.is_some_and(is_odd)
}
