//! Short names of workflows, checks and agents.
//!
//! Owns [`Name`]. A name is looked up in settings of this clone, and is never a command itself.

use std::fmt;

const CHARS_MAX: usize = 32;

/// A name of 1 to 32 of `a-z`, `0-9` and `-`, which begins with a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Parses a name; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_name = (1..=CHARS_MAX).contains(&text.len()) && text.bytes().all(is_part);
        (is_name && !text.starts_with('-')).then(|| Self(text.to_owned()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_that_no_option_begins_with() {
        for name in ["a", "release-1-4", "7", &"x".repeat(32)] {
            assert!(Name::parse(name).is_some(), "{name}");
        }
        for wrong in [
            "",
            "-a",
            "A",
            "a.b",
            "a b",
            "a/b",
            "\u{e4}",
            &"x".repeat(33),
        ] {
            assert!(Name::parse(wrong).is_none(), "{wrong}");
        }
    }
}
