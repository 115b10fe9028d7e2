//! A shell script, taken apart.
//!
//! Owns the shape of lists, pipelines, commands and words, and what of a word is certain before it
//! runs. Never runs or expands anything: what an expansion will give is not known here.

use std::sync::{Arc, OnceLock};

mod grammar;
mod groups;
mod quoting;
mod reader;
mod words;

pub use quoting::quote;

/// Longer scripts are not read.
pub const BYTES_MAX: usize = 1 << 20;
/// How deep groups, expansions and scripts within scripts may nest.
pub const DEPTH_MAX: usize = 32;

/// Scripts with more commands are not read.
pub const COMMANDS_MAX: usize = 4096;

/// The longest excerpt of a script that is kept to be shown.
const EXCERPT_BYTES_MAX: usize = 60;

/// Why a script is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    #[error("it is longer than {BYTES_MAX} bytes")]
    TooLong,
    #[error("it has more than {COMMANDS_MAX} commands")]
    TooMany,
    #[error("it nests deeper than {DEPTH_MAX} levels")]
    TooDeep,
    #[error("{0} has no end")]
    Unclosed(&'static str),
    #[error("{0} stands where a command was expected")]
    Misplaced(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} is not understood")]
    Unsupported(&'static str),
}

/// Commands in the order in which they stand.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub chains: Vec<Chain>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug)]
pub struct Chain {
    pub links: Vec<(Link, Pipeline)>,
    /// It ends with `&`: what it does to its shell is lost.
    pub background: bool,
}

/// When a pipeline of a chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    First,
    And,
    Or,
}

#[derive(Clone, Debug)]
pub struct Pipeline {
    pub commands: Vec<Command>,
}

#[derive(Clone, Debug)]
pub enum Command {
    Simple(Simple),
    Group(Group),
}

/// A program with its words, or assignments alone.
#[derive(Clone, Debug, Default)]
pub struct Simple {
    pub assignments: Vec<(String, Word)>,
    pub words: Vec<Word>,
    pub redirections: Redirections,
}

#[derive(Clone, Debug, Default)]
pub struct Redirections {
    pub stdin: Stdin,
    pub words: Vec<Word>,
    pub documents: Vec<Document>,
}

/// What a command reads from, as far as it says so itself.
#[derive(Clone, Debug, Default)]
pub enum Stdin {
    #[default]
    Inherited,
    File,
    Text(Document),
}

/// The body of a here-document or here-string: it stands after the line that asks for it.
pub type Document = Arc<OnceLock<Word>>;

/// Lists that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    pub kind: GroupKind,
    pub lists: Vec<List>,
    /// Conditions, loop words: they may hold commands.
    pub words: Vec<Word>,
    pub redirections: Redirections,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// `{ …; }`: runs in this shell.
    Braces,
    /// `( … )`: what it does to its shell is lost.
    Subshell,
    /// `if`, loops, `case`: some of it may run, or nothing.
    Conditional,
    /// A function: runs where it is called, if it is.
    Function,
}

/// One word of a command, quotes removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The whole word; of a word with an expansion, what is certain of its beginning.
    pub text: String,
    /// It holds an expansion: a variable, a command, a pattern of file names, `{a,b}`.
    pub dynamic: bool,
    /// What is certain of its end, where it holds an expansion.
    pub tail: String,
    /// How it is written, cut.
    pub excerpt: String,
    /// The commands in it: `$(…)`, backticks, `<(…)`.
    pub commands: Vec<ListBox>,
    /// How many bytes of `text` were written without quotes, counted from the start.
    bare: usize,
    /// Nothing in it was quoted.
    is_bare: bool,
}

/// A list inside a word. Words are compared by what they say, so it takes no part in that.
#[derive(Clone, Debug, Default)]
pub struct ListBox(pub List);

impl PartialEq for ListBox {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for ListBox {}

impl Word {
    /// A word that means itself.
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        let excerpt = excerpt(&quote(&text));
        Self {
            text,
            excerpt,
            ..Self::default()
        }
    }

    /// A word of which nothing is known.
    pub fn unknown(excerpt: &str) -> Self {
        Self {
            dynamic: true,
            excerpt: excerpt.to_owned(),
            ..Self::default()
        }
    }

    /// The word, where it is certain.
    pub fn known(&self) -> Option<&str> {
        (!self.dynamic).then_some(self.text.as_str())
    }

    /// What follows the first `bytes` of the certain beginning.
    pub fn after(&self, bytes: usize) -> Self {
        Self {
            text: self.text.get(bytes..).unwrap_or_default().to_owned(),
            dynamic: self.dynamic,
            excerpt: self.excerpt.clone(),
            ..Self::default()
        }
    }

    /// Name and value of `NAME=value` or `NAME+=value`.
    pub fn assignment(&self) -> Option<(&str, Self)> {
        let (name, _) = self.text.split_once('=')?;
        if name.len() >= self.bare {
            return None;
        }
        let value = self.after(name.len() + 1);
        let name = name.strip_suffix('+').unwrap_or(name);
        is_name(name).then_some((name, value))
    }

    fn is(&self, keyword: &str) -> bool {
        self.is_bare && !self.dynamic && self.text == keyword
    }
}

/// Whether `text` can name a variable.
pub fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    starts_well && text.bytes().all(is_part)
}

fn excerpt(text: &str) -> String {
    if text.len() <= EXCERPT_BYTES_MAX {
        return text.to_owned();
    }
    let fits = |at: &usize| text.is_char_boundary(*at);
    let cut = (0..=EXCERPT_BYTES_MAX).rev().find(fits).unwrap_or(0);
    format!("{}…", &text[..cut])
}

/// Read a script that stands `depth` levels deep in another one.
pub fn parse(text: &str, depth: usize) -> Result<List, SyntaxError> {
    if text.len() > BYTES_MAX {
        return Err(SyntaxError::TooLong);
    }
    reader::Reader::new(text, depth).script()
}
