//! Whether a command line changes infrastructure, and what it touches.
//!
//! Owns the verdict on a command line: its parts, the class of each, the resources and the rule
//! that said so. A pure function of text, rules and place. Never runs, expands or guesses: what
//! is not certain is `Unknown`, with the reason.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

mod classify;
mod fill;
mod invocation;
mod place;
mod rules;
pub mod shell;
mod targets;
mod tools;
mod verdict;

pub use place::Place;
pub use rules::prefilter::may_change;
pub use rules::{RuleError, Rules, check};
pub use verdict::{Class, Part, RuleName, Verdict};

/// Classifier a line as a shell would read it.
pub fn classify_line(line: &str, rules: &Rules, place: &Place) -> Verdict {
    classify::line(line, rules, place)
}

/// Classifier a program and its arguments, as they would be executed.
pub fn classify_arguments(arguments: &[String], rules: &Rules, place: &Place) -> Verdict {
    classify::arguments(arguments, rules, place)
}

#[cfg(test)]
mod tests;
