//! One rule, and what else is known of a program.
//!
//! Owns the shapes that an entry is read into. Never knows how an entry is written.

use super::template::Template;
use crate::guard::verdict::RuleName;
use crate::model::resource::LabelGlob;

#[derive(Clone, Debug, Default)]
pub(in crate::guard) struct Program {
    pub(in crate::guard) options: Vec<Options>,
    pub(in crate::guard) wrappers: Vec<Wrapper>,
    pub(in crate::guard) rules: Vec<Rule>,
    /// It is another name for these words.
    pub(in crate::guard) alias_of: Option<Vec<String>>,
}

/// What options there are below a verb.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Options {
    pub(in crate::guard) verbs: Vec<Pattern>,
    pub(in crate::guard) kind: OptionKind,
    /// As they were written, with spaces between them: most are never asked for.
    pub(super) names: String,
}

impl Options {
    pub(in crate::guard) fn has(&self, name: &str) -> bool {
        self.names.split(' ').any(|one| one == name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum OptionKind {
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
pub(in crate::guard) struct Wrapper {
    pub(in crate::guard) verbs: Vec<Pattern>,
    pub(in crate::guard) from: CommandStart,
    /// The words are joined and read by a shell.
    pub(in crate::guard) as_shell: bool,
    /// What the command runs in: another machine, a container.
    pub(in crate::guard) within: Vec<Template>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) enum CommandStart {
    /// The n-th word after the verbs, counted from 1.
    Word(usize),
    /// What follows `--`.
    Dashes,
    /// The value of an option.
    Option(Vec<String>),
    /// CommandStart the n-th word on there are no options any more, and no command either.
    Nothing(usize),
}

/// What a command is judged to be.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Rule {
    pub(in crate::guard) verbs: Vec<Pattern>,
    pub(in crate::guard) conditions: Vec<Condition>,
    pub(in crate::guard) effect: Effect,
    pub(in crate::guard) resources: Vec<Template>,
    pub(in crate::guard) within: Vec<Template>,
    /// It touches more than the templates name.
    pub(in crate::guard) more: bool,
    pub(in crate::guard) name: RuleName,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Effect {
    Mutating,
    Reading,
    DryRun,
    Unknown,
    /// As if no rule knew it.
    Ignore,
    /// What it wrappers is claimed for by construction.
    Covered,
    /// As what it wrappers, which runs inside something that is changed by it.
    Inside,
    /// As the SQL in the values of these options, or in the input.
    Sql(Vec<String>),
    /// As `git push` is asked to move refs.
    Push,
}

/// One word: any of several texts, in which `*` and `?` stand for others.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Pattern {
    pub(super) globs: Vec<LabelGlob>,
    pub(super) any: bool,
}

/// That an option is there, or is not, or has one of some values.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Condition {
    pub(in crate::guard) options: Vec<String>,
    pub(in crate::guard) values: Option<Pattern>,
    pub(in crate::guard) absent: bool,
}

impl Effect {
    /// It says by itself what a command does.
    pub(in crate::guard) const fn is_plain(&self) -> bool {
        matches!(self, Self::Mutating | Self::Reading | Self::DryRun)
    }
}

impl Pattern {
    pub(in crate::guard) fn matches(&self, text: &str) -> bool {
        self.any || self.globs.iter().any(|glob| glob.matches(text))
    }

    /// It matches whatever the word is.
    pub(in crate::guard) const fn is_any(&self) -> bool {
        self.any
    }
}
