//! Text that is safe to show.
//!
//! Owns the rule for what a terminal may be sent, and the two ways in: *strict* for what a user
//! types, which is refused with the reason, and *lenient* for what a record holds, which is made
//! harmless. Never formats, never decides what a text means.

use std::fmt;

/// The longest purpose, in bytes.
pub const PURPOSE_BYTES_MAX: usize = 1024;

/// Returns true if a character may move the cursor, recolour, reorder or hide what follows it.
///
/// Besides the C0 and C1 controls these are the bidirectional overrides and isolates, the
/// zero-width characters and the line and paragraph separators: invisible, and enough to make
/// one session's text look like another's.
pub fn is_unsafe(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// Returns `text` on one line, without unsafe characters, cut to `bytes_max` bytes at a character.
pub fn harmless(text: &str, bytes_max: usize) -> String {
    if is_plain(text) && text.len() <= bytes_max {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(bytes_max));
    for c in text.chars() {
        let c = if is_unsafe(c) { ' ' } else { c };
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + c.len_utf8() > bytes_max {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Returns whether a text is words of visible ASCII with one space between them, as most are.
fn is_plain(text: &str) -> bool {
    // Loops without a way out take many bytes at a time.
    let (bytes, behind) = (text.bytes(), text.bytes().skip(1));
    let is_visible = text
        .bytes()
        .fold(true, |all, byte| all & matches!(byte, 0x20..0x7f));
    let has_gap = bytes
        .zip(behind)
        .fold(false, |any, pair| any | (pair == (b' ', b' ')));
    is_visible && !has_gap && !text.starts_with(' ') && !text.ends_with(' ')
}

/// Why a text that a user typed is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextError {
    /// It is empty.
    Empty,
    /// It is longer than it may be.
    TooLong {
        /// Its length.
        bytes: usize,
        /// The longest that is accepted.
        bytes_max: usize,
    },
    /// It has a character that may disturb a terminal; see [`is_unsafe`].
    Unsafe {
        /// The first such character.
        character: char,
    },
    /// It starts or ends with a space.
    EdgeSpace,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong { bytes, bytes_max } => {
                write!(f, "it has {bytes} bytes; at most {bytes_max} are allowed")
            }
            Self::Unsafe { character } => write!(
                f,
                "it contains the control character U+{:04X}",
                u32::from(*character)
            ),
            Self::EdgeSpace => f.write_str("it starts or ends with a space"),
        }
    }
}

/// Checks a text that a user typed: not empty, at most `bytes_max` bytes, no unsafe character, no
/// space at its ends.
///
/// # Errors
///
/// The first of these that does not hold.
pub fn check(text: &str, bytes_max: usize) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > bytes_max {
        return Err(TextError::TooLong {
            bytes: text.len(),
            bytes_max,
        });
    }
    if let Some(character) = text.chars().find(|c| is_unsafe(*c)) {
        return Err(TextError::Unsafe { character });
    }
    if text.trim() != text {
        return Err(TextError::EdgeSpace);
    }
    Ok(())
}

/// A statement of a session of what it is doing, or why: one line of at most 1 KiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose(String);

impl Purpose {
    /// Accepts what a user typed; outer spaces are trimmed.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim_matches(' ');
        check(text, PURPOSE_BYTES_MAX)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes what a record holds, and makes it harmless.
    pub fn from_record(text: &str) -> Self {
        Self(harmless(text, PURPOSE_BYTES_MAX))
    }

    /// Returns the text, which is safe to show.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_typed_purpose_is_refused_with_its_reason() {
        let refused = |text: &str| Purpose::parse(text).unwrap_err().to_string();
        assert_eq!(refused(""), "it is empty");
        assert_eq!(refused("   "), "it is empty");
        assert_eq!(
            refused("a\u{1b}[31m"),
            "it contains the control character U+001B"
        );
        assert_eq!(
            refused("line\nbreak"),
            "it contains the control character U+000A"
        );
        assert_eq!(
            refused("\u{202e}evil"),
            "it contains the control character U+202E"
        );
        assert!(refused(&"x".repeat(1025)).contains("1025 bytes"));
        assert_eq!(
            Purpose::parse(" drain the node ").unwrap().as_str(),
            "drain the node"
        );
        assert_eq!(
            Purpose::parse(&"x".repeat(1024)).unwrap().as_str().len(),
            1024
        );
    }

    #[test]
    fn a_stored_text_is_made_harmless() {
        assert_eq!(harmless("a\u{1b}[2Jb\n\n c\u{202e}d", 100), "a [2Jb c d");
        assert_eq!(harmless("äöü", 3), "ä");
        assert_eq!(harmless("\n\t ", 10), "");
        for (text, shown) in [
            (" a", "a"),
            ("a ", "a"),
            ("a  b", "a b"),
            ("a b~", "a b~"),
            ("a\u{7f}b", "a b"),
            ("a b c", "a b"),
        ] {
            assert_eq!(harmless(text, 4), shown, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn harmless_text_holds_nothing_unsafe_and_fits(text in any::<String>(), max in 0usize..64) {
            let safe = harmless(&text, max);
            prop_assert!(safe.len() <= max);
            prop_assert!(!safe.chars().any(is_unsafe));
            prop_assert_eq!(&harmless(&safe, max), &safe);
        }
    }
}
