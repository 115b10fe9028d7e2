//! Syntax tree of a shell script.
//!
//! [`parse`] reads a script into a [`List`]; a [`Word`] says how much of itself is certain before
//! the script runs.
//!
//! Owns the shapes and the bounds. Never runs or expands anything.

use std::sync::{Arc, OnceLock};

mod expansion;
mod grammar;
mod groups;
mod names;
mod printed;
mod quoting;
mod reader;
mod texts;
mod words;

pub(super) use expansion::FileNames;
pub(super) use printed::{SCRIPT_FOLDER, TOP, WORKING_DIR};
pub use quoting::quote;
pub use texts::texts_for;

/// Longer scripts are rejected.
pub const BYTES_MAX: usize = 1 << 20;
/// Maximum nesting of groups, expansions and scripts within scripts.
pub const DEPTH_MAX: usize = 32;

/// Scripts with more commands are rejected.
pub const COMMANDS_MAX: usize = 4096;

/// Maximum length of an excerpt.
const EXCERPT_BYTES_MAX: usize = 60;

/// Why a script cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// The script has more than [`BYTES_MAX`] bytes.
    #[error("it is longer than {BYTES_MAX} bytes")]
    TooLong,
    /// The script has more than [`COMMANDS_MAX`] commands.
    #[error("it has more than {COMMANDS_MAX} commands")]
    TooMany,
    /// The script nests deeper than [`DEPTH_MAX`] levels.
    #[error("it nests deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// A quote, an expansion or a here-document is not closed.
    #[error("{0} has no end")]
    Unclosed(&'static str),
    /// This word stands where a command was expected.
    #[error("{0} stands where a command was expected")]
    Misplaced(String),
    /// This keyword or sign is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The parser does not support this construct.
    #[error("{0} is not understood")]
    Unsupported(&'static str),
}

/// Commands in the order in which they stand in the script.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Chains, separated by `;`, `&` or a line end.
    pub chains: Vec<Chain>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Each pipeline, with what links it to the one before.
    pub links: Vec<(Link, Pipeline)>,
    /// Whether the chain ends with `&`. What it changes of its shell is then lost.
    pub background: bool,
}

/// Condition on which a pipeline of a chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It is the first of its chain and always runs.
    First,
    /// `&&`: it runs if the ones before succeeded.
    And,
    /// `||`: it runs if the ones before failed.
    Or,
}

/// Commands joined by `|`.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// At least one command.
    pub commands: Vec<Command>,
}

/// A command of a pipeline.
#[derive(Clone, Debug)]
pub enum Command {
    /// A program or assignments.
    Simple(Simple),
    /// A group, such as `( … )` or `if`.
    Group(Group),
}

/// A program with its words, or assignments alone.
#[derive(Clone, Debug, Default)]
pub struct Simple {
    /// `NAME=value` before the program.
    pub assignments: Vec<(String, Word)>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Redirections, wherever they stand among the words.
    pub redirections: Redirections,
}

/// Redirections of a command.
#[derive(Clone, Debug, Default)]
pub struct Redirections {
    /// What standard input reads from.
    pub stdin: Stdin,
    /// Files and descriptors that are named.
    pub words: Vec<Word>,
    /// Files among them that are written.
    pub written: Vec<Word>,
    /// Here-documents and here-strings.
    pub documents: Vec<Document>,
}

/// Standard input of a command, as far as its own redirections say.
#[derive(Clone, Debug, Default)]
pub enum Stdin {
    /// No redirection names one.
    #[default]
    Inherited,
    /// A file or a descriptor.
    File,
    /// A here-document or here-string.
    Text(Document),
}

/// Body of a here-document or here-string. It is set later, since the body stands after the line
/// that names it.
pub type Document = Arc<OnceLock<Word>>;

/// Lists that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    /// Which shell runs the lists, and when.
    pub kind: GroupKind,
    /// Bodies and conditions.
    pub lists: Vec<List>,
    /// Words of conditions and loops, which may contain commands; the first one of a function is
    /// its name.
    pub words: Vec<Word>,
    /// The variable of a `for` loop over `words`.
    pub variable: Option<String>,
    /// Redirections of the whole group.
    pub redirections: Redirections,
}

/// Which shell runs the lists of a group, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// `{ …; }`: they run in this shell.
    Braces,
    /// `( … )`: what they change of their shell is lost.
    Subshell,
    /// `if`, loops, `case`: some of them run, or none.
    Conditional,
    /// A function: they run when it is called.
    Function,
    /// `>( … )` or `coproc`: they run in a shell of their own, and read what others write to them.
    Reads,
}

/// One word of a command, quotes removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The whole word. If it has an expansion, the certain beginning.
    pub text: String,
    /// Whether it has an expansion: a variable, a command, a file pattern, `{a,b}`.
    pub dynamic: bool,
    /// The certain end of a word with an expansion.
    pub tail: String,
    /// The word as written, shortened.
    pub excerpt: String,
    /// The commands in it: `$(…)`, backticks, `<(…)`.
    pub commands: Vec<ListBox>,
    /// Number of bytes at the start of `text` that were written without quotes.
    bare: usize,
    /// Whether nothing in it was quoted.
    is_bare: bool,
    /// Whether it is `<(…)` or `>(…)`, the name of a pipe.
    pub(in crate::guard) is_file: bool,
    /// Whether it may become several words, as `{a,b}` does.
    is_several: bool,
    /// The expansions in it, each with the certain text before it; what is after the last one is in
    /// `tail`.
    pieces: Vec<expansion::Piece>,
}

/// A list inside a word. All are equal to each other, since words are compared by their text only.
#[derive(Clone, Debug, Default)]
pub struct ListBox(pub List);

impl PartialEq for ListBox {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for ListBox {}

impl Word {
    /// Returns a word that means exactly `text`.
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        let excerpt = excerpt(&quote(&text));
        Self {
            text,
            excerpt,
            ..Self::default()
        }
    }

    /// Returns a word about which nothing is certain.
    pub fn unknown(excerpt: &str) -> Self {
        Self {
            dynamic: true,
            excerpt: excerpt.to_owned(),
            ..Self::default()
        }
    }

    /// Returns any number of words about which nothing is certain.
    pub(in crate::guard) fn several(excerpt: &str) -> Self {
        Self {
            is_several: true,
            ..Self::unknown(excerpt)
        }
    }

    /// Returns the text, if the whole word is certain.
    pub fn known(&self) -> Option<&str> {
        (!self.dynamic).then_some(self.text.as_str())
    }

    /// Returns the word without the first `bytes` of its certain beginning.
    pub fn after(&self, bytes: usize) -> Self {
        Self {
            text: self.text.get(bytes..).unwrap_or_default().to_owned(),
            dynamic: self.dynamic,
            tail: self.tail.clone(),
            excerpt: self.excerpt.clone(),
            pieces: self.pieces.clone(),
            ..Self::default()
        }
    }

    /// Splits `NAME=value` or `NAME+=value`. Returns `None` if this word is no assignment.
    pub fn assignment(&self) -> Option<(&str, Self)> {
        let (name, _) = self.text.split_once('=')?;
        if name.len() >= self.bare {
            return None;
        }
        let value = self.after(name.len() + 1);
        let name = name.strip_suffix('+').unwrap_or(name);
        is_name(name).then_some((name, value))
    }

    /// Checks whether this is the unquoted word `keyword`.
    fn is(&self, keyword: &str) -> bool {
        self.is_bare && !self.dynamic && self.text == keyword
    }
}

/// Checks whether `text` can name a variable.
pub fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    starts_well && text.bytes().all(is_part)
}

/// Shortens a text for a message.
fn excerpt(text: &str) -> String {
    if text.len() <= EXCERPT_BYTES_MAX {
        return text.to_owned();
    }
    let fits = |at: &usize| text.is_char_boundary(*at);
    let cut = (0..=EXCERPT_BYTES_MAX).rev().find(fits).unwrap_or(0);
    format!("{}…", &text[..cut])
}

/// Parses a script that stands `depth` levels deep in another one, as far as it can be parsed. A
/// shell runs the lines before an error, too.
pub fn parse_beginning(text: &str, depth: usize) -> (List, Option<SyntaxError>) {
    if text.len() > BYTES_MAX {
        return (List::default(), Some(SyntaxError::TooLong));
    }
    reader::Reader::new(text, depth).beginning()
}

/// Parses a script that stands `depth` levels deep in another one. `depth` is 0 for a line.
pub fn parse(text: &str, depth: usize) -> Result<List, SyntaxError> {
    match parse_beginning(text, depth) {
        (list, None) => Ok(list),
        (_, Some(error)) => Err(error),
    }
}
