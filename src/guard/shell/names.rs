//! Words as names of files.
//!
//! Owns which names a word with signs such as `*` stands for, in the language of claims of paths.
//! Never looks at a disk.

use super::Word;
use super::expansion::{FileNames, Piece};
use crate::model::path::literal;

/// The most signs of a word that are read.
const SIGNS_MAX: usize = 32;

impl Word {
    /// Returns a word of which only this beginning is certain.
    pub(in crate::guard) fn beginning(text: impl Into<String>) -> Self {
        let mut word = Self::literal(text);
        word.mark_dynamic();
        word
    }

    /// Returns a word that stands for a variable.
    pub(in crate::guard) fn variable(name: &str, excerpt: &str) -> Self {
        let mut word = Self::default();
        word.mark_variable(name, true);
        excerpt.clone_into(&mut word.excerpt);
        word
    }

    /// Returns the word for a pattern that a program reads itself, as Git does.
    pub(in crate::guard) fn pattern(text: &str, excerpt: &str) -> Self {
        let mut word = Self::default();
        word.push_pattern(text);
        excerpt.clone_into(&mut word.excerpt);
        word
    }

    /// Appends a pattern.
    pub(in crate::guard) fn push_pattern(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '*' | '?' | '[' => self.mark_sign(character),
                other => self.push(other),
            }
        }
    }

    /// Returns the word below the folder that a variable has.
    pub(in crate::guard) fn below_variable(&self, name: &str) -> Self {
        let mut word = Self::variable(name, &self.excerpt);
        let mut pieces = self.pieces.iter().cloned();
        let first = match pieces.next() {
            Some(piece) => piece.after(format!("/{}", self.text)),
            None => {
                word.tail = format!("/{}{}", self.text, self.tail);
                return word;
            }
        };
        word.pieces.push(first);
        word.pieces.extend(pieces);
        word.tail.clone_from(&self.tail);
        word
    }

    /// Returns the word behind a folder: the last part of its path.
    pub(in crate::guard) fn moved_into(&self, folder: &str) -> Self {
        let folder = folder.trim_end_matches('/');
        let folder = if folder.is_empty() { "/" } else { folder };
        let of = |name: &str| match name {
            "" | "." | ".." => Self::beginning(format!("{folder}/")),
            name => Self::literal(format!("{folder}/{name}")),
        };
        let last = |text: &str| {
            text.trim_end_matches('/')
                .rsplit('/')
                .next()
                .map(str::to_owned)
        };
        if let Some(text) = self.known() {
            return match text.ends_with("/.") {
                true => of(""),
                false => of(&last(text).unwrap_or_default()),
            };
        }
        let has_slash = |piece: &Piece| piece.before().contains('/');
        if self.tail.contains('/') {
            return of(&last(&self.tail).unwrap_or_default());
        }
        if self.pieces.iter().skip(1).any(has_slash) || !self.pieces.iter().all(Piece::is_sign) {
            return of("");
        }
        let bytes = self.text.rfind('/').map_or(0, |at| at + 1);
        let mut word = self.after(bytes);
        word.text = format!("{folder}/{}", word.text);
        word
    }

    /// Checks whether all that is not certain in it are signs of a pattern.
    pub(in crate::guard) fn is_pattern(&self) -> bool {
        self.dynamic && !self.pieces.is_empty() && self.pieces.iter().all(Piece::is_sign)
    }

    /// Returns the variable, if the word is nothing else.
    pub(in crate::guard) fn lone_variable(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [piece] if self.text.is_empty() && self.tail.is_empty() => piece.name(),
            _ => None,
        }
    }

    /// Returns which files the word names if `value` gives its variables certain values.
    pub(in crate::guard) fn file_names<'v>(
        &self,
        value: impl Fn(&str) -> Option<&'v str>,
    ) -> FileNames {
        let mut names = Names {
            certain: self.text.clone(),
            pattern: None,
        };
        if self.dynamic && self.pieces.is_empty() || self.pieces.len() > SIGNS_MAX {
            return FileNames::Beginning(names.certain);
        }
        let after = self.pieces.iter().skip(1).map(Piece::before);
        let after = after.chain([self.tail.as_str()]);
        for (piece, after) in self.pieces.iter().zip(after) {
            let rest = match (piece.sign(), piece.name()) {
                (Some(sign), _) => names.sign(sign, after),
                (None, Some(name)) => value(name)
                    .filter(|value| piece.is_quoted() || !value.contains(['*', '?', '[', '{', ' ']))
                    .map(|value| {
                        names.push(value);
                        after
                    }),
                (None, None) => None,
            };
            let Some(rest) = rest else {
                return names.beginning();
            };
            names.push(rest);
        }
        names.all()
    }
}

/// Names in the making.
struct Names {
    /// The text before the first sign; once there is one, the folder.
    certain: String,
    pattern: Option<String>,
}

impl Names {
    fn push(&mut self, text: &str) {
        match &mut self.pattern {
            Some(pattern) => pattern.push_str(&literal(text)),
            None => self.certain.push_str(text),
        }
    }

    /// Adds a sign, and returns what of the text behind it is not a part of it.
    fn sign<'t>(&mut self, sign: char, after: &'t str) -> Option<&'t str> {
        let (spelled, rest) = match sign {
            '[' => bracket(after)?,
            '{' => braces(after)?,
            sign => (sign.to_string(), after),
        };
        let from = self.certain.rfind('/').map_or(0, |at| at + 1);
        let begun = || literal(&self.certain.split_off(from));
        self.pattern.get_or_insert_with(begun).push_str(&spelled);
        Some(rest)
    }

    fn beginning(self) -> FileNames {
        FileNames::Beginning(self.certain)
    }

    fn all(self) -> FileNames {
        match self.pattern {
            None => FileNames::One(self.certain),
            Some(pattern) if pattern.split('/').any(|part| matches!(part, "." | "..")) => {
                FileNames::Beginning(self.certain)
            }
            Some(pattern) => FileNames::Matching {
                folder: self.certain,
                pattern: pattern.trim_end_matches('/').to_owned(),
            },
        }
    }
}

/// Returns a class of characters, and what is behind it.
fn bracket(after: &str) -> Option<(String, &str)> {
    let (inside, rest) = after.split_once(']')?;
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '!' | '^');
    let spelled = match !inside.is_empty() && inside.chars().all(is_plain) {
        true => format!("[{inside}]"),
        false => "?".to_owned(),
    };
    Some((spelled, rest))
}

/// Returns alternatives, and what is behind them.
fn braces(after: &str) -> Option<(String, &str)> {
    let (inside, rest) = after.split_once('}')?;
    let spelled = match () {
        () if inside.contains(',') => {
            let all: Vec<String> = inside.split(',').map(literal).collect();
            format!("{{{}}}", all.join(","))
        }
        () if inside.contains("..") => "*".to_owned(),
        () => literal(&format!("{{{inside}}}")),
    };
    Some((spelled, rest))
}
