//! What a clone knows of the claims of other clones: [`Knowledge`].
//!
//! Owns the difference between "known as of an instant" and "not known", and the yes that rests on
//! it ([`Clear`]). What is not known is not free. Never asks a remote.

use super::time::Timestamp;

/// What this clone knows of what other clones hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// There is no remote: this clone has all there is.
    Whole,
    /// All that the remote had at `as_of`, except for refs that the board lists as not fetched.
    Known {
        /// The name of the remote.
        remote: String,
        /// When it was last fetched.
        as_of: Timestamp,
    },
    /// What the remote has now is not known.
    Unknown {
        /// The name of the remote.
        remote: String,
        /// When it was last fetched; `None` if never.
        as_of: Option<Timestamp>,
        /// Why it is not known, without a full stop.
        why: String,
    },
}

/// A yes: nothing that is known stands against it. It carries what it rests on, so that the
/// caller reports that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Clear {
    rests_on: Knowledge,
}

impl Knowledge {
    /// Returns the name of the remote.
    pub fn remote(&self) -> Option<&str> {
        match self {
            Self::Whole => None,
            Self::Known { remote, .. } | Self::Unknown { remote, .. } => Some(remote),
        }
    }

    /// Returns when the remote was last fetched.
    pub fn as_of(&self) -> Option<Timestamp> {
        match self {
            Self::Whole => None,
            Self::Known { as_of, .. } => Some(*as_of),
            Self::Unknown { as_of, .. } => *as_of,
        }
    }

    /// Returns why it is not known what other clones hold; `None` if it is known.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Whole | Self::Known { .. } => None,
            Self::Unknown { why, .. } => Some(why),
        }
    }

    /// Returns true if nothing of what other clones hold was ever seen.
    pub fn is_unseen(&self) -> bool {
        self.problem().is_some() && self.as_of().is_none()
    }

    /// Returns the same, but unknown for the reason `why`. Without a remote nothing is unknown.
    #[must_use]
    pub fn but_unknown(self, why: impl Into<String>) -> Self {
        match self {
            Self::Whole => Self::Whole,
            Self::Known { remote, as_of } => Self::Unknown {
                remote,
                as_of: Some(as_of),
                why: why.into(),
            },
            Self::Unknown { remote, as_of, .. } => Self::Unknown {
                remote,
                as_of,
                why: why.into(),
            },
        }
    }

    /// Returns a yes that rests on this.
    pub fn clear(self) -> Clear {
        Clear { rests_on: self }
    }
}

impl Clear {
    /// Returns what the yes rests on.
    pub fn rests_on(&self) -> &Knowledge {
        &self.rests_on
    }

    /// Returns the sentence that has to go with the yes; `None` if it rests on what is known.
    pub fn caveat(&self) -> Option<String> {
        let why = self.rests_on.problem()?;
        let remote = self.rests_on.remote().unwrap_or_default();
        Some(match self.rests_on.as_of() {
            Some(at) => format!(
                "decided from local data of {}; what {remote} has now is not known: {why}",
                at.to_rfc3339()
            ),
            None => format!("decided from local data; what {remote} has is not known: {why}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Knowledge {
        Knowledge::Known {
            remote: "origin".to_owned(),
            as_of: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn a_yes_on_what_is_known_needs_no_words() {
        assert_eq!(Knowledge::Whole.clear().caveat(), None);
        assert_eq!(known().clear().caveat(), None);
        assert_eq!(known().problem(), None);
        assert_eq!(known().as_of(), Some(Timestamp::from_millis(0)));
        assert_eq!(known().remote(), Some("origin"));
        assert_eq!(Knowledge::Whole.remote(), None);
    }

    #[test]
    fn a_yes_on_what_is_not_known_says_so_and_since_when() {
        let unknown = known().but_unknown("no answer in time");
        assert_eq!(unknown.problem(), Some("no answer in time"));
        assert_eq!(unknown.as_of(), known().as_of());
        assert!(!unknown.is_unseen() && !Knowledge::Whole.is_unseen());
        let clear = unknown.clear();
        assert_eq!(clear.rests_on().remote(), Some("origin"));
        let caveat = clear.caveat().unwrap();
        assert!(caveat.contains("1970-01-01T00:00:00") && caveat.ends_with("no answer in time"));
        let never = Knowledge::Unknown {
            remote: "origin".to_owned(),
            as_of: None,
            why: "it was never fetched".to_owned(),
        };
        assert!(never.is_unseen());
        assert!(
            never
                .clear()
                .caveat()
                .unwrap()
                .contains("origin has is not known")
        );
    }

    #[test]
    fn without_a_remote_nothing_is_unknown() {
        assert_eq!(Knowledge::Whole.but_unknown("x"), Knowledge::Whole);
        let twice = known().but_unknown("x").but_unknown("y");
        assert_eq!(twice.problem(), Some("y"));
    }
}
