//! The ids of sessions, of clones and of cursors.
//!
//! Owns [`SessionId`], a label that people can read, [`CursorName`], another one, and [`NodeId`], a
//! random 128-bit id of one clone. Never finds out who the caller is; `identity` does.

use std::fmt;

use super::text::{self, TextError, TextKind};

/// The longest session id or resource label, in bytes.
pub const LABEL_BYTES_MAX: usize = 255;

/// What stands between the id of a session and that of a command that it runs.
const OF_A_COMMAND: &str = "+run-";

/// The id of one agent run, one CI job or one person: `wizard@devvm@a1b2c3d4`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// Parses an id that a user chose, of 1 to [`LABEL_BYTES_MAX`] bytes, in which nothing is
    /// invisible.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        text::check(text, LABEL_BYTES_MAX, TextKind::Name)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes the id of a session that exists; older versions accepted more.
    pub fn from_record(text: &str) -> Result<Self, TextError> {
        text::check_record(text, LABEL_BYTES_MAX)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the id as it is stored. It is shown with [`fmt::Display`].
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id of the session for which this one runs a command; `None` if it runs none.
    pub fn runs_for(&self) -> Option<&str> {
        let (by, command) = self.0.rsplit_once(OF_A_COMMAND)?;
        (!by.is_empty() && !command.is_empty()).then_some(by)
    }
}

/// The id as it is shown: another session chose it.
impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::name(&self.0).fmt(f)
    }
}

/// The name of a cursor: where a reader of the history is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorName(String);

impl CursorName {
    /// Parses a name that a user chose, of 1 to [`LABEL_BYTES_MAX`] bytes, in which nothing is
    /// invisible.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        text::check(text, LABEL_BYTES_MAX, TextKind::Name)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the name as it is stored. It is shown with [`fmt::Display`].
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name as it is shown.
impl fmt::Display for CursorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::name(&self.0).fmt(f)
    }
}

/// A random 128-bit value: the id of one clone, or the nonce of one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RandomId([u8; 16]);

impl RandomId {
    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes the 16 bytes in the order of the digits.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Parses 32 lower-case hex digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'a'..=b'f' => Some(b - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 16];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for RandomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The id of one clone of the ledger.
pub type NodeId = RandomId;

/// The most bytes of the id that a harness has for a session.
const HARNESS_ID_BYTES_MAX: usize = 128;

/// The id that a harness has for its session: the name of its transcript.
///
/// One word of ASCII letters, digits, `-`, `_` and `.`, at most 128 bytes, that is no path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HarnessId(String);

impl HarnessId {
    /// Takes an id; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_one = !text.is_empty()
            && text.len() <= HARNESS_ID_BYTES_MAX
            && !text.starts_with('.')
            && text.chars().all(is_part);
        is_one.then(|| Self(text.to_owned()))
    }

    /// Returns the id as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_round_trip_and_nothing_else_parses() {
        let id = RandomId::from_bytes(*b"0123456789abcdef");
        assert_eq!(RandomId::parse(&id.to_string()), Some(id));
        for text in [
            "",
            "00",
            "+0000000000000000000000000000000",
            "ABCDEF00000000000000000000000000",
        ] {
            assert_eq!(RandomId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_id_of_a_harness_is_a_word_and_no_path() {
        assert!(HarnessId::parse("0199-aB_c.d").is_some());
        for bad in [
            "",
            ".",
            "..",
            ".hidden",
            "a/b",
            "a b",
            "a\n",
            "ü",
            &"x".repeat(129),
        ] {
            assert_eq!(HarnessId::parse(bad), None, "{bad:?}");
        }
    }
}
