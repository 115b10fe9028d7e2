//! Expansions of variables in words.
//!
//! Owns what a [`Word`] becomes once variables in it have certain values, and how one is written
//! down again for another shell to read. Never knows the values.

use super::{Word, is_name};

/// What stands for an expansion that is no plain variable, if a word is written down again.
const UNKNOWN: &str = "$_";
/// A word that becomes longer stays as it is.
const BYTES_MAX: usize = 1 << 16;

/// An expansion, and the certain text before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// The text between the expansion before this one and this one. The text before the first one
    /// is that of the word.
    before: String,
    /// The variable; `None` for any other expansion.
    name: Option<String>,
    /// The sign that begins a pattern of files: `*`, `?`, `[`, `{`.
    sign: Option<char>,
    is_quoted: bool,
}

impl Piece {
    /// Returns this expansion with another text before it.
    pub(super) fn after(self, before: String) -> Self {
        Self { before, ..self }
    }

    pub(super) fn before(&self) -> &str {
        &self.before
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) const fn sign(&self) -> Option<char> {
        self.sign
    }

    pub(super) const fn is_sign(&self) -> bool {
        self.sign.is_some()
    }

    pub(super) const fn is_quoted(&self) -> bool {
        self.is_quoted
    }
}

/// What a word is for a program that takes names of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) enum FileNames {
    /// One name.
    One(String),
    /// The names that a pattern matches, below a folder; both are empty where nothing is spelled.
    Matching { folder: String, pattern: String },
    /// Names of which only this beginning is certain.
    Beginning(String),
}

impl Word {
    /// Marks an expansion here, of which nothing is certain.
    pub(super) fn mark_dynamic(&mut self) {
        self.mark(None, None, false);
    }

    /// Marks a sign of a pattern of files here.
    pub(super) fn mark_sign(&mut self, sign: char) {
        self.mark(None, Some(sign), false);
    }

    /// Marks the expansion of a variable here.
    pub(super) fn mark_variable(&mut self, name: &str, is_quoted: bool) {
        self.mark(Some(name.to_owned()), None, is_quoted);
    }

    fn mark(&mut self, name: Option<String>, sign: Option<char>, is_quoted: bool) {
        self.dynamic = true;
        let before = std::mem::take(&mut self.tail);
        self.pieces.push(Piece {
            before,
            name,
            sign,
            is_quoted,
        });
    }

    /// Forgets what was read since the last expansion: it is a part of it.
    pub(super) fn still_dynamic(&mut self) {
        self.dynamic = true;
        self.tail.clear();
    }

    /// Returns the number of expansions so far.
    pub(super) fn expansions(&self) -> usize {
        self.pieces.len()
    }

    /// Makes one expansion of all after the first `count`, of which nothing is certain.
    pub(super) fn merge_expansions(&mut self, count: usize) {
        self.pieces.truncate(count + 1);
        if let Some(piece) = self.pieces.last_mut() {
            (piece.name, piece.sign) = (None, None);
        }
        self.still_dynamic();
    }

    /// Returns the texts of the word that are certain, in order.
    pub(in crate::guard) fn certain_parts(&self) -> impl Iterator<Item = &str> {
        let between = self.pieces.iter().map(|piece| piece.before.as_str());
        [self.text.as_str()]
            .into_iter()
            .chain(between)
            .chain([self.tail.as_str()])
            .filter(|part| !part.is_empty())
    }

    /// Returns the words that this one becomes if `value` gives all its variables certain values.
    /// `None` if something else in it is not certain.
    pub(in crate::guard) fn expanded<'v>(
        &self,
        value: impl Fn(&str) -> Option<&'v str>,
    ) -> Option<Vec<Self>> {
        if self.pieces.is_empty() || self.is_several {
            return None;
        }
        let mut text = self.text.clone();
        let is_alone = self.pieces.len() == 1 && text.is_empty() && self.tail.is_empty();
        let mut several = None;
        for piece in &self.pieces {
            let value = value(piece.name.as_deref()?)?;
            if !piece.is_quoted {
                if value.contains(['*', '?', '[', '{', '~', '\\']) {
                    return None;
                }
                if value.is_empty() || value.contains(char::is_whitespace) {
                    is_alone.then_some(())?;
                    several = Some(value);
                }
            }
            text.push_str(&piece.before);
            text.push_str(value);
        }
        if let Some(value) = several {
            let words = value.split_whitespace();
            return Some(words.map(|word| self.certain(word.to_owned())).collect());
        }
        text.push_str(&self.tail);
        (text.len() <= BYTES_MAX).then(|| vec![self.certain(text)])
    }

    /// Returns this word with a certain text.
    fn certain(&self, text: String) -> Self {
        Self {
            text,
            dynamic: false,
            tail: String::new(),
            pieces: Vec::new(),
            ..self.clone()
        }
    }

    /// Returns the text as another shell would read it that has the same variables. `None` if the
    /// word is nothing but one expansion.
    pub(in crate::guard) fn as_script(&self) -> Option<String> {
        if !self.dynamic {
            return Some(self.text.clone());
        }
        let is_certain = |text: &str| !text.trim().is_empty();
        let has_text = is_certain(&self.text)
            || is_certain(&self.tail)
            || self.pieces.iter().any(|piece| is_certain(&piece.before));
        if !has_text || self.pieces.is_empty() {
            return None;
        }
        let mut script = self.text.clone();
        for piece in &self.pieces {
            script.push_str(&piece.before);
            match &piece.name {
                Some(name) if is_name(name) => {
                    script.push_str("${");
                    script.push_str(name);
                    script.push('}');
                }
                Some(_) | None => script.push_str(UNKNOWN),
            }
        }
        script.push_str(&self.tail);
        Some(script)
    }
}
