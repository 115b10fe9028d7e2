//! A state: what a session says about the condition of a resource.
//!
//! Owns [`Statement`], its [`Word`] and [`Version`], how long it lasts, and which freezes it lifts.
//! Which of several statements counts is in `standing`. Never knows where it is kept, never reads a
//! clock.

use std::fmt;

use super::id::SessionId;
use super::resource::Resource;
use super::text::{Purpose, TextError, TextKind, check, harmless_name, name};
use super::time::Timestamp;

/// How long a statement lasts by default: 30 days.
pub const LASTS_SECS: u64 = 30 * 24 * 60 * 60;
/// The longest that a statement may last: 366 days.
pub const LASTS_SECS_MAX: u64 = 366 * 24 * 60 * 60;
/// The most statements of one session.
pub const STATES_MAX: usize = 64;
/// The most that one statement lifts; what is lifted beyond it is in force again, and said to be.
pub const LIFTS_MAX: usize = 128;

const WORD_BYTES_MAX: usize = 32;
const VERSION_BYTES_MAX: usize = 128;
const DEPLOYING: &str = "deploying";
const DEPLOYED: &str = "deployed";
const DEGRADED: &str = "degraded";
const FROZEN: &str = "frozen";
const CLEARED: &str = "cleared";
/// The words of what runs as it should: other states are shown first.
const FINE: [&str; 2] = ["built", DEPLOYED];

/// The words that help lists; any other is accepted as well.
pub const KNOWN_WORDS: [&str; 7] = [
    "building", "built", DEPLOYING, DEPLOYED, DEGRADED, FROZEN, "unknown",
];

/// The word of a state: 1 to 32 of `a-z`, `0-9` and `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// Parses a word; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_word = (1..=WORD_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_part);
        is_word.then(|| Self(text.to_owned()))
    }

    /// Returns the word of a known state, which is parsed by a test.
    fn known(word: &str) -> Self {
        Self(word.to_owned())
    }

    /// Returns the word of a resource that is being changed.
    pub fn deploying() -> Self {
        Self::known(DEPLOYING)
    }

    /// Returns the word of a resource that was changed.
    pub fn deployed() -> Self {
        Self::known(DEPLOYED)
    }

    /// Returns the word of a resource that was changed in part.
    pub fn degraded() -> Self {
        Self::known(DEGRADED)
    }

    /// Returns the word of a resource that other sessions must leave as it is.
    pub fn frozen() -> Self {
        Self::known(FROZEN)
    }

    /// Returns the word of a resource of which nothing is said any more.
    pub fn cleared() -> Self {
        Self::known(CLEARED)
    }

    /// Returns true if other sessions must leave the resource as it is.
    pub fn is_frozen(&self) -> bool {
        self.0 == FROZEN
    }

    /// Returns true if nothing is said of the resource any more. Users say so by `--clear`.
    pub fn is_cleared(&self) -> bool {
        self.0 == CLEARED
    }

    /// Returns true if the resource runs as it should.
    pub fn is_fine(&self) -> bool {
        FINE.contains(&self.0.as_str())
    }

    /// Returns the word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version of what a statement is about, in the words of its users: `1.4.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// Parses a version of 1 to 128 bytes in which nothing is invisible.
    ///
    /// # Errors
    ///
    /// The first reason for which it is not accepted.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        check(text, VERSION_BYTES_MAX, TextKind::Name)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes what a record holds, and makes it harmless; `None` if nothing is left.
    pub fn from_record(text: &str) -> Option<Self> {
        let safe = harmless_name(text, VERSION_BYTES_MAX);
        (!safe.is_empty()).then_some(Self(safe))
    }

    /// Returns the version as it is stored. It is shown with [`fmt::Display`].
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The version as it is shown: another session wrote it.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        name(&self.0).fmt(f)
    }
}

/// What a session says about a resource, before it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// What it is about.
    pub resource: Resource,
    /// What is true of it.
    pub word: Word,
    /// The version that is meant.
    pub version: Option<Version>,
    /// Why, or what else there is to say.
    pub notes: Option<Purpose>,
    /// How long it lasts, in seconds.
    pub lasts_secs: u64,
    /// What it lifts by force, of other sessions.
    pub lifts: Vec<Lifted>,
}

/// A `frozen` that a statement lifts, by name: neither a clock that is wrong nor the order in which
/// statements arrive can make it another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// The session that said it. A copy of its clone has the same statement, which is lifted with
    /// it.
    pub by: SessionId,
    /// When it was said, by the clock of that session.
    pub at: Timestamp,
    /// When it would have ended; until then it has to stay lifted.
    pub until: Timestamp,
}

/// What a session said about a resource. A session has one statement about each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it says.
    pub saying: Saying,
    /// When it was said.
    pub at: Timestamp,
}

impl Statement {
    /// Returns when it ends.
    pub fn expires_at(&self) -> Timestamp {
        let lasts_secs = self.saying.lasts_secs.min(LASTS_SECS_MAX);
        self.at.plus_secs(lasts_secs)
    }

    /// Returns true until it ends.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// Returns true if the statement lifts a `frozen` that would not have ended. It does so when it
    /// has ended itself, too.
    pub fn lifts_anything(&self, now: Timestamp) -> bool {
        self.saying.lifts.iter().any(|lifted| now < lifted.until)
    }

    /// Returns what a statement that `by` makes in the place of this one has to lift: what this one
    /// lifts, and itself, of which a copy of the clone has another record.
    pub fn left_lifted(&self, by: &SessionId, now: Timestamp) -> Vec<Lifted> {
        let mut lifts = self.saying.lifts.clone();
        if self.saying.word.is_frozen() {
            lifts.push(Lifted {
                by: by.clone(),
                at: self.at,
                until: self.expires_at(),
            });
        }
        lifts.retain(|lifted| now < lifted.until);
        lifts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frozen_at(at: Timestamp) -> Statement {
        Statement {
            saying: Saying {
                resource: Resource::parse("service:web").unwrap(),
                word: Word::frozen(),
                version: None,
                notes: None,
                lasts_secs: 10,
                lifts: Vec::new(),
            },
            at,
        }
    }

    #[test]
    fn a_word_is_short_and_plain() {
        for word in KNOWN_WORDS.iter().chain(&FINE).chain(&[CLEARED]) {
            assert_eq!(Word::parse(word), Some(Word::known(word)), "{word}");
        }
        for word in ["rolled-back", "v2", "-", &"a".repeat(32)] {
            assert!(Word::parse(word).is_some(), "{word}");
        }
        for word in ["", "Built", "a b", "a:b", "*", "ä", "a\n", &"a".repeat(33)] {
            assert_eq!(Word::parse(word), None, "{word:?}");
        }
    }

    #[test]
    fn a_version_has_nothing_invisible_and_comes_harmless_from_a_record() {
        assert_eq!(Version::parse("1.4.0").unwrap().as_str(), "1.4.0");
        for version in ["", "a\u{1b}[0m", "a\u{202e}b", &"x".repeat(129)] {
            assert!(Version::parse(version).is_err(), "{version:?}");
        }
        let stored = Version::from_record("1\u{1b}[2J").unwrap();
        assert_eq!(stored.as_str(), "1\\u{1b}[2J");
        assert_eq!(Version::from_record(" "), None);
    }

    #[test]
    fn a_statement_lasts_as_long_as_it_says_and_never_longer_than_it_may() {
        let at = Timestamp::from_millis(1_000_000_000_000);
        let mut said = frozen_at(at);
        assert!(said.is_live(at.plus_secs(9)) && !said.is_live(at.plus_secs(10)));
        said.saying.lasts_secs = u64::MAX;
        assert_eq!(said.expires_at(), at.plus_secs(LASTS_SECS_MAX));
    }

    #[test]
    fn what_takes_the_place_of_a_statement_lifts_what_it_lifted_until_that_had_ended() {
        let at = Timestamp::from_millis(1_000_000_000_000);
        let (me, other) = (
            SessionId::parse("me").unwrap(),
            SessionId::parse("b").unwrap(),
        );
        let lifted = |by: &SessionId, until| Lifted {
            by: by.clone(),
            at,
            until: at.plus_secs(until),
        };
        let mut said = frozen_at(at);
        said.saying.lifts = vec![lifted(&other, 20), lifted(&other, 5)];
        let left = |said: &Statement, secs| said.left_lifted(&me, at.plus_secs(secs));
        assert_eq!(left(&said, 5), [lifted(&other, 20), lifted(&me, 10)]);
        assert_eq!(left(&said, 10), [lifted(&other, 20)]);
        assert!(said.lifts_anything(at.plus_secs(19)) && !said.lifts_anything(at.plus_secs(20)));
        said.saying.word = Word::cleared();
        assert_eq!(left(&said, 5), [lifted(&other, 20)]);
    }
}
