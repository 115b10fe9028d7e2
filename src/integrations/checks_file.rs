//! The tracked file with the commands of a team's checks and agents, in TOML.
//!
//! Owns its shape ([`ChecksFile`]). What is not part of it is refused, since it would be lost.
//! Never reads a file, never runs anything.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::text::{WORDS_BYTES_MAX, harmless};

/// The commands of a team, as lines for a shell, by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecksFile {
    /// Those of checks.
    #[serde(default)]
    pub check: BTreeMap<String, String>,
    /// Those of agents.
    #[serde(default)]
    pub agent: BTreeMap<String, String>,
}

impl ChecksFile {
    /// Reads the text of the file. The error says why it cannot be used.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text)
            .map_err(|error: toml::de::Error| harmless(error.message(), WORDS_BYTES_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_two_tables_of_lines_and_nothing_else() {
        let read = ChecksFile::read("[check]\nunit = 'make test'\n[agent]\ncoder = 'x'\n").unwrap();
        assert_eq!(read.check["unit"], "make test");
        assert_eq!(read.agent["coder"], "x");
        assert!(ChecksFile::read("").unwrap().check.is_empty());
        assert!(ChecksFile::read("[run]\nx = 'y'\n").is_err());
        assert!(ChecksFile::read("[check]\nx = 1\n").is_err());
    }
}
