//! Text that is safe to show.
//!
//! Owns the rule for what a reader may be sent, and the two ways in: *strict* for what a user
//! types, which is refused with the reason, and *lenient* for what a record holds, which is made
//! harmless. Below it, `sight` knows the characters, and `quote` sets text of others off as data.
//! Never decides what a text means.

mod quote;
mod sight;
mod system;

use std::fmt;

pub use quote::{Name, Quoted, as_argument, is_word, list, name, quote, quote_name, quoted_lines};
pub use sight::{Flaw, TextKind, is_unsafe};
pub use system::without_codes;

/// The longest purpose, in bytes.
pub const PURPOSE_BYTES_MAX: usize = 1024;
/// The most bytes that are shown of a name: a label, a session id, an agent, a user, a machine.
pub const NAME_SHOWN_BYTES_MAX: usize = 255;
/// The most bytes that are shown of what a server or another program said.
pub const WORDS_BYTES_MAX: usize = 300;

/// Returns prose on one line, cut to `bytes_max` bytes at a character. What cannot be seen is
/// written as `\u{200b}`; a run of spaces and line ends is one space.
pub fn harmless(text: &str, bytes_max: usize) -> String {
    shown(text, bytes_max, TextKind::Prose).text
}

/// Returns a name as [`harmless`] returns prose: no joiner and no space of another kind is left.
pub fn harmless_name(text: &str, bytes_max: usize) -> String {
    shown(text, bytes_max, TextKind::Name).text
}

/// Returns lines as [`harmless`] returns one; they are not cut, and their spaces stay.
pub fn harmless_lines(text: &str) -> String {
    if text
        .bytes()
        .fold(true, |all, b| all & matches!(b, b'\n' | 0x20..0x7f))
    {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        match sight::flaw(&chars, at, TextKind::Prose) {
            Some(_) if *c != '\n' => out.extend(c.escape_unicode()),
            _ => out.push(*c),
        }
    }
    out
}

/// A text that is safe to show.
struct Shown {
    text: String,
    /// Whether some of it is left out.
    is_cut: bool,
}

/// Makes a text harmless, and tells whether it was cut.
fn shown(text: &str, bytes_max: usize, kind: TextKind) -> Shown {
    if is_plain(text) && text.len() <= bytes_max {
        let text = text.to_owned();
        return Shown {
            text,
            is_cut: false,
        };
    }
    // Records may be long.
    let mut rest = text.trim().chars();
    let chars: Vec<char> = rest.by_ref().take(bytes_max + 1).collect();
    let mut out = String::with_capacity(text.len().min(bytes_max));
    let mut is_cut = rest.next().is_some();
    for (at, c) in chars.iter().enumerate() {
        let is_space = *c == ' ' || is_line_space(*c);
        if is_space && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        let unit = match sight::flaw(&chars, at, kind) {
            _ if is_space => " ".to_owned(),
            None => c.to_string(),
            Some(_) => c.escape_unicode().to_string(),
        };
        if out.len() + unit.len() > bytes_max {
            is_cut = true;
            break;
        }
        out.push_str(&unit);
    }
    if is_cut {
        // A joiner at the end has lost what it joins.
        out.truncate(out.trim_end_matches(is_unsafe).len());
    }
    out.truncate(out.trim_end().len());
    Shown { text: out, is_cut }
}

/// Returns whether a control character ends a line, or moves on within one.
const fn is_line_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns whether a text begins with an escape as [`harmless`] writes it.
fn is_escape(text: &str) -> bool {
    let digits = text
        .strip_prefix("\\u{")
        .and_then(|rest| rest.split_once('}'));
    digits.is_some_and(|(digits, _)| {
        (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// Returns whether a text is words of visible ASCII with one space between them, as most are.
fn is_plain(text: &str) -> bool {
    // Loops over slices without a way out take many bytes at a time.
    let bytes = text.as_bytes();
    let is_visible = bytes
        .iter()
        .fold(true, |all, byte| all & matches!(byte, 0x20..0x7f));
    let behind = bytes.get(1..).unwrap_or_default();
    let pairs = bytes.iter().zip(behind);
    let has_gap = pairs.fold(false, |any, (a, b)| any | ((*a == b' ') & (*b == b' ')));
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
    /// It has a character that is not shown as it is.
    Unsafe {
        /// The first such character.
        character: char,
        /// What is wrong with it.
        flaw: Flaw,
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
            Self::Unsafe { character, flaw } => {
                let code = u32::from(*character);
                match flaw {
                    Flaw::Control => write!(f, "it contains the control character U+{code:04X}"),
                    Flaw::Invisible => write!(
                        f,
                        "it contains the invisible character U+{code:04X}; remove it"
                    ),
                    Flaw::Space => write!(
                        f,
                        "it contains U+{code:04X}, which looks like a space; type a plain one"
                    ),
                    Flaw::Mark => write!(
                        f,
                        "it contains the mark U+{code:04X} on no letter, or on one that has many; \
                         remove it"
                    ),
                }
            }
            Self::EdgeSpace => f.write_str("it starts or ends with a space"),
        }
    }
}

/// Checks a text that a user typed: not empty, at most `bytes_max` bytes, nothing in it that a
/// reader cannot see, no space at its ends.
///
/// # Errors
///
/// The first of these that does not hold.
pub fn check(text: &str, bytes_max: usize, kind: TextKind) -> Result<(), TextError> {
    check_length(text, bytes_max)?;
    if !is_plain(text) {
        let chars: Vec<char> = text.chars().collect();
        let flaw = |at: usize| Some((chars[at], sight::flaw(&chars, at, kind)?));
        if let Some((character, flaw)) = (0..chars.len()).find_map(flaw) {
            return Err(TextError::Unsafe { character, flaw });
        }
    }
    if text.trim() != text {
        return Err(TextError::EdgeSpace);
    }
    Ok(())
}

/// Checks a name that a record holds as [`check`] does, except that only control characters are
/// refused: a name stands for what it was written for, and what is invisible in it is escaped
/// where it is shown.
///
/// # Errors
///
/// The first of these that does not hold.
pub fn check_record(text: &str, bytes_max: usize) -> Result<(), TextError> {
    check_length(text, bytes_max)?;
    if is_plain(text) {
        return Ok(());
    }
    if let Some(character) = text.chars().find(|c| c.is_control()) {
        let flaw = Flaw::Control;
        return Err(TextError::Unsafe { character, flaw });
    }
    if text.trim() != text {
        return Err(TextError::EdgeSpace);
    }
    Ok(())
}

/// Checks prose of several lines that a user typed, whose spaces stay as they are.
///
/// # Errors
///
/// It is empty or too long, or something in it cannot be seen.
pub fn check_lines(text: &str, bytes_max: usize) -> Result<(), TextError> {
    check_length(text, bytes_max)?;
    let chars: Vec<char> = text.chars().collect();
    let flawed = chars.iter().enumerate().find_map(|(at, character)| {
        let flaw = sight::flaw(&chars, at, TextKind::Prose)?;
        (*character != '\n').then_some((*character, flaw))
    });
    match flawed {
        Some((character, flaw)) => Err(TextError::Unsafe { character, flaw }),
        None => Ok(()),
    }
}

fn check_length(text: &str, bytes_max: usize) -> Result<(), TextError> {
    match text.len() {
        0 => Err(TextError::Empty),
        bytes if bytes > bytes_max => Err(TextError::TooLong { bytes, bytes_max }),
        _ => Ok(()),
    }
}

/// A statement of a session of what it is doing, or why: one line of at most 1 KiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose(String);

impl Purpose {
    /// Accepts what a user typed; outer spaces are trimmed.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim_matches(' ');
        check(text, PURPOSE_BYTES_MAX, TextKind::Prose)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes what a record holds, and makes it harmless.
    pub fn from_record(text: &str) -> Self {
        Self(harmless(text, PURPOSE_BYTES_MAX))
    }

    /// Returns the text, which is safe to show where nothing else stands beside it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The words of the session in quotes, so that they are told from those of this program.
impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(&self.0, PURPOSE_BYTES_MAX).fmt(f)
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
            "it contains the invisible character U+202E; remove it"
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
        let shown = harmless("a\u{1b}[2Jb\n\n c\u{202e}d", 100);
        assert_eq!(shown, "a\\u{1b}[2Jb c\\u{202e}d");
        assert_eq!(
            harmless("ab\u{202e}d", 9),
            "ab",
            "an escape is whole or absent"
        );
        assert_eq!(harmless("👩\u{200d}👧", 8), "👩", "a joiner joins");
        let lines = harmless_lines("a\n\u{1b}b  c\u{200b}\n");
        assert_eq!(lines, "a\n\\u{1b}b  c\\u{200b}\n");
        assert_eq!(harmless("äöü", 3), "ä");
        assert_eq!(harmless("\n\t ", 10), "");
        for (text, shown) in [
            (" a", "a"),
            ("a ", "a"),
            ("a  b", "a b"),
            ("a b~", "a b~"),
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
            prop_assert_eq!(&harmless(&safe, max), &safe);
            let name = harmless_name(&text, max);
            prop_assert!(name.len() <= max && !name.contains(is_unsafe));
            prop_assert_eq!(&harmless_name(&name, max), &name);
            prop_assert!(name.is_empty() || check(&name, max, TextKind::Name).is_ok());
            prop_assert!(safe.is_empty() || check(&safe, max, TextKind::Prose).is_ok());
            prop_assert_eq!(&harmless_lines(&safe), &safe);
        }
    }
}
