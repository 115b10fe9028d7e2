//! Command-line classifier: does a command line change infrastructure, and which resources?
//!
//! [`classify_line`] and [`classify_arguments`] turn text, [`Rules`] and a [`Place`] into a
//! [`Verdict`].
//!
//! Owns the verdict, the rules and the reader of shell. Pure. Never runs, expands or guesses: what
//! is not certain is [`Class::Unknown`], with the reason.

mod classify;
mod expanded;
mod files;
mod fill;
mod invocation;
pub mod measured;
mod named;
mod place;
mod rules;
pub mod shell;
mod targets;
mod tasks;
mod tools;
mod verdict;

pub use files::{FILE_BYTES_MAX, Files};
pub use place::{Place, Tree};
pub use rules::{RuleError, Rules, check, families, rules_of};
pub use verdict::{
    Class, PATCHERS, Part, PatchCall, Reach, RuleName, UnnamedWrite, Verdict, Write,
};

/// Classifies a command line, read as a shell would read it.
pub fn classify_line(line: &str, rules: &Rules, place: &Place) -> Verdict {
    classify::line(line, rules, place)
}

/// Classifies a program with its arguments, as the system would execute them.
pub fn classify_arguments(arguments: &[String], rules: &Rules, place: &Place) -> Verdict {
    classify::arguments(arguments, rules, place)
}

/// Checks whether it is known what some calls of a program do, or that it starts others.
pub fn is_known(program: &str, rules: &Rules) -> bool {
    rules.knows(program) || classify::starts_others(program)
}

#[cfg(test)]
mod tests;
