//! The place in a script up to which it was read.
//!
//! Owns the cursor, what stands between words, and the here-documents that are still to come.
//! Never knows what a word or a command is.

use super::{DEPTH_MAX, Document, SyntaxError, Word};

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// How many groups, expansions and scripts are open.
    pub(super) depth: usize,
    pub(super) pending: Vec<PendingDocument>,
    pub(super) commands: usize,
}

/// A here-document whose body begins after the next line end.
pub(super) struct PendingDocument {
    pub(super) document: Document,
    pub(super) end: String,
    pub(super) strips_tabs: bool,
    /// The end was quoted: the body means itself.
    pub(super) is_literal: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            pending: Vec::new(),
            commands: 0,
        }
    }

    /// One level deeper for as long as `read` takes.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth >= DEPTH_MAX {
            return Err(SyntaxError::TooDeep);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn byte_after(&self, bytes: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + bytes).copied()
    }

    pub(super) fn next_char(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Step over `expected` if it stands here.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let eaten = self.rest().starts_with(expected);
        if eaten {
            self.at += expected.len();
        }
        eaten
    }

    /// Step over blanks, continued lines and a comment, up to the end of the line at most.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.byte_after(1) == Some(b'\n') => self.at += 2,
                Some(b'#') => {
                    let rest = self.rest();
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// Step over blanks and line ends.
    pub(super) fn skip_lines(&mut self) -> Result<(), SyntaxError> {
        self.skip_blanks();
        while self.byte() == Some(b'\n') {
            self.line_end()?;
            self.skip_blanks();
        }
        Ok(())
    }

    /// Step over a line end and the here-documents that begin after it.
    pub(super) fn line_end(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        for pending in std::mem::take(&mut self.pending) {
            let body = self.body(&pending)?;
            let word = match pending.is_literal {
                true => Word::literal(body),
                false => self.deeper(|reader| {
                    let mut inside = Reader::new(&body, reader.depth);
                    inside.expanded_body()
                })?,
            };
            // Each document is asked for once, so its place is empty.
            let _ = pending.document.set(word);
        }
        Ok(())
    }

    fn body(&mut self, pending: &PendingDocument) -> Result<String, SyntaxError> {
        let mut body = String::new();
        while self.at < self.text.len() {
            let line = self.rest().split('\n').next().unwrap_or_default();
            self.at = (self.at + line.len() + 1).min(self.text.len());
            let line = match pending.strips_tabs {
                true => line.trim_start_matches('\t'),
                false => line,
            };
            if line == pending.end {
                return Ok(body);
            }
            body.push_str(line);
            body.push('\n');
        }
        Err(SyntaxError::Unclosed("a here-document"))
    }
}
