//! What has ended of what a model was told of other sessions.
//!
//! Owns the words for claims and freezes that are over. Names are in quotes. Never decides what has
//! ended.

use super::{LABEL_BYTES_MAX, instant};
use crate::model::text::quote_name;
use crate::model::time::Timestamp;

/// The most that are named.
const ENDED_MAX: usize = 8;

/// Returns the text that the claims and freezes of other sessions have gone that a session was told
/// of, with their labels.
pub fn gone_briefing(now: Timestamp, ended: &[String]) -> String {
    format!(
        "git presence, as of {}: no other session claims anything any more, and nothing is frozen.\n{}",
        instant(now),
        ended_since(ended)
    )
}

/// Returns the line about claims and freezes that have ended.
pub(super) fn ended_since(ended: &[String]) -> String {
    if ended.is_empty() {
        return String::new();
    }
    let labels = ended.iter().take(ENDED_MAX);
    let labels = labels.map(|label| quote_name(label, LABEL_BYTES_MAX).to_string());
    let labels: Vec<String> = labels.collect();
    let more = match ended.len().saturating_sub(ENDED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("Ended since: {}{more}.\n", labels.join(", "))
}
