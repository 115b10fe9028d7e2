//! Rules of one program.
//!
//! [`Program`] owns the shapes that entries are parsed into: options, wrappers, rules, an alias.
//! Never knows how an entry is written.

use super::template::Template;
use crate::guard::verdict::RuleName;
use crate::model::resource::LabelGlob;

/// What is known of one program.
#[derive(Clone, Debug, Default)]
pub(in crate::guard) struct Program {
    pub(in crate::guard) options: Vec<Options>,
    pub(in crate::guard) wrappers: Vec<Wrapper>,
    /// Verbs below which a long option may be given by its beginning.
    pub(in crate::guard) abbreviates: Vec<Vec<Pattern>>,
    /// Whether an option that no rule knows takes no value.
    pub(in crate::guard) is_lenient: bool,
    /// In order; the last one that matches wins.
    pub(in crate::guard) rules: Vec<Rule>,
    /// Commands whose effect stays on the machine where they run.
    pub(in crate::guard) locals: Vec<Local>,
    /// The words that this program is another name for.
    pub(in crate::guard) alias_of: Option<Vec<String>>,
}

/// Options that a program accepts below some verbs.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Options {
    pub(in crate::guard) verbs: Vec<Pattern>,
    pub(in crate::guard) kind: OptionKind,
    /// The names, separated by spaces as written. Most are never looked up, so they are not split.
    pub(super) names: String,
}

impl Options {
    /// Checks whether an option is among these.
    pub(in crate::guard) fn has(&self, name: &str) -> bool {
        self.names().any(|one| one == name)
    }

    /// Returns the names.
    pub(in crate::guard) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.split(' ')
    }
}

/// Commands of a program whose effect stays on the machine where they run.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Local {
    pub(in crate::guard) verbs: Vec<Pattern>,
    /// Options and, with `$`, variables that make it another machine.
    pub(in crate::guard) unless: Vec<String>,
}

impl Local {
    /// Returns the names of the variables that make it another machine.
    pub(in crate::guard) fn variables(&self) -> impl Iterator<Item = &str> {
        self.unless.iter().filter_map(|word| word.strip_prefix('$'))
    }
}

/// How an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum OptionKind {
    /// It takes no value.
    Flag,
    /// A value follows, attached or as the next word.
    Takes,
    /// A value may be attached, and is never the next word.
    Joins,
    /// Like `Takes`; the value is the working directory.
    Dir,
}

/// How a program starts another command.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Wrapper {
    pub(in crate::guard) verbs: Vec<Pattern>,
    /// Where the words of that command begin.
    pub(in crate::guard) from: CommandStart,
    /// Whether the words are joined and read by a shell.
    pub(in crate::guard) as_shell: bool,
    /// What the command runs in: another machine, a container.
    pub(in crate::guard) within: Vec<Template>,
}

/// Where a wrapped command begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) enum CommandStart {
    /// At the n-th word after the verbs, counted from 1.
    Word(usize),
    /// After `--`.
    Dashes,
    /// In the value of one of these options.
    Option(Vec<String>),
    /// Nowhere: from the n-th word on there are only arguments, no options and no command.
    Nothing(usize),
}

/// What a command changes besides what the templates of its rule name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum More {
    /// Nothing.
    Nothing,
    /// `?`: more of the same kind, where that is.
    There,
    /// `??`: what is not where the line says, as objects that a selector names.
    Anywhere,
}

impl More {
    /// Returns why the resources of the command are not all.
    pub(in crate::guard) const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::There => Some("it touches more than the line names"),
            Self::Anywhere => Some("it selects what the line does not name"),
        }
    }
}

/// A line with `=>`: which invocations it matches, and their effect.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Rule {
    pub(in crate::guard) verbs: Vec<Pattern>,
    pub(in crate::guard) conditions: Vec<Condition>,
    pub(in crate::guard) effect: Effect,
    /// Templates of what the command changes.
    pub(in crate::guard) resources: Vec<Template>,
    /// Templates of what encloses that.
    pub(in crate::guard) within: Vec<Template>,
    /// Whether the command changes more than the templates name.
    pub(in crate::guard) more: More,
    pub(in crate::guard) name: RuleName,
}

/// What a matching command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Effect {
    Mutating,
    Reading,
    DryRun,
    Unknown,
    /// Counts as if no rule knew it.
    Ignore,
    /// Claims for the command that it starts.
    Covered,
    /// Depends on the wrapped command, which runs inside something that it may change.
    Inside,
    /// Depends on the SQL in the values of these options, or in standard input.
    Sql(Dialect, Vec<String>),
    /// Depends on the refs that `git push` moves.
    Push,
    /// Depends on whether the last word is on another machine or in a bucket.
    RemoteCopy,
}

/// Which client reads a script, and so where its statements end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Dialect {
    /// It is not known; what is worse counts.
    Any,
    /// `psql`.
    Postgres,
    /// `mysql` and `mariadb`.
    Mysql,
}

/// Alternatives for one word, in which `*` and `?` match other characters.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Pattern {
    pub(super) globs: Vec<LabelGlob>,
    pub(super) any: bool,
}

/// A condition on an option: that it is given, or absent, or has one of some values.
#[derive(Clone, Debug)]
pub(in crate::guard) struct Condition {
    pub(in crate::guard) options: Vec<String>,
    pub(in crate::guard) values: Option<Pattern>,
    pub(in crate::guard) absent: bool,
}

impl Effect {
    /// Checks whether the effect depends on nothing else of the line.
    pub(in crate::guard) const fn is_plain(&self) -> bool {
        matches!(self, Self::Mutating | Self::Reading | Self::DryRun)
    }
}

impl Pattern {
    /// Checks whether the pattern matches `text`.
    pub(in crate::guard) fn matches(&self, text: &str) -> bool {
        self.any || self.globs.iter().any(|glob| glob.matches(text))
    }

    /// Checks whether the pattern matches every word.
    pub(in crate::guard) const fn is_any(&self) -> bool {
        self.any
    }
}
