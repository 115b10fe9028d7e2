//! An unreadable record: one that exists and cannot be used.
//!
//! Owns [`Unreadable`], its [`Defect`], and which resources it may hold. Never reads a record.

use std::fmt;

use super::text::{Quoted, harmless_name, is_word, quote, quote_name};

/// The longest place that is kept; names of this program are shorter.
const PLACE_BYTES_MAX: usize = 300;
/// The longest detail of a defect that is shown.
const DETAIL_BYTES_MAX: usize = 255;

/// A record that exists and cannot be used. What it may hold is not free, and it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The ref, and below it the record: `refs/presence/sessions/x: claim-y.toml`.
    pub place: String,
    /// What is wrong with it.
    pub defect: Defect,
    /// The resources that it may hold.
    pub may_hold: MayHold,
}

/// The resources that an unreadable record may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MayHold {
    /// Any resource.
    Anything,
    /// Only the resource with this key, or, for a path, one that overlaps it.
    Key(String),
}

/// Why a record cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The ref is not an object id: empty, cut off, garbage or symbolic.
    BrokenRef {
        /// What it is instead.
        detail: String,
    },
    /// The ref names an object that is missing or damaged.
    Dangling {
        /// What Git's object store said.
        detail: String,
    },
    /// The remote has another state of the ref, which a fetch could not bring.
    NotFetched {
        /// What the fetch failed with.
        why: String,
    },
    /// The time of a hook was over before these records were read.
    NotRead {
        /// How many records were left.
        records: usize,
    },
    /// The record does not have the shape of its kind.
    Malformed {
        /// What the parser said.
        detail: String,
    },
    /// The record is longer than any of this program.
    TooLarge {
        /// The longest that is read.
        bytes_max: u64,
    },
    /// The record is not UTF-8.
    NotUtf8,
    /// The record is about another resource than the key in its name.
    WrongLabel {
        /// The label in the record.
        label: String,
    },
    /// A newer version wrote it: it is reported, and never rewritten.
    Newer {
        /// The number of its format.
        format: u64,
    },
}

/// What a user does about what a newer version wrote.
pub const UPGRADE: &str =
    "upgrade git-presence (in a new checkout: cargo install --path . --locked)";

impl Unreadable {
    /// Makes `place` harmless: another session may have chosen the name.
    pub fn new(place: &str, defect: Defect, may_hold: MayHold) -> Self {
        Self {
            place: harmless_name(place, PLACE_BYTES_MAX),
            defect,
            may_hold,
        }
    }

    /// Returns true if nothing here is damaged: the remote has a state that was not fetched.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.defect, Defect::NotFetched { .. })
    }

    /// Returns true if nothing here is damaged: there was no time to read it.
    pub fn is_left_out(&self) -> bool {
        matches!(self.defect, Defect::NotRead { .. })
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A ref, and the file below it: each of them is a word, or all is in quotes.
        if self.place.split(": ").all(is_word) {
            write!(f, "{}: {}", self.place, self.defect)
        } else {
            let place = quote_name(&self.place, PLACE_BYTES_MAX);
            write!(f, "{place}: {}", self.defect)
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenRef { detail } => write!(f, "broken ref ({})", said(detail)),
            Self::Dangling { detail } => write!(f, "dangling ref ({})", said(detail)),
            Self::NotFetched { why } => write!(f, "not fetched ({})", said(why)),
            Self::NotRead { records } => write!(f, "{records} records were not read in time"),
            Self::Malformed { detail } => write!(f, "malformed ({})", said(detail)),
            Self::TooLarge { bytes_max } => write!(f, "larger than {bytes_max} bytes"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::WrongLabel { label } => write!(
                f,
                "stands under the wrong key for {}",
                quote_name(label, PLACE_BYTES_MAX)
            ),
            Self::Newer { format } => {
                write!(f, "written by a newer git-presence (format {format})")
            }
        }
    }
}

/// What a parser or a store said repeats what it found.
const fn said(detail: &str) -> Quoted<'_> {
    quote(detail, DETAIL_BYTES_MAX)
}
