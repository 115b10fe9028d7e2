//! The walk over a script.
//!
//! Owns in which place each command runs, and which commands there are: those in groups, words and
//! here-documents too. Never looks at what a program does, but for those that move the shell.

use super::scene::{Input, Scene, input};
use super::{COMMANDS_MAX, Classifier};
use crate::guard::place::State;
use crate::guard::shell::{
    self, Chain, Command, Group, GroupKind, Link, List, Pipeline, Simple, Word,
};

impl Classifier<'_> {
    /// Classifier a script that is known.
    pub(super) fn script(&mut self, text: &str, what: &str, scene: &Scene, state: &mut State) {
        match shell::parse(text, scene.depth) {
            Ok(list) => self.list(&list, scene, state),
            Err(error) => {
                let why = format!("{what} cannot be read as a shell would: {error}");
                self.unknown(&[Word::literal(text)], why, scene);
            }
        }
    }

    pub(super) fn list(&mut self, list: &List, scene: &Scene, state: &mut State) {
        let scene = scene.deeper();
        for chain in &list.chains {
            if self.commands > COMMANDS_MAX {
                return;
            }
            if chain.background {
                self.chain(chain, &scene, &mut state.clone());
            } else {
                self.chain(chain, &scene, state);
            }
        }
    }

    fn chain(&mut self, chain: &Chain, scene: &Scene, state: &mut State) {
        let before = state.clone();
        // Whether all so far only moved; after anything else it is open whether the next runs.
        let mut only_moves = true;
        let mut open = false;
        for (index, (link, pipeline)) in chain.links.iter().enumerate() {
            if *link == Link::Or {
                let mut aside = before.clone();
                if index > 1 {
                    aside.meet(state);
                }
                self.pipeline(pipeline, scene, &mut aside);
                if !leaves(pipeline) {
                    state.meet(&aside);
                }
                continue;
            }
            let moved = state.clone();
            self.pipeline(pipeline, scene, state);
            open |= !only_moves && *state != moved;
            only_moves &= moves(pipeline);
        }
        if open {
            state.meet(&before);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, scene: &Scene, state: &mut State) {
        if let [command] = pipeline.commands.as_slice() {
            return self.command(command, scene, state);
        }
        for (index, command) in pipeline.commands.iter().enumerate() {
            match index {
                0 => self.command(command, scene, &mut state.clone()),
                _ => {
                    let scene = scene.reading(Input::Elsewhere);
                    self.command(command, &scene, &mut state.clone());
                }
            }
        }
    }

    fn command(&mut self, command: &Command, scene: &Scene, state: &mut State) {
        match command {
            Command::Simple(simple) => self.simple(simple, scene, state),
            Command::Group(group) => self.group(group, scene, state),
        }
    }

    fn group(&mut self, group: &Group, scene: &Scene, state: &mut State) {
        let scene = scene.reading(input(&group.redirections.stdin, &scene.stdin));
        self.held(&group.words, &scene, state);
        self.redirected(&group.redirections, &scene, state);
        let before = state.clone();
        let mut inner = state.clone();
        if group.kind == GroupKind::Function {
            inner.elsewhere("a function runs where it is called");
        }
        for list in &group.lists {
            self.list(list, &scene, &mut inner);
        }
        match group.kind {
            GroupKind::Braces => *state = inner,
            GroupKind::Conditional => state.meet(&inner),
            GroupKind::Subshell | GroupKind::Function => *state = before,
        }
    }

    /// The commands that stand in words.
    fn held(&mut self, words: &[Word], scene: &Scene, state: &State) {
        for list in words.iter().flat_map(|word| &word.commands) {
            self.list(&list.0, scene, &mut state.clone());
        }
    }

    fn redirected(&mut self, from: &shell::Redirections, scene: &Scene, state: &State) {
        self.held(&from.words, scene, state);
        for document in from.documents.iter().filter_map(|document| document.get()) {
            self.held(std::slice::from_ref(document), scene, state);
        }
    }

    fn simple(&mut self, simple: &Simple, scene: &Scene, state: &mut State) {
        for (_, value) in &simple.assignments {
            self.held(std::slice::from_ref(value), scene, state);
        }
        self.held(&simple.words, scene, state);
        self.redirected(&simple.redirections, scene, state);
        let assignments = simple.assignments.iter().cloned();
        if simple.words.is_empty() {
            state.variables.extend(assignments);
            return;
        }
        let scene = scene.reading(input(&simple.redirections.stdin, &scene.stdin));
        if simple.assignments.is_empty() {
            return self.words(&simple.words, &scene, state);
        }
        let mut own = state.clone();
        own.variables.extend(assignments);
        self.words(&simple.words, &scene, &mut own);
    }
}

/// Whether a pipeline ends the shell, so that nothing after it runs.
fn leaves(pipeline: &Pipeline) -> bool {
    is_one_of(pipeline, &["exit", "return"])
}

fn moves(pipeline: &Pipeline) -> bool {
    is_one_of(pipeline, &["cd", "pushd"])
}

fn is_one_of(pipeline: &Pipeline, names: &[&str]) -> bool {
    let [Command::Simple(simple)] = pipeline.commands.as_slice() else {
        return false;
    };
    let name = simple.words.first().and_then(Word::known);
    name.is_some_and(|name| names.contains(&name))
}
