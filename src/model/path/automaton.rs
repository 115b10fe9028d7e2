//! The automaton of a pattern, and the walk of two of them in step.
//!
//! This file owns the exact answers to "does this pattern match that file?" and "is there a file
//! that both patterns match?". It never sees the text of a pattern, and never guesses a file: two
//! automata, and a third that accepts only well formed paths, are walked together, and the
//! patterns overlap exactly when the three can finish together.

use std::collections::HashMap;

use super::charset::{ANY, CharSet, NAME, SLASH};
use super::spelling::{Component, Kind};

/// A nondeterministic automaton over characters; it takes for granted that the path is well
/// formed, which lets `**` at the end be a bare loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nfa {
    sets: Vec<CharSet>,
    pub(super) states: Vec<State>,
}

const START: usize = 0;
const END: usize = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Where it may go without reading.
    free: Vec<usize>,
    /// What it may read, by index of the set, and where that leads.
    reads: Vec<(usize, usize)>,
}

impl Nfa {
    pub(super) fn new(sets: Vec<CharSet>, alternatives: &[Vec<Component<'_>>]) -> Self {
        let states = vec![State::default(); 2];
        let mut builder = Builder {
            nfa: Self { sets, states },
            known: HashMap::new(),
        };
        for alternative in alternatives {
            let steps = alternative.iter().flat_map(steps).rev();
            let first = steps.fold(END, |next, step| builder.link(step, next));
            builder.free(START, first);
        }
        builder.nfa
    }

    pub(super) fn accepts(&self, file: &str) -> bool {
        let mut now = self.closure(vec![START]);
        for c in file.chars() {
            let reads = now.iter().flat_map(|state| &self.states[*state].reads);
            let read = reads.filter(|(set, _)| self.sets[*set].contains(c));
            now = self.closure(read.map(|(_, to)| *to).collect());
        }
        now.contains(&END)
    }

    fn closure(&self, mut pending: Vec<usize>) -> Vec<usize> {
        let (mut seen, mut closed) = (vec![false; self.states.len()], Vec::new());
        while let Some(state) = pending.pop() {
            if !std::mem::replace(&mut seen[state], true) {
                closed.push(state);
                pending.extend(&self.states[state].free);
            }
        }
        closed
    }
}

/// What an automaton does at one place of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    /// Reads one character of a set.
    Read(usize),
    /// Reads any run inside a component.
    Star,
    /// `**/`: reads any number of whole components, each with its slash.
    Dirs,
    /// The inside of `Dirs`, once it has begun.
    DirsBegun,
    /// A `**` at the end: reads whatever is left.
    Below,
}

/// The steps of a component, each with its place in the pattern.
fn steps(component: &Component<'_>) -> Vec<(usize, Step)> {
    let kinds: Vec<_> = component.iter().map(|lexeme| lexeme.kind).collect();
    match kinds[..] {
        [Kind::Star, Kind::Star, Kind::One(SLASH)] => vec![(component[0].at, Step::Dirs)],
        [Kind::Star, Kind::Star] => vec![(component[0].at, Step::Below)],
        _ => {
            let step = |kind| match kind {
                Kind::One(set) => Step::Read(set),
                _ => Step::Star,
            };
            component.iter().map(|l| (l.at, step(l.kind))).collect()
        }
    }
}

struct Builder {
    nfa: Nfa,
    /// The state that stands before a step. Sharing it between alternatives is exact: what may
    /// follow a place of the pattern does not depend on how the place was reached. (Joining two
    /// alternatives at a place can spell a lone `.`, which no well formed path holds, or a whole
    /// component `**` read as `*`, which the alternative that spells it covers.)
    known: HashMap<(usize, Step), usize>,
}

impl Builder {
    /// Makes `step` lead to `next` and returns the state before it.
    fn link(&mut self, (at, step): (usize, Step), next: usize) -> usize {
        let fresh = self.nfa.states.len();
        let state = *self.known.entry((at, step)).or_insert(fresh);
        if state == fresh {
            self.nfa.states.push(State::default());
        }
        match step {
            Step::Read(set) => self.read(state, set, next),
            Step::Star => {
                self.read(state, NAME, state);
                self.free(state, next);
            }
            Step::Dirs => {
                let begun = self.link((at, Step::DirsBegun), next);
                self.free(state, begun);
                self.free(state, next);
            }
            Step::DirsBegun => {
                self.read(state, ANY, state);
                self.read(state, SLASH, next);
            }
            Step::Below => {
                self.read(state, ANY, state);
                self.free(state, next);
            }
        }
        state
    }

    fn free(&mut self, from: usize, to: usize) {
        let free = &mut self.nfa.states[from].free;
        if !free.contains(&to) {
            free.push(to);
        }
    }

    fn read(&mut self, from: usize, set: usize, to: usize) {
        let reads = &mut self.nfa.states[from].reads;
        if !reads.contains(&(set, to)) {
            reads.push((set, to));
        }
    }
}

/// The automaton of well formed paths: the state after a slash, a dot and any other character,
/// from the state where the component so far is empty, `.`, `..`, or (`PROPER`) good as it stands.
const WELL_FORMED: [[Option<usize>; 3]; 4] = [
    [None, Some(1), Some(PROPER)],
    [None, Some(2), Some(PROPER)],
    [None, Some(PROPER), Some(PROPER)],
    [Some(0), Some(PROPER), Some(PROPER)],
];
const PROPER: usize = 3;

/// Whether a well formed path exists that both automata accept. Visits each triple of states at
/// most once, so the cost is bounded by the product of the two sizes; `None` if it is more than
/// `work`, which it lessens.
pub(super) fn meet(a: &Nfa, b: &Nfa, work: &mut usize) -> Option<bool> {
    let row = |x: &CharSet| -> Vec<_> { b.sets.iter().map(|y| x.shares(y)).collect() };
    let common: Vec<_> = a.sets.iter().map(row).collect();
    let mut seen = vec![[false; 4]; a.states.len() * b.states.len()];
    let mut pending = vec![(START, START, 0)];
    while let Some((x, y, name)) = pending.pop() {
        *work = work.checked_sub(1)?;
        if (x, y, name) == (END, END, PROPER) {
            return Some(true);
        }
        let mut visit = |x: usize, y: usize, name: usize| {
            if !std::mem::replace(&mut seen[x * b.states.len() + y][name], true) {
                pending.push((x, y, name));
            }
        };
        a.states[x].free.iter().for_each(|to| visit(*to, y, name));
        b.states[y].free.iter().for_each(|to| visit(x, *to, name));
        for (left, to_x) in &a.states[x].reads {
            for (right, to_y) in &b.states[y].reads {
                for (shared, next) in common[*left][*right].iter().zip(WELL_FORMED[name]) {
                    if let (true, Some(next)) = (*shared, next) {
                        visit(*to_x, *to_y, next);
                    }
                }
            }
        }
    }
    Some(false)
}
