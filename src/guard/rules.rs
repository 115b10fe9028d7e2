//! The rules: what is known of programs.
//!
//! Owns the language of `presence.guard`, its errors, and the rules that come with the program,
//! which are written in the same language. Never looks at a command line.

mod entry;

use std::collections::{BTreeMap, BTreeSet};

use super::template::{Source, Template};
use super::{RuleName, glance};
use crate::model::resource::LabelGlob;

const SHIPPED: [&str; 4] = [
    include_str!("rules/infrastructure.txt"),
    include_str!("rules/containers.txt"),
    include_str!("rules/cloud.txt"),
    include_str!("rules/carriers.txt"),
];

/// All that is known, by program.
#[derive(Clone, Debug)]
pub struct Rules {
    programs: BTreeMap<String, Program>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) options: Vec<Options>,
    pub(super) carries: Vec<Carry>,
    pub(super) outcomes: Vec<Outcome>,
    /// It is another name for these words.
    pub(super) stands_for: Option<Vec<String>>,
}

/// What options there are below a verb.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) verbs: Vec<Pattern>,
    pub(super) kind: OptionKind,
    /// As they were written, with spaces between them: most are never asked for.
    names: String,
}

impl Options {
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.split(' ').any(|one| one == name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OptionKind {
    Flag,
    /// A value follows, attached or as the next word.
    Takes,
    /// A value may be attached, and is never the next word.
    Joins,
    /// Like `Takes`; the value is the working directory.
    Dir,
}

/// Words that are a command of their own.
#[derive(Clone, Debug)]
pub(super) struct Carry {
    pub(super) verbs: Vec<Pattern>,
    pub(super) from: From,
    /// The words are joined and read by a shell.
    pub(super) as_shell: bool,
    /// What the command runs in: another machine, a container.
    pub(super) within: Vec<Template>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The n-th word after the verbs, counted from 1.
    Word(usize),
    /// What follows `--`.
    Dashes,
    /// The value of an option.
    Option(Vec<String>),
    /// From the n-th word on there are no options any more, and no command either.
    Nothing(usize),
}

/// What a command is judged to be.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) verbs: Vec<Pattern>,
    pub(super) conditions: Vec<Condition>,
    pub(super) ruling: Ruling,
    pub(super) resources: Vec<Template>,
    pub(super) within: Vec<Template>,
    /// It touches more than the templates name.
    pub(super) more: bool,
    pub(super) name: RuleName,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    Mutating,
    Reading,
    DryRun,
    Unknown,
    /// As if no rule knew it.
    Ignore,
    /// What it carries is claimed for by construction.
    Covered,
    /// As what it carries, which runs inside something that is changed by it.
    Inside,
    /// As the SQL in the values of these options, or in the input.
    Sql(Vec<String>),
    /// As `git push` is asked to move refs.
    Push,
}

/// One word: any of several texts, in which `*` and `?` stand for others.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    globs: Vec<LabelGlob>,
    any: bool,
}

/// That an option is there, or is not, or has one of some values.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) options: Vec<String>,
    pub(super) values: Option<Pattern>,
    pub(super) absent: bool,
}

/// An entry of `presence.guard` that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is no rule: {what}")]
pub struct RuleError {
    pub entry: String,
    pub what: String,
}

/// A line, and the programs to which other names in it lead.
fn with_other_names<'e>(mut named: String, entries: impl Iterator<Item = &'e str>) -> String {
    let leads = |text: &&str| text.split_whitespace().nth(1) == Some("is");
    let mut names: Vec<&str> = entries.filter(leads).collect();
    loop {
        let words = glance::words(&named);
        let is_named = |entry: &&str| {
            let program = entry.split_whitespace().next().unwrap_or_default();
            glance::is_among(program, &words)
        };
        let (used, left): (Vec<&str>, Vec<&str>) = names.into_iter().partition(is_named);
        if used.is_empty() {
            return named;
        }
        for entry in used {
            named.push(' ');
            named.push_str(entry);
        }
        // What it leads to may be another name, too.
        names = left;
    }
}

/// Whether an entry of `presence.guard` means something.
pub fn check(entry: &str) -> Result<(), RuleError> {
    let mut rules = Rules {
        programs: BTreeMap::new(),
    };
    rules.add_own([entry])
}

impl Ruling {
    /// It says by itself what a command does.
    pub(super) const fn is_plain(&self) -> bool {
        matches!(self, Self::Mutating | Self::Reading | Self::DryRun)
    }
}

impl Pattern {
    pub(super) fn matches(&self, text: &str) -> bool {
        self.any || self.globs.iter().any(|glob| glob.matches(text))
    }

    /// It matches whatever the word is.
    pub(super) const fn is_any(&self) -> bool {
        self.any
    }
}

/// The text of the rules that come with the program.
pub(super) fn shipped_lines<'t>() -> impl Iterator<Item = &'t str> {
    SHIPPED.iter().flat_map(|text| text.lines()).map(str::trim)
}

fn without_comment(line: &str) -> &str {
    match line {
        "#" => "",
        line => line.split("# ").next().unwrap_or_default().trim(),
    }
}

impl Rules {
    /// The rules that come with the program.
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

    /// The shipped rules and then `entries`, the values of `presence.guard` in their order. An
    /// empty one forgets those before it, as in Git.
    pub fn with<'e>(entries: impl IntoIterator<Item = &'e str>) -> Result<Self, RuleError> {
        let mut rules = Self::shipped()?;
        rules.add_own(entries)?;
        Ok(rules)
    }

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

    /// The rules that can matter to `line`: to read all of them costs more than to judge it.
    pub fn about<'e>(
        line: &str,
        entries: impl IntoIterator<Item = &'e str>,
    ) -> Result<Self, RuleError> {
        let entries: Vec<&str> = entries.into_iter().collect();
        let named = with_other_names(
            glance::plain(line),
            shipped_lines().chain(entries.iter().copied()),
        );
        let words = glance::words(&named);
        // What an expansion may become is not known, nor which rule it would fall under.
        let is_settled = !line.contains(['$', '`', '{', '*', '?', '[', '~']);
        let mut rules = Self {
            programs: BTreeMap::new(),
        };
        for text in shipped_lines() {
            let program = text.split_whitespace().next().unwrap_or("#");
            if program == "#" || !glance::is_among(program, &words) {
                continue;
            }
            let text = without_comment(text);
            if !is_settled || !text.contains(" => ") || glance::has_verb(text, &words) {
                rules.add(text, true)?;
            }
        }
        rules.add_own(entries)?;
        Ok(rules)
    }

    pub(super) fn program(&self, name: &str) -> Option<&Program> {
        self.programs.get(name)
    }

    /// The names of environment variables that a verdict may rest on.
    pub fn variables(&self) -> BTreeSet<&str> {
        let outcomes = self.programs.values().flat_map(|p| &p.outcomes);
        let templates = outcomes.flat_map(|o| o.resources.iter().chain(&o.within));
        let sources = templates.flat_map(|template| &template.sources);
        let variables = sources.filter_map(|source| match source {
            Source::Variable(name) => Some(name.as_str()),
            _ => None,
        });
        variables.collect()
    }

    fn add(&mut self, text: &str, shipped: bool) -> Result<(), RuleError> {
        let parsed = entry::parse(text, shipped).map_err(|what| RuleError {
            entry: text.to_owned(),
            what,
        })?;
        for name in parsed.programs {
            let program = self.programs.entry(name).or_default();
            match parsed.fact.clone() {
                entry::Fact::Options(options) => program.options.push(options),
                entry::Fact::Carry(carry) => program.carries.push(carry),
                entry::Fact::StandsFor(words) => program.stands_for = Some(words),
                entry::Fact::Outcome(outcome) => program.outcomes.push(outcome),
            }
        }
        Ok(())
    }
}
