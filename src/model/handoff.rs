//! Handoffs: what the holder of a resource leaves for the next one.
//!
//! Owns [`Said`], the words with their limits and the strict and the lenient way in, and
//! [`Handoff`], the words with who left them, when, and at which commit. They are data for the next
//! holder, and are never interpreted. Never knows where a handoff is stored.

use std::fmt;

use super::actor::Actor;
use super::id::SessionId;
use super::resource::Resource;
use super::text::{TextError, TextKind, check, harmless, harmless_name, quote};
use super::time::Timestamp;

/// The most bytes of all words of a handoff.
pub const HANDOFF_BYTES_MAX: usize = 16 * 1024;
/// The most bytes of one text of it.
pub const WORDS_BYTES_MAX: usize = 8 * 1024;
/// The most artifacts of a handoff, and the most questions and warnings each.
pub const ITEMS_MAX: usize = 64;
/// The most handoffs that a register keeps.
pub const KEPT_MAX: usize = 64;
/// The most bytes of a path.
const PATH_BYTES_MAX: usize = 1024;

/// A text of a handoff: one line, made of as many as the session wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// Accepts what a user typed. Line ends and tabs become spaces; longer texts are not cut.
    ///
    /// # Errors
    ///
    /// What the text has that a reader could not see, and a text that is empty or too long.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let words: Vec<&str> = text.split([' ', '\t', '\n', '\r']).collect();
        let words = words.into_iter().filter(|word| !word.is_empty());
        let line = words.collect::<Vec<_>>().join(" ");
        check(&line, WORDS_BYTES_MAX, TextKind::Prose)?;
        Ok(Self(line))
    }

    /// Takes what a record holds, and makes it harmless.
    pub fn from_record(text: &str) -> Self {
        Self(harmless(text, WORDS_BYTES_MAX))
    }

    /// Returns the text, which is safe to show where nothing else stands beside it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The words of the session in quotes, so that they are told from those of this program.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(&self.0, WORDS_BYTES_MAX).fmt(f)
    }
}

/// What the next holder is to do with an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Look at it.
    Examine,
    /// Judge it.
    Review,
    /// Change it.
    Edit,
    /// Know it.
    Context,
    /// It came of the work.
    Output,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Examine,
        Self::Review,
        Self::Edit,
        Self::Context,
        Self::Output,
    ];

    /// Returns the word of the role.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Examine => "examine",
            Self::Review => "review",
            Self::Edit => "edit",
            Self::Context => "context",
            Self::Output => "output",
        }
    }

    /// Returns the role of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// A file that a handoff points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path from the top of the repository.
    pub path: String,
    /// The first and the last of the lines that are meant.
    pub lines: Option<(u32, u32)>,
    /// What the next holder is to do with it.
    pub role: Option<Role>,
    /// What there is to say about it.
    pub note: Option<Words>,
}

impl Artifact {
    /// Returns the path in quotes, with its lines.
    pub fn place(&self) -> String {
        let path = quote(&self.path, PATH_BYTES_MAX);
        match self.lines {
            Some((from, to)) if from == to => format!("{path} line {from}"),
            Some((from, to)) => format!("{path} lines {from}-{to}"),
            None => path.to_string(),
        }
    }
}

/// Reads the lines of an artifact: `12` or `12-40`. Returns `None` for what is no such range.
pub fn parse_lines(text: &str) -> Option<(u32, u32)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(from) || !is_number(to) {
        return None;
    }
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (1 <= from && from <= to).then_some((from, to))
}

/// What a session says to the next holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// How things stand.
    pub status: Words,
    /// What is to be done next.
    pub next: Words,
    /// What to look at.
    pub artifacts: Vec<Artifact>,
    /// What is open.
    pub questions: Vec<Words>,
    /// What not to do.
    pub avoid: Vec<Words>,
}

/// Why the words of a handoff are not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaidError {
    /// They are longer than they may be.
    TooLong {
        /// Their length.
        bytes: usize,
    },
    /// There are more of these than there may be.
    TooMany {
        /// What there are too many of.
        what: &'static str,
    },
}

impl fmt::Display for SaidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => write!(
                f,
                "it has {bytes} bytes; at most {HANDOFF_BYTES_MAX} are allowed"
            ),
            Self::TooMany { what } => {
                write!(f, "it has too many {what}; at most {ITEMS_MAX} are allowed")
            }
        }
    }
}

impl Said {
    /// Checks the limits of the whole. It is never cut: half a handoff misleads.
    ///
    /// # Errors
    ///
    /// The first limit that it breaks.
    pub fn check(&self) -> Result<(), SaidError> {
        for (what, count) in [
            ("artifacts", self.artifacts.len()),
            ("questions", self.questions.len()),
            ("things to avoid", self.avoid.len()),
        ] {
            if count > ITEMS_MAX {
                return Err(SaidError::TooMany { what });
            }
        }
        match self.bytes() {
            bytes if bytes > HANDOFF_BYTES_MAX => Err(SaidError::TooLong { bytes }),
            _ => Ok(()),
        }
    }

    fn bytes(&self) -> usize {
        let of_words = [&self.status, &self.next].into_iter();
        let words = of_words.chain(&self.questions).chain(&self.avoid);
        let notes = self.artifacts.iter().filter_map(|one| one.note.as_ref());
        let paths = self.artifacts.iter().map(|one| one.path.len());
        let texts = words.chain(notes).map(|words| words.as_str().len());
        texts.chain(paths).sum()
    }

    /// Makes a handoff for tests.
    #[cfg(test)]
    pub fn example(status: &str, next: &str) -> Self {
        Self {
            status: Words::parse(status).unwrap(),
            next: Words::parse(next).unwrap(),
            artifacts: Vec::new(),
            questions: Vec::new(),
            avoid: Vec::new(),
        }
    }
}

/// Where the code of a session stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeAt {
    /// The commit that was checked out, in hex digits.
    pub commit: Option<String>,
    /// The branch, if one was checked out.
    pub branch: Option<String>,
    /// Whether a remote had that commit, as far as the session knew.
    pub remote_has_commit: Option<bool>,
}

/// What a session is about to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// Its words.
    pub said: Said,
    /// Where its code stands.
    pub code: CodeAt,
}

impl Parting {
    /// Takes the words alone.
    #[cfg(test)]
    pub fn of(said: Said) -> Self {
        let code = CodeAt::default();
        Self { said, code }
    }

    /// Returns the handoff that `who` leaves at `now`.
    pub fn by(&self, who: &Actor, resource: &Resource, now: Timestamp) -> Handoff {
        Handoff {
            resource: resource.clone(),
            said: self.said.clone(),
            from: who.id.clone(),
            user: who.user.clone(),
            host: who.host.clone(),
            at: now,
            code: self.code.clone(),
        }
    }
}

/// What the last holder of a resource left for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoff {
    /// The resource.
    pub resource: Resource,
    /// The words.
    pub said: Said,
    /// The session that left them.
    pub from: SessionId,
    /// The user of that session.
    pub user: String,
    /// Its machine.
    pub host: String,
    /// When it left them.
    pub at: Timestamp,
    /// Where its code stood.
    pub code: CodeAt,
}

/// Returns a path of a record, harmless and cut.
pub fn path_of_record(path: &str) -> String {
    harmless_name(path, PATH_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_line_and_are_never_cut() {
        let parse = |text: &str| Words::parse(text).map(|words| words.0);
        assert_eq!(parse(" a\n\n\tb  c\r\n").unwrap(), "a b c");
        assert_eq!(parse(" \n"), Err(TextError::Empty));
        assert!(parse("a\u{1b}[2J").is_err());
        assert!(parse("a\u{202e}b").is_err());
        assert!(parse(&"x".repeat(WORDS_BYTES_MAX)).is_ok());
        assert!(matches!(
            parse(&"x".repeat(WORDS_BYTES_MAX + 1)),
            Err(TextError::TooLong { .. })
        ));
        let lenient = Words::from_record("a\u{1b}b\nc");
        assert!(lenient.as_str().chars().all(|c| !c.is_control()));
    }

    #[test]
    fn lines_are_a_number_or_a_range() {
        assert_eq!(parse_lines("7"), Some((7, 7)));
        assert_eq!(parse_lines("7-12"), Some((7, 12)));
        for wrong in [
            "",
            "0",
            "9-7",
            "a",
            "1-",
            "-3",
            "+1",
            "1-2-3",
            "99999999999",
        ] {
            assert_eq!(parse_lines(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_whole_has_its_limits() {
        let mut said = Said::example(&"s".repeat(8192), &"n".repeat(8192));
        assert_eq!(said.check(), Ok(()));
        said.questions.push(Words::parse("?").unwrap());
        let bytes = HANDOFF_BYTES_MAX + 1;
        assert_eq!(said.check(), Err(SaidError::TooLong { bytes }));
        let mut said = Said::example("s", "n");
        said.avoid = vec![Words::parse("x").unwrap(); ITEMS_MAX + 1];
        assert!(matches!(said.check(), Err(SaidError::TooMany { .. })));
    }

    #[test]
    fn a_role_is_read_by_its_word() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Edit"), None);
    }
}
