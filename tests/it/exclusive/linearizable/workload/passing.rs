//! Releases that leave something for the next holder, or offer it to one session.
//!
//! Owns the words of them, and the clocks by which offers are over. Never judges what comes of it.

use super::{OFF_BY_MILLIS, OFFER_SPAN, Script};

/// How far the clock of a clone is off.
pub fn off_by(clone: usize) -> i64 {
    OFF_BY_MILLIS[clone % OFF_BY_MILLIS.len()]
}

impl Script<'_> {
    /// The words after a release: an offer with a handoff, a handoff, or nothing.
    pub(super) fn words(&self) -> String {
        let to = match self.chance.index(self.run.clones.len()) {
            0 => "of-0".to_owned(),
            clone => format!("of-{clone}-0"),
        };
        let handoff = format!("--status by-{} --next on", self.number);
        match self.chance.below(3) {
            0 if to != self.who.session => {
                format!("--to {to} --anyway --offer-for {OFFER_SPAN} {handoff}")
            }
            1 => handoff,
            _ => String::new(),
        }
    }
}
