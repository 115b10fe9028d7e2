//! How much there is of other sessions: claims, and freezes, which are none.
//!
//! Owns the numbers and their words. Never decides what is told.

use super::Briefing;

/// Returns how many freezes of other sessions are told.
pub(super) fn frozen(known: &Briefing) -> usize {
    let others = known.others.iter();
    others.filter(|(held, _)| held.is_frozen()).count()
}

/// Returns how many claims of other sessions are told, and how many freezes; `how` stands before
/// each of the words.
pub(super) fn counted(known: &Briefing, how: &str) -> String {
    let freezes = frozen(known);
    let plural = |count: usize, one: &str| {
        let more = if count == 1 { "" } else { "s" };
        format!("{count} {how}{one}{more}")
    };
    match (known.others.len() - freezes, freezes) {
        (claims, 0) => plural(claims, "live claim"),
        (0, freezes) => plural(freezes, "freeze"),
        (claims, freezes) => {
            let claims = plural(claims, "live claim");
            format!("{claims} and {}", plural(freezes, "freeze"))
        }
    }
}
