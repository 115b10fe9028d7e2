//! Verdicts on command lines.
//!
//! The root type is [`Verdict`]: one [`Part`] for each command of the line, each with a [`Class`].
//!
//! Owns the shapes and the order of classes. Never classifies.

use crate::model::resource::Resource;

/// Effect of a command on what others can see, in ascending order of importance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No rule knows the command, so nothing says that it changes infrastructure.
    Unmatched,
    /// The command changes nothing that others can see.
    Reading,
    /// The command shows what it would change.
    DryRun,
    /// The command may change something. The text says why this is not certain.
    Unknown(String),
    /// The command changes something.
    Mutating,
}

impl Class {
    /// Returns the word for this class in JSON and in text.
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

/// Verdict on one command of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The command as written, shortened. It is foreign text: a front end passes it through
    /// `model::text::harmless`.
    pub command: String,
    /// Name of the program without its folder; empty if it is not certain.
    pub program: String,
    /// The word behind the program, if it can be nothing but a verb: small letters, no path, and
    /// not the argument of a script. Empty otherwise.
    pub verb: String,
    /// Effect of the command.
    pub class: Class,
    /// Whether what it changes is of this machine alone, so that only other sessions on it can
    /// tell. False for what only may change something.
    pub is_local: bool,
    /// Resources that the command changes, as far as the line names them.
    pub resources: Vec<Resource>,
    /// Resources that enclose those: the cluster, the namespace, the machine.
    pub within: Vec<Resource>,
    /// Reasons why `resources` may be incomplete; empty if it is complete.
    pub unnamed: Vec<String>,
    /// Types of what the command changes, also of what the line does not name; empty if no rule
    /// says so.
    pub kinds: Vec<String>,
    /// Absolute paths by which the resources are named, or would be in another repository.
    pub places: Vec<String>,
    /// Reason for the class, as a fragment of a sentence.
    pub why: String,
    /// The rule that decided, if one did.
    pub rule: Option<RuleName>,
    /// Programs that start this command, outermost first: `sudo`, `bash`.
    pub through: Vec<String>,
    /// Whether a file of the repository has this command, so that others may have written it.
    pub is_from_file: bool,
    /// Whether the command runs under `git presence run`, which claims by itself.
    pub covered: bool,
}

/// Identity of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName {
    /// The rule as it is written in `presence.guard`, with single spaces between its words.
    pub text: String,
    /// Whether the rule comes with the program. Other rules come from the configuration.
    pub shipped: bool,
}

/// Verdict on a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The commands of the line, in the order in which they stand in it.
    pub parts: Vec<Part>,
    /// Folders that the line enters, absolute, as it spells them.
    pub folders: Vec<String>,
    /// Calls of [`PATCHERS`].
    pub patches: Vec<PatchCall>,
    /// Files that commands and redirections write.
    pub writes: Vec<Write>,
    /// Files that they write, of which it is not known which ones they are.
    pub unnamed_writes: Vec<UnnamedWrite>,
}

/// A file that a command writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The command, without its folder.
    pub program: String,
    /// The file or folder, absolute; with a pattern, the folder that has the files.
    pub path: String,
    /// Which files below the folder, as a claim of a path could have it.
    pub pattern: Option<String>,
    /// How much of it.
    pub reach: Reach,
    /// Paths that `git presence run` claims for the command.
    pub claimed: Vec<Resource>,
}

/// Files that a command writes, of which it is not known which ones they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnnamedWrite {
    /// The command, without its folder.
    pub program: String,
    /// The folder in which they are, absolute, and a pattern that those below it match; `None` if
    /// that is not known either.
    pub within: Option<(String, String)>,
    /// Why that is not known, as a fragment of a sentence.
    pub why: String,
    /// Whether a file of the repository has the command, so that others may have written it.
    pub is_from_file: bool,
    /// Whether more files follow than are looked at, so that no claim answers it.
    pub is_rest: bool,
}

/// How much a command writes of what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The file.
    File,
    /// The file, or all files below the folder.
    Below,
    /// What was changed below the folder in this work tree, which is lost.
    Discarded,
    /// What was changed in the whole work tree that the folder is in, which is lost.
    Tree,
}

/// Names of the program that applies a patch, which names its files.
pub const PATCHERS: [&str; 2] = ["apply_patch", "applypatch"];

/// A call of [`PATCHERS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchCall {
    /// Where it runs, absolute, if that is known.
    pub dir: Option<String>,
    /// Whether it is certainly a call that applies something, and not a word of another program.
    pub is_certain: bool,
}

impl Verdict {
    /// Returns the most important class of all parts; [`Class::Unmatched`] if there are none.
    pub fn class(&self) -> &Class {
        let classes = self.parts.iter().map(|part| &part.class);
        classes.max().unwrap_or(&Class::Unmatched)
    }

    /// Returns where it writes files, as far as that is known.
    pub fn written_at(&self) -> impl Iterator<Item = &String> {
        let named = self.writes.iter().map(|write| &write.path);
        let unnamed = self.unnamed_writes.iter();
        named.chain(unnamed.filter_map(|write| write.within.as_ref().map(|(folder, _)| folder)))
    }

    /// Returns the parts that change something and do not run under `git presence run`.
    pub fn uncovered(&self) -> impl Iterator<Item = &Part> {
        let acts = |part: &&Part| part.class == Class::Mutating && !part.covered;
        self.parts.iter().filter(acts)
    }
}
