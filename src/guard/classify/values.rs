//! Certain values of variables.
//!
//! Owns which variables a part of a script may change ([`forget_assigned`]), so that what is known
//! of them before does not hold within. Never looks at what a program does.

use crate::guard::place::ShellState;
use crate::guard::shell::{Chain, Command, List, Simple, Word, is_name};

/// Builtins whose arguments are names of variables that they change.
const ASSIGNS: [&str; 12] = [
    "export",
    "declare",
    "typeset",
    "local",
    "readonly",
    "read",
    "unset",
    "mapfile",
    "readarray",
    "getopts",
    "printf",
    "let",
];
/// Builtins that may change any variable.
const ANY: [&str; 3] = ["eval", "source", "."];

/// Forgets the values of variables that a list may change.
pub(super) fn forget_assigned(list: &List, state: &mut ShellState) {
    let pipelines = list.chains.iter().flat_map(|Chain { links, .. }| links);
    for command in pipelines.flat_map(|(_, pipeline)| &pipeline.commands) {
        match command {
            Command::Simple(simple) => forget_simple(simple, state),
            Command::Group(group) => {
                forget_counted(group.lists.is_empty(), state);
                group.variable.iter().for_each(|name| {
                    state.literals.remove(name);
                });
                for list in &group.lists {
                    forget_assigned(list, state);
                }
            }
        }
    }
}

/// Forgets the values that a command alone may change.
fn forget_simple(simple: &Simple, state: &mut ShellState) {
    for (name, _) in &simple.assignments {
        state.literals.remove(name);
    }
    forget_by_builtin(&simple.words, state);
}

/// Forgets the values of variables that a builtin may change.
pub(super) fn forget_by_builtin(words: &[Word], state: &mut ShellState) {
    let mut words = words.iter();
    match words.next().and_then(Word::known) {
        Some(name) if ASSIGNS.contains(&name) => {
            for word in words {
                let name = word.text.split('=').next().unwrap_or_default();
                if is_name(name.trim_end_matches('+')) {
                    state.literals.remove(name.trim_end_matches('+'));
                }
            }
        }
        Some(name) if ANY.contains(&name) => state.literals.clear(),
        Some(name) if state.functions.contains_key(name) => state.literals.clear(),
        _ => {}
    }
}

/// Forgets numbers, which `((…))` may change.
pub(super) fn forget_counted(is_arithmetic: bool, state: &mut ShellState) {
    if is_arithmetic {
        let is_number = |value: &String| value.bytes().all(|b| b.is_ascii_digit());
        state.literals.retain(|_, value| !is_number(value));
    }
}
