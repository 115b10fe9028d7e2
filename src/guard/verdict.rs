//! The verdict on a command line.
//!
//! Owns its parts, the class of each, and which class matters most. Never judges.

use crate::model::resource::Resource;

/// What a command does to things that others see. Ordered by how much it matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No rule knows it: nothing says that it changes infrastructure.
    Unmatched,
    Reading,
    /// It shows what it would change.
    DryRun,
    /// It may change something; why that cannot be told.
    Unknown(String),
    Mutating,
}

impl Class {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unmatched => "unmatched",
            Self::Reading => "reading",
            Self::DryRun => "dry_run",
            Self::Unknown(_) => "unknown",
            Self::Mutating => "mutating",
        }
    }
}

/// The judgement on one command of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The command as it is written, cut. Shown as it is: see `model::text::harmless`.
    pub command: String,
    /// Name of the program, without its folder; empty where it is not certain.
    pub program: String,
    pub class: Class,
    /// What it changes, as far as the line says.
    pub resources: Vec<Resource>,
    /// What encloses that: the cluster, the namespace, the machine.
    pub within: Vec<Resource>,
    /// Why `resources` may be short of something.
    pub unnamed: Vec<String>,
    /// Why it is judged so, in words.
    pub why: String,
    /// The rule, as it would be written in `presence.guard`.
    pub rule: Option<RuleName>,
    /// The programs that start it: `sudo`, `bash`.
    pub through: Vec<String>,
    /// It runs under `git presence run`, which claims by itself.
    pub covered: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName {
    pub text: String,
    /// It comes with the program; otherwise from the configuration.
    pub shipped: bool,
}

/// The judgement on a line: that on each command in it, in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub parts: Vec<Part>,
}

impl Verdict {
    /// What the line does: the class of the part that matters most.
    pub fn class(&self) -> &Class {
        let classes = self.parts.iter().map(|part| &part.class);
        classes.max().unwrap_or(&Class::Unmatched)
    }

    /// The parts that change something and are not under a claim by construction.
    pub fn uncovered(&self) -> impl Iterator<Item = &Part> {
        let acts = |part: &&Part| part.class == Class::Mutating && !part.covered;
        self.parts.iter().filter(acts)
    }
}
