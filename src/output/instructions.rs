//! The answer of `instructions`.
//!
//! Owns its words and its JSON. Never decides which rules there are.

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::clean;
use crate::app::turns::instructions::{FILE, Instructions};

/// What `instructions` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct InstructionsAnswer<'a> {
    /// the file that they stand in; null if the team has none, and these are the shipped ones
    file: Option<&'static str>,
    /// the whole text, as it stands there
    text: &'a str,
}

impl Present for Instructions {
    fn text(&self, _: &Terminal) -> String {
        let mut text = clean(&self.text);
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    fn json(&self) -> Value {
        shapes::value(&InstructionsAnswer {
            file: self.file.as_ref().map(|_| FILE),
            text: &self.text,
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    vec![super::tests::whole::<InstructionsAnswer<'_>>(
        "instructions",
    )]
}
