//! The report of a verb as front ends see it: [`Present`].
//!
//! Owns what a report has to say of itself, for people and for programs. Never prints.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::shapes;
use super::when::When;
use crate::config::ColorWhen;
use crate::model::time::Timestamp;

/// What a text is fitted to.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// When the text is coloured.
    pub color: ColorWhen,
    /// How many columns a line has.
    pub width: usize,
    /// Whether a person sees the text.
    pub is_watched: bool,
    /// Returns an instant on the wall clock of the reader's time zone.
    pub local: fn(Timestamp) -> DateTime<FixedOffset>,
}

impl Terminal {
    /// Returns whether styles are worth their bytes: a person sees them, or asked for them.
    pub fn has_styles(&self) -> bool {
        match self.color {
            ColorWhen::Auto => self.is_watched,
            ColorWhen::Always => true,
            ColorWhen::Never => false,
        }
    }

    /// Returns how instants are spelled for a reader at `now`.
    pub fn when(&self, now: Timestamp) -> When {
        When::new(now, self.local)
    }
}

/// The report of a verb: what it says to people and to programs, and how the process ends.
///
/// A report decides nothing and prints nothing, so every front end can show it.
pub trait Present {
    /// Returns the answer for people: whole lines, or nothing.
    fn text(&self, terminal: &Terminal) -> String;

    /// Returns the answer for programs; `docs/json.md` promises its shape.
    fn json(&self) -> Value;

    /// Returns what goes to stderr beside the text: whole lines, or nothing.
    fn notices(&self, _terminal: &Terminal) -> String {
        String::new()
    }

    /// Returns one sentence for each thing that went wrong and did not stop the verb.
    fn warnings(&self) -> &[String] {
        &[]
    }

    /// Returns the exit code: 0, unless the answer itself is that something is wrong.
    fn exit_code(&self) -> u8 {
        0
    }

    /// Returns the line of JSON that is printed.
    fn line(&self) -> String {
        shapes::line(&self.json())
    }

    /// Is called once after the answer was written.
    fn written(&self) {}

    /// Returns whether the verb succeeds although its answer cannot be written.
    fn is_optional(&self) -> bool {
        false
    }
}
