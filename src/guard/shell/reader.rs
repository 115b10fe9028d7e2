//! Cursor of the shell parser.
//!
//! [`Reader`] owns the position, blanks and comments, and the here-documents still to come. Never
//! knows what a word or a command is.

use super::{DEPTH_MAX, Document, SyntaxError, Word};

/// The parser's position in a script.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// Number of groups, expansions and scripts that are open.
    pub(super) depth: usize,
    /// Here-documents whose bodies are still to come.
    pub(super) pending: Vec<PendingDocument>,
    /// Number of commands read so far.
    pub(super) commands: usize,
}

/// A here-document whose body begins after the next line end.
pub(super) struct PendingDocument {
    pub(super) document: Document,
    /// The line that ends the body.
    pub(super) end: String,
    /// `<<-`: leading tabs are removed.
    pub(super) strips_tabs: bool,
    /// Whether the end was quoted. The body is then not expanded.
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

    /// Runs `read` one level deeper. Fails if that is too deep.
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

    /// Returns the text that is still to be read.
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

    /// Steps over `expected`. Returns false if other text stands here.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let eaten = self.rest().starts_with(expected);
        if eaten {
            self.at += expected.len();
        }
        eaten
    }

    /// Steps over blanks, continued lines and a comment, but not over a line end.
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

    /// Steps over blanks and line ends.
    pub(super) fn skip_lines(&mut self) -> Result<(), SyntaxError> {
        self.skip_blanks();
        while self.byte() == Some(b'\n') {
            self.line_end()?;
            self.skip_blanks();
        }
        Ok(())
    }

    /// Steps over a line end and the here-documents that begin after it.
    pub(super) fn line_end(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        for pending in std::mem::take(&mut self.pending) {
            let body = self.body(&pending)?;
            let word = if pending.is_literal {
                Word::literal(body)
            } else {
                self.deeper(|reader| {
                    let mut inside = Reader::new(&body, reader.depth);
                    inside.expanded_body()
                })?
            };
            // Each document is set once, so this cannot fail.
            let _ = pending.document.set(word);
        }
        Ok(())
    }

    /// Reads the body of a here-document.
    fn body(&mut self, pending: &PendingDocument) -> Result<String, SyntaxError> {
        let mut body = String::new();
        while self.at < self.text.len() {
            let line = self.rest().split('\n').next().unwrap_or_default();
            self.at = (self.at + line.len() + 1).min(self.text.len());
            let line = if pending.strips_tabs {
                line.trim_start_matches('\t')
            } else {
                line
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
