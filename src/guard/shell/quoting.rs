//! Shell quoting.
//!
//! Owns how a text is written as one word, and the escapes of `$'…'`. Never parses more.

use super::reader::Reader;
use super::{SyntaxError, Word};

/// Returns `text` as one word that a POSIX shell reads as `text`.
pub fn quote(text: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&b);
    // An unquoted word with `=` may be read as an assignment.
    if !text.is_empty() && text.bytes().all(is_plain) && !text.contains('=') {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl Reader<'_> {
    /// Reads the inside of `$'…'` and its closing quote.
    pub(super) fn ansi_quoted(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        loop {
            let next = self.next_char();
            match next.ok_or(SyntaxError::Unclosed("a quote"))? {
                '\'' => return Ok(()),
                '\\' => {
                    let escape = self.next_char();
                    let escape = escape.ok_or(SyntaxError::Unclosed("a quote"))?;
                    self.ansi_escape(escape, word);
                }
                other => word.push(other),
            }
        }
    }

    /// Reads one escape of `$'…'`.
    fn ansi_escape(&mut self, escape: char, word: &mut Word) {
        let character = match escape {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' | 'E' => '\u{1b}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '\\' | '\'' | '"' | '?' => escape,
            'x' => return self.code(16, 2, 0x7f, word),
            'u' => return self.code(16, 4, u32::MAX, word),
            'U' => return self.code(16, 8, u32::MAX, word),
            '0'..='7' => {
                self.at -= 1;
                return self.code(8, 3, 0x7f, word);
            }
            // A control character, or a sequence that shells disagree about.
            _ => {
                word.mark_dynamic();
                return;
            }
        };
        word.push(character);
    }

    /// Reads a character by its number. A number that is no single character makes the word
    /// dynamic.
    fn code(&mut self, radix: u32, digits_max: usize, most: u32, word: &mut Word) {
        let digits = self.rest().chars().take(digits_max);
        let digits = digits.take_while(|c| c.is_digit(radix)).count();
        let number = u32::from_str_radix(&self.rest()[..digits], radix).ok();
        self.at += digits;
        let number = number.filter(|number| (1..=most).contains(number));
        match number.and_then(char::from_u32) {
            Some(character) => word.push(character),
            None => word.mark_dynamic(),
        }
    }
}
