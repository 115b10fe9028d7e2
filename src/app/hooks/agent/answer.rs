//! The text of an answer as it grows, and the room that is left in it.
//!
//! Owns how much of the room is kept for what comes later: messages and offers leave the room of
//! the claims of others alone. Never words anything.

use crate::integrations::harness::CHARS_MAX;

/// The most characters of offers.
pub(super) const OFFERS_CHARS: usize = 500;
/// The most characters of tasks.
pub(super) const TASKS_CHARS: usize = 600;
/// The room of the claims of others at a prompt, if they need it.
pub(super) const CLAIMS_CHARS: usize = 700;
/// The room of what a session is told at its start beside messages and offers.
pub(super) const START_CHARS: usize = 900;

/// The text of an answer.
#[derive(Default)]
pub(super) struct Answer {
    text: Option<String>,
}

impl Answer {
    /// Returns an answer that begins with this text.
    pub(super) const fn begin(text: Option<String>) -> Self {
        Self { text }
    }

    /// Returns the room for the next part, with `kept` characters left for those after it.
    pub(super) fn room(&self, kept: usize) -> usize {
        let taken = self.text.as_deref().map_or(0, |text| text.chars().count());
        CHARS_MAX.saturating_sub(taken + kept)
    }

    /// Adds a part.
    pub(super) fn add(&mut self, part: Option<String>) {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            self.text.get_or_insert_default().push_str(&part);
        }
    }

    /// Returns all of it; `None` if nothing was added.
    pub(super) fn whole(self) -> Option<String> {
        self.text
    }
}
