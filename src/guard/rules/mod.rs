//! Rules: what is known of programs.
//!
//! [`Rules`] owns the rules by program: those that come with git presence and those from
//! `presence.guard`, in the same language. Rules of a program are read when the program is asked
//! for, since reading all of them takes longer than classifying a line. Never looks at a command
//! line.

mod error;
mod language;
pub(super) mod rule;
mod shipped;
pub(super) mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

pub use error::RuleError;
use language::{Entry, Fact};
use rule::Program;
pub use shipped::{families, rules_of};
use template::Source;

/// Everything known about programs.
#[derive(Debug, Default)]
pub struct Rules {
    /// The entries of `presence.guard`, in order.
    own: Vec<Entry>,
    /// Families of shipped rules that are switched off.
    off: Vec<String>,
    /// Programs that were asked for, by name; `None` if no rule knows one.
    read: Mutex<BTreeMap<String, Option<Arc<Program>>>>,
}

/// Checks that one entry of `presence.guard` is valid.
pub fn check(entry: &str) -> Result<(), RuleError> {
    Rules::with([entry]).map(drop)
}

impl Rules {
    /// Returns the rules that come with the program.
    pub fn shipped() -> Self {
        Self::default()
    }

    /// Returns the shipped rules followed by `entries`, the values of `presence.guard` in order. An
    /// empty entry discards the ones before it, as in Git. Fails on the first invalid entry.
    pub fn with<'e>(entries: impl IntoIterator<Item = &'e str>) -> Result<Self, RuleError> {
        let mut counted = Vec::new();
        for entry in entries {
            match entry.trim() {
                "" => counted.clear(),
                entry => counted.push(entry),
            }
        }
        let own = counted.into_iter().map(|text| parse(text, false));
        Ok(Self {
            own: own.collect::<Result<_, _>>()?,
            ..Self::default()
        })
    }

    /// Returns these rules without the shipped ones of the families named.
    pub fn without(mut self, families: &[String]) -> Self {
        self.off = families.to_vec();
        self
    }

    /// Checks whether rules know what some calls of a program do.
    pub(super) fn knows(&self, program: &str) -> bool {
        self.program(program)
            .is_some_and(|program| !program.rules.is_empty())
    }

    /// Returns what is known of the program called `name`.
    pub(super) fn program(&self, name: &str) -> Option<Arc<Program>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(name) {
            return known.clone();
        }
        let program = self.read_program(name).map(Arc::new);
        read.insert(name.to_owned(), program.clone());
        program
    }

    /// Reads the rules of one program.
    fn read_program(&self, name: &str) -> Option<Program> {
        let mut program: Option<Program> = None;
        // A test reads every shipped line.
        let shipped = shipped::lines_about(name, &self.off);
        let shipped = shipped.filter_map(|line| parse(line, true).ok());
        for entry in shipped {
            program.get_or_insert_default().add(entry.fact);
        }
        let is_named = |entry: &&Entry| entry.programs.iter().any(|one| one.matches(name));
        for entry in self.own.iter().filter(is_named) {
            program.get_or_insert_default().add(entry.fact.clone());
        }
        program
    }

    /// Returns the names of environment variables that a verdict may depend on.
    pub fn variables(&self) -> BTreeSet<&str> {
        let facts = || self.own.iter().map(|entry| &entry.fact);
        let locals = facts().filter_map(|fact| match fact {
            Fact::Local(local) => Some(local.variables()),
            _ => None,
        });
        let rules = facts().filter_map(|fact| match fact {
            Fact::Rule(rule) => Some(rule),
            _ => None,
        });
        let templates = rules.flat_map(|r| r.resources.iter().chain(&r.within));
        let sources = templates.flat_map(|template| &template.sources);
        let own = sources.filter_map(|source| match source {
            Source::Variable(name) => Some(name.as_str()),
            _ => None,
        });
        let own = own.chain(locals.flatten());
        own.chain(shipped::variables()).collect()
    }
}

/// Parses one entry.
fn parse(text: &str, shipped: bool) -> Result<Entry, RuleError> {
    language::parse(text, shipped).map_err(|what| RuleError {
        entry: text.to_owned(),
        what,
    })
}

impl Program {
    /// Adds what one entry states.
    fn add(&mut self, fact: Fact) {
        match fact {
            Fact::Options(options) => self.options.push(options),
            Fact::Wrapper(wrapper) => self.wrappers.push(wrapper),
            Fact::Alias(words) => self.alias_of = Some(words),
            Fact::Abbreviates(verbs) => self.abbreviates.push(verbs),
            Fact::Lenient => self.is_lenient = true,
            Fact::Local(local) => self.locals.push(local),
            Fact::Rule(rule) => self.rules.push(rule),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shipped::shipped_lines;
    use super::*;

    #[test]
    fn every_shipped_line_is_valid() {
        let rules: Vec<&str> = shipped_lines().collect();
        assert!(rules.len() > 400, "{}", rules.len());
        for line in rules {
            parse(line, true).unwrap_or_else(|error| panic!("{error}"));
            let programs = line.split_whitespace().next().unwrap_or_default();
            let mut known = programs
                .split('|')
                .map(|name| Rules::shipped().program(name));
            assert!(known.all(|known| known.is_some()), "{line}");
        }
    }

    #[test]
    fn the_variables_of_shipped_rules_are_those_of_their_templates() {
        let is_about = |line: &&str| line.contains(" => ") || line.contains(" local");
        let rules = shipped_lines().filter(is_about);
        let rules = Rules {
            own: rules.map(|line| parse(line, true).unwrap()).collect(),
            ..Rules::default()
        };
        let shipped: BTreeSet<&str> = shipped::variables().collect();
        assert_eq!(rules.variables(), shipped);
        assert!(shipped.contains("HELM_NAMESPACE") && shipped.contains("TF_CLI_ARGS_init"));
    }
}
