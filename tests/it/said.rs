//! The answer of a process, and the assertions about it.
//!
//! Owns [`Said`], an ended process under `assert_cmd`: each word is an assertion of that crate, so
//! a failure shows the command, the exit code and both streams. What a text should hold is a piece
//! of it, or a predicate where it varies; whole blocks are `snapbox`'s. Never runs anything.

use std::process::Output;

use assert_cmd::assert::Assert;
use predicates::Predicate;
use predicates::boolean::PredicateBooleanExt as _;
use predicates::reflection::PredicateReflection;
use predicates::str::{ContainsPredicate, contains};
use serde_json::Value;
use snapbox::IntoData;

/// What a text should be: a piece of it, or a predicate.
pub trait Expected<P: Predicate<str>> {
    fn predicate(self) -> P;
}

impl<P: Predicate<str>> Expected<P> for P {
    fn predicate(self) -> P {
        self
    }
}

impl Expected<ContainsPredicate> for &str {
    fn predicate(self) -> ContainsPredicate {
        contains(self)
    }
}

impl Expected<ContainsPredicate> for &String {
    fn predicate(self) -> ContainsPredicate {
        contains(self)
    }
}

/// Checks a text that is no stream of a process: a file, a field of an answer.
#[track_caller]
pub fn holds<P: Predicate<str>>(text: &str, expected: impl Expected<P>) {
    let predicate = expected.predicate();
    assert!(predicate.eval(text), "should be: {predicate}\n{text}");
}

/// The answer of one process that has ended.
#[must_use = "say what it should answer"]
pub struct Said {
    asked: String,
    output: Output,
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// `asked` is the command line, for the failures.
    pub fn new(asked: String, ended: &Assert) -> Self {
        let output = ended.get_output().clone();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec());
            text.unwrap_or_else(|_| panic!("no UTF-8 from {asked}: {}", bytes.escape_ascii()))
        };
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        Self {
            code: output.status.code(),
            asked,
            output,
            out,
            err,
        }
    }

    /// The same, for an assertion of `assert_cmd`, which takes it.
    fn assert(&self) -> Assert {
        Assert::new(self.output.clone()).append_context("command", self.asked.clone())
    }

    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        self.assert().code(code);
        self
    }

    /// It went well, whatever it said.
    #[track_caller]
    pub fn done(&self) -> &Self {
        self.assert().success();
        self
    }

    /// However it ended, it printed this.
    #[track_caller]
    pub fn prints<P: Predicate<str>>(&self, expected: impl Expected<P>) -> &Self {
        self.assert().stdout(expected.predicate());
        self
    }

    /// However it ended, this stands on stderr.
    #[track_caller]
    pub fn tells<P: Predicate<str>>(&self, expected: impl Expected<P>) -> &Self {
        self.assert().stderr(expected.predicate());
        self
    }

    /// It went well and said this.
    #[track_caller]
    pub fn says<P: Predicate<str>>(&self, expected: impl Expected<P>) -> &Self {
        self.done().prints(expected)
    }

    /// It went well and said exactly this; `[..]` stands for anything on a line.
    #[track_caller]
    pub fn says_all(&self, expected: impl IntoData) -> &Self {
        self.done();
        snapbox::assert_data_eq!(self.out.as_str(), expected);
        self
    }

    /// It went well and said nothing at all.
    #[track_caller]
    pub fn is_silent(&self) -> &Self {
        self.assert().success().stdout("").stderr("");
        self
    }

    /// It went well, and said this on the side.
    #[track_caller]
    pub fn warns<P: Predicate<str>>(&self, expected: impl Expected<P>) -> &Self {
        self.done().tells(expected)
    }

    /// Nothing of the kind, anywhere.
    #[track_caller]
    pub fn omits(&self, text: &str) -> &Self {
        let none = || contains(text).not();
        self.assert().stdout(none()).stderr(none());
        self
    }

    /// It ended with this code and said why, on stderr; there is no answer.
    #[track_caller]
    pub fn fails<P: Predicate<str>>(&self, code: i32, expected: impl Expected<P>) -> &Self {
        self.assert().code(code).stdout("");
        self.tells(expected)
    }

    /// Another session holds it, or it is not yours.
    #[track_caller]
    pub fn refuses<P: Predicate<str>>(&self, expected: impl Expected<P>) -> &Self {
        self.fails(3, expected)
    }

    #[track_caller]
    pub fn hints(&self, text: &str) -> &Self {
        self.tells(Hint(contains(text)))
    }

    /// The answer, which is one line of JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.prints(predicates::function::function(|out: &str| {
            out.lines().count() == 1
        }));
        let value = serde_json::from_str(&self.out);
        value.unwrap_or_else(|error| panic!("no JSON ({error}) from {}:\n{}", self.asked, self.out))
    }

    pub fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }
}

/// A line that begins with `hint:` is as expected.
struct Hint(ContainsPredicate);

impl Predicate<str> for Hint {
    fn eval(&self, text: &str) -> bool {
        let mut lines = text.lines();
        lines.any(|line| line.starts_with("hint:") && self.0.eval(line))
    }
}

impl PredicateReflection for Hint {}

impl std::fmt::Display for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "hint.{}", self.0)
    }
}
