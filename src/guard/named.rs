//! Files that a word of a line names.
//!
//! Owns [`Named`]: which ones they are, as far as that is known. Never reads a word.

/// Files that a word names, by absolute paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// This one.
    File(String),
    /// Those below a folder that a pattern matches, as a claim could have it.
    Matching { folder: String, pattern: String },
    /// Some of those.
    Some { folder: String, pattern: String },
    /// Some below a folder.
    Below(String),
    /// It is not known which.
    Anywhere,
}
