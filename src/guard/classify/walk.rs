//! Walk over a script.
//!
//! Owns which commands a script has, also those in groups, words and here-documents, and the
//! [`ShellState`] in which each runs. Never looks at what a program does, except for those that
//! change the shell.

use std::sync::Arc;

use super::exec_context::{ExecContext, Input, input};
use super::{COMMANDS_MAX, Classifier, values};
use crate::guard::place::{Body, Place, ShellState};
use crate::guard::shell::{
    self, Chain, Command, Group, GroupKind, Link, List, Pipeline, Simple, Word,
};

/// At most this many rounds of loops are walked over one by one.
const ROUNDS_MAX: usize = 16;

impl Classifier<'_> {
    /// Classifies the text of a script. `what` names it in the reason if the text cannot be parsed.
    pub(super) fn script(
        &mut self,
        text: &str,
        what: &str,
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        let (list, error) = shell::parse_beginning(text, context.depth);
        self.list(&list, context, state);
        if let Some(error) = error {
            let why = format!("{what} cannot be parsed as shell: {error}");
            self.push_unknown(&[Word::literal(text)], why, context);
        }
    }

    /// Classifies the commands of a list in order.
    pub(super) fn list(&mut self, list: &List, context: &ExecContext, state: &mut ShellState) {
        let context = context.nested();
        for chain in &list.chains {
            if self.commands > COMMANDS_MAX {
                return;
            }
            if chain.background {
                self.chain(chain, &context, &mut state.clone());
            } else {
                self.chain(chain, &context, state);
            }
        }
    }

    /// Classifies pipelines joined by `&&` and `||`; the state afterwards holds whichever of them
    /// ran.
    fn chain(&mut self, chain: &Chain, context: &ExecContext, state: &mut ShellState) {
        let before = state.clone();
        // After anything other than `cd`, it is not certain whether the next pipeline runs.
        let mut only_moves = true;
        let mut open = false;
        for (index, (link, pipeline)) in chain.links.iter().enumerate() {
            if *link == Link::Or {
                let mut aside = before.clone();
                if index > 1 {
                    aside.intersect(state);
                }
                self.pipeline(pipeline, context, &mut aside);
                if !leaves(pipeline) {
                    state.intersect(&aside);
                }
                continue;
            }
            let moved = state.clone();
            self.pipeline(pipeline, context, state);
            open |= !only_moves && *state != moved;
            only_moves &= moves(pipeline);
        }
        if open {
            state.intersect(&before);
        }
    }

    /// Classifies the commands of a pipeline. Each one of several runs in a shell of its own.
    fn pipeline(&mut self, pipeline: &Pipeline, context: &ExecContext, state: &mut ShellState) {
        if let [command] = pipeline.commands.as_slice() {
            return self.command(command, context, state);
        }
        for (index, command) in pipeline.commands.iter().enumerate() {
            match index {
                0 => self.command(command, context, &mut state.clone()),
                _ => {
                    let context = context.with_stdin(Input::Elsewhere);
                    self.command(command, &context, &mut state.clone());
                }
            }
        }
    }

    fn command(&mut self, command: &Command, context: &ExecContext, state: &mut ShellState) {
        match command {
            Command::Simple(simple) => self.simple(simple, context, state),
            Command::Group(group) => self.group(group, context, state),
        }
    }

    /// Classifies the lists of a group.
    fn group(&mut self, group: &Group, context: &ExecContext, state: &mut ShellState) {
        // The input of a function is that of its caller.
        let is_read = matches!(group.kind, GroupKind::Function | GroupKind::Reads);
        let outer = if is_read {
            &Input::Elsewhere
        } else {
            &context.stdin
        };
        let context = context.with_stdin(input(&group.redirections.stdin, outer));
        self.substitutions(&group.words, &context, state);
        self.redirections(&group.redirections, &context, state);
        self.note_redirected(&group.redirections, &[], &context, state);
        let before = state.clone();
        let mut inner = state.clone();
        if group.kind == GroupKind::Function {
            inner.elsewhere("a function runs where it is called");
            inner.has_moved = false;
            // It may call itself, and others that are defined later.
            let name = group.words.first().and_then(Word::known);
            let body = Body(Arc::new(group.lists.clone()));
            inner
                .functions
                .extend(name.map(|name| (name.to_owned(), body)));
        }
        self.lists(group, &context, &mut inner);
        match group.kind {
            GroupKind::Braces => *state = inner,
            GroupKind::Conditional => state.intersect(&inner),
            GroupKind::Function => {
                inner.has_moving_function |= inner.has_moved;
                *state = before;
                state.learn_functions(&inner);
            }
            GroupKind::Subshell | GroupKind::Reads => *state = before,
        }
    }

    /// Classifies the lists of a group, once for each certain word that a loop has.
    fn lists(&mut self, group: &Group, context: &ExecContext, state: &mut ShellState) {
        match group.kind {
            GroupKind::Conditional => {
                let lists = group.lists.iter();
                lists.for_each(|list| values::forget_assigned(list, state));
            }
            GroupKind::Function => state.literals.clear(),
            GroupKind::Braces => values::forget_counted(group.lists.is_empty(), state),
            GroupKind::Subshell | GroupKind::Reads => {}
        }
        let Some(variable) = &group.variable else {
            return group
                .lists
                .iter()
                .for_each(|list| self.list(list, context, state));
        };
        state.literals.remove(variable);
        let words = self.expanded(&group.words, state);
        let is_certain = words.iter().all(|word| word.known().is_some());
        if words.is_empty() || !is_certain || self.rounds + words.len() > ROUNDS_MAX {
            if !words.is_empty() && words.len() <= ROUNDS_MAX {
                let files = words.iter().flat_map(|word| state.named(word, self.place));
                let files = files.collect();
                state.files.insert(variable.clone(), files);
            }
            return group
                .lists
                .iter()
                .for_each(|list| self.list(list, context, state));
        }
        self.rounds += words.len();
        let before = state.clone();
        for word in &words {
            let mut round = before.clone();
            round.assign(variable, word.clone());
            for list in &group.lists {
                self.list(list, context, &mut round);
            }
            state.intersect(&round);
        }
    }

    /// Returns words with the certain values of the variables in them.
    fn expanded(&self, words: &[Word], state: &ShellState) -> Vec<Word> {
        let of = |word: &Word| {
            let certain = state.expanded(word, self.place);
            certain.unwrap_or_else(|| vec![word.clone()])
        };
        words.iter().flat_map(of).collect()
    }

    /// Classifies the commands that stand in words, such as `$(…)`.
    fn substitutions(&mut self, words: &[Word], context: &ExecContext, state: &ShellState) {
        for list in words.iter().flat_map(|word| &word.commands) {
            self.list(&list.0, context, &mut state.clone());
        }
    }

    /// Classifies the commands that stand in redirections and here-documents.
    fn redirections(
        &mut self,
        from: &shell::Redirections,
        context: &ExecContext,
        state: &ShellState,
    ) {
        self.substitutions(&from.words, context, state);
        for document in from.documents.iter().filter_map(|document| document.get()) {
            self.substitutions(std::slice::from_ref(document), context, state);
        }
    }

    /// Classifies a simple command: its assignments, then the program.
    fn simple(&mut self, simple: &Simple, context: &ExecContext, state: &mut ShellState) {
        self.substitutions(&simple.words, context, state);
        let (is_alone, mut assignments) = (simple.words.is_empty(), Vec::new());
        let words = self.expanded(&simple.words, state);
        let stdin = expanded_input(&simple.redirections.stdin, state, self.place);
        for (name, value) in &simple.assignments {
            self.substitutions(std::slice::from_ref(value), context, state);
            let certain = state.expanded(value, self.place).unwrap_or_default();
            let value = match <[Word; 1]>::try_from(certain) {
                Ok([certain]) => certain,
                Err(_) => value.clone(),
            };
            self.carried(name, &value, context, state);
            match is_alone {
                true => state.assign(name, value),
                false => assignments.push((name.clone(), value)),
            }
        }
        self.redirections(&simple.redirections, context, state);
        self.note_redirected(&simple.redirections, &words, context, state);
        if words.is_empty() {
            return;
        }
        let outer = match &context.stdin {
            Input::Inherited if state.has_other_input => &Input::Elsewhere,
            outer => outer,
        };
        let context = context.with_stdin(input(&stdin, outer));
        if let [word] = words.as_slice()
            && word.known() == Some("exec")
        {
            state.has_other_input |= !matches!(simple.redirections.stdin, shell::Stdin::Inherited);
        }
        values::forget_by_builtin(&words, state);
        if simple.assignments.is_empty() {
            return self.command_words(&words, &context, state);
        }
        let before = state.variables.clone();
        state.variables.extend(assignments);
        self.command_words(&words, &context, state);
        // What the command does to the shell stays, its own variables do not.
        for (name, _) in &simple.assignments {
            match before.get(name) {
                Some(value) => drop(state.variables.insert(name.clone(), value.clone())),
                None => drop(state.variables.remove(name)),
            }
        }
    }
}

/// Returns the input of a command with the certain values of the variables in it.
fn expanded_input(stdin: &shell::Stdin, state: &ShellState, place: &Place) -> shell::Stdin {
    let shell::Stdin::Text(document) = stdin else {
        return stdin.clone();
    };
    let words = document.get().and_then(|word| state.expanded(word, place));
    match words.map(<[Word; 1]>::try_from) {
        Some(Ok([word])) => shell::Stdin::Text(Arc::new(word.into())),
        _ => stdin.clone(),
    }
}

/// Checks whether a pipeline ends the shell, so that nothing after it runs.
fn leaves(pipeline: &Pipeline) -> bool {
    is_one_of(pipeline, &["exit", "return"])
}

/// Checks whether a pipeline only changes the working directory.
fn moves(pipeline: &Pipeline) -> bool {
    is_one_of(pipeline, &["cd", "chdir", "pushd"])
}

fn is_one_of(pipeline: &Pipeline, names: &[&str]) -> bool {
    let [Command::Simple(simple)] = pipeline.commands.as_slice() else {
        return false;
    };
    let name = simple.words.first().and_then(Word::known);
    name.is_some_and(|name| names.contains(&name))
}
