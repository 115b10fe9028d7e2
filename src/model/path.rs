//! Path patterns: which files a `path:` resource names, and whether two patterns can meet.
//!
//! Owns [`PathPattern`]: what a pattern means, and the questions asked of it. `spelling` reads the
//! text, `sound` refuses what is no pattern, `bracketed` reads what else it may mean, `charset` its
//! characters, and `automaton` answers exactly whether a file exists that both patterns match.
//! Never looks at a disk, a repository or a clock, never asks which files exist, never folds case
//! or Unicode forms, and never settles an overlap by comparing prefixes of globs.
//!
//! A pattern is relative to the repository root:
//!
//! - A plain path names a file, or a directory with all that is below it; `src`, `src/` and
//!   `./src` are the same.
//! - With `*`, `?`, `[…]` or `{…}` in it, it is a glob and names the files that it matches, not
//!   what is below them; a trailing `/` adds that, and is short for `/**`.
//! - `*` is any run of characters, `?` is one character, `[a-c]` one of a class and `[!a-c]` or
//!   `[^a-c]` one that is not. None of them matches a `/`; all of them match a leading dot.
//! - A component `**` is any number of directories, or at the end whatever is below; next to
//!   other characters it is no more than `*`. The root itself, `.`, is `**`.
//! - `{a,b}` is either; braces nest, may hold `/`, and may leave an alternative empty.
//! - A component with `[…]` or `{…}` is also the file of that very name, `*` and `?` in it aside:
//!   `app/[id]` is what frameworks call a folder, and other clones may not have it yet.
//! - A backslash takes the next character literally. Before an ASCII letter or digit it is
//!   refused: there it can only be a Windows separator.

mod automaton;
mod bracketed;
mod charset;
mod sound;
mod spelling;

use std::fmt;
use std::sync::OnceLock;

use automaton::Nfa;
use charset::CharSet;
use spelling::{Component, Lexeme};

/// What reads the symbols of a pattern in one or several ways.
type Readings = for<'t> fn(&'t str, &[Lexeme<'t>], &mut Vec<CharSet>) -> Vec<Vec<Lexeme<'t>>>;

/// What the alternatives of a pattern are made of, and they themselves.
type Alternatives<'t> = (Vec<CharSet>, Vec<Vec<Component<'t>>>);

/// A file, a directory or a glob, relative to the repository root, in canonical spelling.
#[derive(Clone, Debug)]
pub struct PathPattern {
    text: String,
    /// The path itself, without escapes, when the pattern is no glob.
    plain: Option<String>,
    /// What each file that it matches begins with.
    beginning: String,
    readings: Readings,
    /// Made when it is first needed: it costs more than all else, and most patterns are told apart
    /// by how they begin.
    nfa: OnceLock<Nfa>,
}

/// How much walking of two automata in step is left before what they have in common counts as not
/// known.
#[derive(Debug)]
pub struct Work(usize);

impl Work {
    /// Returns as much as takes a fraction of a second.
    pub const fn of_a_listing() -> Self {
        Self(WALKED_MAX)
    }
}

/// The most pairs of states that are looked at for one listing.
const WALKED_MAX: usize = 20_000_000;

impl PathPattern {
    /// Parses a pattern of at most 255 bytes; `text` is what follows `path:`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        // After this only the canonical spelling counts, so equal spellings are equal patterns.
        let text = spelling::canonical(text)?;
        Self::of(text, bracketed::readings)
    }

    /// Builds the pattern of a canonical spelling from its readings.
    fn of(text: String, readings: Readings) -> Result<Self, PathError> {
        let (lexemes, mut sets) = spelling::lex(&text)?;
        for reading in readings(&text, &lexemes, &mut sets) {
            sound::check(&reading)?;
        }
        Ok(Self {
            plain: spelling::plain(&lexemes),
            beginning: spelling::beginning(&lexemes),
            readings,
            nfa: OnceLock::new(),
            text,
        })
    }

    fn nfa(&self) -> &Nfa {
        self.nfa.get_or_init(|| {
            // It was read before.
            let (sets, alternatives) = alternatives(&self.text, self.readings).unwrap_or_default();
            Nfa::new(sets, &alternatives)
        })
    }

    /// Returns the canonical spelling: no `.` components, no trailing `/`, no needless escape. It
    /// parses to the same pattern.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns true if a file could match both patterns.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.overlaps_within(other, &mut Work(usize::MAX)) == Some(true)
    }

    /// As [`overlaps`](Self::overlaps), with as much work as is left; `None` if that is too little.
    pub fn overlaps_within(&self, other: &Self, work: &mut Work) -> Option<bool> {
        match (&self.plain, &other.plain) {
            // The automata would say the same; most patterns are plain, and this is quick.
            (Some(a), Some(b)) => Some(at_or_below(a, b) || at_or_below(b, a)),
            _ if !begin_alike(&self.beginning, &other.beginning) => Some(false),
            _ => automaton::meet(self.nfa(), other.nfa(), &mut work.0),
        }
    }

    /// Returns true if this pattern matches `file`, a path from the repository root with `/`. A
    /// path that is not well formed matches no pattern.
    pub fn matches(&self, file: &str) -> bool {
        let is_name = |name: &str| !matches!(name, "" | "." | "..");
        file.starts_with(&self.beginning)
            && file.split('/').all(is_name)
            && self.nfa().accepts(file)
    }
}

/// Equal spellings are equal patterns.
impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PathPattern {}

/// Returns the alternatives of a canonical spelling in all its readings.
fn alternatives(text: &str, readings: Readings) -> Result<Alternatives<'_>, PathError> {
    let (lexemes, mut sets) = spelling::lex(text)?;
    let mut alternatives = Vec::new();
    for reading in readings(text, &lexemes, &mut sets) {
        alternatives.extend(spelling::alternatives(&reading)?);
    }
    Ok((sets, alternatives))
}

/// Returns true if a file could begin with both.
fn begin_alike(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// Returns the pattern that names exactly this file: characters with a meaning are escaped.
pub fn literal(file: &str) -> String {
    let mut pattern = String::with_capacity(file.len());
    for character in file.chars() {
        if "*?[{\\".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

fn at_or_below(file: &str, path: &str) -> bool {
    let rest = file.strip_prefix(path);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Why a pattern was refused; the text reads well after `path: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The pattern, or an alternative of its braces, is empty.
    Empty,
    /// It has more than 255 bytes, as written or in canonical spelling.
    TooLong,
    /// It has a control character.
    Control,
    /// It starts with `/`.
    Absolute,
    /// It has the component `..`.
    ParentComponent,
    /// It has two slashes in a row.
    EmptyComponent,
    /// It ends with a backslash.
    TrailingBackslash,
    /// A backslash stands before a `/`.
    EscapedSlash,
    /// A backslash stands before an ASCII letter or digit.
    EscapedLetter,
    /// A `[` has no `]` in its component.
    UnclosedClass,
    /// A range in `[]` runs from a higher character to a lower one.
    ReversedRange,
    /// A `{` has no `}`.
    UnclosedBrace,
    /// The braces spell more than 64 alternatives.
    TooManyAlternatives,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the pattern, or one of its `{}` alternatives, is empty",
            Self::TooLong => "the pattern is longer than 255 bytes",
            Self::Control => "control characters are not allowed",
            Self::Absolute => "write it relative to the repository root, without a leading `/`",
            Self::ParentComponent => "`..` is not allowed; write it from the repository root",
            Self::EmptyComponent => "there is nothing between two of its slashes",
            Self::TrailingBackslash => "the `\\` at the end escapes nothing",
            Self::EscapedSlash => "a `/` cannot be escaped",
            Self::EscapedLetter => {
                "a `\\` stands before a letter or digit; write `/` between the parts of a path"
            }
            Self::UnclosedClass => {
                "a `[` has no `]` in its component; a plain `[` is written `\\[`"
            }
            Self::ReversedRange => "a range in `[]` runs backwards",
            Self::UnclosedBrace => "a `{` has no matching `}`; a plain `{` is written `\\{`",
            Self::TooManyAlternatives => "its `{}` spell more than 64 alternatives",
        })
    }
}

impl std::error::Error for PathError {}

#[cfg(test)]
mod tests;
