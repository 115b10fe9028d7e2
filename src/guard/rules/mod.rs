//! Rules: what is known of programs.
//!
//! [`Rules`] owns the rules by program: those that come with git presence and those from
//! `presence.guard`, in the same language. Never looks at a command line, except to pick the rules
//! that can matter to it.

mod error;
mod language;
pub(super) mod prefilter;
pub(super) mod rule;
mod shipped;
pub(super) mod template;

use std::collections::{BTreeMap, BTreeSet};

pub use error::RuleError;
use rule::Program;
use shipped::{shipped_lines, without_comment};
use template::Source;

/// Everything known about programs, by the name of the program.
#[derive(Clone, Debug)]
pub struct Rules {
    programs: BTreeMap<String, Program>,
}

/// Appends to a line the programs for which words of it are aliases.
fn with_other_names<'e>(mut named: String, entries: impl Iterator<Item = &'e str>) -> String {
    let leads = |text: &&str| text.split_whitespace().nth(1) == Some("is");
    let mut names: Vec<&str> = entries.filter(leads).collect();
    loop {
        let words = prefilter::names(&named);
        let is_named = |entry: &&str| {
            let program = entry.split_whitespace().next().unwrap_or_default();
            prefilter::is_among(program, &words)
        };
        let (used, left): (Vec<&str>, Vec<&str>) = names.into_iter().partition(is_named);
        if used.is_empty() {
            return named;
        }
        for entry in used {
            named.push(' ');
            named.push_str(entry);
        }
        // An alias may lead to another alias.
        names = left;
    }
}

/// Checks that one entry of `presence.guard` is valid.
pub fn check(entry: &str) -> Result<(), RuleError> {
    let mut rules = Rules {
        programs: BTreeMap::new(),
    };
    rules.add_own([entry])
}

impl Rules {
    /// Returns the rules that come with the program.
    pub fn shipped() -> Result<Self, RuleError> {
        let mut rules = Self {
            programs: BTreeMap::new(),
        };
        for text in shipped_lines()
            .map(without_comment)
            .filter(|text| !text.is_empty())
        {
            rules.add(text, true)?;
        }
        Ok(rules)
    }

    /// Returns the shipped rules followed by `entries`, the values of `presence.guard` in order. An
    /// empty entry discards the ones before it, as in Git. Fails on the first invalid entry.
    pub fn with<'e>(entries: impl IntoIterator<Item = &'e str>) -> Result<Self, RuleError> {
        let mut rules = Self::shipped()?;
        rules.add_own(entries)?;
        Ok(rules)
    }

    /// Adds the entries after the last empty one.
    fn add_own<'e>(&mut self, entries: impl IntoIterator<Item = &'e str>) -> Result<(), RuleError> {
        let mut own = Vec::new();
        for entry in entries {
            match entry.trim() {
                "" => own.clear(),
                entry => own.push(entry),
            }
        }
        own.into_iter().try_for_each(|entry| self.add(entry, false))
    }

    /// Returns the rules that can matter to `line`. Reading all of them takes longer than
    /// classifying it.
    pub fn about<'e>(
        line: &str,
        entries: impl IntoIterator<Item = &'e str>,
    ) -> Result<Self, RuleError> {
        let entries: Vec<&str> = entries.into_iter().collect();
        let named = with_other_names(
            prefilter::unquoted(line),
            shipped_lines().chain(entries.iter().copied()),
        );
        let words = prefilter::names(&named);
        // An expansion may become any verb, so no rule can be left out.
        let is_settled = !line.contains(['$', '`', '{', '*', '?', '[', '~']);
        let mut rules = Self {
            programs: BTreeMap::new(),
        };
        for text in shipped_lines() {
            let program = text.split_whitespace().next().unwrap_or("#");
            if program == "#" || !prefilter::is_among(program, &words) {
                continue;
            }
            let text = without_comment(text);
            if !is_settled || !text.contains(" => ") || prefilter::has_verb(text, &words) {
                rules.add(text, true)?;
            }
        }
        rules.add_own(entries)?;
        Ok(rules)
    }

    /// Returns what is known of the program called `name`.
    pub(super) fn program(&self, name: &str) -> Option<&Program> {
        self.programs.get(name)
    }

    /// Returns the names of environment variables that a verdict may depend on.
    pub fn variables(&self) -> BTreeSet<&str> {
        let rules = self.programs.values().flat_map(|p| &p.rules);
        let templates = rules.flat_map(|r| r.resources.iter().chain(&r.within));
        let sources = templates.flat_map(|template| &template.sources);
        let variables = sources.filter_map(|source| match source {
            Source::Variable(name) => Some(name.as_str()),
            _ => None,
        });
        variables.collect()
    }

    /// Adds one entry.
    fn add(&mut self, text: &str, shipped: bool) -> Result<(), RuleError> {
        let parsed = language::parse(text, shipped).map_err(|what| RuleError {
            entry: text.to_owned(),
            what,
        })?;
        for name in parsed.programs {
            let program = self.programs.entry(name).or_default();
            match parsed.fact.clone() {
                language::Fact::Options(options) => program.options.push(options),
                language::Fact::Wrapper(wrapper) => program.wrappers.push(wrapper),
                language::Fact::Alias(words) => program.alias_of = Some(words),
                language::Fact::Rule(rule) => program.rules.push(rule),
            }
        }
        Ok(())
    }
}
