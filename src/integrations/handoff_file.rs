//! A handoff in a file, as agents write it: TOML or JSON.
//!
//! Owns the shape ([`Typed`]). What is not part of it is refused, since it would be lost. Never
//! judges a text.

use serde::Deserialize;

use crate::model::text::{WORDS_BYTES_MAX, harmless};

/// A handoff in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// How things stand.
    pub status: Option<String>,
    /// What is to be done next.
    pub next: Option<String>,
    /// What to look at.
    #[serde(default)]
    pub artifacts: Vec<TypedArtifact>,
    /// What is open.
    #[serde(default)]
    pub questions: Vec<String>,
    /// What not to do.
    #[serde(default)]
    pub avoid: Vec<String>,
}

/// An artifact in a file: as on the command line, or in parts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum TypedArtifact {
    /// `<path>[:<from>-<to>][=<role>]`.
    Word(String),
    /// The same in parts.
    Parts(Parts),
}

/// The parts of an artifact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// The path of the file.
    pub path: String,
    /// The lines that are meant.
    pub lines: Option<String>,
    /// The word of its role.
    pub role: Option<String>,
    /// What there is to say about it.
    pub note: Option<String>,
}

/// Reads a handoff: JSON if it begins with a brace, else TOML. The error says why it is none.
pub fn read(text: &str) -> Result<Typed, String> {
    let is_json = text.trim_start().starts_with('{');
    let read = match is_json {
        true => serde_json::from_str(text).map_err(|error| error.to_string()),
        false => toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned()),
    };
    read.map_err(|why| harmless(&why, WORDS_BYTES_MAX))
}
