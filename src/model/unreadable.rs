//! A record that is there and cannot be used.
//!
//! Owns [`Unreadable`], its [`Defect`], and which resources it may stand for. Never reads a
//! record.

use std::fmt;

use super::text::harmless;

/// Longer names are not ours.
const PLACE_BYTES_MAX: usize = 300;

/// A record that is there and cannot be used: never "free", always reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The ref, and below it the record: `refs/presence/sessions/x: claim-y.toml`.
    pub place: String,
    pub defect: Defect,
    /// What it may hold.
    pub may_hold: MayHold,
}

/// What an unreadable record may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MayHold {
    Anything,
    /// Only the resource with this key, or, for a path, one that overlaps it.
    Key(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The ref is not an object id: empty, cut off, garbage or symbolic.
    BrokenRef {
        detail: String,
    },
    /// The ref names an object that is missing or damaged.
    Dangling {
        detail: String,
    },
    Malformed {
        detail: String,
    },
    TooLarge {
        bytes_max: u64,
    },
    NotUtf8,
    WrongLabel {
        label: String,
    },
    /// Written by a newer version: shown, never rewritten.
    Newer {
        format: u64,
    },
}

impl Unreadable {
    /// `place` is a name that somebody else chose, and is made harmless.
    pub fn new(place: &str, defect: Defect, may_hold: MayHold) -> Self {
        Self {
            place: harmless(place, PLACE_BYTES_MAX),
            defect,
            may_hold,
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.defect)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenRef { detail } => write!(f, "broken ref ({detail})"),
            Self::Dangling { detail } => write!(f, "dangling ref ({detail})"),
            Self::Malformed { detail } => write!(f, "malformed ({detail})"),
            Self::TooLarge { bytes_max } => write!(f, "larger than {bytes_max} bytes"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::WrongLabel { label } => write!(f, "stands under the wrong key for {label:?}"),
            Self::Newer { format } => {
                write!(f, "written by a newer git-presence (format {format})")
            }
        }
    }
}
