//! The status of a session, in one word.
//!
//! Owns [`Status`] and [`status`], the rule that makes it from what is known. Never finds out
//! whether a process runs.

/// What a session is doing, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It holds something.
    Working,
    /// It holds nothing, and waits for something.
    Waiting,
    /// It is here, and has nothing.
    Idle,
    /// It was not heard of within its time to live.
    Silent,
    /// Its program has certainly ended, without a word.
    Gone,
    /// It said that it ended, or was found ended.
    Ended,
}

impl Status {
    /// Returns the word for it in JSON and in text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Waiting => "waiting",
            Self::Idle => "idle",
            Self::Silent => "silent",
            Self::Gone => "gone",
            Self::Ended => "ended",
        }
    }

    /// Returns true if the session is here: it can still answer, or has something.
    pub const fn is_here(self) -> bool {
        matches!(self, Self::Working | Self::Waiting | Self::Idle)
    }
}

/// What is known of a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signs {
    /// Whether its record says that it ended.
    pub has_ended: bool,
    /// Whether its program has certainly ended.
    pub is_gone: bool,
    /// Whether its record, or a claim of it, has not expired.
    pub is_live: bool,
    /// Whether it holds something.
    pub holds: bool,
    /// Whether it waits for something.
    pub waits: bool,
}

/// Returns the status of a session. An end that is known counts more than what is still recorded.
pub const fn status(signs: Signs) -> Status {
    match signs {
        Signs {
            has_ended: true, ..
        } => Status::Ended,
        Signs { is_gone: true, .. } => Status::Gone,
        Signs { holds: true, .. } => Status::Working,
        Signs { waits: true, .. } => Status::Waiting,
        Signs { is_live: true, .. } => Status::Idle,
        _ => Status::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_says_what_a_session_does() {
        let word = |marks: &str| {
            let has = |mark: char| marks.contains(mark);
            let signs = Signs {
                has_ended: has('e'),
                is_gone: has('g'),
                is_live: has('l'),
                holds: has('h'),
                waits: has('w'),
            };
            status(signs).as_str()
        };
        for (marks, wanted) in [
            ("lhw", "working"),
            ("lh", "working"),
            // A lock alone, whose record expired.
            ("h", "working"),
            ("lw", "waiting"),
            ("l", "idle"),
            ("", "silent"),
            ("glh", "gone"),
            ("g", "gone"),
            ("egh", "ended"),
            ("e", "ended"),
        ] {
            assert_eq!(word(marks), wanted, "{marks}");
        }
        assert!(Status::Idle.is_here() && !Status::Silent.is_here() && !Status::Gone.is_here());
    }
}
