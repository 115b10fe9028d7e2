//! Words: quotes, escapes and expansions.
//!
//! Owns where a [`Word`] ends, how much of it is certain, and which commands stand in it. Never
//! looks at what a word is for.

use super::printed;
use super::reader::Reader;
use super::{List, ListBox, SyntaxError, Word, excerpt, is_name, parse};

/// At most this much arithmetic is examined within arithmetic.
const NESTED_MAX: usize = 16;

/// Checks whether a byte ends an unquoted word.
pub(super) fn ends_word(byte: u8) -> bool {
    b" \t\r\n;&|<>()".contains(&byte)
}

impl Word {
    /// Appends a literal character. After an expansion it goes to the tail.
    pub(super) fn push(&mut self, character: char) {
        if self.dynamic {
            self.tail.push(character);
        } else {
            self.text.push(character);
        }
    }

    /// Appends an unquoted literal character.
    fn push_bare(&mut self, character: char) {
        if self.bare == self.text.len() && !self.dynamic {
            self.bare += character.len_utf8();
        }
        self.push(character);
    }

    /// Checks whether it may become several words.
    pub(in crate::guard) fn may_be_several(&self) -> bool {
        self.is_several
    }

    /// Marks an expansion that runs `list`.
    fn add_commands(&mut self, list: List) {
        self.mark_dynamic();
        self.keep_commands(list);
    }

    fn keep_commands(&mut self, list: List) {
        if !list.chains.is_empty() {
            self.commands.push(ListBox(list));
        }
    }
}

impl Reader<'_> {
    /// Reads a word; `None` if none begins here.
    pub(super) fn word(&mut self) -> Result<Option<Word>, SyntaxError> {
        let start = self.at;
        let mut word = Word {
            is_bare: true,
            ..Word::default()
        };
        while let Some(byte) = self.byte() {
            let is_process =
                matches!(byte, b'<' | b'>') && self.at == start && self.byte_after(1) == Some(b'(');
            if is_process {
                self.at += 2;
                let list = self.deeper(|reader| reader.list_until(")"))?;
                word.is_file = true;
                word.add_commands(if byte == b'>' { list.reading() } else { list });
                continue;
            }
            if byte == b'(' && word.is_bare && !word.dynamic && word.text.ends_with('=') {
                self.array(&mut word)?;
                continue;
            }
            if ends_word(byte) {
                break;
            }
            self.piece(byte, &mut word)?;
        }
        if self.at == start {
            return Ok(None);
        }
        word.excerpt = excerpt(&self.text[start..self.at]);
        Ok(Some(word))
    }

    /// Reads one piece of a word: a character, a quoted text or an expansion.
    fn piece(&mut self, byte: u8, word: &mut Word) -> Result<(), SyntaxError> {
        match byte {
            b'\\' => {
                self.at += 1;
                word.is_bare = false;
                match self.next_char() {
                    Some('\n') => {}
                    Some(escaped) => word.push(escaped),
                    None => return Err(SyntaxError::Unclosed("an escape")),
                }
            }
            b'\'' => {
                word.is_bare = false;
                self.at += 1;
                let inside = self.rest().split('\'').next().unwrap_or_default();
                if inside.len() == self.rest().len() {
                    return Err(SyntaxError::Unclosed("a quote"));
                }
                self.at += inside.len() + 1;
                if word.dynamic {
                    word.tail.push_str(inside);
                } else {
                    word.text.push_str(inside);
                }
            }
            b'"' => {
                word.is_bare = false;
                self.at += 1;
                self.double_quoted(word)?;
            }
            b'$' => self.dollar(word, false)?,
            b'`' => self.backticks(word)?,
            b'*' | b'?' | b'[' => {
                self.at += 1;
                // `[` alone is a program.
                let is_whole = !word.dynamic && self.byte().is_none_or(ends_word);
                if byte == b'[' && word.is_bare && word.text.is_empty() && is_whole {
                    word.push_bare('[');
                } else {
                    word.mark_sign(char::from(byte));
                }
            }
            b'{' => {
                self.at += 1;
                // `{}` and a brace alone mean themselves, whatever else may be `{a,b}`.
                if self.byte().is_none_or(|b| b == b'}' || ends_word(b)) {
                    word.push_bare('{');
                } else {
                    word.is_several = true;
                    word.mark_sign('{');
                }
            }
            _ => {
                if let Some(character) = self.next_char() {
                    word.push_bare(character);
                }
            }
        }
        Ok(())
    }

    /// Reads the `(…)` of `name=(…)`.
    fn array(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        self.at += 1;
        word.mark_dynamic();
        self.deeper(|reader| {
            loop {
                reader.skip_lines()?;
                if reader.eat(")") {
                    return Ok(());
                }
                match reader.word()? {
                    Some(element) => word.commands.extend(element.commands),
                    None => return Err(SyntaxError::Unclosed("an array")),
                }
            }
        })
    }

    /// Reads the inside of `"…"` and its closing quote.
    fn double_quoted(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        loop {
            match self.byte() {
                None => return Err(SyntaxError::Unclosed("a quote")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(byte) => self.quoted_piece(byte, word)?,
            }
        }
    }

    /// Reads one piece of a double-quoted text or a here-document.
    fn quoted_piece(&mut self, byte: u8, word: &mut Word) -> Result<(), SyntaxError> {
        match byte {
            b'$' => self.dollar(word, true),
            b'`' => self.backticks(word),
            b'\\' => {
                self.at += 1;
                match self.byte() {
                    Some(b'\n') => self.at += 1,
                    Some(escaped @ (b'$' | b'`' | b'"' | b'\\')) => {
                        self.at += 1;
                        word.push(char::from(escaped));
                    }
                    _ => word.push('\\'),
                }
                Ok(())
            }
            _ => {
                if let Some(character) = self.next_char() {
                    word.push(character);
                }
                Ok(())
            }
        }
    }

    /// Reads what a `$` begins.
    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<(), SyntaxError> {
        self.at += 1;
        match self.byte() {
            Some(b'\'') if !quoted => {
                word.is_bare = false;
                self.at += 1;
                self.ansi_quoted(word)
            }
            Some(b'"') if !quoted => {
                word.is_bare = false;
                self.at += 1;
                self.double_quoted(word)
            }
            Some(b'(') if self.byte_after(1) == Some(b'(') && self.arithmetic(2)? => {
                word.mark_dynamic();
                Ok(())
            }
            Some(b'(') => self.substitution(word, quoted),
            // `${ command; }`, which newer shells have.
            Some(b'{') if matches!(self.byte_after(1), Some(b' ' | b'\t' | b'\n' | b'|')) => {
                self.at += 2;
                word.add_commands(self.deeper(|reader| reader.list_until("}"))?);
                Ok(())
            }
            Some(b'{') => {
                self.at += 1;
                let rest = self.rest();
                let name = rest.split('}').next().unwrap_or_default();
                if name.len() < rest.len() && is_name(name) {
                    word.mark_variable(name, quoted);
                    self.at += name.len() + 1;
                    return Ok(());
                }
                let before = word.expansions();
                word.mark_dynamic();
                self.deeper(|reader| reader.braced(word, quoted))?;
                word.merge_expansions(before);
                Ok(())
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
                let rest = self.rest();
                let length = rest.bytes().take_while(is_part).count();
                word.mark_variable(&rest[..length], quoted);
                self.at += length;
                Ok(())
            }
            // `$10` is `$1` and a nought.
            Some(byte) if byte.is_ascii_digit() => {
                word.mark_variable(char::from(byte).encode_utf8(&mut [0; 4]), quoted);
                self.at += 1;
                Ok(())
            }
            Some(byte) if b"@*#?$!-".contains(&byte) => {
                word.mark_dynamic();
                self.at += 1;
                Ok(())
            }
            _ => {
                word.push('$');
                Ok(())
            }
        }
    }

    /// Reads the command in `$(…)`, from its parenthesis.
    fn substitution(&mut self, word: &mut Word, quoted: bool) -> Result<(), SyntaxError> {
        self.at += 1;
        let start = self.at;
        let list = self.deeper(|reader| reader.list_until(")"))?;
        let script = self.text.get(start..self.at.saturating_sub(1));
        match script.and_then(printed::folder_of) {
            Some(name) => word.mark_variable(name, quoted),
            None => word.mark_dynamic(),
        }
        word.keep_commands(list);
        Ok(())
    }

    /// Steps over `((…))`, whose opening is `open` bytes long from here. Returns false if the
    /// parentheses are those of commands.
    pub(super) fn arithmetic(&mut self, open: usize) -> Result<bool, SyntaxError> {
        let start = self.at + open;
        let mut depth = 2_usize;
        let bytes = self.text.as_bytes();
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 2 && bytes.get(at + 1) != Some(&b')') => return Ok(false),
                b')' if depth == 2 => {
                    let inside = self.text.get(start..at).unwrap_or_default();
                    if inside.contains('`') || self.runs_something(inside)? {
                        return Err(SyntaxError::Unsupported("a command within arithmetic"));
                    }
                    self.at = at + 2;
                    return Ok(true);
                }
                b')' => depth -= 1,
                b'\n' => return Ok(false),
                _ => {}
            }
        }
        Ok(false)
    }

    /// Checks whether a command may stand in arithmetic: `$(…)`, also as `$((…); …)`.
    fn runs_something(&self, inside: &str) -> Result<bool, SyntaxError> {
        if inside.matches("$(").count() > NESTED_MAX {
            return Ok(true);
        }
        let mut reader = Reader::new(inside, self.depth);
        while let Some(at) = reader.rest().find("$(") {
            reader.at += at + 1;
            if !reader.rest().starts_with("((") || !reader.arithmetic(2)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the inside of `${…}` and its closing brace.
    fn braced(&mut self, word: &mut Word, quoted: bool) -> Result<(), SyntaxError> {
        loop {
            match self.byte() {
                None => return Err(SyntaxError::Unclosed("an expansion")),
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'(' | b')') => {
                    self.at += 1;
                }
                Some(b'{') => {
                    self.at += 1;
                    self.deeper(|reader| reader.braced(word, quoted))?;
                }
                Some(b'*' | b'?' | b'[') => self.at += 1,
                Some(b'\'') if quoted => self.at += 1,
                Some(byte) => self.piece(byte, word)?,
            }
        }
    }

    /// Reads a command between backticks. Its script is unescaped once before it is parsed.
    fn backticks(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        self.at += 1;
        let mut script = String::new();
        loop {
            let next = self.next_char();
            match next.ok_or(SyntaxError::Unclosed("a command in backticks"))? {
                '`' => break,
                '\\' => match self.next_char() {
                    Some(escaped @ ('`' | '\\' | '$')) => script.push(escaped),
                    Some(other) => script.extend(['\\', other]),
                    None => return Err(SyntaxError::Unclosed("a command in backticks")),
                },
                other => script.push(other),
            }
        }
        word.add_commands(self.deeper(|reader| parse(&script, reader.depth))?);
        Ok(())
    }

    /// Reads the body of a here-document whose end was not quoted.
    pub(super) fn expanded_body(&mut self) -> Result<Word, SyntaxError> {
        let mut word = Word::default();
        while let Some(byte) = self.byte() {
            self.quoted_piece(byte, &mut word)?;
        }
        Ok(word)
    }
}
