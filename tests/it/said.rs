//! What a process answered, and the words in which a test says what it should have.
//!
//! Every word fails with the whole answer in view. Never runs anything.

use std::process::Output;

use serde_json::Value;
use snapbox::IntoData;

/// The answer of one process that has ended.
#[must_use = "say what it should answer"]
pub struct Said {
    asked: String,
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn new(asked: String, output: &Output) -> Self {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec());
            text.unwrap_or_else(|_| panic!("no UTF-8 from {asked}: {}", bytes.escape_ascii()))
        };
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        Self {
            asked,
            code: output.status.code(),
            out,
            err,
        }
    }

    #[track_caller]
    fn must(&self, holds: bool, what: &str) -> &Self {
        assert!(
            holds,
            "{what}\n$ {}\n[exit {:?}]\n{}\n[stderr]\n{}",
            self.asked, self.code, self.out, self.err
        );
        self
    }

    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        self.must(self.code == Some(code), &format!("should exit {code}"))
    }

    /// It went well, whatever it said.
    #[track_caller]
    pub fn done(&self) -> &Self {
        self.exits(0)
    }

    /// It went well and said this.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        self.done()
            .must(self.out.contains(text), &format!("should say {text:?}"))
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
        let silent = self.out.is_empty() && self.err.is_empty();
        self.done().must(silent, "should be silent")
    }

    /// It went well, and said this on the side.
    #[track_caller]
    pub fn warns(&self, text: &str) -> &Self {
        self.done()
            .must(self.err.contains(text), &format!("should warn {text:?}"))
    }

    /// Nothing of the kind, anywhere.
    #[track_caller]
    pub fn omits(&self, text: &str) -> &Self {
        let found = self.out.contains(text) || self.err.contains(text);
        self.must(!found, &format!("should not say {text:?}"))
    }

    /// It ended with this code and said why, on stderr; there is no answer.
    #[track_caller]
    pub fn fails(&self, code: i32, text: &str) -> &Self {
        self.exits(code)
            .must(self.err.contains(text), &format!("should tell {text:?}"))
            .must(self.out.is_empty(), "a failure is no answer")
    }

    /// Somebody else holds it, or it is not yours.
    #[track_caller]
    pub fn refuses(&self, text: &str) -> &Self {
        self.fails(3, text)
    }

    #[track_caller]
    pub fn hints(&self, text: &str) -> &Self {
        let mut hints = self.err.lines().filter(|line| line.starts_with("hint:"));
        let found = hints.any(|hint| hint.contains(text));
        self.must(found, &format!("should hint {text:?}"))
    }

    /// The answer, which is one line of JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.must(self.out.lines().count() == 1, "should be one line");
        serde_json::from_str(&self.out).unwrap_or_else(|error| {
            self.must(false, &format!("should be JSON: {error}"));
            Value::Null
        })
    }

    pub fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }
}
