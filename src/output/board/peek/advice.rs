//! What to do about what `peek` found.
//!
//! Owns the words, and the commands that come next. Never decides which claims conflict.

use crate::app::board::peek::Peeked;
use crate::guard::shell::quote;
use crate::model::claim::Mode;
use crate::model::turn::{self, is_turn};
use crate::output::style::clean;

impl Peeked {
    /// Returns what to do about what was found.
    pub(super) fn advice(&self) -> String {
        let claims = || self.exact.iter().chain(&self.overlapping);
        let of_others = || claims().filter(|h| !self.me.owns(h));
        let is_held = of_others().any(|h| h.mode != Mode::Waiting);
        let stacked = self.in_folder.first().filter(|_| !self.is_stack());
        let is_offered = |to_me| self.offers.iter().any(|one| one.is_mine == to_me);
        if is_held || stacked.is_some() || !self.expiring.is_empty() || !self.hidden.is_empty() {
            let awaited = stacked.filter(|_| !is_held).map(|h| &h.resource);
            let word = clean(&quote(awaited.unwrap_or(&self.resource).label()));
            let wait = match is_turn(awaited.unwrap_or(&self.resource)) {
                true => turn::take(&self.resource, &word, "--wait"),
                false => format!("git presence wait {word}"),
            };
            return format!(
                "Defer: {wait}; or ask: git presence tell {word} --ask -m \"<question>\"\n"
            );
        }
        let advice = if is_offered(false) {
            "Defer: until then only that session is granted it.\n"
        } else if is_offered(true) {
            "Claim it while the offer lasts: until then no other session is granted it.\n"
        } else if of_others().next().is_none() {
            ""
        } else if claims().any(|h| self.me.owns(h) && h.mode != Mode::Waiting) {
            "Another session waits for it: release it when you are done.\n"
        } else {
            "Defer: it is the turn of another session, which waits for it.\n"
        };
        advice.to_owned()
    }
}
